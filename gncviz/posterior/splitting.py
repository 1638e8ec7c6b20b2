"""Multilevel splitting: Guess & Check for thresholds that no draw of the prior would meet.

A pilot finds levels from the prior down to ε (:mod:`gncviz.posterior.levels`). Then independent
islands of particles go down these levels side by side, each level reached by waste-free SMC
(:mod:`gncviz.posterior.population`). What they agree on is the estimate, what they disagree on its
error (:mod:`gncviz.posterior.islands`); further rounds of islands are sent until the error is as
small as that of the number of independent draws that was asked for
(:mod:`gncviz.posterior.rounds`).
"""

from __future__ import annotations

import functools
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import torch

from gncviz.compute import Streams, one_thread
from gncviz.posterior.answer import answer
from gncviz.posterior.path import (
    PathPoint,
    Slice,
    acceptance_interval,
    counted_path,
    path_frame,
    thresholds,
)
from gncviz.posterior.problem import SPLITTING_STREAM, Draws, Problem
from gncviz.posterior.records import Record
from gncviz.posterior.result import GuessAndCheckResult, Status
from gncviz.posterior.rounds import Run, Stopped, as_far_as_possible, pilot, send_rounds
from gncviz.posterior.target import Target
from gncviz.progress import Reporter
from gncviz.words import power

#: Fewer effective draws than this are worth a warning.
_FEW = 50


def sample_splitting(problem: Problem, reporter: Reporter) -> GuessAndCheckResult:
    """Samples the posterior at ε by multilevel splitting."""
    streams = Streams(problem.settings.seed, SPLITTING_STREAM, problem.device)
    run = Run(problem, Target.of(problem), reporter, streams)
    report = functools.partial(_report, run)
    # Made here, once, and not by whichever thread comes first.
    run.target.coordinates, run.target.tensors  # noqa: B018
    threads = 1 if problem.device.type == "cuda" else min(torch.get_num_threads(), 2)
    pool = ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,))
    with one_thread(), pool:
        try:
            send = as_far_as_possible if pilot(run) else send_rounds
            status = send(run, pool, report)
        except Stopped:
            status = Status.CANCELLED if reporter.cancelled else Status.BUDGET_EXHAUSTED
    result = _result(run, status)
    reporter.update(1.0, result.message, lambda: result)
    return result


def _report(run: Run, fraction: float) -> None:
    now = run.levels[-1]
    if run.records:
        message = f"{now.effective_samples:.0f} of {run.problem.settings.samples} effective draws"
    else:
        acceptance = power(now.estimate.log10_acceptance)
        count = f"level {len(run.levels)} of {len(run.steps)}"
        message = f"{count}, ε = {now.level:.2g}: acceptance {acceptance}"
    # What is known now: more may be by the time that somebody looks.
    frozen = replace(run, records=list(run.records), descending=list(run.descending))
    run.reporter.update(fraction, message, lambda: _result(frozen, Status.RUNNING))


def _result(run: Run, status: Status) -> GuessAndCheckResult:
    settings, levels, found = run.problem.settings, run.levels, run.found
    if status is Status.RUNNING and levels:
        # On the way down, the posterior shown is that of the level reached.
        found = levels[-1]
        settings = settings.replace(epsilon=found.level)
    if found is not None and not len(found.draws):
        found, status = None, Status.EXTINCT
    draws = found.draws if found else Draws.none(run.problem.task)
    prior = run.problem.prior_draws
    return answer(
        run.problem,
        run.reporter,
        draws,
        settings=settings,
        method="splitting",
        status=status,
        weights=found.weights if found else np.empty(0),
        stderr=found.estimate.stderr if found else math.nan,
        draws=run.evaluations,
        log10_acceptance=found.estimate.log10_acceptance if found else math.nan,
        acceptance_interval=_interval(levels, found),
        log10_acceptance_stderr=found.estimate.log10_stderr if found else math.nan,
        effective=found.effective_samples if found else 0.0,
        levels=len(levels),
        path=path_frame([*_above(prior, levels), *(level.point for level in levels)]),
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
    estimate = levels[-1].estimate
    low, high = acceptance_interval(estimate.log10_acceptance, estimate.log10_stderr)
    return (low if found else 0.0), high


def _warnings(found: Record) -> tuple[str, ...]:
    sentences = []
    islands, count = found.estimate.islands, len(found.log_z)
    if islands < count / 4:
        sentences.append(
            f"The {count} independent runs disagree on the acceptance probability: only "
            f"{islands:.1f} of them carry the estimate. Ask for more samples."
        )
    effective = found.effective_samples
    if effective < _FEW:
        sentences.append(
            f"The draws are worth only {effective:.0f} independent ones. Ask for more samples."
        )
    return tuple(sentences)
