"""Tasks in files: a table of numbers as CSV, arrays as npz."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn, TypeVar

import numpy as np

from gncviz.files import path_of, write_arrays
from gncviz.models.matrix import hold_out
from gncviz.models.matrix.parts import MATRICES, Parts, parts_of
from gncviz.settings import SettingsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

T = TypeVar("T")

#: Those of a matrix with holes; the others are of any task.
_TABLE = ("matrix", "held_out")
_ARRAYS = (
    *(*_TABLE, "ground_truth", "measurements", "labels"),
    *("held_out_measurements", "held_out_labels"),
)
#: What stands in tables for a number that is missing.
_MISSING = {"", "na", "n/a", "nan", "null", "none", "."}


def load(path: Path | str, held_out: hold_out.HoldOut | None, seed: int) -> Parts:
    """The task in a file; see :meth:`gncviz.Task.load`."""
    place = path_of("task", path)
    with _naming(place):
        if place.suffix.lower() == ".csv":
            return hold_out.completion(_read_csv(place), _share(held_out), seed)
        if place.suffix.lower() == ".npz":
            return _of_arrays(_read_npz(place), held_out, seed)
    _refuse(f"task should be a file .csv or .npz; got {place.name}.")


@contextmanager
def _naming(place: Path) -> Iterator[None]:
    """Says which file it is that something is wrong with."""
    try:
        yield
    except SettingsError as error:
        raise SettingsError([(name, f"{place}: {text}") for name, text in error.problems]) from None
    except OSError as error:
        _refuse(f"task file {place} cannot be read: {error.strerror or error}.")


def load_arrays(path: Path | str, make: Callable[..., T]) -> T:
    """What is made of the arrays in an npz file that :func:`save` wrote.

    Args:
        path: of the file.
        make: takes them by their names.

    Raises:
        SettingsError: it cannot be read, or what is in there makes no task.
    """
    place = path_of("task", path)
    with _naming(place):
        found = _read_npz(place)
        _check_names(found, tuple(name for name in _ARRAYS if name not in _TABLE))
        return make(**found)


def save(path: Path | str | IO[bytes], parts: Parts) -> None:
    """Writes what :func:`load` reads, to a file by its name or to one that is open."""
    write_arrays(path, parts.arrays())


def _of_arrays(
    found: dict[str, NDArray[Any]], held_out: hold_out.HoldOut | None, seed: int
) -> Parts:
    """The task that is made of a file's arrays, by their names."""
    _check_names(found, _ARRAYS)
    names = set(found)
    if names == {"matrix"}:
        return hold_out.completion(found["matrix"], _share(held_out), seed)
    if names == {"measurements", "labels"}:
        return hold_out.sensing(found["measurements"], found["labels"], _share(held_out), seed)
    if held_out is not None:
        raise SettingsError(
            [("held_out", "held_out is for files that leave it open; it does not.")]
        )
    if names == {"matrix", "held_out"}:
        if found["held_out"].dtype.kind in "iu":
            return hold_out.at_places(found["matrix"], found["held_out"])
        return hold_out.completion(found["matrix"], found["held_out"], seed)
    if "matrix" in names or "held_out" in names:
        _refuse("a matrix goes with held_out and no other array.")
    return parts_of(**found, form=MATRICES)


def _check_names(found: Collection[str], allowed: tuple[str, ...]) -> None:
    strange = sorted(set(found) - set(allowed))
    if strange or not found:
        what = f"has {strange[0]}" if strange else "is empty"
        _refuse(f"the file {what}; its arrays should be some of {', '.join(allowed)}.")


def _share(held_out: hold_out.HoldOut | None) -> hold_out.HoldOut:
    return hold_out.SHARE if held_out is None else held_out


def _read_npz(path: Path) -> dict[str, NDArray[Any]]:
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (ValueError, zipfile.BadZipFile, EOFError, AttributeError):
        _refuse("it is no npz file of numbers.")


def _read_csv(path: Path) -> list[list[float | None]]:
    """A table of numbers; a first row or column that holds none is one of names."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        _refuse(f"it is no CSV file: {error}.")
    if rows and not any(_is_number(cell) for cell in rows[0][1:] or rows[0]):
        rows = rows[1:]
    if rows and not any(_is_number(row[0]) for row in rows):
        rows = [row[1:] for row in rows]
    lengths = {len(row) for row in rows}
    if len(lengths) != 1 or lengths == {0}:
        found = " and ".join(map(str, sorted(lengths)[:2])) or "none"
        _refuse(f"its rows should have the same number of cells; some have {found}.")
    return [
        [_number(cell, row, column) for column, cell in enumerate(cells, 1)]
        for row, cells in enumerate(rows, 1)
    ]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return cell.strip().lower() not in _MISSING


def _number(cell: str, row: int, column: int) -> float | None:
    if cell.strip().lower() in _MISSING:
        return None
    try:
        return float(cell)
    except ValueError:
        _refuse(f"{cell.strip()!r}, in row {row} and column {column} of its numbers, is none.")


def _refuse(sentence: str) -> NoReturn:
    raise SettingsError([("task", sentence)])
