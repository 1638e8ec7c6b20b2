"""Parquet files that are whole or not there, with what they are about in their metadata."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gncviz.files import whole

if TYPE_CHECKING:
    import pyarrow as pa

#: Of the files' layout.
_FORMAT = 1
_METADATA = b"gncviz"


class Unusable(Exception):
    """Why a file cannot be used."""


def write(table: pa.Table, path: Path, metadata: dict[str, Any]) -> None:
    """Writes a file that is whole from the moment it has its name.

    Args:
        table: what it holds.
        path: of the file.
        metadata: what it is about, JSON-ready.
    """
    import pyarrow.parquet as pq

    text = json.dumps({"format": _FORMAT, **metadata})
    table = table.replace_schema_metadata({_METADATA: text.encode()})
    with whole(path) as file:
        pq.write_table(table, file, compression="zstd", write_page_checksum=True)


def read(path: Path) -> tuple[pa.Table, dict[str, Any]]:
    """What a file holds, and what it is about.

    Args:
        path: of the file.

    Raises:
        Unusable: it is damaged, or of another kind.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path, page_checksum_verification=True)
        table, schema = file.read(), file.schema_arrow
    except (pa.ArrowException, OSError, ValueError) as error:
        raise Unusable(f"it cannot be read ({str(error).splitlines()[0]})") from None
    metadata = _metadata(schema)
    if metadata.get("format") != _FORMAT:
        raise Unusable("it is no result of this program")
    return table, metadata


def about(path: Path) -> dict[str, Any]:
    """What a file is about, without reading what it holds; empty where it does not say."""
    import pyarrow.parquet as pq

    return _metadata(pq.read_schema(path))


def _metadata(schema: pa.Schema) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((schema.metadata or {})[_METADATA])
    except (KeyError, ValueError):
        return {}
    return found
