"""How far measurements are from the restricted isometry property (RIP, Definition 1)."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gncviz.models.arrays import checked_size
from gncviz.models.asked import expect
from gncviz.settings import whole_number
from gncviz.streams import Stream, numpy_generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gncviz.task import Task

#: A matrix of norm one with a ‖𝒜(W)‖² below this is one that the measurements do not see; the
#: mean over all matrices is one, and the search ends at rounding errors where there is such a one.
_UNSEEN = 1e-10
#: Alternating steps; they go on until a step gains less than this, relatively.
_STEPS, _GAIN = 40, 1e-4
#: Steps in the tangent space, from the best few starts.
_TANGENT_STEPS, _TANGENT_STARTS = 20, 4


@dataclass(frozen=True)
class Isometry:
    """What ‖𝒜(W)‖² ranges over for matrices W of norm one and limited rank, as far as was found.

    𝒜(W) = (s·<A_i, W>)_i, with the scale s at which the mean of ‖𝒜(W)‖² over all matrices of norm
    one is 1: s² = m·m' / Σ‖A_i‖². For the paper's A_i of norm one, s = √(m·m'/n).

    Attributes:
        order: the largest rank r of W.
        low: the smallest ‖𝒜(W)‖² that was found; the true one is not larger.
        high: the largest that was found; the true one is not smaller.
    """

    order: int
    low: float
    high: float

    @property
    def constant(self) -> float:
        """A lower bound of δ in (1−δ)‖W‖² ≤ ‖𝒜(W)‖² ≤ (1+δ)‖W‖² (Definition 1)."""
        return max(1 - self.low, self.high - 1)

    @property
    def best_constant(self) -> float:
        """A lower bound of δ at whatever scale of the measurements it is smallest."""
        return (self.high - self.low) / (self.high + self.low) if self.high > 0 else 1.0

    @property
    def blind(self) -> bool:
        """Whether some W of the rank is measured as zero, so that no scale gives a δ below one."""
        return self.low <= _UNSEEN


def rip_constant(task: Task, rank: int, *, restarts: int = 8, seed: int = 0) -> float:
    """A lower bound of the RIP constant δ (Definition 1) of a task's measurements.

    At the scale where the mean of ‖𝒜(W)‖² over matrices of norm one is 1; see
    :class:`gncviz.theory.isometry.Isometry`. A local search from random starts: the true δ may be
    larger. RIP says something for δ < 1 only.

    Args:
        task: the task; its ground truth plays no part.
        rank: the order r of the property; more than min(m, m') is the same as min(m, m').
        restarts: random starts of the search.
        seed: fixes the starts.

    Returns:
        max(1 − low, high − 1), with low and high the least and the largest ‖𝒜(W)‖² found.

    Raises:
        SettingsError: rank or restarts is no positive whole number, or the seed none; so many
            restarts do not fit into memory.
    """
    return isometry(task, rank, restarts=restarts, seed=seed).constant


def isometry(task: Task, rank: int, *, restarts: int = 8, seed: int = 0) -> Isometry:
    """The same search as :func:`rip_constant`, with both ends of what it found."""
    expect(task=task)
    rank, restarts = whole_number("rank", rank, 1), whole_number("restarts", restarts, 1)
    seed = whole_number("seed", seed)
    measured = task.measurements
    order = min(rank, task.rows, task.cols)
    factor = max(task.rows, task.cols) * order
    numbers = restarts * factor * max(factor, len(measured))
    checked_size("restarts", f"{restarts} searches side by side", numbers)
    low, high = _remembered(measured.tobytes(), measured.shape, order, restarts, seed)
    return Isometry(rank, low, high)


@functools.lru_cache(maxsize=64)
def _remembered(
    measurements: bytes, shape: tuple[int, ...], rank: int, restarts: int, seed: int
) -> tuple[float, float]:
    # A slider moves everything but the task, which is the only thing that counts here.
    return restricted_range(np.frombuffer(measurements).reshape(shape), rank, restarts, seed)


def restricted_range(
    measurements: NDArray[np.float64], rank: int, restarts: int = 8, seed: int = 0
) -> tuple[float, float]:
    """The least and the largest ‖𝒜(W)‖² found over W of norm one and rank at most ``rank``.

    Alternating steps: with one factor of W = U Vᵀ fixed and orthonormal, the best other factor is
    an eigenvector. From the best of these, steps in the tangent space of the matrices of the rank,
    each cut back to the rank: where some W is not measured at all they converge quadratically,
    while alternating slows down.

    Args:
        measurements: A_1..A_n, with shape (n, m, m').
        rank: at most min(m, m').
        restarts: random starts.
        seed: fixes the starts.
    """
    total = float((measurements**2).sum())
    if total == 0:
        return 0.0, 0.0
    stack = measurements * math.sqrt(measurements[0].size / total)
    low, lowest = _alternate(stack, rank, restarts, seed, sign=1)
    high, _ = _alternate(stack, rank, restarts, seed, sign=-1)
    least = float(low.min())
    if least > _UNSEEN:
        starts = lowest[np.argsort(low)[:_TANGENT_STARTS]]
        least = min(least, _follow_tangents(stack, starts, rank))
    return max(least, 0.0), float(-high.min())


def _alternate(
    stack: NDArray[np.float64], rank: int, restarts: int, seed: int, sign: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Minimises sign·‖𝒜(W)‖²: values (restarts,) and matrices (restarts, m, m')."""
    rng = numpy_generator(seed, Stream.ISOMETRY)
    flipped = stack.transpose(0, 2, 1)
    right, _ = np.linalg.qr(rng.standard_normal((restarts, stack.shape[2], rank)))
    before = np.full(restarts, np.inf)
    for _ in range(_STEPS):
        _, factor = _best_factor(stack, right, sign)
        left, _ = np.linalg.qr(factor)
        values, factor = _best_factor(flipped, left, sign)
        right, _ = np.linalg.qr(factor)
        if (before - values <= _GAIN * np.abs(values)).all():
            break
        before = values
    return values, left @ factor.transpose(0, 2, 1)


def _best_factor(
    stack: NDArray[np.float64], fixed: NDArray[np.float64], sign: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The factor U (b, m, r) of norm one that is best with orthonormal V (b, m', r)."""
    seen = stack @ fixed[:, None]
    flat = seen.reshape(*seen.shape[:2], -1)
    values, vectors = np.linalg.eigh(sign * flat.transpose(0, 2, 1) @ flat)
    return sign * np.maximum(sign * values[:, 0], 0), vectors[:, :, 0].reshape(
        len(fixed), stack.shape[1], fixed.shape[2]
    )


def _follow_tangents(stack: NDArray[np.float64], matrices: NDArray[np.float64], rank: int) -> float:
    """The least ‖𝒜(W)‖² on the way of tangent steps from (b, m, m') matrices."""
    inside = np.arange(max(stack.shape[1:])) < rank
    rows, cols = inside[: stack.shape[1]], inside[: stack.shape[2]]
    tangent = np.flatnonzero(rows[:, None] | cols)
    count, least = len(matrices), np.inf
    for _ in range(_TANGENT_STEPS):
        left, values, right = np.linalg.svd(matrices)
        values = values[:, :rank] / np.linalg.norm(values[:, :rank], axis=1, keepdims=True)
        cut = (left[:, :, :rank] * values[:, None]) @ right[:, :rank]
        seen = stack.reshape(len(stack), -1) @ cut.reshape(count, -1, 1)
        least = min(least, float((seen**2).sum(axis=1).min()))
        if least <= _UNSEEN:
            break
        # In the bases of its singular vectors a tangent vanishes in the lower right block.
        turned = left.transpose(0, 2, 1)[:, None] @ stack @ right.transpose(0, 2, 1)[:, None]
        turned = turned.reshape(count, len(stack), -1)[:, :, tangent]
        _, vectors = np.linalg.eigh(turned.transpose(0, 2, 1) @ turned)
        step = np.zeros((count, stack[0].size))
        step[:, tangent] = vectors[:, :, 0]
        matrices = left @ step.reshape(matrices.shape) @ right
    return least
