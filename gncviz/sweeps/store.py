"""Stored results: a parquet file a point, named by the hash of its settings.

A file appears whole or not at all. One that is damaged, of another point, or of another format is
named in a warning and counts as missing. Many points go into one table by :func:`write_table`, to
be shipped or shared.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import warnings
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from gncviz.files import folder_of, path_of, tidy
from gncviz.provenance import commit, machine, versions
from gncviz.settings import check_kept, unkept
from gncviz.sweeps.files import Unusable, about, read, write
from gncviz.sweeps.findings import CurveFinding, DescentFinding, Finding, GuessAndCheckFinding
from gncviz.sweeps.points import CurvePoint, DescentPoint, GuessAndCheckPoint, Point

if TYPE_CHECKING:
    import pyarrow as pa

_FINDINGS: dict[str, type[Finding]] = {
    "guess_and_check": GuessAndCheckFinding,
    "learning_curve": CurveFinding,
    "gradient_descent": DescentFinding,
}
#: The settings of a point by its kind.
POINTS: dict[str, type[Point]] = {
    "guess_and_check": GuessAndCheckPoint,
    "learning_curve": CurvePoint,
    "gradient_descent": DescentPoint,
}


class StoreWarning(UserWarning):
    """A stored file cannot be used."""


class Store:
    """Results in a folder, and in tables that are only read.

    Args:
        folder: where new results go; None keeps them in memory only. Made when first written to;
            what killed processes left half written there is removed then. ``~`` is the user's own.
        tables: files made by :func:`gncviz.sweeps.store.write_table`, looked at where the folder
            has nothing.

    Raises:
        SettingsError: the folder is no path.
        ValueError: a table is damaged or not a table of results.
    """

    def __init__(self, folder: Path | str | None = None, tables: Iterable[Path | str] = ()) -> None:
        self.folder = None if folder is None else path_of("results", folder)
        self._known: dict[str, Finding] = {}
        self._tables = [_Table(table) for table in tables]
        self._tidied: set[Path] = set()

    def get(self, point: Point) -> Finding | None:
        """What is known of a point; None if nothing usable is.

        A file that cannot be used is named in a :class:`gncviz.sweeps.StoreWarning`.

        Args:
            point: what was computed.
        """
        path = self._path(point)
        if path is not None and point.key not in self._known and path.exists():
            try:
                self._known[point.key] = _read_point(path, point)
            except Unusable as reason:
                sentence = f"{path} is not used: {reason}. The point is computed anew."
                warnings.warn(sentence, StoreWarning, stacklevel=2)
        for table in self._tables:
            if point.key not in self._known and point.key in table.rows:
                self._known[point.key] = table.finding(point.key)
        return self._known.get(point.key)

    def put(self, point: Point, found: Finding) -> None:
        """Stores what was found.

        Two functions may have one name: what has a function in its settings is not remembered.

        Args:
            point: what was computed.
            found: what came of it.
        """
        if unkept(point):
            return
        path = self._path(point)
        if path is not None:
            made = {"settings": point.settings, "provenance": provenance()}
            if path.parent not in self._tidied:
                tidy(path.parent)
                self._tidied.add(path.parent)
            write(_table(point.kind, [found]), path, {"kind": point.kind, **made})
        self._known[point.key] = found

    def check(self, points: Iterable[Point] = ()) -> None:
        """Sees whether what is found can be stored, before anything is computed.

        Args:
            points: what is to be computed.

        Raises:
            SettingsError: the folder is a file, or may not be written to; or a point has a setting
                that no file can keep, such as a function.
        """
        if self.folder is not None:
            folder_of("results", self.folder)
            for point in points:
                check_kept(point)

    def _path(self, point: Point) -> Path | None:
        return self.folder and self.folder / point.kind / f"{point.key}.parquet"

    def provenance(self, point: Point) -> dict[str, Any]:
        """Who made the stored file of a point; empty if there is none.

        Args:
            point: what was computed.
        """
        path = self._path(point)
        if path is None or not path.exists():
            return {}
        found: dict[str, Any] = about(path).get("provenance", {})
        return found


def provenance() -> dict[str, Any]:
    """What is recorded of who makes a result, when and where."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {"versions": versions(), "commit": commit(), "machine": machine(), "made": now}


