"""What the server does with a prototype: asks it in turn, and goes on without it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gncviz.serving import manager
from gncviz.serving.manager import Copy, Prototype
from gncviz.serving.prototype import Request

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="follows Linux's processes")

REQUEST = Request("json", [], {}, "/")

#: Answers like a prototype: by itself, or by nothing where there is no room.
PLAYER = """
import os, socket, time
channel = socket.socket(fileno=os.dup(0)).makefile("rw")
{before}
print("ready", file=channel, flush=True)
for line in channel:
    {answer}
"""


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch):
    """Puts a player in the prototype's place, and has the first kernels asked for."""

    async def begun(before: str = "", answer: str = "") -> Prototype:
        answer = answer or "print(os.getpid(), file=channel, flush=True)"
        code = PLAYER.format(before=before, answer=answer)
        monkeypatch.setattr(manager, "_COMMAND", [sys.executable, "-c", code])
        monkeypatch.setattr(manager, "_LATER", 0.0)
        prototype = Prototype()
        for _ in range(manager._FIRST):
            assert await prototype.copy(REQUEST) is None, "the first visitor was kept waiting"
        return prototype

    return begun


async def ended(prototype: Prototype) -> None:
    """Lets the player go, and closes what is open."""
    prototype._requests.close()
    with contextlib.suppress(OSError):
        await prototype._requests.wait_closed()
    prototype._process.wait(10)


def test_visitors_after_the_first_get_copies(play) -> None:
    async def visit() -> list[Copy | None]:
        prototype = await play()
        found = await asyncio.gather(*(prototype.copy(REQUEST) for _ in range(5)))
        assert [one.pid for one in found if one] == [prototype._process.pid] * 5
        await ended(prototype)
        return found

    assert all(one is not None and one.wait(10) == 0 for one in asyncio.run(visit()))


@pytest.mark.parametrize(
    "player",
    [
        {"before": "raise SystemExit"},
        {"answer": "raise SystemExit"},
        {"answer": "print(file=channel, flush=True)"},
    ],
    ids=["never ready", "gone", "no room"],
)
def test_without_a_prototype_there_is_no_copy(play, player: dict[str, str]) -> None:
    async def visit() -> None:
        prototype = await play(**player)
        assert await prototype.copy(REQUEST) is None
        assert await prototype.copy(REQUEST) is None
        await ended(prototype)

    asyncio.run(visit())


def test_nobody_waits_long_for_one_that_is_late(play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manager, "_PATIENCE", 0.2)

    async def visit() -> None:
        prototype = await play(before="time.sleep(1)")
        assert await prototype.copy(REQUEST) is None
        assert await prototype._ready
        assert await prototype.copy(REQUEST) is not None
        await ended(prototype)

    asyncio.run(visit())


def test_a_copy_is_followed_to_its_end() -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    copy = Copy(process.pid)
    assert copy.poll() is None
    assert copy.wait(0.05) is None
    copy.terminate()
    assert copy.wait(10) == 0
    process.wait()
    copy.kill()
    assert copy.poll() == 0


def test_a_copy_that_has_ended_before_anybody_looked(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    copy = Copy(process.pid)
    copy.terminate()
    assert copy.poll() == 0
