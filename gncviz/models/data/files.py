"""Tasks of data in files: a table of samples as CSV, a task's arrays as npz."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import IO, Any, NoReturn

import numpy as np

from gncviz.files import path_of, write_arrays
from gncviz.models.data.recipes import SHARE, GivenData, TableData
from gncviz.models.data.tables import Table
from gncviz.settings import SettingsError

_ARRAYS = ("x_train", "y_train", "x_test", "y_test", "loss")


def read(path: Path | str, held_out: float | None = None, **asked: Any) -> TableData | GivenData:
    """The recipe of the task in a file; see :meth:`gncviz.DataTask.read`.

    Args:
        path: of the file.
        held_out: the share of a table that is tested on; None for the usual one.
        **asked: further arguments, which an npz file has no use for.
    """
    place = path_of("task", path)
    kind = place.suffix.lower()
    if kind not in (".csv", ".npz"):
        _refuse(f"task should be a file .csv or .npz; got {place.name}.")
    try:
        if kind == ".npz":
            return _of_arrays(place)
        content = place.read_bytes()
    except OSError as error:
        _refuse(f"task file {place} cannot be read: {error.strerror or error}.")
    share = SHARE if held_out is None else held_out
    return TableData.of(Table.of(content, place.name), held_out=share, **asked)


def save(path: Path | str | IO[bytes], recipe: GivenData) -> None:
    """Writes what :func:`read` reads, to a file by its name or to one that is open.

    Raises:
        SettingsError: its name does not end with .npz.
    """
    write_arrays(path, dict(zip(_ARRAYS, (*recipe.arrays(), recipe.loss), strict=True)))


def _of_arrays(place: Path) -> GivenData:
    try:
        with np.load(place, allow_pickle=False) as file:
            found = {name: file[name] for name in file.files}
    except (ValueError, zipfile.BadZipFile, EOFError, AttributeError):
        _refuse(f"{place.name}: it is no npz file of arrays.")
    if set(found) != set(_ARRAYS):
        _refuse(f"{place.name}: its arrays should be {', '.join(_ARRAYS)}.")
    loss = str(found.pop("loss"))
    return GivenData.of(*(found[name] for name in _ARRAYS[:-1]), loss=loss)


def _refuse(sentence: str) -> NoReturn:
    raise SettingsError([("task", sentence)])