def write_table(path: Path | str, rows: Iterable[tuple[Point, Finding, dict[str, Any]]]) -> None:
    """Writes points of one kind, what was found and who made it, as one table.

    Args:
        path: of the parquet file.
        rows: (point, what was found, provenance) of each point.

    Raises:
        ValueError: the points are of several kinds, or there are none.
    """
    import pyarrow as pa

    listed = list(rows)
    kinds = {point.kind for point, *_ in listed}
    if len(kinds) != 1:
        raise ValueError(f"a table holds points of one kind; got {sorted(kinds)}.")
    (kind,) = kinds
    table = _table(kind, [found for _, found, _ in listed])
    beside = {
        "key": [point.key for point, *_ in listed],
        "settings": [json.dumps(point.settings) for point, *_ in listed],
        "provenance": [json.dumps(origin) for *_, origin in listed],
    }
    for name, values in beside.items():
        table = table.append_column(name, pa.array(values, pa.string()))
    write(table, Path(path), {"kind": kind})


def read_table(path: Path | str) -> list[tuple[Point, Finding, dict[str, Any]]]:
    """Reads what :func:`gncviz.sweeps.store.write_table` wrote.

    Args:
        path: of the parquet file.

    Returns:
        (point, what was found, provenance) of each point.

    Raises:
        ValueError: the file is damaged or not such a table.
    """
    table = _Table(path)
    settings, made = (
        [json.loads(text) for text in table.columns[name].to_pylist()]
        for name in ("settings", "provenance")
    )
    points = [POINTS[table.kind].model_validate(values) for values in settings]
    findings = _findings(table.columns, table.kind)
    return list(zip(points, findings, made, strict=True))


class _Table:
    """A table of results, of which a row becomes a finding when it is asked for."""

    def __init__(self, path: Path | str) -> None:
        try:
            self.columns, metadata = read(Path(path))
            self.kind = metadata["kind"]
            keys = self.columns["key"].to_pylist()
            _check_columns(self.columns, self.kind)
        except (Unusable, KeyError) as reason:
            raise ValueError(f"{path} is not a table of results: {reason}.") from None
        self.rows = {key: row for row, key in enumerate(keys)}

    def finding(self, key: str) -> Finding:
        return _findings(self.columns.slice(self.rows[key], 1), self.kind)[0]


def _read_point(path: Path, point: Point) -> Finding:
    table, metadata = read(path)
    if not _describes(metadata.get("settings"), point):
        raise Unusable("it holds the result of other settings")
    findings = _findings(table, point.kind)
    if len(findings) != 1:
        raise Unusable(f"it holds {len(findings)} rows instead of one")
    return findings[0]


def _describes(settings: Any, point: Point) -> bool:
    """Whether stored settings are a point's; any that are new since are at their default."""
    try:
        return type(point).model_validate(settings).key == point.key
    except ValueError:
        return False


@functools.cache
def _schema(kind: str) -> pa.Schema:
    import pyarrow as pa

    types = {float: pa.float64(), int: pa.int64(), str: pa.string()}

    def column(annotation: Any) -> pa.DataType:
        inner = get_args(annotation)
        return pa.list_(types[inner[0]]) if inner else types[annotation]

    hints = get_type_hints(_FINDINGS[kind])
    names = [field.name for field in dataclasses.fields(_FINDINGS[kind])]
    return pa.schema([(name, column(hints[name])) for name in names])


def _table(kind: str, findings: list[Finding]) -> pa.Table:
    import pyarrow as pa

    rows = [dataclasses.asdict(found) for found in findings]
    return pa.Table.from_pylist(rows, schema=_schema(kind))


def _check_columns(table: pa.Table, kind: str) -> None:
    try:
        missing = [field.name for field in _schema(kind) if field not in table.schema]
    except UnicodeDecodeError:
        raise Unusable("its columns have no readable names") from None
    if missing:
        raise Unusable(f"columns are missing or of another type: {', '.join(missing)}")


def _findings(table: pa.Table, kind: str) -> list[Finding]:
    _check_columns(table, kind)
    rows = table.select(_schema(kind).names).to_pylist()
    make = _FINDINGS[kind]
    return [make(**{name: _frozen(value) for name, value in row.items()}) for row in rows]


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
