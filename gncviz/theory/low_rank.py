"""How well matrices of a low rank can fit: the best training loss that one of them has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gncviz.models.asked import expect
from gncviz.settings import whole_number
from gncviz.streams import Stream, numpy_generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gncviz.task import Task

    Array = NDArray[np.float64]

#: Alternating steps at most; they end when one gains less than this, relatively.
_STEPS, _GAIN = 500, 1e-6
#: Singular values below this share of the largest leave a factor free.
_FREE = 1e-10


def best_residual(task: Task, rank: int, *, restarts: int = 16, seed: int = 0) -> float:
    """The smallest training loss found among matrices of limited rank.

    By alternating least squares; the true smallest is not larger. ε below that can only be met by
    a matrix of a higher rank.

    Args:
        task: the task; its measurements and labels.
        rank: of the matrices; for rank 0 it is the loss of W = 0.
        restarts: random starts of the search.
        seed: fixes the starts.

    Returns:
        The loss.

    Raises:
        SettingsError: rank is no whole number, restarts no positive one, or the seed none.
    """
    expect(task=task)
    rank, restarts = whole_number("rank", rank), whole_number("restarts", restarts, 1)
    seed = whole_number("seed", seed)
    if rank == 0:
        return float(np.mean(task.labels**2))
    rng = numpy_generator(seed, Stream.LOW_RANK)
    return min(_descend(task, rng.standard_normal((task.rows, rank))) for _ in range(restarts))


def _descend(task: Task, left: Array) -> float:
    """Alternates between the factors of W = L R until nothing is gained."""
    measured, labels, loss = task.measurements, task.labels, np.inf
    for _ in range(_STEPS):
        right = _solved(np.einsum("imn,mr->irn", measured, left), labels)
        left = _solved(np.einsum("imn,rn->imr", measured, right), labels)
        before, loss = loss, float(task.train_loss(left @ right))
        if before - loss < _GAIN * before:
            break
    return loss


def _solved(design: Array, labels: Array) -> Array:
    """The factor with the least squares, and a small norm where it is free."""
    flat = design.reshape(len(labels), -1)
    found, *_ = np.linalg.lstsq(flat, labels, rcond=_FREE)
    return np.asarray(found).reshape(design.shape[1:])
