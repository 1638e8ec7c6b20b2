"""Pages that stand elsewhere in the repository: README and its like, and the notebooks.

Each has a page here that is a comment only, so that Sphinx knows of it; its text comes when it is
read. Notebooks come with the outputs of a run that holds (scripts/notebook_runs.py); without one
they are text and code, and say so.
"""

from __future__ import annotations

import html
import json
import re
import shutil
from pathlib import Path
from typing import Any

import notebook_runs
import plotly
from sphinx.application import Sphinx

ROOT = Path(__file__).parents[1]
#: Documents of the repository, by the name of their page.
DOCUMENTS = {"readme": "README.md", "contributing": "CONTRIBUTING.md", "changelog": "CHANGELOG.md"}
_PLOTLY = "plotly.min.js"
_FIGURE = "application/vnd.plotly.v1+json"
_NO_RUN = (
    "*This page was built without running the notebook: `make site` runs it, and shows what comes "
    "out.*"
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("source-read", _read)
    app.connect("html-page-context", _add_plotly)
    app.connect("build-finished", _copy_plotly)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _read(app: Sphinx, page: str, content: list[str]) -> None:
    if page in DOCUMENTS:
        content[0] = document(DOCUMENTS[page])
    elif (name := page.removeprefix("notebooks/")) in notebook_runs.names():
        content[0] = notebook(name)


def document(name: str) -> str:
    """A document of the repository, its links leading to pages of this documentation."""
    text = (ROOT / name).read_text(encoding="utf-8")
    text = re.sub(r"\]\(docs/", "](", text)
    text = re.sub(r"\]\((notebooks/[\w-]+)\.ipynb\)", r"](\1.md)", text)
    for page, other in DOCUMENTS.items():
        text = text.replace(f"]({other})", f"]({page}.md)")
    return text


def notebook(name: str) -> str:
    """A notebook as Markdown, its outputs as HTML."""
    run = notebook_runs.kept(name)
    cells = (notebook_runs.source(name) if run is None else run).cells
    parts = [_cell(f"{name}-{number}", cell) for number, cell in enumerate(cells)]
    if run is None:
        parts.insert(1, _NO_RUN)
    return "\n\n".join(parts)


def _cell(place: str, cell: Any) -> str:
    if cell.cell_type == "markdown":
        return re.sub(r"\]\(([\w-]+)\.ipynb\)", r"](\1.md)", cell.source)
    outputs = [_output(f"{place}-{i}", output) for i, output in enumerate(cell.get("outputs", []))]
    shown = [_fenced("python", cell.source), *(output for output in outputs if output)]
    if not cell.metadata.get("jupyter", {}).get("source_hidden"):
        return "\n\n".join(shown)
    return "\n\n".join([_raw("<details><summary>Solution</summary>"), *shown, _raw("</details>")])


def _output(place: str, output: Any) -> str:
    """One output; the best form that a page can show."""
    if output.output_type == "stream":
        return _fenced("text", output.text)
    data = output.get("data", {})
    if _FIGURE in data:
        return _raw(_figure(place, data[_FIGURE]))
    if "text/html" in data:
        table = re.sub(r"<style.*?</style>", "", data["text/html"], flags=re.DOTALL)
        return _raw(f'<div class="notebook-table">{table}</div>')
    return _fenced("text", data["text/plain"]) if "text/plain" in data else ""


def _figure(place: str, figure: Any) -> str:
    """A figure that plotly.js draws when it comes into sight, on white whatever the page is on."""
    said = json.dumps({"data": figure["data"], "layout": figure["layout"]}).replace("</", "<\\/")
    height = int(figure["layout"].get("height", 450))
    return (
        f'<div id="figure-{html.escape(place)}" style="background:#fff;height:{height}px"></div>'
        f"<script>(() => {{ const figure = {said};"
        f"const place = document.getElementById('figure-{html.escape(place)}');"
        "new IntersectionObserver((seen, watch) => {"
        "if (!seen.some(one => one.isIntersecting)) return; watch.disconnect();"
        "Plotly.newPlot(place, figure.data, figure.layout, {responsive: true, displaylogo: false});"
        "}).observe(place); })()</script>"
    )


def _fenced(language: str, text: str) -> str:
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text)), 3)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def _raw(text: str) -> str:
    return _fenced("{raw} html", text)


def _add_plotly(app: Sphinx, page: str, _: str, context: dict[str, Any], __: Any) -> None:
    if page.startswith("notebooks/") and "Plotly.newPlot" in context.get("body", ""):
        app.add_js_file(_PLOTLY)


def _copy_plotly(app: Sphinx, error: Exception | None) -> None:
    if error is None and app.builder.format == "html":
        origin = Path(plotly.__file__).parent / "package_data" / _PLOTLY
        shutil.copy(origin, Path(app.outdir) / "_static" / _PLOTLY)
