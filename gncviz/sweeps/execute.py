"""Jobs on an executor: our own pool of processes by default, anybody's otherwise."""

from __future__ import annotations

import math
import os
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from contextlib import ExitStack, contextmanager

from gncviz.progress import Cancel
from gncviz.sweeps.findings import Finding
from gncviz.sweeps.work import Job, start_worker, work

#: Seconds between two looks at the cancel button.
_LOOK = 0.1
#: How often our own pool is made anew without a single job being finished in between.
_RESTARTS = 3


class SweepError(RuntimeError):
    """Some points could not be computed; all others were, and are stored where there is a store."""


def execute(
    jobs: Sequence[Job],
    executor: Executor | None = None,
    workers: int | None = None,
    cancel: Cancel | None = None,
    seconds: float = math.inf,
) -> Iterator[tuple[Job, list[Finding]]]:
    """Computes jobs; yields each when it is done.

    Args:
        jobs: what to do, submitted in this order.
        executor: where; None for a pool of processes, made anew if one of them dies.
        workers: how many processes our own pool has; as many as there are cores by default.
        cancel: looked at all the time. Jobs under way end at once in our own pool and in threads;
            in other executors they run to their end, unseen.
        seconds: time budget; jobs end when it is spent, wherever they are.

    Raises:
        SweepError: a job failed, or its process died again and again; raised at the end, when all
            others are done.
    """
    failures: list[str] = []
    until = time.time() + seconds
    waiting, futile = list(jobs), 0
    while waiting and not _is_set(cancel):
        before = len(waiting)
        try:
            # A job that kills its process takes the others at work along: then one at a time, and
            # each has its turn.
            at_once = 1 if futile else workers
            for job, future in _submit(waiting, executor, at_once, cancel, until):
                error = future.exception()
                if isinstance(error, BrokenExecutor):
                    raise error
                waiting.remove(job)
                if error is not None:
                    failures.append(_failure(job, error))
                elif (findings := future.result()) is not None:
                    yield job, findings
        except BrokenExecutor as error:
            futile = futile + 1 if len(waiting) == before else 0
            waiting.append(waiting.pop(0))
            if executor is not None or futile > _RESTARTS:
                sentence = f"The workers died with {len(waiting)} jobs left, out of memory perhaps"
                failures.append(f"{sentence} ({error}).")
                break
    if failures:
        more = f" And {len(failures) - 3} more." if len(failures) > 3 else ""
        raise SweepError(" ".join(failures[:3]) + more)


def _submit(
    jobs: Sequence[Job],
    executor: Executor | None,
    workers: int | None,
    cancel: Cancel | None,
    until: float,
) -> Iterator[tuple[Job, Future[list[Finding] | None]]]:
    """One go at some jobs; yields them as they end, well or not."""
    with ExitStack() as stack:
        pool = executor or stack.enter_context(_own_pool(min(workers or _cores(), len(jobs))))
        # Threads are told that nobody waits any more; other processes know when time is over.
        over = threading.Event()
        stack.callback(over.set)
        told = (over,) if isinstance(executor, ThreadPoolExecutor) else ()
        futures = {pool.submit(work, job, until, *told): job for job in jobs}
        if executor is not None:
            # Our own pool goes as a whole; it would stumble over jobs that were cancelled before.
            stack.callback(_cancel_all, futures)
        while futures and not _is_set(cancel):
            done, _ = wait(futures, timeout=_LOOK, return_when=FIRST_COMPLETED)
            for future in done:
                yield futures.pop(future), future


@contextmanager
def _own_pool(workers: int) -> Iterator[Executor]:
    """Processes of ours; at the end they are killed, whatever they are at.

    loky's, which do not import the script that started them: one can sweep in a script as in a
    notebook.
    """
    from loky import ProcessPoolExecutor

    # loky replaces workers that have grown; what a sampler keeps for reuse is no leak to report.
    warnings.filterwarnings("ignore", "A worker was restarted", UserWarning, "loky")
    pool = ProcessPoolExecutor(workers, initializer=start_worker, initargs=(os.getpid(),))
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, kill_workers=True)


def _cancel_all(futures: dict[Future[list[Finding] | None], Job]) -> None:
    for future in futures:
        future.cancel()


def _is_set(cancel: Cancel | None) -> bool:
    return cancel is not None and cancel.is_set()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _failure(job: Job, error: BaseException) -> str:
    first = job.points[0]
    where = f"{first.kind.replace('_', ' ')}, {first.network.label}"
    return f"A point failed ({where}): {error} ({type(error).__name__})."
