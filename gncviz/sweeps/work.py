"""What a worker does: jobs, each a point or a batch of descents, in whatever process it runs."""

from __future__ import annotations

import math
import os
import signal
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from gncviz.experiment.parts import descent_of, posterior_of
from gncviz.models import drawn, outline
from gncviz.progress import Cancel, Run
from gncviz.sweeps.findings import CurveFinding, DescentFinding, Finding, GuessAndCheckFinding
from gncviz.sweeps.points import CurvePoint, DescentPoint, GuessAndCheckPoint, Point, Sampled

#: Trials of gradient descent in one batch: many cost little more than one.
_LARGEST_BATCH = 32
#: For the cost of a point: up to this width it takes splitting, whatever the prior.
_NARROW = 8
#: Seconds that a learning curve takes for a weight and a sample.
_CURVE = 1.4e-4


@dataclass(frozen=True)
class Job:
    """What a worker is given at once.

    Attributes:
        points: one Guess & Check point or learning curve, or descents with the same network and
            settings.
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
            jobs.append(Job((point,), _sampling_cost(cast(Sampled, point))))
    for batch in batches.values():
        for first in range(0, len(batch), _LARGEST_BATCH):
            chosen = tuple(batch[first : first + _LARGEST_BATCH])
            jobs.append(Job(chosen, _descent_cost(chosen)))
    return sorted(jobs, key=lambda job: -job.cost)


def work(job: Job, until: float = math.inf, cancel: Cancel | None = None) -> list[Finding] | None:
    """Computes a job: what was found at each of its points.

    Numbers are the same in any process: each point has its own seed, and torch runs on one thread.

    Args:
        job: what to do.
        until: when to stop, in seconds as :func:`time.time` counts them.
        cancel: looked at all the time.

    Returns:
        None where it was stopped: what a job that was cut short gives is of no use.
    """
    from gncviz.devices import one_thread

    run = Run(cancel=cancel, seconds=until - time.time())
    with one_thread():
        if isinstance(job.points[0], DescentPoint):
            found = list[Finding](_descend(cast(tuple[DescentPoint, ...], job.points), run))
        elif isinstance(job.points[0], CurvePoint):
            found = [_curve(job.points[0], run)]
        else:
            found = [_sample(cast(GuessAndCheckPoint, job.points[0]), run)]
    return None if run.is_set() else found


def start_worker(parent: int) -> None:
    """Makes a process of our own pool ready: it ends with its parent, and Ctrl-C is not for it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def follow() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def _sample(point: GuessAndCheckPoint, cancel: Cancel) -> GuessAndCheckFinding:
    task = drawn(point.task)
    post = posterior_of(task, point.network, point.prior, point.sampling, cancel=cancel)
    return GuessAndCheckFinding.of(post)


def _curve(point: CurvePoint, cancel: Cancel) -> CurveFinding:
    from gncviz.posterior.curve import learning_curve

    asked = {name: value for name, value in point.sampling if name not in {"epsilon", "method"}}
    task = drawn(point.task)
    return CurveFinding.of(learning_curve(task, point.network, point.prior, cancel=cancel, **asked))


def _descend(points: tuple[DescentPoint, ...], cancel: Cancel) -> list[DescentFinding]:
    seeds = tuple(point.descent.seed for point in points)
    settings = points[0].descent.replace(trials=len(points), seeds=seeds)
    tasks = [drawn(point.task) for point in points]
    return DescentFinding.of(descent_of(tasks, points[0].network, settings, cancel=cancel))


def _batch(point: DescentPoint) -> tuple[Any, ...]:
    """Descents with the same of this can run side by side."""
    settings = point.descent.replace(seed=0).model_dump_json()
    return outline(point.task).output_shape, point.network, settings


def _weights(point: Point) -> int:
    return sum(rows * cols for rows, cols in point.network.blocks(outline(point.task)))


def _sampling_cost(point: Sampled) -> float:
    """Measured on the paper's points, and on digits."""
    if isinstance(point, CurvePoint):
        return _CURVE * _weights(point) * outline(point.task).count
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
