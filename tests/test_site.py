"""What the documentation takes in from elsewhere: README and its like, and the notebooks."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.documents import DOCUMENTS, ROOT, links

DOCS = ROOT / "docs"


@pytest.fixture
def borrowed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The functions of docs/borrowed.py; no runs are kept."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import notebook_runs

    monkeypatch.setattr(notebook_runs, "KEPT", tmp_path)
    return runpy.run_path(str(DOCS / "borrowed.py"))


def names() -> list[str]:
    return sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))


def test_each_notebook_has_a_page_that_the_index_leads_to() -> None:
    pages = {path.stem for path in (DOCS / "notebooks").glob("*.md")} - {"index"}
    assert pages == set(names())
    assert {f"{name}.md" for name in pages} <= set(links(DOCS / "notebooks" / "index.md"))


def test_links_of_a_document_lead_to_pages(borrowed: Any) -> None:
    for page, name in borrowed["DOCUMENTS"].items():
        assert (DOCS / f"{page}.md").exists()
        text = borrowed["document"](name)
        found = re.findall(r"\]\(([^)#]+)", text)
        inside = [link for link in found if not link.startswith("http")]
        assert [link for link in inside if not (DOCS / link).exists()] == []
        assert len(found) == len(re.findall(r"\]\(([^)#]+)", (ROOT / name).read_text()))
    assert "notebooks/1-guess-and-check.md" in borrowed["document"]("README.md")


def test_the_index_links_readme_notebooks_and_how_to() -> None:
    (index,) = (path for path in DOCUMENTS if path == DOCS / "index.md")
    assert {"readme.md", "notebooks/index.md", "how-to/index.md"} <= set(links(index))


@pytest.mark.parametrize("name", names())
def test_without_a_run_a_notebook_is_text_and_code_and_says_so(borrowed: Any, name: str) -> None:
    text = borrowed["notebook"](name)
    source = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    assert "make site" in text
    for cell in source.cells:
        if cell.cell_type == "code":
            assert cell.source.rstrip() in text
    assert not re.search(r"\]\([\w-]+\.ipynb\)", text)
    assert text.count("<details>") == text.count("</details>") == source_hidden(source)


def source_hidden(notebook: Any) -> int:
    return sum("jupyter" in cell.metadata for cell in notebook.cells)


def run_of(name: str) -> Any:
    """A run whose first code cells gave one output of each kind."""
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    figure = {"data": [{"y": [1.0], "name": "</script>"}], "layout": {}}
    bundle = {"application/vnd.plotly.v1+json": figure, "text/html": "<div>not this</div>"}
    outputs = [
        nbformat.v4.new_output("stream", text="```\nsaid\n"),
        nbformat.v4.new_output("display_data", bundle),
        nbformat.v4.new_output(
            "execute_result", {"text/html": "<style>a{}</style><table></table>"}
        ),
        nbformat.v4.new_output("execute_result", {"text/plain": "0.25"}),
    ]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell, output in zip(code, outputs, strict=False):
        cell.outputs = [output]
    notebook.cells.insert(0, nbformat.v4.new_code_cell("assert 'a check of the tests'"))
    return notebook


def test_outputs_of_a_run_are_shown_while_it_holds(
    borrowed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import notebook_runs

    name = names()[0]
    notebook_runs.keep(name, run_of(name))
    text = borrowed["notebook"](name)
    assert "make site" not in text
    assert "a check of the tests" not in text
    assert "````text\n```\nsaid\n````" in text
    assert "Plotly.newPlot" in text
    assert "not this" not in text
    assert '"name": "<\\/script>"' in text
    assert "<table></table>" in text
    assert "<style>" not in text
    assert "```text\n0.25\n```" in text
    # Another state of the package makes other numbers.
    monkeypatch.setattr(notebook_runs, "_package", lambda: b"another")
    assert notebook_runs.kept(name) is None
    assert "make site" in borrowed["notebook"](name)
