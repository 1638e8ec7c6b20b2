"""A person's own units brought to the size of the prior's matrices, and back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from gncviz.models.arrays import frozen, real_numbers
from gncviz.models.matrix.generalization import HeldOut
from gncviz.models.matrix.parts import Parts, parts_with_truth
from gncviz.models.matrix.readings import Readings
from gncviz.models.matrix.task import Task
from gncviz.settings import Settings, SettingsError, positive

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class Rescaling(Settings):
    """Entries X of a person's own brought to W = (X − centre) / unit.

    The prior knows one size: ‖W‖ = 1 where it is normalized, E‖W‖² = m (the rows) where it is
    Gaussian with fan-in and a linear network. Data of another size are out of its reach, or so
    small that any draw fits; and a common mean of all entries is of rank one, which a product of
    layers has to spend its largest singular value on. Nothing is rescaled unless this is asked for;
    printing it says what it does, :meth:`undo` takes it back.

    Args:
        unit: what one stands for in W, in the unit of X.
        centre: what zero stands for in W, in the unit of X.

    Example:
        >>> task = Task.completion([[110, 120, None], [100, None, 130]], held_out=0.25)
        >>> scale = Rescaling.of(task, centre=True)
        >>> small = scale.apply(task)
        >>> round(float(np.mean(small.labels)), 12)
        0.0
        >>> bool(np.allclose(scale.undo(small.labels), task.labels))
        True
    """

    unit: float = Field(gt=0, description="What one stands for in W.")
    centre: float = Field(0.0, description="What zero stands for in W.")

    @classmethod
    def of(cls, task: Task, *, norm: float = 1.0, centre: bool = False) -> Rescaling:
        """The rescaling that gives W about a norm, as what is trained on tells.

        Of completion, ``norm`` is that which W has if its other entries are as large as those that
        are trained on; of sensing, that of an average matrix with such labels. What is held out
        plays no part.

        Args:
            task: in the person's own unit.
            norm: the Frobenius norm that W shall have, 1 in the paper.
            centre: whether the mean of the entries is taken off first; of sensing, the constant
                matrix that fits the labels best.

        Raises:
            SettingsError: norm is not positive, or the labels are all zero, or equal where they are
                centred.
        """
        labels, span = task.labels, task.readings.span
        ones = _sums(task.readings)
        level = float(labels @ ones / (ones @ ones)) if centre and ones.any() else 0.0
        left = labels - level * ones
        # Of a matrix of norm one whose direction is random, <A, W>² has the mean ‖A‖²/(m·m').
        seen = float(np.sum(span.norms**2)) * (span.count if len(span.norms) == 1 else 1)
        size = math.sqrt(float(left @ left) * span.size / seen) if seen > 0 else 0.0
        if size <= 1e-12 * float(np.abs(labels).max(initial=0.0)):
            sentence = (
                "task should have labels that differ from each other, or from zero, to rescale."
            )
            raise SettingsError([("task", sentence)])
        return cls(unit=size / positive("norm", norm), centre=level)

    def apply(self, task: Task) -> Task:
        """The same task for W.

        Args:
            task: in the person's own unit; its ground truth, labels and what is held out change,
                its measurements do not.
        """
        if task.ground_truth is None:
            assert task.held_out is not None
            held_out = HeldOut(self._readings(task.held_out))
            return Task.of_parts(Parts(self._readings(task.readings), held_out))
        truth = frozen((task.ground_truth - self.centre) / self.unit)
        given = task.readings.given
        labels = None if given is None else self._readings(task.readings).given
        return Task.of_parts(parts_with_truth(truth, task.readings.span, labels))

    def _readings(self, readings: Readings) -> Readings:
        labels = (readings.labels - self.centre * _sums(readings)) / self.unit
        return Readings(readings.span, frozen(labels))

    def undo(self, matrices: ArrayLike) -> NDArray[np.float64]:
        """W, or single entries of it, in the person's own unit: centre + unit · W.

        Args:
            matrices: of any shape, such as ``post.matrices``.
        """
        return self.centre + self.unit * real_numbers("matrices", matrices, "(..., m, m')")

    def error(self, loss: float) -> float:
        """The root mean square error that a loss of entries of W is, in the person's own unit.

        Args:
            loss: such as ``post.mean_gen_loss`` or ε, of a completion.
        """
        return self.unit * math.sqrt(loss)

    def loss(self, error: float) -> float:
        """The inverse: the loss, such as ε, that an error in the person's own unit is.

        Args:
            error: a root mean square error of entries.
        """
        return (error / self.unit) ** 2

    def __str__(self) -> str:
        shift = f"(X − {self.centre:.6g})" if self.centre else "X"
        return (
            f"W = {shift} / {self.unit:.6g}; a loss of 0.01 in W is an error of "
            f"{self.error(0.01):.4g} in X"
        )


def _sums(readings: Readings) -> NDArray[np.float64]:
    """<A_i, J> for the matrix J of ones, with shape (n,): how a common mean is measured."""
    return readings.span.seen(np.ones(readings.span.size))
