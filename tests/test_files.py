"""Files that appear whole or not at all, whoever is killed while writing."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from gncviz.files import folder_of, tidy, whole
from gncviz.settings import SettingsError

HALF = "{}.{}@{}.{}.tmp"


def left_half_written(folder: Path, process: int, host: str = "", age: float = 0.0) -> Path:
    """A file that a process is writing, or was when it ended."""
    path = folder / HALF.format(".point.parquet", process, host or platform.node(), "0" * 32)
    path.write_bytes(b"PAR1")
    os.utime(path, (path.stat().st_mtime - age,) * 2)
    return path


def a_process_that_has_ended() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_file_is_whole_or_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "new" / "numbers"
    with whole(path) as file:
        file.write(b"first")
        assert not path.exists()

    def stop() -> None:
        with whole(path) as file:
            file.write(b"sec")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop()
    assert path.read_bytes() == b"first"
    assert list(path.parent.iterdir()) == [path]


def test_a_kill_while_writing_leaves_nothing_behind_once_one_writes_again(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from gncviz.files import whole\n"
        "with whole(Path(sys.argv[1])) as file:\n"
        "    file.write(b'half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path = tmp_path / "point.parquet"
    killed = subprocess.run([sys.executable, "-c", script, str(path)], timeout=60)
    assert killed.returncode < 0
    (half,) = tmp_path.iterdir()
    assert half.name.endswith(".tmp")
    tidy(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_only_what_nobody_writes_any_more_is_removed(tmp_path: Path) -> None:
    ended = a_process_that_has_ended()
    gone = [
        left_half_written(tmp_path, ended),
        left_half_written(tmp_path, os.getpid(), "elsewhere", age=2 * 86_400),
    ]
    kept = [
        left_half_written(tmp_path, os.getpid(), age=2 * 86_400),
        left_half_written(tmp_path, ended, "somewhere", age=60),
    ]
    (tmp_path / "notes.tmp").touch()
    tidy(tmp_path)
    assert [path.exists() for path in gone] == [False, False]
    assert [path.exists() for path in kept] == [True, True]
    assert (tmp_path / "notes.tmp").exists(), "not of this program"


def test_a_folder_is_one_that_can_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert folder_of("out", "new/one") == Path("new/one")
    assert folder_of("out", tmp_path) == tmp_path
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    for place in ("file", "file/below"):
        with pytest.raises(SettingsError, match=r"out should be a folder; .*file is a file\."):
            folder_of("out", place)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(SettingsError, match=r"out should be a folder that can be written to; "):
        folder_of("out", "new")
