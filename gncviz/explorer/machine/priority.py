"""Who goes first on a busy machine: clicks on any page, then what runs compute.

A run's threads are niced. That compares threads of one session only where Linux deals its cores out
among sessions first (see "autogroup" in sched(7)), as it does outside of containers; and every
kernel is a session. So a session that computes stands back a little as a whole, too; within it, its
own page still goes before its runs. Other systems go on as they do.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

#: By how much threads that compute are nicer than their page's, and the nice value of sessions that
#: do: a ninth, and a third, of what others get beside them. No run is to starve for all that.
_THREAD, _SESSION = 10, 5

_GROUP = Path("/proc/self/autogroup")
#: Linux lets somebody on the whole machine change a session's value ten times a second; for how
#: many seconds it is tried.
_PATIENCE, _PAUSE = 3.0, 0.1

_lock = threading.Lock()
#: How many threads compute, and what the session's value was before the first of them.
_computing = 0
_before: int | None = None


@contextlib.contextmanager
def computing() -> Iterator[None]:
    """Lets clicks go before this thread, and before those that it starts, for good."""
    if sys.platform == "linux":
        page = os.getpriority(os.PRIO_PROCESS, os.getpid())
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), page + _THREAD)
    _count(1)
    try:
        yield
    finally:
        _count(-1)


def _count(change: int) -> None:
    """Takes notice of how many threads compute: the session stands back while one does."""
    global _computing, _before
    with _lock:
        first = not _computing
        _computing += change
        if first and os.getsid(0) == os.getpid():
            _before = _session()
            if _before is not None:
                _set_session(_SESSION)
        elif not _computing and _before is not None:
            _set_session(_before)


def _session() -> int | None:
    """This session's nice value; None where there are none, or it is in the group of all others."""
    try:
        return int(_GROUP.read_text().split()[-1])
    except (OSError, IndexError, ValueError):
        # Of the group that the machine started with Linux shows an empty line.
        return None


def _set_session(nice: int) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        try:
            _GROUP.write_text(str(nice))
        except BlockingIOError:
            time.sleep(_PAUSE)
        except OSError:
            # Not ours to change, as where /proc is read-only: the run goes on as it is.
            return
        else:
            return
