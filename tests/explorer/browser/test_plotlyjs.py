"""plotly.js as a module: unwrapped where it is known how, and whole in any case."""

from __future__ import annotations

import gzip

from plotly.offline import get_plotlyjs

from gncviz.explorer.browser.plotlyjs import as_module, packed


def test_the_installed_plotly_is_unwrapped_and_whole() -> None:
    code, module = get_plotlyjs(), as_module(get_plotlyjs())
    assert "moduleName = factory()" in code, "what it is unwrapped from"
    assert "moduleName = factory()" not in module
    begin, end = (code.index(part) for part in ("var Plotly=(", "window.Plotly = Plotly;"))
    assert code[begin:end] in module
    assert module.count("\nexport default Plotly;") == 1
    assert module.startswith(code[: code.index("*/")]), "its licence"


def test_what_is_wrapped_otherwise_stays_so() -> None:
    code = "(function () { module.exports = {version: 1}; })();"
    assert code in as_module(code)
    assert as_module(code).endswith("export default module.exports;")


def test_it_is_packed_as_the_browser_unpacks_it() -> None:
    assert gzip.decompress(packed()).decode() == as_module(get_plotlyjs())
    assert len(packed()) < 2_000_000
