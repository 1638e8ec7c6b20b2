"""Which matrix stands for a method, and the parts of its error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gncviz.settings import SettingsError
from gncviz.spectrum import QUANTILES, weighted_quantiles
from gncviz.task import Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gncviz.descent import GradientDescentResult
    from gncviz.figures.own import OwnResult
    from gncviz.models.matrix.readings import Readings
    from gncviz.models.protocols import AnyTask
    from gncviz.posterior import GuessAndCheckResult


@dataclass(frozen=True)
class Found:
    """A matrix that a method found, or the reason why there is none.

    Attributes:
        name: of the method.
        which: of its matrices, or why none.
        matrix: W, with shape (m, m'); None where there is none.
        train_loss, gen_loss: of that matrix.
    """

    name: str
    which: str
    matrix: NDArray[np.float64] | None = None
    train_loss: float = np.nan
    gen_loss: float = np.nan


def typical_draw(post: GuessAndCheckResult) -> Found:
    """The draw of Guess & Check whose L_gen is nearest to the posterior's weighted median."""
    if not len(post.matrices):
        return Found("Guess & Check", post.without_draws)
    median = weighted_quantiles(post.gen_loss[:, None], post.weights)[0, QUANTILES.index(0.5)]
    nearest = int(np.abs(post.gen_loss - median).argmin())
    return Found(
        "Guess & Check",
        "a typical draw",
        post.matrices[nearest],
        float(post.train_loss[nearest]),
        float(post.gen_loss[nearest]),
    )


def median_trial(gd: GradientDescentResult | None, task: Task) -> Found:
    """Gradient descent's trial of a task with the median L_gen, the lower one of two.

    Args:
        gd: from :func:`gncviz.gradient_descent`, if it has been run; trials that diverged do not
            count.
        task: trials of other tasks do not count.

    Raises:
        ValueError: no trial is of that task.
    """
    if gd is None:
        return Found("Gradient descent", "has not run")
    same = np.array([_same_task(other, task) for other in gd.tasks])
    if not same.any():
        raise ValueError("gd should have a trial of the task that post is of; it has none.")
    kept = np.flatnonzero(same & np.isfinite(gd.gen_loss))
    if not len(kept):
        return Found("Gradient descent", "diverged")
    middle = int(kept[gd.gen_loss[kept].argsort(kind="stable")[(len(kept) - 1) // 2]])
    return Found(
        "Gradient descent",
        "the median trial",
        gd.matrices[middle],
        float(gd.train_loss[middle]),
        float(gd.gen_loss[middle]),
    )


def median_own(own: list[OwnResult]) -> list[Found]:
    """Of each result of one's own the matrix with the median L_gen, the lower one of two.

    Raises:
        SettingsError: there are losses only.
    """
    return [_median(one) for one in own]


def _median(one: OwnResult) -> Found:
    if not len(one.outputs):
        sentence = f"own[{one.name!r}] should be matrices here, for there is none to show."
        raise SettingsError([("own", sentence)])
    kept = np.flatnonzero(np.isfinite(one.gen_loss))
    if not len(kept):
        return Found(one.name, "diverged")
    middle = int(kept[one.gen_loss[kept].argsort(kind="stable")[(len(kept) - 1) // 2]])
    which = "your matrix" if len(one.outputs) == 1 else f"the median of {len(kept)}"
    losses = float(one.train_loss[middle]), float(one.gen_loss[middle])
    return Found(one.name, which, one.outputs[middle], *losses)


def unfolded(result: GuessAndCheckResult | GradientDescentResult) -> NDArray[np.float64]:
    """The matrices of a result whose singular values are shown, with shape (N, rows, cols).

    Args:
        result: its outputs are unfolded as its task does it first, which leaves matrices alone.
    """
    task = result.tasks[0] if hasattr(result, "tasks") else result.task
    first: NDArray[np.float64] = next(iter(task.unfoldings(result.outputs).values()))
    return first


def matrix_task(post: GuessAndCheckResult) -> Task:
    """The task of a result, where it is one of matrices.

    Args:
        post: from :func:`gncviz.guess_and_check`.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(post.task, Task):
        raise ValueError(f"post should be of a task of matrices; got {post.task!r}.")
    return post.task


def _same_task(one: AnyTask, other: Task) -> bool:
    if one is other or not isinstance(one, Task):
        return one is other
    if (one.ground_truth is None) != (other.ground_truth is None):
        return False
    if one.ground_truth is not None and not np.array_equal(
        one.ground_truth, np.asarray(other.ground_truth)
    ):
        return False
    return _same_readings(one.readings, other.readings) and _same_readings(
        one.held_out, other.held_out
    )


def _same_readings(one: Readings | None, other: Readings | None) -> bool:
    if one is None or other is None:
        return one is other
    if one.span.entries is not None and other.span.entries is not None:
        same = np.array_equal(one.span.entries, other.span.entries)
    else:
        same = np.array_equal(one.span.measurements, other.span.measurements)
    return same and np.array_equal(one.labels, other.labels)


def measured_entries(task: Task) -> NDArray[np.bool_] | None:
    """Which entries are measured, with shape (m, m'); None where not single entries are.

    The diagonal of the projection on the span of the measurements is 1 for an entry inside the
    span and 0 for one orthogonal to it. If no entry lies between the two, the span is one of single
    entries, however the measurements are given.
    """
    if task.entries is not None:
        return _at(task.entries, task)
    share = (task.measured_basis**2).sum(axis=0)
    inside = share > 0.5
    if not np.allclose(share, inside, atol=1e-9):
        return None
    return inside.reshape(task.output_shape)


def _at(places: NDArray[np.int64], task: Task) -> NDArray[np.bool_]:
    inside = np.zeros(task.size, dtype=bool)
    inside[places] = True
    return inside.reshape(task.output_shape)


def error_parts(
    matrix: NDArray[np.float64] | None, task: Task, dots: NDArray[np.bool_] | None
) -> list[NDArray[np.float64]]:
    """W, the measured part of its error W − W* and the unmeasured part, each with shape (m, m').

    The parts are the projections on the span of the measurements and on its complement. NaN where
    there is nothing to show: without a matrix, and for completion at the other part's entries.
    Without a ground truth the parts are the errors on the known entries that are trained on and on
    those held out; where no entries are known, nothing of the error is.

    Args:
        matrix: W, with shape (m, m'), if there is one.
        task: the task.
        dots: from :func:`measured_entries`.
    """
    nothing = np.full(task.output_shape, np.nan)
    if matrix is None:
        return [nothing] * 3
    if task.ground_truth is None:
        return [matrix, *_errors_on_table(matrix, task)]
    error = matrix - task.ground_truth
    if dots is not None:
        return [matrix, np.where(dots, error, np.nan), np.where(dots, np.nan, error)]
    basis = task.measured_basis
    seen = ((error.ravel() @ basis.T) @ basis).reshape(error.shape)
    return [matrix, seen, error - seen]


def _errors_on_table(matrix: NDArray[np.float64], task: Task) -> list[NDArray[np.float64]]:
    """On the entries that are trained on, and on those held out."""
    if task.table is None or task.entries is None:
        return [np.full(task.output_shape, np.nan)] * 2
    error, trained = matrix - task.table, _at(task.entries, task)
    return [np.where(trained, error, np.nan), np.where(trained, np.nan, error)]
