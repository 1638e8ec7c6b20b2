"""Copies are what they are asked to be, and share what has been imported."""

from __future__ import annotations

import io
import json
import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from gncviz.serving import prototype
from gncviz.serving.prototype import READY, Request

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="copies Linux's processes")

#: Tells what it is: run by copies, in the place of a kernel.
TELLER = r"""
import json, os, sys
found = {
    "arguments": sys.argv[1:], "environment": dict(os.environ), "folder": os.getcwd(),
    "command": open("/proc/self/cmdline").read().rstrip("\0").split("\0"),
    "leads": os.getsid(0) == os.getpid(), "parent": os.getppid(), "input": sys.stdin.read(),
    "shared": sorted({"torch", "pandas", "gncviz.explorer.views.story"} & set(sys.modules)),
}
from gncviz.explorer import scene
before = scene._figure.cache_info().misses
scene.draw_ahead(scene.Look(__import__("gncviz").figures.LIGHT, narrow=False))
found["drawn"] = scene._figure.cache_info().misses - before
with open(sys.argv[1], "w") as file:
    json.dump(found, file)
"""


class Asked:
    """A prototype and the other end of its socket."""

    def __init__(self, folder: Path) -> None:
        (folder / "teller.py").write_text(TELLER, encoding="utf-8")
        ours, theirs = socket.socketpair()
        places = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gncviz.serving.prototype"],
                stdin=theirs.fileno(),
                env={**os.environ, "PYTHONPATH": places, "SERVER": "mine"},
            )
        with ours:
            self.stream: IO[str] = ours.makefile("rw")

    def copy(self, *arguments: str, folder: Path) -> int:
        request = Request("teller", [*arguments], {"COPY": "yours"}, str(folder))
        print(request.line(), end="", file=self.stream, flush=True)
        return int(self.stream.readline())


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    found = Asked(tmp_path_factory.mktemp("prototype"))
    assert found.stream.readline().strip() == READY
    yield found
    found.process.kill()
    found.process.wait()
    found.stream.close()


def end_of(pid: int) -> None:
    """Waits until a process is over that is not a child of this one."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    select.select([handle], [], [], 30)
    os.close(handle)


def told(asked: Asked, folder: Path, *more: str) -> dict[str, Any]:
    answer = folder / "answer.json"
    end_of(asked.copy(str(answer), *more, folder=folder))
    return json.loads(answer.read_text())


def test_a_copy_is_what_was_asked_for(asked: Asked, tmp_path: Path) -> None:
    found = told(asked, tmp_path, "--more")
    # What else is there is for ipykernel.
    assert found["arguments"][:2] == [str(tmp_path / "answer.json"), "--more"]
    assert found["environment"] == {"COPY": "yours"}
    assert found["folder"] == str(tmp_path)
    assert found["command"] == ["python", "-m", "teller"]
    assert found["leads"]
    assert found["parent"] == asked.process.pid
    assert found["input"] == "", "it could ask for copies"


def test_a_copy_has_nothing_to_import_nor_to_draw(asked: Asked, tmp_path: Path) -> None:
    found = told(asked, tmp_path)
    assert found["shared"] == ["gncviz.explorer.views.story", "pandas", "torch"]
    assert found["drawn"] == 0


def test_copies_that_have_ended_are_gone(asked: Asked, tmp_path: Path) -> None:
    pid = asked.copy(str(tmp_path / "answer.json"), folder=tmp_path)
    end_of(pid)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_one_that_fails_leaves_the_prototype_alone(asked: Asked, tmp_path: Path) -> None:
    end_of(asked.copy(str(tmp_path / "no" / "such" / "folder"), folder=tmp_path))
    assert told(asked, tmp_path)["leads"]


def test_without_room_for_a_copy_it_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse() -> int:
        raise BlockingIOError("no more processes")

    monkeypatch.setattr(os, "fork", refuse)
    answers = io.StringIO()
    requests = io.StringIO(Request("teller", [], {}, "/").line())
    assert prototype.copies(requests, answers) is None
    assert answers.getvalue() == "\n"


def test_it_ends_when_nobody_can_ask_any_more(asked: Asked) -> None:
    """The last of them, for there is one prototype for all."""
    asked.stream.close()
    assert asked.process.wait(30) == 0
