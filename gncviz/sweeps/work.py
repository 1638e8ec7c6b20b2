"""What a worker does: jobs, each a point or a batch of descents, in whatever process it runs."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from gncviz.models import drawn, outline
from gncviz.progress import Cancel
from gncviz.sweeps.findings import DescentFinding, Finding, GuessAndCheckFinding
from gncviz.sweeps.points import DescentPoint, GuessAndCheckPoint, Point

#: Trials of gradient descent in one batch: many cost little more than one.
_LARGEST_BATCH = 32
#: For the cost of a point: up to this width it takes splitting, whatever the prior.
_NARROW = 8


@dataclass(frozen=True)
class Job:
    """What a worker is given at once.

    Attributes:
        points: one Guess & Check point, or descents with the same network and settings.
        cost: about how long it takes, in seconds on one core; for the order of the jobs and the
            time left, and for nothing else.
    """

    points: tuple[Point, ...]
    cost: float


def jobs_of(points: Iterable[Point]) -> list[Job]:
    """The jobs that compute some points, longest first: so no worker is left with a long one."""
    jobs: list[Job] = []
    batches: dict[Any, list[DescentPoint]] = {}
    for point in points:
        if isinstance(point, DescentPoint):
            batches.setdefault(_batch(point), []).append(point)
        else:
            jobs.append(Job((point,), _sampling_cost(cast(GuessAndCheckPoint, point))))
    for batch in batches.values():
        for first in range(0, len(batch), _LARGEST_BATCH):
            chosen = tuple(batch[first : first + _LARGEST_BATCH])
            jobs.append(Job(chosen, _descent_cost(chosen)))
    return sorted(jobs, key=lambda job: -job.cost)


def work(job: Job, cancel: Cancel | None = None) -> list[Finding]:
    """Computes a job: what was found at each of its points.

    Numbers are the same in any process: each point has its own seed, and torch runs on one thread.

    Args:
        job: what to do.
        cancel: looked at all the time; what a job that it cut short gives is of no use.
    """
    from gncviz.devices import one_thread

    with one_thread():
        if isinstance(job.points[0], DescentPoint):
            return list[Finding](_descend(cast(tuple[DescentPoint, ...], job.points), cancel))
        return [_sample(cast(GuessAndCheckPoint, job.points[0]), cancel)]


def start_worker(parent: int) -> None:
    """Makes a process of our own pool ready: it ends with its parent, and Ctrl-C is not for it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def follow() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def _sample(point: GuessAndCheckPoint, cancel: Cancel | None) -> GuessAndCheckFinding:
    from gncviz.posterior import guess_and_check

    task, settings = drawn(point.task), dict(point.sampling)
    post = guess_and_check(task, point.network, point.prior, cancel=cancel, **settings)
    return GuessAndCheckFinding.of(post)


def _descend(points: tuple[DescentPoint, ...], cancel: Cancel | None) -> list[DescentFinding]:
    from gncviz.descent import gradient_descent

    settings = dict(points[0].descent)
    settings["trials"] = len(points)
    settings["seeds"] = [point.descent.seed for point in points]
    tasks = [drawn(point.task) for point in points]
    gd = gradient_descent(tasks, points[0].network, cancel=cancel, **settings)
    return DescentFinding.of(gd)


def _batch(point: DescentPoint) -> tuple[Any, ...]:
    """Descents with the same of this can run side by side."""
    settings = point.descent.replace(seed=0).model_dump_json()
    return outline(point.task).output_shape, point.network, settings


def _weights(point: Point) -> int:
    return sum(rows * cols for rows, cols in point.network.blocks(outline(point.task)))


def _sampling_cost(point: GuessAndCheckPoint) -> float:
    """Measured on the paper's points."""
    each = 7e-4
    if point.prior.normalize or point.network.width <= _NARROW:
        each = 6e-3 * point.network.effort
    elif not point.prior.q.gaussian:
        each = 2e-3
    return 0.5 + each * _weights(point)


def _descent_cost(points: tuple[DescentPoint, ...]) -> float:
    first = points[0]
    slowness = min(first.network.effort, 1.8)
    epoch = 5e-5 * slowness * first.network.depth + 3e-9 * _weights(first) * len(points)
    return 0.7 * first.descent.epochs * epoch
