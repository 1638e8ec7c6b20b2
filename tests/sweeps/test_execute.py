"""Jobs on executors: each done once, whoever dies, and nothing left behind."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from loky import ProcessPoolExecutor

from gncviz.network import Network
from gncviz.progress import Progress
from gncviz.sweeps import Axis, Store, SweepError, run_sweep, run_sweeps
from gncviz.sweeps.execute import execute
from gncviz.sweeps.points import DescentPoint
from gncviz.sweeps.result import points_of
from gncviz.sweeps.work import Job, jobs_of, start_worker, work
from gncviz.task import TaskSettings
from tests.conftest import hear_ctrl_c
from tests.sweeps.small import (
    DESCENT,
    ENDLESS,
    QUICK,
    SAMPLING,
    Recorder,
    is_gone,
    numbers,
    wait_for,
    worker_processes,
)

ROOT = Path(__file__).parents[2]
SCRIPT = """
import sys, time
from gncviz.sweeps import Store, run_sweep, run_sweeps
from tests.sweeps.small import ENDLESS, QUICK

class Hanging(Store):
    def put(self, point, found):
        super().put(point, found)
        if len(list(self.folder.rglob("*.parquet"))) == 3:
            time.sleep(1)
            print("hanging", flush=True)
            time.sleep(600)

folder, task, workers = sys.argv[1:]
if task == "hang":
    run_sweeps([QUICK, ENDLESS], Hanging(folder), workers=int(workers))
else:
    print(run_sweep(QUICK, Store(folder), workers=int(workers)).complete)
