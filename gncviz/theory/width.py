"""Guess & Check's law as the width goes to infinity, without drawing a network."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gncviz.models.asked import check_reachable, expect
from gncviz.network import Network
from gncviz.settings import SettingsError, positive, whole_number
from gncviz.streams import Stream, numpy_generator
from gncviz.task import Task
from gncviz.theory.ball import GaussianInBall
from gncviz.theory.kernel import row_covariance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gncviz.models.protocols import Ball
    from gncviz.prior import Prior
    from gncviz.theory.kernel import Covariance

    Array = NDArray[np.float64]

#: Draws where none are asked for, and numbers that these may have in all, and in a block.
_DRAWS, _NUMBERS, _BLOCK = 2**16, 2**24, 2**19
#: A variance below this share of the largest is none: rounding of it, and to spare.
_NONE = 1e-13
#: Radius of a ball that holds every v, in its unit.
_ALL = 1e100


@dataclass(frozen=True, eq=False)
class WidthLimit:
    """What Guess & Check's mean loss tends to as the width goes to infinity.

    Attributes:
        mean_gen_loss: E[L_gen | L_train < ε].
        stderr: its standard error.
        prior_mean_gen_loss: E[L_gen] of unconditioned draws, exact.
        log10_acceptance: log10 P(L_train < ε).
        log10_acceptance_stderr: its standard error.
        effective_samples: how many independent draws of what is measured the mean is worth.
        row_covariance: K, with shape (m', m'), float64: the rows of W are independent N(0, K).
    """

    mean_gen_loss: float
    stderr: float
    prior_mean_gen_loss: float
    log10_acceptance: float
    log10_acceptance_stderr: float
    effective_samples: float
    row_covariance: NDArray[np.float64]

    @property
    def ratio(self) -> float:
        """Guess & Check's share of the prior's loss; 1 where Theorem 1 applies."""
        return self.mean_gen_loss / self.prior_mean_gen_loss

    @property
    def ratio_stderr(self) -> float:
        """The standard error of :attr:`ratio`."""
        return self.stderr / self.prior_mean_gen_loss

    def __repr__(self) -> str:
        return (
            f"<WidthLimit: mean L_gen {self.mean_gen_loss:.4g} ± {self.stderr:.1g}, "
            f"{self.ratio:.4g} of the prior's, log10 acceptance {self.log10_acceptance:.2f}>"
        )


def infinite_width(
    task: Task,
    network: Network,
    prior: Prior,
    epsilon: float,
    *,
    seed: int = 0,
    draws: int | None = None,
) -> WidthLimit:
    """Guess & Check in the limit of width, k → ∞, at any depth from 2 on and for any activation.

    The rows of W become independent N(0, K) (App. A.2 of the paper). Where σ is anti-symmetric, K
    is a multiple of the identity, what is measured tells nothing about the rest, and the mean loss
    is the prior's (Theorem 1). Else K has entries off its diagonal, and the mean loss tends to
    another number, which depends on the task and may be above the prior's.

    What is measured is drawn in {L_train < ε} with weights; the mean over all that is not measured,
    given that, is in closed form. K is in closed form for activations with a straight line on
    either side of zero, and by quadrature for others.

    Args:
        task: of matrices, with a ground truth or measurements held out.
        network: its activation and depth; its width plays no part.
        prior: Gaussian or uniform, not normalized. With fan-out scaling σ has to vanish at zero.
        epsilon: threshold ε.
        seed: of the draws.
        draws: how many; 65 536 by default, fewer with very many measurements.

    Raises:
        SettingsError: there is no such limit (depth 1, normalization, a σ for which W diverges or
            vanishes), ε is below the smallest training loss there is, or an argument is none.

    Example:
        >>> from gncviz import Network, Prior, Task
        >>> task = Task.random(seed=6)
        >>> round(infinite_width(task, Network(), Prior(), 0.02).ratio, 9)
        1.0
        >>> round(infinite_width(task, Network(activation="relu"), Prior(), 0.02).ratio, 2)
        0.78
    """
    from gncviz.posterior.estimate import weighted

    _check_models(task, network, prior)
    epsilon, seed = positive("epsilon", epsilon), whole_number("seed", seed)
    ball = _ball(task)
    check_reachable(task, epsilon)
    if draws is None:
        draws = min(_DRAWS, max(_NUMBERS // len(ball.center), 1))
    covariance = row_covariance(network, prior, task.rows, task.cols)
    given = _Given.of(task, ball, covariance)
    blocks = list(given.draw(ball.radius(epsilon), whole_number("draws", draws, 2), seed))
    log_weights, losses = (np.concatenate(part) for part in zip(*blocks, strict=True))
    found = weighted(log_weights, losses)
    return WidthLimit(
        found.mean_gen_loss,
        found.stderr,
        given.prior_mean,
        found.log10_acceptance,
        found.log10_acceptance_stderr,
        found.effective_samples,
        covariance.matrix(task.cols),
    )


def _check_models(task: object, network: object, prior: object) -> None:
    expect(task=task, network=network, prior=prior)
    if not isinstance(task, Task):
        sentence = f"task should be a gncviz.Task, whose W has columns; got {task!r}."
        raise SettingsError([("task", sentence)])
    if not isinstance(network, Network):
        sentence = f"network should be a gncviz.Network, whose width has a limit; got {network!r}."
        raise SettingsError([("network", sentence)])


def _ball(task: Task) -> Ball:
    ball = task.ball
    if ball is None or not len(ball.center):
        what = "are too many to hold" if ball is None else "are all zero"
        sentence = f"task should have measurements to condition on; these {what}."
        raise SettingsError([("task", sentence)])
    return ball


@dataclass(frozen=True)
class _Given:
    """The mean of L_gen given what is measured, v, in coordinates in which these are independent.

    L_gen = ‖B vec(W) − t‖²/h; given v, B vec(W) is Gaussian with the mean ``pull`` v.

    Attributes:
        center: v* of {L_train < ε} = {‖v − v*‖ < radius}, with shape (q,), over ``unit``; of the
            directions in which v has a variance.
        variances: of v, with shape (q,), over ``unit`` squared.
        missed: what is certain to be missed of v* in the other directions, squared.
        unit: of v.
        pull: with shape (h, q).
        aim: t, with shape (h,).
        spread: the variance of B vec(W) given v, added up.
        prior_mean: E[L_gen].
    """

    center: Array
    variances: Array
    missed: float
    unit: float
    pull: Array
    aim: Array
    spread: float
    prior_mean: float

    @classmethod
    def of(cls, task: Task, ball: Ball, covariance: Covariance) -> _Given:
        from gncviz.posterior.estimate import unit_of

        unit = unit_of(ball.directions)
        directions, (unseen, aim) = ball.directions / unit, task.generalization.residuals
        mixed = covariance.across(directions, task.cols)
        variances, basis = np.linalg.eigh(mixed @ directions.T)
        alive = variances > _NONE * variances[-1]
        center, shared = basis.T @ (ball.center / unit), unseen @ mixed.T @ basis[:, alive]
        pull = shared / variances[alive]
        total = float((covariance.across(unseen, task.cols) * unseen).sum())
        return cls(
            center[alive],
            variances[alive],
            float((center[~alive] ** 2).sum()),
            unit,
            pull,
            aim,
            max(total - float((pull * shared).sum()), 0.0),
            (total + float(aim @ aim)) / len(aim),
        )

    def draw(self, radius: float, count: int, seed: int) -> Iterator[tuple[Array, Array]]:
        """Blocks of log-weights and of mean losses, ``count`` in all.

        The mean of the weights is P(L_train < ε).
        """
        # Beyond its largest, a ball holds all that there is, and its squares would be infinite.
        reach, missed = min(radius / self.unit, _ALL), math.sqrt(self.missed)
        size = max(_BLOCK // max(len(self.center), 1), 1)
        for block in range(math.ceil(count / size)):
            here = min(size, count - block * size)
            if reach <= missed:
                yield np.full(here, -math.inf), np.zeros(here)
                continue
            rng = numpy_generator(seed, Stream.WIDTH_LIMIT, block)
            section = math.sqrt(reach - missed) * math.sqrt(reach + missed)
            region = GaussianInBall(self.center, self.variances, section)
            v, log_weights = region.draw(here, rng)
            # Not by matrix products: their last digits depend on how many threads there are.
            off = np.einsum("nq,hq->nh", v, self.pull) - self.aim
            yield log_weights, ((off**2).sum(axis=1) + self.spread) / len(self.aim)
