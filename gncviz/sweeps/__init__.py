"""A setting swept over width, depth, ε, measurements or samples, over seeds, on any executor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, TypedDict, Unpack

from gncviz.descent.settings import DescentSettings
from gncviz.models.protocols import AnyNetwork, AnyTask
from gncviz.models.recipe import TaskRecipe
from gncviz.prior import Prior
from gncviz.progress import Cancel, Progress, Run
from gncviz.settings import SettingsError, sequence_of, time_budget
from gncviz.sweeps.asked import axes_of, descent_of, sampling_of, seeds_of, workers_of
from gncviz.sweeps.execute import SweepError, execute
from gncviz.sweeps.findings import Finding
from gncviz.sweeps.limit import width_limits
from gncviz.sweeps.points import Point, recipe_of
from gncviz.sweeps.result import METHODS, SweepResult, points_of
from gncviz.sweeps.settings import Axis, SweepSettings
from gncviz.sweeps.store import Store, StoreWarning
from gncviz.sweeps.work import jobs_of
from gncviz.task import TaskSettings
from gncviz.words import grouped

__all__ = [
    "METHODS",
    "Axis",
    "Running",
    "Store",
    "StoreWarning",
    "SweepError",
    "SweepResult",
    "SweepSettings",
    "run_points",
    "run_sweep",
    "run_sweeps",
    "sweep",
    "width_limits",
]


class Running(TypedDict, total=False):
    """Where and how a sweep runs; each as in :func:`gncviz.sweep`."""

    executor: Executor | None
    workers: int | None
    progress: Callable[[Progress], object] | bool | None
    cancel: Cancel | None
    seconds: float | None


def sweep(
    over: str | Sequence[str],
    values: Sequence[float] | Sequence[Sequence[float]],
    *,
    task: AnyTask | TaskRecipe | None = None,
    network: AnyNetwork | None = None,
    prior: Prior | None = None,
    epsilon: float = 0.02,
    seeds: int | Sequence[int] = 8,
    guess_and_check: Mapping[str, Any] | None = None,
    descent: DescentSettings | Mapping[str, Any] | bool = True,
    init_scales: Sequence[float] | None = None,
    curves: bool = False,
    results: Path | str | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
    progress: Callable[[Progress], object] | bool | None = None,
    cancel: Cancel | None = None,
    seconds: float | None = None,
) -> SweepResult:
    """Guess & Check, the prior and gradient descent at every value, for several seeds.

    Args:
        over: "width", "depth", "epsilon", "measurements", or of data "train"; or a pair of
            them, for their product.
        values: of what is swept; a pair of sequences for a pair.
        task: one task, the same for every seed, such as ``Task.random(seed=0)`` or one of arrays;
            or the settings of a random one, such as ``TaskSettings(rank=2)`` of
            :class:`gncviz.task.TaskSettings`, which is drawn anew with every seed, as in the
            paper. The latter by default. Likewise of tensors:
            :class:`gncviz.models.tensor.recipes.TensorTaskSettings`.
        network: the model, of the task's kind; what is swept replaces its width or depth.
        prior: over its weights.
        epsilon: threshold ε.
        seeds: how many, from 0 on, or which. A seed is a trial of the paper: it fixes the draws,
            the initialisation and, where there is a new one for each, the task.
        guess_and_check: further fields of :class:`gncviz.posterior.GuessAndCheckSettings`, such as
            ``{"samples": 500, "method": "splitting"}``; not its ``epsilon`` and ``seed``, which
            are the sweep's own.
        descent: the fields of :class:`gncviz.descent.DescentSettings`, without ``trials`` and
            ``seed``: each seed is a trial; False for no gradient descent.
        init_scales: gradient descent's ``init_scale`` for each value.
        curves: whether Guess & Check's runs are learning curves (:func:`gncviz.learning_curve`): of
            samples, one run for all numbers of them, with the average of its outputs as a method of
            its own. For arrays of one's own, or a packaged set with a test of so many.
        results: a folder (``~`` is the user's own). Every point is stored there when it is done,
            and taken from there when it is known; an interrupted sweep goes on where it was.
        executor: any :class:`concurrent.futures.Executor`, such as that of a dask cluster; a pool
            of processes by default.
        workers: how many processes the default has; as many as there are cores.
        progress: called with a :class:`gncviz.Progress` at every point; or True for a tqdm bar. Its
            ``partial()`` is the result so far.
        cancel: when set, the result so far is returned.
        seconds: time budget; when it is spent, the result so far is returned.

    Returns:
        The result, as tables by ``to_frame()``, ``summary()`` and ``to_wide()``.

    Raises:
        SettingsError: a setting is out of range, or ``results`` cannot be written to.
        SweepError: some points could not be computed.

    Example:
        >>> from concurrent.futures import ThreadPoolExecutor
        >>> with ThreadPoolExecutor(1) as pool:
        ...     result = sweep(
        ...         "width", [5, 10], seeds=2, epsilon=0.2, descent=False, executor=pool,
        ...         guess_and_check={"samples": 50},
        ...     )
        >>> result.summary()[["width", "method", "seeds"]].to_numpy().tolist()[:2]
        [[5, 'guess_and_check', 2], [5, 'prior', 2]]
    """
    settings = SweepSettings(
        axes=axes_of(over, values),
        task=TaskSettings() if task is None else recipe_of(task),
        **({} if network is None else {"network": network}),
        prior=Prior() if prior is None else prior,
        sampling=sampling_of(epsilon, guess_and_check),
        descent=descent_of(descent, init_scales),
        init_scales=None if init_scales is None else sequence_of("init_scales", init_scales),
        seeds=seeds_of(seeds),
        curves=curves,
    )
    return run_sweep(
        settings,
        Store(results),
        executor=executor,
        workers=workers,
        progress=progress,
        cancel=cancel,
        seconds=seconds,
    )


def run_sweep(
    settings: SweepSettings, store: Store | None = None, **running: Unpack[Running]
) -> SweepResult:
    """The same as :func:`gncviz.sweep`, for settings that are ready.

    Args:
        settings: what to sweep.
        store: asked for every point first, told afterwards; in memory only by default.
        **running: executor, workers, progress, cancel, seconds.

    Raises:
        SweepError: some points could not be computed.
    """
    return run_sweeps([settings], store or Store(), **running)[0]


def run_sweeps(
    settings: Sequence[SweepSettings], store: Store, **running: Unpack[Running]
) -> list[SweepResult]:
    """Several sweeps at once: a point that more than one of them has is computed once.

    Args:
        settings: what to sweep.
        store: asked for every point first, told afterwards.
        **running: executor, workers, progress (whose ``partial()`` is that of the first sweep),
            cancel, seconds.

    Returns:
        The results in the order of the settings; not complete where it was cancelled.

    Raises:
        SettingsError: an argument is not allowed, or the store cannot be written to.
        SweepError: some points could not be computed.
    """
    points = [point for one in settings for point in points_of(one)]
    found = run_points(points, store, lambda seen: SweepResult(settings[0], seen), **running)
    return [SweepResult(one, found) for one in settings]


def run_points(
    points: Sequence[Point],
    store: Store,
    partial: Callable[[Mapping[str, Finding]], object] = dict,
    **running: Unpack[Running],
) -> dict[str, Finding]:
    """Points by themselves, such as gradient descent without Guess & Check beside it.

    Args:
        points: what to compute; one that comes twice is computed once.
        store: asked for every point first, told afterwards.
        partial: what ``Progress.partial`` gives, made of what is known so far.
        **running: executor, workers, progress, cancel, seconds.

    Returns:
        What is known, by the key of its point; not all where it was cancelled.

    Raises:
        SettingsError: an argument is not allowed, or the store cannot be written to.
        SweepError: some points could not be computed.
    """
    seconds = time_budget(running.get("seconds"))
    run = Run(running.get("progress"), running.get("cancel"), seconds, paced=False)
    unknown = sorted(set(running) - set(Running.__annotations__))
    if unknown:
        allowed = ", ".join(Running.__annotations__)
        sentence = f"{unknown[0]} is not an argument; allowed are {allowed}."
        raise SettingsError([(unknown[0], sentence)])
    executor = running.get("executor")
    workers = workers_of(running.get("workers"), executor)
    wanted = {point.key: point for point in points}
    known = {key: store.get(point) for key, point in wanted.items()}
    found = {key: finding for key, finding in known.items() if finding is not None}
    jobs = jobs_of([point for key, point in wanted.items() if key not in found])
    if jobs:
        store.check(point for job in jobs for point in job.points)
    before, cost = len(found), sum(job.cost for job in jobs)
    left = cost

    def report(fraction: float) -> None:
        seen = dict(found)
        stored = f", {grouped(before)} of them from before" if before else ""
        message = f"{grouped(len(found))} of {grouped(len(wanted))} points{stored}"
        run.report(fraction, message, lambda: partial(seen))

    report(0.0)
    for job, findings in execute(jobs, executor, workers, run, run.seconds_left):
        for point, finding in zip(job.points, findings, strict=True):
            store.put(point, finding)
            found[point.key] = finding
        left -= job.cost
        report(min(1 - left / cost, 1 - 1e-9))
    report(1.0)
    return found
