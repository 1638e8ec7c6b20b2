"""The teaching notebooks run from top to bottom, and are all made in the same way."""

from __future__ import annotations

import re
import time
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"
NAMES = [
    "1-guess-and-check",
    "2-width",
    "3-depth",
    "4-gradient-descent",
    "5-epsilon-to-zero",
    "6-your-own-task",
]
#: What a reader waits for, in seconds: on two cores and alone it is half of that and less.
PATIENCE = 60
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
FOLDED = {"tags": ["solution"], "jupyter": {"source_hidden": True, "outputs_hidden": True}}


def read(name: str) -> nbformat.NotebookNode:
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def test_these_are_all() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_from_top_to_bottom(name: str) -> None:
    notebook = read(name)
    folder = {"metadata": {"path": str(FOLDER)}}
    start = time.perf_counter()
    NotebookClient(notebook, timeout=2 * PATIENCE, resources=folder).execute()
    seconds = time.perf_counter() - start
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    said = [output.text for output in outputs if output.get("name") == "stderr"]
    assert said == [], "warnings, or worse"
    figures = [one for one in outputs if "application/vnd.plotly.v1+json" in one.get("data", {})]
    assert len(figures) >= 3
    assert seconds < 2 * PATIENCE, "it may share its cores with another test"


@pytest.mark.parametrize("name", NAMES)
def test_no_output_is_kept(name: str) -> None:
    notebook = read(name)
    nbformat.validate(notebook)
    assert notebook.metadata == METADATA
    for cell in notebook.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_begins_with_a_question_and_has_short_cells(name: str) -> None:
    first, *cells = read(name).cells
    assert first.source.startswith(f"# {name[0]} · ")
    assert "**Question.**" in first.source
    assert "?" in first.source
    for cell in cells:
        assert re.fullmatch(r"[a-z0-9-]+", cell.id)
        lines = cell.source.splitlines()
        assert len(lines) <= 20, f"{cell.id} is long"
        assert all(len(line) <= 100 for line in lines) or cell.cell_type == "markdown"


@pytest.mark.parametrize("name", NAMES)
def test_exercises_have_folded_solutions(name: str) -> None:
    cells = read(name).cells
    exercises = [i for i, cell in enumerate(cells) if cell.source.startswith("**Exercise ")]
    assert 2 <= len(exercises) <= 4
    for number, place in enumerate(exercises, start=1):
        assert cells[place].source.startswith(f"**Exercise {number}.**")
        solution = cells[place + 1]
        assert solution.cell_type == "code"
        assert solution.source.startswith("# Solution\n")
        assert solution.metadata == FOLDED
    assert sum("tags" in cell.metadata for cell in cells) == len(exercises)


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_to_notebooks_that_are_there(name: str) -> None:
    text = "\n".join(cell.source for cell in read(name).cells)
    targets = re.findall(r"\]\(([^)h][^)]*)\)", text)
    assert targets
    for target in targets:
        assert (FOLDER / target).is_file()
