"""Notebooks with their outputs, for the documentation: kept while they hold, run where they do not.

``python scripts/notebook_runs.py`` runs those that are not kept. The tests run all of them anyway,
and keep what came out. A run holds for one text of its notebook and one state of the package.
"""

from __future__ import annotations

import functools
import hashlib
import time
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "notebooks"
#: Where runs are kept; not part of the repository.
KEPT = ROOT / "docs" / "_build" / "notebooks"
#: Seconds that a cell may take.
_PATIENCE = 300


def names() -> list[str]:
    """Of all notebooks."""
    return sorted(path.stem for path in FOLDER.glob("*.ipynb"))


def source(name: str) -> Any:
    """A notebook as it is written, without outputs."""
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def kept(name: str) -> Any:
    """The notebook with its outputs; None where no run holds any more."""
    path = KEPT / f"{name}.ipynb"
    if not path.exists():
        return None
    found = nbformat.read(path, as_version=4)
    return found if found.metadata.get("holds_for") == _key(name) else None


def keep(name: str, run: Any) -> None:
    """Keeps a run.

    Args:
        name: of the notebook.
        run: the notebook with outputs; cells that it has beside its own are left out.
    """
    own = {cell.id for cell in source(name).cells}
    run = nbformat.from_dict({**run, "cells": [cell for cell in run.cells if cell.id in own]})
    run.metadata["holds_for"] = _key(name)
    KEPT.mkdir(parents=True, exist_ok=True)
    nbformat.write(run, KEPT / f"{name}.ipynb")


def _key(name: str) -> str:
    text = (FOLDER / f"{name}.ipynb").read_bytes() + _package()
    return hashlib.sha256(text).hexdigest()


@functools.cache
def _package() -> bytes:
    files = sorted((ROOT / "gncviz").rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).digest()


def main() -> None:
    """Runs what is not kept."""
    for name in names():
        if kept(name) is not None:
            continue
        begun, notebook = time.monotonic(), source(name)
        place = {"metadata": {"path": str(FOLDER)}}
        NotebookClient(notebook, timeout=_PATIENCE, resources=place).execute()
        keep(name, notebook)
        print(f"{name}: {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
