"""Sweeps of a second, and what their tests ask of findings and processes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

import psutil

from gncviz.descent.settings import DescentSettings
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.sweeps import Axis, SweepSettings
from gncviz.sweeps.findings import Finding
from gncviz.sweeps.work import Job

SAMPLING = GuessAndCheckSettings(epsilon=0.2, samples=50, draws=10**5, device="cpu")
DESCENT = DescentSettings(trials=1, epochs=20, device="cpu")
QUICK = SweepSettings(
    axes=(Axis(name="width", values=(5, 6)),), sampling=SAMPLING, descent=DESCENT, seeds=(0, 1)
)
#: Takes hours where nobody stops it.
ENDLESS = QUICK.replace(
    axes=(Axis(name="width", values=(5,)),),
    sampling=SAMPLING.replace(epsilon=0.01, samples=10**6, draws=10**14, method="plain"),
    descent=None,
    seeds=(0,),
)


class Recorder(Executor):
    """One thread, which remembers the jobs it was given."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self._pool = ThreadPoolExecutor(1)

    def submit(self, function: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.jobs.append(args[0])
        return self._pool.submit(function, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._pool.shutdown(wait, cancel_futures=cancel_futures)

    @property
    def keys(self) -> list[str]:
        return [point.key for job in self.jobs for point in job.points]


def text(found: Finding) -> str:
    """All of a finding, to the last bit; NaN is like NaN."""
    return json.dumps(asdict(found))


def numbers(found: Finding) -> str:
    """All of a finding but how long it took."""
    return json.dumps({**asdict(found), "seconds": None})


def worker_processes(parent: psutil.Process | None = None) -> list[psutil.Process]:
    """The processes of a pool of ours."""
    found = []
    for child in (parent or psutil.Process()).children(recursive=True):
        try:
            if "loky.backend.popen_loky_posix" in child.cmdline():
                found.append(child)
        except psutil.Error:
            continue
    return found


def is_gone(process: psutil.Process) -> bool:
    """Whether a process has ended, be it that nobody has asked for its exit status yet."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait_for(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Waits until something holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
