"""What computes stands back, in a process of its own as kernels are."""

from __future__ import annotations

import json
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
    with open("/proc/self/autogroup") as file:
        return int(file.read().split()[-1])

found = {}

def run(name, other=None):
    with computing():
        found[name] = thread()
        if other is not None:
            in_thread(other)
            found["session"] = session() if %(grouped)s else None

def in_thread(target, *told):
    one = threading.Thread(target=target, args=told)
    one.start()
    one.join()

before = session() if %(grouped)s else None
in_thread(run, "run", lambda: (found.update(started=thread()), run("beside")))
found["page"] = thread()
found["back"] = not %(grouped)s or session() == before
print(json.dumps(found))
"""


def told(*, alone: bool) -> dict[str, int]:
    code = RUNS % {"grouped": GROUP.exists()}
    done = subprocess.run(
        [sys.executable, "-c", code],
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
def test_a_session_stands_back_while_any_run_of_it_computes() -> None:
    found = told(alone=True)
    assert found["session"] == 5
    assert found["back"]


@pytest.mark.skipif(not GROUP.exists(), reason="cores are not dealt out by session here")
def test_a_session_that_belongs_to_others_stays_as_it_is() -> None:
    assert told(alone=False)["session"] == int(GROUP.read_text().split()[-1])


class ReadOnly:
    """A session's value that may be looked at."""

    def read_text(self) -> str:
        return "/autogroup-1 nice 0"

    def write_text(self, _: str) -> None:
        raise PermissionError("read-only")


def test_where_nothing_may_be_changed_runs_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(priority, "_GROUP", ReadOnly())
    monkeypatch.setattr(priority, "_has_session", lambda: True)
    done = []

    def run() -> None:
        with priority.computing():
            done.append("computed")
        done.append("over")

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert done == ["computed", "over"]
