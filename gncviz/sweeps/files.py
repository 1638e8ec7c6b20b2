"""Parquet files that are whole or not there, with what they are about in their metadata."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import re
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gncviz.settings import SettingsError

if TYPE_CHECKING:
    import pyarrow as pa

#: Of the files' layout.
_FORMAT = 1
_METADATA = b"gncviz"
#: Ends the name of a file that is being written: by which process, and where.
_WRITER = re.compile(r"\.(\d+)@(.*)\.[0-9a-f]{32}\.tmp$")
#: Seconds after which a file that is being written elsewhere counts as given up.
_GIVEN_UP = 86_400.0


class Unusable(Exception):
    """Why a file cannot be used."""


def path_of(name: str, given: Any) -> Path:
    """A path in the file system.

    Args:
        name: of the setting that it comes from.
        given: the path; ``~`` is the user's own folder.

    Raises:
        SettingsError: it is no path.
    """
    try:
        return Path(given).expanduser()
    except (TypeError, RuntimeError):
        raise SettingsError([(name, f"{name} should be a path; got {given!r}.")]) from None


def folder_of(name: str, given: Any) -> Path:
    """A folder that results can be written to; it is not made yet.

    Args:
        name: of the setting that it comes from.
        given: the folder; ``~`` is the user's own.

    Raises:
        SettingsError: it is or lies in a file, or may not be written to.
    """
    folder = path_of(name, given)
    there = next(path for path in (folder, *folder.absolute().parents) if os.path.lexists(path))
    if not there.is_dir():
        raise SettingsError([(name, f"{name} should be a folder; {there} is a file.")])
    if not os.access(there, os.W_OK | os.X_OK):
        sentence = f"{name} should be a folder that can be written to; {there} cannot."
        raise SettingsError([(name, sentence)])
    return folder


def write(table: pa.Table, path: Path, metadata: dict[str, Any]) -> None:
    """Writes a file that is whole from the moment it has its name.

    Args:
        table: what it holds.
        path: of the file.
        metadata: what it is about, JSON-ready.
    """
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"format": _FORMAT, **metadata})
    table = table.replace_schema_metadata({_METADATA: text.encode()})
    writer = f"{os.getpid()}@{platform.node()}.{uuid.uuid4().hex}"
    name = path.with_name(f".{path.name}.{writer}.tmp")
    try:
        with open(name, "xb") as file:
            pq.write_table(table, file, compression="zstd", write_page_checksum=True)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        name.unlink(missing_ok=True)
        raise


def tidy(folder: Path) -> None:
    """Removes what writers that were killed left half written in a folder.

    Args:
        folder: what others are writing there at the moment stays.
    """
    for path in folder.glob(".*.tmp"):
        # Another may be tidying, too, or its writer may just have finished.
        with contextlib.suppress(OSError):
            if _is_given_up(path):
                path.unlink(missing_ok=True)


def _is_given_up(path: Path) -> bool:
    writer = _WRITER.search(path.name)
    # Only there does a signal 0 ask, and do no harm.
    if writer and writer[2] == platform.node() and os.name == "posix":
        return not _is_alive(int(writer[1]))
    return time.time() - path.stat().st_mtime > _GIVEN_UP


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        # Somebody else's.
        return True
    return True


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
