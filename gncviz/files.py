"""Folders and files that results are written to: looked at before, and whole or not there."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from gncviz.settings import SettingsError

#: Ends the name of a file that is being written: by which process, and where.
_WRITER = re.compile(r"\.(\d+)@(.*)\.[0-9a-f]{32}\.tmp$")
#: Seconds after which a file that is being written elsewhere counts as given up.
_GIVEN_UP = 86_400.0


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


@contextlib.contextmanager
def whole(path: Path) -> Iterator[IO[bytes]]:
    """A file to write to, which is whole from the moment it has its name.

    What was there before stays until then, and where the writing fails.

    Args:
        path: of the file; folders are made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = f"{os.getpid()}@{platform.node()}.{uuid.uuid4().hex}"
    name = path.with_name(f".{path.name}.{writer}.tmp")
    try:
        with open(name, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException as error:
        name.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename == str(name):
            # What was asked for is named, and not what stood in for it.
            raise type(error)(error.errno, error.strerror, str(path)) from error
        raise


def write_arrays(path: Path | str | IO[bytes], arrays: Mapping[str, Any]) -> None:
    """Writes arrays as npz, to a file by its name or to one that is open.

    Args:
        path: the file; one by its name is whole or not there, as :func:`whole` has it.
        arrays: by their names.

    Raises:
        SettingsError: its name does not end with .npz.
    """
    import numpy as np

    if not isinstance(path, str | Path):
        np.savez_compressed(path, **arrays)
        return
    place = path_of("path", path)
    if place.suffix.lower() != ".npz":
        raise SettingsError([("path", f"path should end with .npz; got {place.name}.")])
    with whole(place) as file:
        np.savez_compressed(file, **arrays)


def write_whole(path: Path, content: bytes | str) -> None:
    """Writes a file that is whole or not there, as :func:`whole` does.

    Args:
        path: of the file; folders are made.
        content: all of it; text in UTF-8.
    """
    with whole(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)


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
