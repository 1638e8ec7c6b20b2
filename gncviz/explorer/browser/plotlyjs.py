"""plotly.js for the page: as a module, compressed."""

from __future__ import annotations

import functools
import gzip
import re
from pathlib import Path

from plotly.offline import get_plotlyjs

#: The script that unpacks and runs it, once a page.
LOADER = (Path(__file__).parent / "plotly_loader.js").read_text(encoding="utf-8")

#: The function that makes Plotly and returns it, and what is around it to find out who wants it.
_WRAPPED = re.compile(
    r"^(?P<licence>/\*.*?\*/)\s*\(\s*function\(root, ?factory\).{,400}?, \(\) => \{(?P<body>.*)"
    r"return Plotly;\s*\}\)\);?\s*$",
    re.DOTALL,
)


@functools.cache
def packed() -> bytes:
    """The module, by gzip; of the same plotly.js, the same bytes."""
    return gzip.compress(as_module(get_plotlyjs()).encode(), mtime=0)


def as_module(code: str) -> str:
    """A module that exports Plotly as its default.

    Browsers read a function that is inside another once to skip it and once more to run it. Without
    what is around plotly.js, they need two thirds of the time.

    Args:
        code: plotly.js; what is wrapped in another way than known stays wrapped.
    """
    known = _WRAPPED.match(code)
    if known:
        return f"{known['licence']}{known['body']}\nexport default Plotly;"
    # It hands itself to a `module` where there is one.
    return f"const module = {{ exports: {{}} }};\n{code}\nexport default module.exports;"
