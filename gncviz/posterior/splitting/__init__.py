"""Multilevel splitting: Guess & Check for thresholds that no draw of the prior would meet.

A pilot finds levels from the prior down to ε (:mod:`gncviz.posterior.splitting.schedule`). Then
independent islands of particles go down these levels side by side, each level reached by
waste-free SMC (:mod:`gncviz.posterior.splitting.smc`). What they agree on is the estimate, what
they disagree on its error (:mod:`gncviz.posterior.splitting.islands`); further rounds of islands
are sent until the error is as small as that of the number of independent draws that was asked for
(:mod:`gncviz.posterior.splitting.rounds`).
"""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np

from gncviz.devices import thread_pool, threads_for
from gncviz.posterior.draws import Draws
from gncviz.posterior.estimate import NOTHING
from gncviz.posterior.outcome import Status
from gncviz.posterior.path import PathPoint, Slice, counted_path, path_frame, thresholds
from gncviz.posterior.problem import Problem
from gncviz.posterior.result import GuessAndCheckResult, answer
from gncviz.posterior.splitting.records import Record
from gncviz.posterior.splitting.rounds import as_far_as_possible, pilot, send_rounds
from gncviz.posterior.splitting.target import Target, nimble, splittable
from gncviz.posterior.splitting.work import Work
from gncviz.progress import Stopped
from gncviz.settings import SettingsError
from gncviz.words import power

__all__ = ["nimble", "sample_splitting", "splittable"]

#: Fewer effective draws than this are worth a warning.
_FEW = 50


def sample_splitting(problem: Problem) -> GuessAndCheckResult:
    """Samples the posterior at ε by multilevel splitting.

    Raises:
        SettingsError: a population does not fit into memory.
    """
    why_not = splittable(problem)
    if why_not is not None:
        sentence = f"method 'splitting' needs {why_not}. Use method 'auto'."
        raise SettingsError([("method", sentence)])
    work = Work(Target.of(problem), begun=problem.run.evaluated)
    report = functools.partial(_report, work)
    with thread_pool(threads_for(problem.device, most=2)) as pool:
        try:
            # Made here, once, and not by whichever thread comes first.
            work.target.walk  # noqa: B018
            send = as_far_as_possible if pilot(work) else send_rounds
            status = send(work, pool, report)
        except Stopped as stopped:
            status = Status.cut(stopped.why)
    result = _result(work, status)
    problem.run.report(1.0, result.message, lambda: result)
    return result


def _report(work: Work, fraction: float) -> None:
    now = work.levels[-1]
    if work.records:
        message = f"{work.effective_samples:.0f} of {work.problem.settings.samples} effective draws"
    else:
        acceptance = power(now.estimate.log10_acceptance)
        count = f"level {len(work.levels)} of {len(work.steps)}"
        message = f"{count}, ε = {now.level:.2g}: acceptance {acceptance}"
    # What is known now: more may be by the time that somebody looks.
    frozen = replace(work, records=list(work.records), descending=list(work.descending))
    work.problem.run.report(fraction, message, lambda: _result(frozen, Status.RUNNING))


def _result(work: Work, status: Status) -> GuessAndCheckResult:
    problem, levels, found = work.problem, work.levels, work.found
    settings = problem.settings
    if status is Status.RUNNING and levels:
        # On the way down, the posterior shown is that of the level reached.
        found = levels[-1]
        settings = settings.replace(epsilon=found.level)
    if found is not None and not len(found.draws):
        found, status = None, Status.EXTINCT
    draws = found.draws if found else Draws.none(problem.task)
    prior = problem.prior_draws
    return answer(
        problem,
        draws,
        found.weights if found else np.empty(0),
        found.estimate if found else NOTHING,
        settings=settings,
        method="splitting",
        status=status,
        draws=work.evaluated,
        acceptance_interval=_interval(levels, found),
        levels=len(levels),
        path=path_frame([*_above(prior, levels), *((one.level, one.estimate) for one in levels)]),
        slices=(
            Slice.of_prior(prior),
            *(Slice(level.level, level.draws, level.weights) for level in levels),
        ),
        warnings=_warnings(found) if found else (),
    )


def _above(prior: Draws, levels: list[Record]) -> list[PathPoint]:
    """The path above the first level, from the prior's draws that are kept anyway."""
    if not levels:
        return []
    grid = thresholds(levels[0].level, prior, decades=0)
    return counted_path(prior, len(prior), grid[grid > levels[0].level])


def _interval(levels: list[Record], found: Record | None) -> tuple[float, float]:
    """95 % interval of the acceptance; where ε was not reached, its upper end only."""
    if not levels:
        return 0.0, 1.0
    low, high = levels[-1].estimate.acceptance_interval
    return (low if found else 0.0), high


def _warnings(found: Record) -> tuple[str, ...]:
    sentences = []
    islands, count = found.islands.effective, len(found.islands.log_z)
    if not found.islands.agree:
        sentences.append(
            f"The {count} independent runs disagree on the acceptance probability: only "
            f"{islands:.1f} of them carry the estimate. Ask for more samples."
        )
    effective = found.estimate.effective_samples
    if effective < _FEW:
        sentences.append(
            f"The draws are worth only {effective:.0f} independent ones. Ask for more samples."
        )
    return tuple(sentences)
