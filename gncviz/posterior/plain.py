"""Guess & Check to the letter: draw from the prior, keep what fits (Sec. 3.5 of the paper)."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from gncviz.compute import Streams, ordered_map
from gncviz.posterior.answer import answer
from gncviz.posterior.path import Slice, counted_path, path_frame, thresholds
from gncviz.posterior.problem import POSTERIOR_STREAM, Draws, Problem
from gncviz.posterior.result import GuessAndCheckResult, Status, standard_error
from gncviz.progress import Reporter
from gncviz.words import grouped, scientific

if TYPE_CHECKING:
    import pandas as pd

#: The ε-path goes as far down as there are draws, and no farther than this below ε.
_DECADES = 12

#: Blocks worked on in one go on a GPU, which needs more in flight than a CPU's cache holds.
_GPU_NUMBERS = 2**26


@dataclass
class _Tally:
    """What has been drawn so far; all that a partial result needs."""

    draws: int = 0
    accepted: int = 0
    kept: list[Draws] = field(default_factory=list)


def sample_plain(problem: Problem, reporter: Reporter) -> GuessAndCheckResult:
    """Draws until enough fit, or the budget of draws or of time is spent, or it is cancelled."""
    settings, tally = problem.settings, _Tally()
    status = Status.BUDGET_EXHAUSTED
    for drawn, hits, positions in _checked_blocks(problem):
        wanted = settings.samples - tally.accepted
        if len(hits) >= wanted:
            hits, drawn = hits[:wanted], int(positions[wanted - 1]) + 1
            status = Status.OK
        tally.draws += drawn
        tally.accepted += len(hits)
        if len(hits):
            tally.kept.append(hits)
        if status is Status.OK or reporter.out_of_time:
            break
        if reporter.cancelled:
            status = Status.CANCELLED
            break
        so_far = replace(tally, kept=list(tally.kept))
        reporter.update(
            max(tally.draws / settings.draws, tally.accepted / settings.samples),
            _message(tally),
            functools.partial(_result, problem, so_far, Status.RUNNING, reporter),
        )
    if tally.accepted == 0 and status is Status.BUDGET_EXHAUSTED:
        status = Status.NO_ACCEPTANCE
    result = _result(problem, tally, status, reporter)
    reporter.update(1.0, result.message, lambda: result)
    return result


def before_any_draw(problem: Problem, reporter: Reporter) -> GuessAndCheckResult:
    """What is known before any draw was checked: the prior."""
    return _result(problem, _Tally(), Status.RUNNING, reporter)


def _checked_blocks(problem: Problem) -> Iterator[tuple[int, Draws, NDArray[np.int64]]]:
    """Yields (draws made, those that fit, their positions), a few blocks at a time, in order."""
    streams = Streams(problem.settings.seed, POSTERIOR_STREAM, problem.device)
    total = math.ceil(problem.settings.draws / problem.block)
    step = _blocks_at_once(problem)

    def check(first: int) -> tuple[int, Draws, NDArray[np.int64]]:
        blocks = range(first, min(first + step, total))
        parts = [problem.law.draw(problem.block, streams.generator(i)) for i in blocks]
        entries = parts[0] if len(parts) == 1 else torch.cat([p.T for p in parts], dim=1).T
        drawn = min(len(entries), problem.settings.draws - first * problem.block)
        loss = problem.tensors.train_loss(problem.law.matrices(entries[:drawn]))
        candidates = (loss < problem.screen).nonzero().flatten()
        exact = problem.exact(entries[candidates])
        fits = exact.train_loss < problem.settings.epsilon
        return drawn, exact[fits], candidates.cpu().numpy()[fits]

    # The tensors are made here, once, and not by whichever thread comes first.
    problem.tensors, problem.screen  # noqa: B018
    threads = 1 if problem.device.type == "cuda" else torch.get_num_threads()
    return ordered_map(check, range(0, total, step), threads)


def _blocks_at_once(problem: Problem) -> int:
    on_gpu = problem.device.type == "cuda"
    return max(_GPU_NUMBERS // (problem.block * problem.law.size), 1) if on_gpu else 1


def _message(tally: _Tally) -> str:
    share = f": acceptance {scientific(tally.accepted / tally.draws)}" if tally.accepted else ""
    return f"{grouped(tally.accepted)} of {grouped(tally.draws)} draws fit{share}"


def _result(
    problem: Problem, tally: _Tally, status: Status, reporter: Reporter
) -> GuessAndCheckResult:
    hits = Draws.join(tally.kept) if tally.kept else Draws.none(problem.task)
    weights = np.full(len(hits), 1 / max(len(hits), 1))
    return answer(
        problem,
        reporter,
        hits,
        method="plain",
        status=status,
        weights=weights,
        stderr=standard_error(hits.gen_loss),
        draws=tally.draws,
        log10_acceptance=math.log10(len(hits) / tally.draws) if len(hits) else -math.inf,
        acceptance_interval=acceptance_interval(len(hits), tally.draws, status is Status.OK),
        log10_acceptance_stderr=log10_stderr(len(hits), tally.draws),
        path=_path(problem, hits, tally.draws),
        slices=(
            Slice.of_prior(problem.prior_draws),
            Slice(problem.settings.epsilon, hits, weights),
        ),
    )


def _path(problem: Problem, hits: Draws, drawn: int) -> pd.DataFrame:
    """Above ε from the prior's draws that are kept anyway, from there down by those that fit."""
    epsilon, prior = problem.settings.epsilon, problem.prior_draws
    grid = thresholds(epsilon, prior, _DECADES)
    above, below = grid[grid > epsilon], grid[grid <= epsilon]
    return path_frame([*counted_path(prior, len(prior), above), *counted_path(hits, drawn, below)])


def log10_stderr(accepted: int, draws: int) -> float:
    """Standard error of log10 of a share of draws (delta method); NaN for none."""
    if not accepted:
        return math.nan
    return math.sqrt((1 - accepted / draws) / accepted) / math.log(10)


def acceptance_interval(
    accepted: int, draws: int, stopped_by_count: bool, level: float = 0.95
) -> tuple[float, float]:
    """Exact confidence interval of a probability (Clopper and Pearson 1934).

    Args:
        accepted: successes.
        draws: trials.
        stopped_by_count: trials went on until there were ``accepted`` successes (negative binomial
            sampling), instead of for a fixed number of them.
        level: nominal coverage.
    """
    from scipy.stats import beta

    tail = (1 - level) / 2
    failures = draws - accepted
    low = beta.ppf(tail, accepted, failures + 1) if accepted else 0.0
    if failures == 0:
        return float(low), 1.0
    high = beta.ppf(1 - tail, accepted + (0 if stopped_by_count else 1), failures)
    return float(low), float(high)
