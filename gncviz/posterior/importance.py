"""Weighted independent draws of the posterior, the last layer integrated out exactly.

Draw the hidden layers from the prior, and the measured part of the output in the region where
L_train < ε, weighted so that the mean weight is P(L_train < ε | H), however small ε is
(:func:`gncviz.posterior.conditional.propose`). The unmeasured part follows its Gaussian
conditional law.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from gncviz.devices import ordered_map, threads_for
from gncviz.models.arrays import fits
from gncviz.models.protocols import Ball
from gncviz.posterior.draws import Draws
from gncviz.posterior.estimate import Estimate, normalized, weighted
from gncviz.posterior.outcome import Status
from gncviz.posterior.path import FEWEST, Slice, path_frame, thresholds
from gncviz.posterior.problem import Problem
from gncviz.posterior.result import GuessAndCheckResult, answer
from gncviz.posterior.weighted import Collapsed, WeightedDraws, draw_weighted
from gncviz.posterior.weights import RELIABLE_TAIL, tail_index
from gncviz.progress import Run, Stopped
from gncviz.settings import SettingsError
from gncviz.streams import Stream, torch_generator
from gncviz.words import grouped

if TYPE_CHECKING:
    import pandas as pd

#: Draws for each effective one wanted, at most.
_MOST_PER_SAMPLE = 128
#: Numbers in a block, and draws, at most: a block is what a run waits for when it is to end.
_BLOCK_NUMBERS, _BLOCK = 2**22, 1024
#: How many decades below ε the ε-path goes on.
_DECADES = 2
#: Draws of a block that are kept at each threshold for pictures; and in numbers, of all blocks.
_SHOWN, _SHOWN_NUMBERS = 256, 2**25
#: Of these, draws at each threshold that a result has, at most.
_PICTURED = 1024
#: Fewer effective draws than this are worth a warning.
_FEW = 100
#: Measured directions smaller than this share of the largest are lost in the covariances' rounding;
#: which does not matter where they are this small next to the ball.
_APART, _NEGLIGIBLE = 1e-5, 1e-3


def collapsible(problem: Problem) -> str | None:
    """None where the last layer can be integrated out; else what that would need, and what is."""
    direct = problem.laws[0]
    if direct.readout is None:
        return direct.unreadable or "a last layer"
    if not fits(direct.size):
        return f"hidden layers that fit into memory; these have {grouped(direct.size)} weights"
    if problem.task.ball is None:
        return "training losses whose small values lie in a ball that fits into memory"
    if not len(problem.task.ball.center):
        return "measurements that see something; these are all zero"
    if _apart(problem.task.ball, problem.settings.epsilon):
        return "measurements of comparable size; the variances of these leave float64's precision"
    return None


def _apart(ball: Ball, epsilon: float) -> bool:
    """Whether ε asks for more of the smallest directions than covariances with the largest show."""
    sizes = np.linalg.norm(ball.directions, axis=1)
    asked = sizes > _NEGLIGIBLE * ball.radius(epsilon)
    return bool((asked & (sizes < _APART * sizes.max())).any())


def sample_collapsed(problem: Problem) -> GuessAndCheckResult:
    """Draws until the effective sample size is what was asked for, or a budget is spent.

    Raises:
        SettingsError: the last layer cannot be integrated out.
    """
    why_not = collapsible(problem)
    if why_not is not None:
        sentence = (
            f"method 'collapsed' needs {why_not}. It integrates out the last layer; "
            "use method 'splitting' or 'auto'."
        )
        raise SettingsError([("method", sentence)])
    wanted, run, parts = problem.settings.samples, problem.run, _Parts(problem)
    most = _most(problem)
    for part in weighted_blocks(problem, parts.thresholds, most):
        parts.add(part)
        if parts.effective_samples >= wanted:
            break
        so_far = parts.copy()
        run.report(
            max(parts.effective_samples / wanted, parts.count / most),
            f"{parts.effective_samples:.0f} of {wanted} effective draws",
            lambda so_far=so_far: _result(problem, so_far, Status.RUNNING),  # type: ignore[misc]
        )
    result = _result(problem, parts, _status(problem, parts))
    run.report(1.0, result.message, lambda: result)
    return result


def _status(problem: Problem, parts: _Parts) -> Status:
    if parts.effective_samples >= problem.settings.samples:
        return Status.OK
    return Status.cut(problem.run.stopped)


def _most(problem: Problem) -> int:
    return min(
        _MOST_PER_SAMPLE * problem.settings.samples,
        max(Run.room(problem.output_size), 1),
        problem.settings.draws,
    )


def weighted_blocks(problem: Problem, grid: np.ndarray, count: int) -> Iterator[WeightedDraws]:
    """Yields blocks of weighted draws in order, ``count`` draws together at most.

    The run's budget may end them before.
    """
    parts = Collapsed(problem)
    parts.prepare()
    numbers = problem.laws[0].size + len(parts.center) * problem.output_size
    size = min(max(_BLOCK_NUMBERS // (numbers + len(grid) * problem.output_size), 1), _BLOCK)
    blocks = math.ceil(count / size)
    room = _SHOWN_NUMBERS // (blocks * max(len(grid), 1) * problem.output_size)
    shown = min(max(room, 1), _SHOWN)

    def draw(piece: tuple[int, int]) -> WeightedDraws:
        block, wanted = piece
        rng = torch_generator(problem.settings.seed, Stream.COLLAPSED, block, problem.device)
        return draw_weighted(parts, grid, wanted, shown, rng)

    pieces = problem.run.pieces(size, count)
    with suppress(Stopped):
        yield from ordered_map(draw, pieces, threads_for(problem.device))


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

    def copy(self) -> _Parts:
        """What is known now; more may be by the time that somebody looks."""
        return _Parts(self.problem, list(self.parts), self.count)

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


def _result(problem: Problem, parts: _Parts, status: Status) -> GuessAndCheckResult:
    found = WeightedDraws.join(parts.parts, problem)
    total, weights = (
        weighted(found.log_weights, found.draws.gen_loss),
        normalized(found.log_weights),
    )
    keep = weights > 0
    ended = status in (Status.OK, Status.BUDGET_EXHAUSTED)
    if not keep.any() and ended and parts.count:
        status = Status.NO_ACCEPTANCE
    return answer(
        problem,
        found.draws[keep],
        weights[keep],
        total,
        method="collapsed",
        status=status,
        draws=parts.count,
        acceptance_interval=total.acceptance_interval if keep.any() else (0.0, 1.0),
        path=_path(found, parts.thresholds),
        slices=_slices(problem, found, parts.thresholds),
        warnings=doubts(found, total) if keep.any() else (),
    )


def _path(found: WeightedDraws, grid: np.ndarray) -> pd.DataFrame:
    rows = zip(grid, found.path_log_weights, found.path_gen_loss, strict=False)
    points = [(float(epsilon), weighted(logs, gen)) for epsilon, logs, gen in rows]
    return path_frame(point for point in points if point[1].effective_samples >= FEWEST)


def _slices(problem: Problem, found: WeightedDraws, grid: np.ndarray) -> tuple[Slice, ...]:
    slices = []
    # As many as a picture needs, from all blocks alike.
    few = slice(None, None, max(math.ceil(found.shown.shape[1] / _PICTURED), 1))
    rows = zip(grid, found.shown[:, few], found.shown_log_weights[:, few], strict=False)
    for epsilon, flat, logs in rows:
        draws = Draws.of_columns(problem.task, flat.T)
        usable = np.isfinite(logs) & (draws.train_loss < epsilon)
        if usable.any():
            weights = normalized(logs[usable])
            slices.append(Slice(float(epsilon), draws[usable], weights))
    return tuple(slices)


def doubts(found: WeightedDraws, total: Estimate) -> tuple[str, ...]:
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
