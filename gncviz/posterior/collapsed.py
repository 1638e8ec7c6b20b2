"""Weighted independent draws of the posterior, the last layer integrated out exactly.

Draw the hidden layers from the prior, and the measured part of W in the region where L_train < ε,
weighted so that the mean weight is P(L_train < ε | H), however small ε is
(:func:`gncviz.posterior.readout.propose`). The unmeasured part follows its Gaussian conditional
law.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gncviz.compute import Streams, ordered_map
from gncviz.posterior.answer import answer
from gncviz.posterior.path import (
    FEWEST,
    PathPoint,
    Slice,
    acceptance_interval,
    path_frame,
    thresholds,
)
from gncviz.posterior.problem import COLLAPSED_STREAM, Draws, Problem
from gncviz.posterior.readout import ProposalDraws, Readout, propose
from gncviz.posterior.result import GuessAndCheckResult, Status
from gncviz.posterior.weights import RELIABLE_TAIL, WeightedEstimate, estimate, tail_index
from gncviz.progress import Reporter
from gncviz.settings import SettingsError

if TYPE_CHECKING:
    import pandas as pd

#: Draws for each effective one wanted, at most.
_MOST_PER_SAMPLE = 128
#: Numbers in all matrices that are kept, at most.
_MEMORY = 2**26
_BLOCK_NUMBERS = 2**22
#: How many decades below ε the ε-path goes on.
_DECADES = 2
#: Draws of a block that are kept at each threshold for pictures; and in numbers, of all blocks.
_SHOWN, _SHOWN_NUMBERS = 256, 2**25
#: Fewer effective draws than this are worth a warning.
_FEW = 100


@dataclass(frozen=True)
class WeightedDraws:
    """Draws with their weights at ε and at the thresholds of the path.

    Attributes:
        draws: at ε.
        log_weights: with shape (N,).
        path_log_weights: with shape (J, N), for J thresholds.
        path_gen_loss: with shape (J, N).
        shown: some draws at each threshold, flattened, with shape (J, S, m·m').
        shown_log_weights: theirs, with shape (J, S).
    """

    draws: Draws
    log_weights: np.ndarray
    path_log_weights: np.ndarray
    path_gen_loss: np.ndarray
    shown: np.ndarray
    shown_log_weights: np.ndarray

    @staticmethod
    def join(parts: list[WeightedDraws]) -> WeightedDraws:
        """One collection of several, in order."""
        return WeightedDraws(
            Draws.join([part.draws for part in parts]),
            np.concatenate([part.log_weights for part in parts]),
            np.concatenate([part.path_log_weights for part in parts], axis=1),
            np.concatenate([part.path_gen_loss for part in parts], axis=1),
            np.concatenate([part.shown for part in parts], axis=1),
            np.concatenate([part.shown_log_weights for part in parts], axis=1),
        )


def check_collapsible(problem: Problem) -> None:
    """Raises a SettingsError where the last layer cannot be integrated out."""
    if problem.prior.family != "gaussian":
        sentence = (
            "method 'collapsed' needs a Gaussian prior, since it integrates out the last layer; "
            f"got family {problem.prior.family!r}. Use method 'splitting' or 'auto'."
        )
    elif problem.prior.normalize:
        sentence = (
            "method 'collapsed' needs a prior without normalization; got "
            f"normalize={problem.prior.normalize!r}. Use method 'splitting' or 'auto'."
        )
    elif problem.network.depth < 2:
        sentence = (
            "method 'collapsed' needs at least two layers; got depth 1. "
            "Use method 'splitting' or 'auto'."
        )
    else:
        return
    raise SettingsError([("method", sentence)])


def sample_collapsed(problem: Problem, reporter: Reporter) -> GuessAndCheckResult:
    """Draws until the effective sample size is what was asked for, or a budget is spent."""
    check_collapsible(problem)
    wanted, parts = problem.settings.samples, _Parts(problem)
    status = Status.BUDGET_EXHAUSTED
    for part in weighted_blocks(problem, parts.thresholds, _most(problem)):
        parts.add(part)
        effective = parts.effective_samples
        if effective >= wanted:
            status = Status.OK
            break
        if reporter.out_of_time:
            break
        if reporter.cancelled:
            status = Status.CANCELLED
            break
        reporter.update(
            max(effective / wanted, parts.count / _most(problem)),
            f"{effective:.0f} of {wanted} effective draws",
            lambda: _result(problem, parts, Status.RUNNING, reporter),
        )
    result = _result(problem, parts, status, reporter)
    reporter.update(1.0, result.message, lambda: result)
    return result


def _most(problem: Problem) -> int:
    return min(
        _MOST_PER_SAMPLE * problem.settings.samples,
        _MEMORY // problem.task.ground_truth.size,
        problem.settings.draws,
    )


def weighted_blocks(problem: Problem, grid: np.ndarray, count: int) -> Iterator[WeightedDraws]:
    """Yields blocks of weighted draws in order, ``count`` draws together at most."""
    readout = Readout(problem)
    # Made here, once, and not by whichever thread comes first.
    readout.law, readout.whitened, readout.pseudo_inverse, readout.center, readout.tensors  # noqa: B018
    streams = Streams(problem.settings.seed, COLLAPSED_STREAM, problem.device)
    task = problem.task
    numbers = problem.network.weight_count(task.rows, task.cols)
    numbers += len(readout.whitened) * task.ground_truth.size
    size = min(max(_BLOCK_NUMBERS // numbers, 16), 1024)
    blocks = math.ceil(count / size)
    room = _SHOWN_NUMBERS // (blocks * max(len(grid), 1) * task.ground_truth.size)
    shown = min(max(room, 1), _SHOWN)

    def draw(block: int) -> WeightedDraws:
        wanted = min(size, count - block * size)
        return _draw(readout, grid, wanted, shown, streams.generator(block))

    threads = 1 if problem.device.type == "cuda" else torch.get_num_threads()
    return ordered_map(draw, range(blocks), threads)


def _draw(
    readout: Readout, grid: np.ndarray, count: int, shown: int, generator: torch.Generator
) -> WeightedDraws:
    problem = readout.problem
    task = problem.task
    hidden = readout.hidden(count, generator)
    covariance = readout.covariance(hidden)
    variances, basis = readout.spectrum(covariance)
    last = torch.empty(count, task.rows, hidden.shape[1], device=hidden.device)
    plain = (last.normal_(generator=generator).double() @ hidden).flatten(1)
    randoms = ProposalDraws.draw(readout, count, generator)
    center = _turned(basis, readout.center.expand(count, -1))

    # W given v = P·vec(W), by Matheron's rule: plain + ΣPᵀ Q D⁻¹ (v − v of plain), in Q's basis.
    pull = covariance.transpose(1, 2) @ (basis / variances[:, None])
    past = _turned(basis, plain @ readout.whitened.T)
    found = [
        propose(readout, center, variances, randoms, float(epsilon))
        for epsilon in (*grid, problem.settings.epsilon)
    ]
    shifts = torch.stack([v - past for v, _ in found], dim=2)
    matrices = plain[:, :, None] + pull @ shifts
    gen = readout.tensors.gen_loss_of(matrices[:, :, :-1]).T

    def exact(rows: Tensor | slice, threshold: int) -> Tensor:
        """Draws at one threshold, what is measured right to the last digit."""
        measured = (basis[rows] @ found[threshold][0][rows][:, :, None])[:, :, 0]
        rough = matrices[rows, :, threshold]
        return rough + (measured - rough @ readout.whitened.T) @ readout.pseudo_inverse.T

    draws = _checked(problem, exact(slice(None), -1))
    log_weights = torch.stack([log_weights for _, log_weights in found])
    logs = log_weights.cpu().numpy()
    # A draw that rounding put on the wrong side of ε.
    logs[-1] = np.where(draws.train_loss < problem.settings.epsilon, logs[-1], -math.inf)
    few = [exact(_resampled(row, shown), j) for j, row in enumerate(log_weights[:-1])]
    size = matrices.shape[1]
    return WeightedDraws(
        draws,
        logs[-1],
        logs[:-1],
        gen.cpu().numpy(),
        torch.stack(few).cpu().numpy() if few else np.empty((0, shown, size)),
        np.repeat(log_weights[:-1].logsumexp(dim=1).cpu().numpy()[:, None], shown, axis=1),
    )


def _resampled(log_weights: Tensor, count: int) -> Tensor:
    """Places of ``count`` draws, each as often as its weight asks for (systematic resampling)."""
    total = log_weights.logsumexp(dim=0)
    cumulated = (log_weights - total).exp().nan_to_num(1.0).cumsum(dim=0)
    steps = (torch.arange(count, device=log_weights.device, dtype=cumulated.dtype) + 0.5) / count
    return torch.searchsorted(cumulated, steps).clamp_max(len(log_weights) - 1)


def _turned(basis: Tensor, vectors: Tensor) -> Tensor:
    """Qᵀ·v for each draw."""
    return (basis.transpose(1, 2) @ vectors[:, :, None])[:, :, 0]


def _checked(problem: Problem, flat: Tensor) -> Draws:
    task = problem.task
    return Draws.of(task, flat.view(-1, task.rows, task.cols).cpu().numpy())


@dataclass
class _Parts:
    """What has been drawn so far."""

    problem: Problem
    parts: list[WeightedDraws] = field(default_factory=list)
    count: int = 0
    _log_sum: float = -math.inf
    _log_squares: float = -math.inf

    def __post_init__(self) -> None:
        problem = self.problem
        self.thresholds = thresholds(problem.settings.epsilon, problem.prior_draws, _DECADES)

    def add(self, part: WeightedDraws) -> None:
        """Takes in another block."""
        self.parts.append(part)
        self.count += len(part.log_weights)
        self._log_sum = float(np.logaddexp.reduce([self._log_sum, *part.log_weights]))
        self._log_squares = float(np.logaddexp.reduce([self._log_squares, *2 * part.log_weights]))

    @property
    def effective_samples(self) -> float:
        """Of all draws so far: Kish's (Σw)²/Σw²."""
        if not math.isfinite(self._log_squares):
            return 0.0
        return math.exp(2 * self._log_sum - self._log_squares)


def _result(
    problem: Problem, parts: _Parts, status: Status, reporter: Reporter
) -> GuessAndCheckResult:
    found = WeightedDraws.join(parts.parts)
    total = estimate(found.log_weights, found.draws.gen_loss)
    keep = total.weights > 0
    draws = found.draws[keep]
    if not keep.any() and status is not Status.CANCELLED:
        status = Status.NO_ACCEPTANCE
    interval = acceptance_interval(total.log10_mean_weight, total.log10_stderr)
    return answer(
        problem,
        reporter,
        draws,
        method="collapsed",
        status=status,
        weights=total.weights[keep],
        stderr=total.stderr,
        draws=parts.count,
        log10_acceptance=total.log10_mean_weight,
        acceptance_interval=interval if keep.any() else (0.0, 1.0),
        log10_acceptance_stderr=total.log10_stderr,
        path=_path(found, parts.thresholds),
        slices=_slices(problem, found, parts.thresholds),
        warnings=doubts(found, total),
    )


def _path(found: WeightedDraws, grid: np.ndarray) -> pd.DataFrame:
    points = []
    rows = zip(grid, found.path_log_weights, found.path_gen_loss, strict=True)
    for epsilon, log_weights, gen in rows:
        at = estimate(log_weights, gen)
        if at.effective_samples >= FEWEST:
            points.append(
                PathPoint(
                    float(epsilon),
                    at.mean,
                    at.stderr,
                    at.log10_mean_weight,
                    at.log10_stderr,
                    at.effective_samples,
                )
            )
    return path_frame(points)


def _slices(problem: Problem, found: WeightedDraws, grid: np.ndarray) -> tuple[Slice, ...]:
    slices = []
    for epsilon, flat, logs in zip(grid, found.shown, found.shown_log_weights, strict=True):
        draws = _checked(problem, torch.from_numpy(flat))
        usable = np.isfinite(logs) & (draws.train_loss < epsilon)
        if usable.any():
            weights = np.exp(logs[usable] - logs[usable].max())
            slices.append(Slice(float(epsilon), draws[usable], weights / weights.sum()))
    return tuple(slices)


def doubts(found: WeightedDraws, total: WeightedEstimate) -> tuple[str, ...]:
    """Sentences on what makes weighted draws doubtful."""
    sentences = []
    if total.effective_samples < _FEW:
        sentences.append(
            f"The weighted draws are worth only {total.effective_samples:.0f} independent ones: "
            "the true error may be larger than stated. Use method 'splitting'."
        )
    if tail_index(found.log_weights) > RELIABLE_TAIL:
        sentences.append(
            "A few draws carry most of the weight: mean and error may be off. "
            "Use method 'splitting'."
        )
    return tuple(sentences)