"""


@dataclass(frozen=True)
class Fatal:
    """Ends the process that unpacks it, as one does that runs out of memory."""

    key: str = "fatal"

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (1,)


@dataclass(frozen=True)
class FatalOnce:
    """A point that kills the first process that it reaches."""

    mark: Path
    point: DescentPoint

    def __reduce__(self) -> tuple[Any, ...]:
        return die_once, (self.mark, self.point)


def die_once(mark: Path, point: DescentPoint) -> DescentPoint:
    if not mark.exists():
        mark.touch()
        os._exit(1)
    return point


FATAL = Job((Fatal(),), 1.0)  # type: ignore[arg-type]


def descents(**settings: Any) -> Job:
    points = (
        DescentPoint(
            task=TaskSettings(seed=seed),
            network=Network(),
            descent=DESCENT.replace(seed=seed, **settings),
        )
        for seed in (0, 1)
    )
    return Job(tuple(points), 1.0)


def job_numbers(job: Job) -> list[str]:
    return [numbers(found) for found in work(job) or ()]


@pytest.fixture
def threads() -> Iterator[Executor]:
    """Two threads."""
    with ThreadPoolExecutor(2) as pool:
        yield pool


def test_threads_do_every_job_once(threads: Executor) -> None:
    jobs = jobs_of(points_of(QUICK))
    done = list(execute(jobs, threads))
    assert sorted(jobs.index(job) for job, _ in done) == list(range(len(jobs)))
    for job, found in done:
        assert [numbers(one) for one in found] == job_numbers(job)


def test_our_own_pool_does_every_job_once_and_gives_the_numbers_of_this_process() -> None:
    jobs = jobs_of(points_of(QUICK))
    done = list(execute(jobs, workers=2))
    assert worker_processes() == []
    assert sorted(jobs.index(job) for job, _ in done) == list(range(len(jobs)))
    for job, found in done:
        assert [numbers(one) for one in found] == job_numbers(job)


def test_nothing_to_do_starts_nothing() -> None:
    assert list(execute([])) == []
    assert worker_processes() == []


def test_a_point_of_several_sweeps_is_computed_once(tmp_path: Path) -> None:
    over_depth = QUICK.replace(axes=(Axis(name="depth", values=(2, 3)),))
    with Recorder() as recorder:
        results = run_sweeps([QUICK, over_depth], Store(tmp_path), executor=recorder)
        assert [result.complete for result in results] == [True, True]
        assert len(recorder.keys) == len(set(recorder.keys)) == 12
        again = run_sweeps([over_depth, QUICK], Store(tmp_path), executor=recorder)
        assert len(recorder.keys) == 12
    assert again[0].to_frame().equals(results[1].to_frame())
    assert again[1].to_frame().equals(results[0].to_frame())


def test_jobs_that_fail_are_named_and_all_others_stored(tmp_path: Path, threads: Executor) -> None:
    settings = QUICK.replace(
        axes=(Axis(name="width", values=(5, 6, 7, 8)),),
        descent=DESCENT.replace(device="cuda:99"),
        seeds=(0,),
    )
    with pytest.raises(SweepError) as caught:
        run_sweep(settings, Store(tmp_path), executor=threads)
    assert "A point failed (gradient descent, linear, width" in str(caught.value)
    assert "cuda:99" in str(caught.value)
    assert "And 1 more." in str(caught.value)
    store = Store(tmp_path)
    stored = {point.kind for point in points_of(settings) if store.get(point) is not None}
    assert stored == {"guess_and_check"}
    assert len(list(tmp_path.rglob("*.parquet"))) == 4


def test_a_job_that_fails_in_our_own_pool_is_named_too() -> None:
    good, bad = descents(), descents(device="cuda:99")
    done = []
    with pytest.raises(SweepError, match=r"A point failed .*cuda:99"):
        done.extend(job for job, _ in execute([bad, good], workers=1))
    assert done == [good]
    assert worker_processes() == []


def test_a_worker_that_is_killed_does_not_lose_the_sweep(tmp_path: Path) -> None:
    (sampled,) = jobs_of(points_of(QUICK)[:1])
    twin = descents(lr=2e-3)
    once = Job(tuple(FatalOnce(tmp_path / "killed", one) for one in twin.points), 1.0)  # type: ignore[misc]
    jobs, same = [descents(), once, sampled], [descents(), twin, sampled]
    done = [(jobs.index(job), found) for job, found in execute(jobs, workers=1)]
    assert (tmp_path / "killed").exists()
    assert sorted(place for place, _ in done) == [0, 1, 2]
    assert all([*map(numbers, found)] == job_numbers(same[place]) for place, found in done)
    assert worker_processes() == []


def test_a_job_that_always_kills_its_worker_ends_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.import_module("gncviz.sweeps.execute"), "_RESTARTS", 1)
    with pytest.raises(SweepError, match="workers died with 1 jobs left"):
        list(execute([FATAL], workers=1))
    assert worker_processes() == []


def test_a_job_that_always_kills_its_worker_keeps_no_other_from_its_turn() -> None:
    done = []
    with pytest.raises(SweepError, match="died"):
        done.extend(job for job, _ in execute([FATAL, descents()], workers=1))
    assert done == [descents()]


def test_an_executor_of_others_that_breaks_is_said() -> None:
    from loky import ProcessPoolExecutor

    with ProcessPoolExecutor(1) as pool, pytest.raises(SweepError, match="with 1 jobs left"):
        list(execute([FATAL], pool))


def test_cancel_ends_a_long_job_of_our_own_pool_at_once(tmp_path: Path) -> None:
    # Deeper, so that it is thought to take longer and goes first.
    first = QUICK.replace(axes=(Axis(name="depth", values=(6,)),), descent=None, seeds=(0,))
    cancel, times = threading.Event(), []

    def press() -> None:
        times.append(time.perf_counter())
        cancel.set()

    def follow(progress: Progress) -> None:
        if progress.partial is not None and progress.partial().complete and not times:
            threading.Timer(0.5, press).start()

    results = run_sweeps(
        [first, ENDLESS], Store(tmp_path), workers=1, progress=follow, cancel=cancel
    )
    assert time.perf_counter() - times[0] < 2
    assert results[0].complete
    assert results[1].found == 0
    assert worker_processes() == []
    assert len(list(tmp_path.rglob("*"))) == 2


def test_cancel_while_workers_start_ends_them_at_once() -> None:
    cancel = threading.Event()
    threading.Timer(0.3, cancel.set).start()
    start = time.perf_counter()
    assert run_sweep(ENDLESS, workers=1, cancel=cancel).found == 0
    assert time.perf_counter() - start < 2.3
    assert worker_processes() == []


def test_cancel_leaves_the_jobs_of_an_executor_of_others_undone() -> None:
    cancel = threading.Event()
    jobs = [descents(epochs=epochs, tolerance=0.0) for epochs in range(20_000, 20_040)]
    with Recorder() as recorder:
        done = []
        for job, _ in execute(jobs, recorder, cancel=cancel):
            done.append(job)
            cancel.set()
        assert 1 <= len(done) < 40
    # Those that are worked on side by side may end in any order.
    assert max(map(jobs.index, done)) < len(done) + 2


@pytest.mark.parametrize("descends", [False, True])
def test_when_the_time_is_spent_threads_are_free_at_once(descends: bool) -> None:
    """Jobs under way in threads end, and what they had is no finding."""
    long = ENDLESS
    if descends:
        long = ENDLESS.replace(
            sampling=SAMPLING, descent=DESCENT.replace(epochs=10**9, tolerance=0.0)
        )
    with ThreadPoolExecutor(2) as pool:
        run_sweep(QUICK, executor=pool)  # The first run loads torch and SciPy, which takes longer.
        start = time.perf_counter()
        result = run_sweep(long, executor=pool, seconds=1.0)
        assert time.perf_counter() - start < 2.5
    assert time.perf_counter() - start < 4.0
    assert result.found == int(descends)


def test_when_the_time_is_spent_processes_of_others_are_free_soon() -> None:
    """They hear nothing of us: each job knows when it has to end."""
    with ProcessPoolExecutor(1, initializer=start_worker, initargs=(os.getpid(),)) as pool:
        assert run_sweep(QUICK, executor=pool).complete
        start = time.perf_counter()
        result = run_sweep(ENDLESS, executor=pool, seconds=1.0)
        assert time.perf_counter() - start < 2.5
    assert time.perf_counter() - start < 4.0
    assert result.found == 0


def test_a_job_that_was_cut_short_is_no_finding(threads: Executor) -> None:
    job = descents(epochs=10**9, tolerance=0.0)
    assert work(job, until=time.time() + 0.2) is None
    assert work(job, until=time.time() - 1.0) is None
    assert list(execute([job], threads, seconds=0.2)) == []


def test_a_cancelled_sweep_does_nothing() -> None:
    cancel = threading.Event()
    cancel.set()
    with Recorder() as recorder:
        result = run_sweep(QUICK, executor=recorder, cancel=cancel)
    assert result.found == 0
    assert recorder.jobs == []


@contextmanager
def script(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=hear_ctrl_c,
    )
    try:
        yield process
    finally:
        for one in psutil.process_iter():
            with suppress(ProcessLookupError, psutil.NoSuchProcess):
                if os.getsid(one.pid) == process.pid:
                    one.kill()
        process.communicate()


@pytest.mark.slow
def test_workers_end_with_a_parent_that_is_killed_and_the_next_run_goes_on(tmp_path: Path) -> None:
    with script(str(tmp_path), "hang", "2") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "hanging\n"
        children = psutil.Process(process.pid).children(recursive=True)
        assert len(worker_processes(psutil.Process(process.pid))) == 2
        process.kill()
        wait_for(lambda: all(is_gone(child) for child in children), seconds=10)
    before = {path: path.stat() for path in tmp_path.rglob("*.parquet")}
    assert len(before) == 3

    with script(str(tmp_path), "finish", "1") as process:
        assert process.communicate() == ("True\n", "")
    after = {path: path.stat() for path in tmp_path.rglob("*.parquet")}
    assert len(after) == 8
    for path, stat in before.items():
        assert after[path].st_ino == stat.st_ino
        assert after[path].st_mtime_ns == stat.st_mtime_ns
    with Recorder() as recorder:
        assert run_sweep(QUICK, Store(tmp_path), executor=recorder).complete
        assert recorder.jobs == []


@pytest.mark.slow
def test_workers_end_with_a_parent_that_is_killed_while_they_start(tmp_path: Path) -> None:
    with script(str(tmp_path), "hang", "1") as process:
        parent = psutil.Process(process.pid)
        wait_for(lambda: worker_processes(parent))
        children = parent.children(recursive=True)
        process.kill()
        wait_for(lambda: all(is_gone(child) for child in children), seconds=10)


def test_interrupting_a_script_ends_it_and_its_workers(tmp_path: Path) -> None:
    with script(str(tmp_path), "hang", "1") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "hanging\n"
        children = psutil.Process(process.pid).children(recursive=True)
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=10)
        assert errors.endswith("KeyboardInterrupt\n")
        assert errors.count("Traceback") == 1
        wait_for(lambda: all(is_gone(child) for child in children), seconds=5)
    assert len(list(tmp_path.rglob("*.parquet"))) == 3


def test_sampling_of_a_device_that_is_not_there_is_named(threads: Executor) -> None:
    settings = QUICK.replace(sampling=SAMPLING.replace(device="cuda:99"), descent=None, seeds=(0,))
    with pytest.raises(SweepError, match=r"guess and check, linear, width 5, depth 2\): .*cuda:99"):
        run_sweep(settings, executor=threads)
