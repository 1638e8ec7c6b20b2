"""What computes stands back, in a process of its own as kernels are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gncviz.explorer.machine import priority

GROUP = Path("/proc/self/autogroup")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems go on as they do")

#: A run that starts a thread, and another run beside it.
RUNS = """
import json, os, threading
from gncviz.explorer.machine.priority import computing

def thread():
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

def session():
    try:
        words = open("/proc/self/autogroup").read().split()
    except OSError:
        return None
    return int(words[-1]) if words else None

found = {}

def run(name, other=None):
    with computing():
        found[name] = thread()
        if other is not None:
            in_thread(other)
            found["session"] = session()

def in_thread(target, *told):
    one = threading.Thread(target=target, args=told)
    one.start()
    one.join()

before = session()
in_thread(run, "run", lambda: (found.update(started=thread()), run("beside")))
found["page"] = thread()
found["before"], found["back"] = before, session()
print(json.dumps(found))
"""


def told(*, alone: bool) -> dict[str, int | None]:
    done = subprocess.run(
        [sys.executable, "-c", RUNS],
        capture_output=True,
        text=True,
        check=True,
        start_new_session=alone,
    )
    return json.loads(done.stdout)


def test_a_run_and_what_it_starts_stand_back_and_the_page_does_not() -> None:
    found = told(alone=True)
    # Nobody is nicer than 19.
    behind = min(found["page"] + 10, 19)
    assert found["run"] == found["started"] == found["beside"] == behind


@pytest.mark.skipif(not GROUP.exists(), reason="cores are not dealt out by session here")
def test_a_session_of_its_own_stands_back_while_any_run_of_it_computes() -> None:
    found = told(alone=True)
    assert found["session"] == 5
    assert found["before"] == found["back"]


def test_a_session_that_belongs_to_others_stays_as_it_is() -> None:
    found = told(alone=False)
    assert found["before"] == found["session"] == found["back"]


class Group:
    """A session's value as /proc has it."""

    def __init__(self, text: str | None, *, writable: bool = False) -> None:
        self.text, self.writable = text, writable

    def read_text(self) -> str:
        if self.text is None:
            raise FileNotFoundError("no groups")
        return self.text

    def write_text(self, text: str) -> None:
        if not self.writable:
            raise PermissionError("read-only")
        self.text = f"/autogroup-1 nice {text}\n"


GROUPS = {
    "read-only": Group("/autogroup-1 nice 0\n"),
    "the group that the machine started with": Group("", writable=True),
    "no groups": Group(None),
    "other words": Group("none\n", writable=True),
}


@pytest.mark.parametrize("group", GROUPS.values(), ids=GROUPS)
def test_where_a_session_cannot_stand_back_runs_go_on(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(priority, "_GROUP", group)
    monkeypatch.setattr(os, "getsid", lambda _: os.getpid())
    before, done = group.text, []

    def run() -> None:
        with priority.computing():
            done.append("computed")
        done.append("over")

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert done == ["computed", "over"]
    assert group.text == before
