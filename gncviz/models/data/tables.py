"""A CSV file of samples: numbers in all columns but one, which is the label."""

from __future__ import annotations

import csv
import math
from collections import Counter
from dataclasses import dataclass
from typing import NoReturn

from gncviz.settings import SettingsError
from gncviz.words import grouped

#: What may stand between two cells.
_DELIMITERS = ",;\t"
#: A label with more values than this is rather a number.
MOST_CLASSES = 20
#: Characters of a cell that are shown.
_SHOWN = 20

Row = tuple[float, ...]


@dataclass(frozen=True)
class Table:
    """The cells of a file.

    Attributes:
        file: what it is called.
        names: of the columns.
        cells: rows of as many cells, without the names.
        first: which line of the file the first of them is, counted from 1.
    """

    file: str
    names: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    first: int = 1

    @classmethod
    def of(cls, content: bytes, file: str) -> Table:
        """Reads a file.

        Columns are parted by commas, semicolons or tabs. A first row without a number is one of
        names.

        Args:
            content: of the file, in UTF-8.
            file: what it is called in errors.

        Raises:
            SettingsError: it is no table of two columns and two rows or more.
        """
        try:
            lines = content.decode("utf-8-sig").splitlines()
            rows = [row for row in csv.reader(lines, delimiter=_delimiter(lines)) if any(row)]
        except (UnicodeDecodeError, csv.Error):
            _refuse(file, "it is no CSV file: it should be a table as text, in UTF-8.")
        cells = [tuple(cell.strip() for cell in row) for row in rows]
        named = bool(cells) and not any(map(_is_number, cells[0]))
        columns = cells[0] if cells else ()
        names = columns if named else tuple(f"column {i + 1}" for i in range(len(columns)))
        table = cls(file, names, tuple(cells[named:]), 1 + named)
        table._check()
        return table

    def _check(self) -> None:
        if len(self.names) < 2 or len(self.cells) < 2:
            sentence = (
                "it should have two columns or more, inputs and a label, and two rows or more"
            )
            size = f"{len(self.names)} by {len(self.cells)}"
            _refuse(self.file, f"{sentence}; got {size}.")
        for number, row in enumerate(self.cells, self.first):
            if len(row) != len(self.names):
                sentence = f"each row should have {len(self.names)} cells, as the first one has"
                _refuse(self.file, f"{sentence}; row {number} has {len(row)}.")
        twice = [name for name, count in Counter(self.names).items() if count > 1]
        if twice:
            _refuse(
                self.file, f"columns should differ in their names; {twice[0]!r} is there twice."
            )

    def samples(self, label: str | None = None) -> tuple[tuple[Row, ...], tuple[str, ...]]:
        """Inputs, and the class of each.

        Args:
            label: the column of the classes; the last by default.

        Raises:
            SettingsError: there is no such column, an input is no number, a label is missing, or
                there are less than two classes or very many.
        """
        if label is not None and label not in self.names:
            listed = ", ".join(map(repr, self.names))
            _refuse(self.file, f"the label should be one of its columns, {listed}; got {label!r}.")
        at = len(self.names) - 1 if label is None else self.names.index(label)
        y = tuple(row[at] for row in self.cells)
        missing = next((number for number, one in enumerate(y, self.first) if not one), None)
        if missing is not None:
            _refuse(self.file, f"each row should have a label; that of row {missing} is missing.")
        self._check_classes(self.names[at], y)
        x = tuple(
            tuple(self._number(number, i, cell) for i, cell in enumerate(row) if i != at)
            for number, row in enumerate(self.cells, self.first)
        )
        return x, y

    def _check_classes(self, label: str, y: tuple[str, ...]) -> None:
        counts = Counter(y)
        if not 2 <= len(counts) <= MOST_CLASSES:
            sentence = f"the label, {label!r}, should have 2 to {MOST_CLASSES} classes"
            _refuse(self.file, f"{sentence}; it has {grouped(len(counts))} different values.")
        alone = [name for name, count in counts.items() if count < 2]
        if alone:
            sentence = "each class should have two samples or more, to train and to test on"
            _refuse(self.file, f"{sentence}; {_short(alone[0])} has one.")

    def _number(self, row: int, column: int, cell: str) -> float:
        value = float(cell) if _is_number(cell) else math.nan
        if not math.isfinite(value):
            found = f"{_short(cell)} is none" if cell else "one is missing"
            where = f"in row {row} of {self.names[column]!r}"
            _refuse(self.file, f"all columns but the label should be numbers; {where} {found}.")
        return value


def _delimiter(lines: list[str]) -> str:
    """What parts the cells of the first line most often."""
    first = next((line for line in lines if line.strip()), "")
    return max(_DELIMITERS, key=first.count)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _short(cell: str) -> str:
    return repr(cell if len(cell) <= _SHOWN else cell[: _SHOWN - 1] + "…")


def _refuse(file: str, sentence: str) -> NoReturn:
    raise SettingsError([("task", f"{file}: {sentence}")])
