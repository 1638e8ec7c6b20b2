"""Learning curves: Guess & Check whose levels are samples.

Z_n, the probability that a network of the prior is right at the first n samples, is the product of
P(right at the next | right at the first j): so that islands of networks that go from sample to
sample estimate all of them without a bias (:mod:`gncviz.posterior.curve.crowd`), and what single
networks and their average make of the test on the way is the learning curve. Moves are sweeps over
all units (:mod:`gncviz.posterior.curve.sweep`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gncviz.devices import thread_pool, threads_for, where_it_fits
from gncviz.models.asked import expect, hard
from gncviz.models.protocols import AnyNetwork, AnyTask, HardLabels
from gncviz.posterior.curve.crowd import crowdable
from gncviz.posterior.curve.growth import agree
from gncviz.posterior.curve.result import LearningCurve, rows_of
from gncviz.posterior.curve.work import Work, pilot, send_rounds
from gncviz.posterior.draws import Draws
from gncviz.posterior.estimate import NOTHING
from gncviz.posterior.outcome import Status
from gncviz.posterior.path import Slice, path_frame
from gncviz.posterior.problem import Problem
from gncviz.posterior.result import GuessAndCheckResult, answer
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.prior import Prior
from gncviz.progress import Cancel, Progress, Run, Stopped
from gncviz.settings import SettingsError

if TYPE_CHECKING:
    import torch

__all__ = ["LearningCurve", "crowdable", "learning_curve", "sample_by_samples"]

#: Fewer effective draws than this are worth a warning.
_FEW = 50


def learning_curve(
    task: AnyTask,
    network: AnyNetwork,
    prior: Prior | None = None,
    *,
    samples: int = 400,
    over: AnyTask | None = None,
    progress: Callable[[Progress], object] | bool | None = None,
    cancel: Cancel | None = None,
    **settings: Any,
) -> LearningCurve:
    """Guess & Check with the first n training samples, for every n, from one run.

    Networks of the prior go from sample to sample: those that are wrong at the next one end there,
    the others go on as several. The order is that of the task.

    Args:
        task: such as ``DataTask(..., loss="errors")``.
        network: the model, one of layers.
        prior: over its weights, Gaussian without normalization; the default.
        samples: how many independent networks those that are right at all samples shall be worth.
        over: the same training samples with another test, such as ``task.over_grid()``: what some
            of the networks that are right at all samples give there.
        progress: called with a :class:`gncviz.Progress` a few times a second; or True for a bar.
            Its ``partial`` makes the curve so far.
        cancel: looked at all the time; when set, the run returns the curve as far as it has it.
        **settings: ``draws`` (budget of networks that are evaluated), ``seconds`` (budget of time),
            ``seed``, ``device``, as in :func:`gncviz.guess_and_check`.

    Raises:
        SettingsError: a setting is out of range, levels cannot be samples, as for other losses,
            networks or priors, or ``over`` has other training samples.

    Example:
        >>> from gncviz import DataTask, Network
        >>> curve = learning_curve(
        ...     DataTask.load("moons", train=8), Network(width=8, activation="relu"), samples=50
        ... )
        >>> len(curve.table), bool(curve.table["log10_acceptance"].is_monotonic_decreasing)
        (9, True)
    """
    prior = Prior() if prior is None else prior
    expect(task=task, network=network, prior=prior)
    asked = hard(task)
    count = 1 if asked is None else asked.targets.shape[1]
    wanted = GuessAndCheckSettings(epsilon=0.5 / count, samples=samples, **settings)
    run = Run(progress, cancel, wanted.seconds, wanted.draws)

    def work(device: torch.device) -> LearningCurve:
        problem = Problem.prepare(task, network, prior, wanted, run, device)
        why_not = crowdable(problem)
        if why_not is not None:
            raise SettingsError([("task", f"a learning curve needs {why_not}.")])
        if over is not None:
            _check_alike(task, over)
        return _curve(*_worked(problem, over, _curve))

    return where_it_fits(wanted.device, work, run.start_over)


def sample_by_samples(problem: Problem) -> GuessAndCheckResult:
    """The networks that are right at all samples.

    Args:
        problem: one that :func:`crowdable` has no objection to.
    """
    return _result(*_worked(problem, None, _result))


def _check_alike(task: AnyTask, other: AnyTask) -> None:
    """Refuses another task whose training samples are not the same.

    Raises:
        SettingsError: they are not.
    """
    one, two = hard(task), hard(other)
    alike = (
        one is not None
        and two is not None
        and np.array_equal(one.targets, two.targets)
        and _trained(task, one).shape == _trained(other, two).shape
        and np.array_equal(_trained(task, one), _trained(other, two))
    )
    if not alike:
        sentence = "over should have the training samples of task, as task.over_grid() has."
        raise SettingsError([("over", sentence)])


def _trained(task: AnyTask, asked: HardLabels) -> NDArray[np.float64]:
    """Inputs of the training samples, with shape (d, n)."""
    return np.asarray(task.inputs)[:, : asked.targets.shape[1]]


def _worked(
    problem: Problem, other: AnyTask | None, result: Callable[[Work, Status], object]
) -> tuple[Work, Status]:
    """All the work, and how it ended.

    Args:
        problem: what is sampled.
        other: looked at in the end as well.
        result: what is made of the work under way, for those who watch.
    """
    work = Work(problem, problem.run.evaluated, other)

    def report(fraction: float) -> None:
        level = work.known[-1]
        frozen = replace(work, descending=list(work.descending))
        problem.run.report(
            fraction,
            f"{level.count} of {work.ground.samples} samples",
            lambda: result(frozen, Status.RUNNING),
        )

    with thread_pool(threads_for(problem.device)) as pool:
        try:
            # Made here, once, and not by whichever thread comes first.
            work.ground.sweep, problem.losses  # noqa: B018
            pilot(work)
            status = send_rounds(work, pool, report)
        except Stopped as stopped:
            status = Status.cut(stopped.why)
    problem.run.report(1.0, "done", lambda: result(work, status))
    return work, status


def _curve(work: Work, status: Status) -> LearningCurve:
    levels = work.known
    islands = [level.islands.log_z / np.log(10) for level in levels]
    log10 = np.stack(islands) if islands else np.empty((0, 0))
    rows, found = rows_of(work.problem, levels), _result(work, status)
    return LearningCurve(rows, log10, found, _elsewhere(work, status))


def _elsewhere(work: Work, status: Status) -> GuessAndCheckResult | None:
    """What the networks give at the samples of the other task; draws of the prior are not made."""
    if work.other is None:
        return None
    there = replace(work.problem, task=work.other, prior_draws=Draws.none(work.other))
    return _result(replace(work, problem=there, last=work.seen_there), status)


def _result(work: Work, status: Status) -> GuessAndCheckResult:
    problem, last = work.problem, work.last
    found = last if last is not None and len(last.draws) else None
    draws = found.draws if found else Draws.none(problem.task)
    weights = found.weights if found else np.empty(0)
    estimate = found.estimate if found else NOTHING
    epsilon = problem.settings.epsilon
    return answer(
        problem,
        draws,
        weights,
        estimate,
        method="splitting",
        status=status,
        draws=work.evaluated,
        acceptance_interval=estimate.acceptance_interval if found else (0.0, 1.0),
        levels=len(work.known),
        path=path_frame([(epsilon, estimate)] if found else []),
        slices=(Slice(epsilon, draws, weights),) if found else (),
        warnings=_warnings(work),
    )


def _warnings(work: Work) -> tuple[str, ...]:
    if work.last is None:
        return ()
    islands, sentences = work.last.islands, []
    log10 = islands.log_z / np.log(10)
    dead = int(np.isinf(log10).sum())
    if dead:
        sentences.append(
            f"{dead} of {len(log10)} independent islands died on the way. Ask for more samples."
        )
    elif not agree(islands):
        sentences.append(
            f"The {len(log10)} independent islands disagree on the acceptance probability: only "
            f"{islands.effective:.1f} of them carry the estimate. Ask for more samples."
        )
    effective = work.effective_samples
    if effective < _FEW:
        sentences.append(
            f"The draws are worth only {effective:.0f} independent ones. Ask for more samples."
        )
    return tuple(sentences)
