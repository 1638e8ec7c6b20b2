"""plotly.js as a file of Voila's, which browsers fetch while the kernel still starts.

The file and a piece of the page's head that fetches it are made where the template is installed,
from the plotly that is installed: ``python -m gncviz.explorer.browser.served``, as ``make app`` and
``gncviz app`` do. Where they are not, the kernel brings plotly.js (:mod:`.plot`).
"""

from __future__ import annotations

import os
from pathlib import Path

import plotly

from gncviz import __version__
from gncviz.explorer.browser.plotlyjs import LOADER, packed
from gncviz.files import whole

#: Of the template's folder: what index.html.j2 includes, if it is there, and what that fetches.
HEAD, FILE = "plotly.html.j2", "static/plotly.mjs.gz"


def prepare(template: Path | None = None) -> bool:
    """Makes both files, unless they are there and of the present plotly.

    Args:
        template: the folder of the template; where Jupyter finds it by default.

    Returns:
        Whether they are there now; not where nobody may write.
    """
    template = _installed() if template is None else template
    if template is None:
        return False
    head, file = template / HEAD, template / FILE
    wanted = _head().encode()
    if file.exists() and head.exists() and head.read_bytes() == wanted:
        return True
    try:
        file.parent.mkdir(exist_ok=True)
        for path, content in ((file, packed()), (head, wanted)):
            with whole(path) as written:
                written.write(content)
    except OSError:
        return False
    return True


def _head() -> str:
    """What fetches it. Voila's address of a file says what is in it, so that browsers keep it."""
    address = f"{{{{ resources.include_url('{FILE}') }}}}"
    fetch = f'gncvizPlotly.fetch("{address}", "{plotly.__version__}");  // gncviz {__version__}'
    return f"<script>\n{{% raw %}}{LOADER}{{% endraw %}}\n{fetch}\n</script>\n"


def _installed() -> Path | None:
    """The folder of the template, where it is installed and may be written to."""
    from jupyter_core.paths import jupyter_path

    for place in jupyter_path("voila", "templates", "gncviz"):
        if os.access(Path(place) / "index.html.j2", os.W_OK):
            return Path(place)
    return None


if __name__ == "__main__":
    prepare()
