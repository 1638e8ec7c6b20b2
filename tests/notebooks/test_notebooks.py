"""The teaching notebooks run from top to bottom, and are all made in the same way."""

from __future__ import annotations

import importlib
import inspect
import re
import runpy
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.sentences.held import DIGITS
from tests.sentences.held import NAMES as NAMES_IN_TEXT
from tests.sentences.held import number as value_of

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
NAMES = [
    "1-guess-and-check",
    "2-width",
    "3-depth",
    "4-gradient-descent",
    "5-epsilon-to-zero",
    "6-your-own-task",
    "7-networks",
]
#: Keeps what comes out for the documentation.
RUNS = runpy.run_path(str(ROOT / "scripts" / "notebook_runs.py"))
#: What a reader waits for, in seconds: on two cores and alone it is half of that and less.
PATIENCE = 60
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
#: Of a cell that holds the one before it to what is so.
CHECK = {"tags": ["check"]}
FOLDED = {"tags": ["solution"], "jupyter": {"source_hidden": True, "outputs_hidden": True}}


def read(name: str) -> nbformat.NotebookNode:
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def checks(name: str) -> ModuleType:
    """What holds a notebook's sentences: a function for a cell."""
    return importlib.import_module(f"tests.notebooks.sentences.n{name[0]}")


def duration(cell: nbformat.NotebookNode) -> float:
    """Seconds that a cell took; none where it is no cell of the notebook."""
    if cell.cell_type != "code" or cell.metadata.get("tags") == CHECK["tags"]:
        return 0.0
    begun, ended = (
        datetime.fromisoformat(cell.metadata.execution[moment].replace("Z", "+00:00"))
        for moment in ("iopub.execute_input", "shell.execute_reply")
    )
    return (ended - begun).total_seconds()


def words(cell: nbformat.NotebookNode) -> str:
    """What a cell says; sentences that a solution prints in several calls are put together."""
    return re.sub(r'"\)\nprint\("', " ", cell.source)


def checked(name: str) -> nbformat.NotebookNode:
    """A notebook with every sentence checked right after its cell, in the same kernel."""
    notebook, module = read(name), checks(name)
    path = f"import sys\nsys.path.insert(0, {str(ROOT)!r})"
    cells = [nbformat.v4.new_code_cell(path, metadata=CHECK)]
    for cell in notebook.cells:
        cells.append(cell)
        check = cell.id.replace("-", "_")
        if hasattr(module, check):
            source = f"""from types import SimpleNamespace as _Names
from {module.__name__} import {check} as _check
from tests.sentences.held import Said as _Said
_check(_Said({words(cell)!r}), _Names(**globals()))"""
            cells.append(nbformat.v4.new_code_cell(source, metadata=CHECK))
    notebook.cells = cells
    return notebook


def unnamed(figure: Any) -> list[Any]:
    """Curves that the legend would call "trace 0"."""
    if not figure["layout"].get("showlegend", True):
        return []
    curves = [one for one in figure["data"] if one.get("type") != "heatmap"]
    return [one for one in curves if one.get("showlegend", True) and not one.get("name")]


def test_these_are_all() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == NAMES


@pytest.mark.parametrize(
    "name", [NAMES[0], *(pytest.param(name, marks=pytest.mark.slow) for name in NAMES[1:])]
)
def test_a_notebook_runs_from_top_to_bottom_and_says_what_is_so(name: str) -> None:
    notebook = checked(name)
    folder = {"metadata": {"path": str(FOLDER)}}
    NotebookClient(notebook, timeout=2 * PATIENCE, resources=folder).execute()
    seconds = sum(map(duration, notebook.cells))
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    said = [output.text for output in outputs if output.get("name") == "stderr"]
    assert said == [], "warnings, or worse"
    figures = [one for one in outputs if "application/vnd.plotly.v1+json" in one.get("data", {})]
    assert len(figures) >= 3
    assert [one for one in figures if unnamed(one.data["application/vnd.plotly.v1+json"])] == []
    assert seconds < 2 * PATIENCE, "it may share its cores with another test"
    RUNS["keep"](name, notebook)
    assert RUNS["kept"](name).cells[0] == read(name).cells[0]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_seen_and_what_solutions_say_is_checked(name: str) -> None:
    ids = {cell.id.replace("-", "_") for cell in read(name).cells}
    functions = {
        function
        for function, value in vars(checks(name)).items()
        if getattr(value, "__module__", "") == checks(name).__name__
        and "said" in signature_of(value)
    }
    assert functions <= ids, "a check of a cell that is not there"
    assert {one for one in ids if re.match("see_|solution_", one)} <= functions


#: Numbers in cells that nothing checks are settings: the code of the notebook has them, or they are
#: those of the default task: sides of 5, the 15 of 25 directions that are measured, the rank 1.
SIDES = {1.0, 5.0, 10.0, 15.0, 25.0}


@pytest.mark.parametrize("name", NAMES)
def test_numbers_that_no_check_reads_are_settings(name: str) -> None:
    notebook = read(name)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    known = SIDES | {float(digits) for digits in re.findall(r"\d+(?:\.\d+)?", code)}
    for cell in notebook.cells[1:]:
        checked = hasattr(checks(name), cell.id.replace("-", "_"))
        if cell.cell_type != "markdown" or checked or cell.source.startswith("**Exercise"):
            continue
        text = re.sub(r"\$\$?.*?\$\$?", " … ", cell.source, flags=re.DOTALL)
        text = re.sub(r"\[[^]]*\]\([^)]*\)|(?:notebook|exercise) \d", " … ", text)
        for pattern in NAMES_IN_TEXT:
            text = re.sub(pattern, " … ", text)
        found = [value_of(digits) for digits in re.findall(DIGITS, text)]
        assert [one for one in found if one not in known] == [], cell.id


def signature_of(function: Any) -> set[str]:
    return set(inspect.signature(function).parameters)


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
