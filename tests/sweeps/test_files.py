"""Parquet files with what they are about."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from gncviz.sweeps.files import about, read, write

TABLE = pa.table({"number": [1.5]})


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "new" / "point.parquet"
    write(TABLE, path, {"kind": "mine"})
    table, metadata = read(path)
    assert table.to_pydict() == TABLE.to_pydict()
    assert metadata == about(path) == {"format": 1, "kind": "mine"}
