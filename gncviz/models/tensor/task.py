"""Sensing and completion of tensors, the next step that the paper names (its Sec. 7)."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gncviz.models.matrix import hold_out
from gncviz.models.matrix.files import load_arrays
from gncviz.models.matrix.measured import MeasuredTask
from gncviz.models.matrix.parts import parts_of
from gncviz.models.tensor.recipes import TensorTaskSettings, order_of, own_tensor, tensors
from gncviz.settings import SettingsError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gncviz.models.matrix.parts import Form


class TensorTask(MeasuredTask):
    """Measurements A_1..A_n of a tensor and their labels y_i, and what measures generalization.

    The losses are those of matrices (Eq. 2 and 3) on the entries of a tensor W of order N, with
    sides d_1, …, d_N and D entries in all: L_train is the mean squared residual, and L_gen the mean
    squared error along all that is not measured, or over what is held out where there is no ground
    truth. The loss of W = 0, ‖W*‖²/D for measurements of norm one, is a natural unit for ε.
    Immutable; arrays are read-only float64, whatever was given.

    Args:
        ground_truth: W*, with shape (d_1, …, d_N), N two or more; NumPy, torch or nested lists.
        measurements: A_1..A_n, with shape (n, d_1, …, d_N). They need neither be orthogonal nor
            normalised, and may depend on each other linearly; with a ground truth they have to
            leave some direction unmeasured.
        labels: y, with shape (n,); <A_i, W*> by default.
        held_out_measurements: B_1..B_h, with shape (h, d_1, …, d_N); without a ground truth only.
        held_out_labels: what these measured, with shape (h,).
        settings: the recipe the arrays came from, if any; set by :meth:`random`.

    Raises:
        SettingsError: the shapes do not fit, a value is missing or not finite, their squares or
            those of the labels leave float64's range, or the measurements span everything, so that
            nothing is left to generalize to.

    Example:
        >>> task = TensorTask.random(shape=(2, 3, 4), measurements=10)
        >>> task.output_shape, task.unmeasured
        ((2, 3, 4), 14)
        >>> bool(task.train_loss(task.ground_truth) < 1e-30)
        True
    """

    settings: TensorTaskSettings | None
    _random = TensorTaskSettings
    _own = staticmethod(own_tensor)

    def __init__(
        self,
        ground_truth: ArrayLike | None = None,
        measurements: ArrayLike | None = None,
        *,
        labels: ArrayLike | None = None,
        held_out_measurements: ArrayLike | None = None,
        held_out_labels: ArrayLike | None = None,
        settings: TensorTaskSettings | None = None,
    ) -> None:
        given = (ground_truth, measurements, labels, held_out_measurements, held_out_labels)
        form = tensors(order_of(ground_truth, measurements))
        vars(self).update(_parts=parts_of(*given, form=form), settings=settings)

    @classmethod
    def random(cls, **settings: Any) -> TensorTask:
        """Draws a task as the paper draws one of matrices (its Appendix G).

        W* is a sum of ``rank`` products of standard Gaussian vectors, one a mode, rescaled to the
        wanted norm. Sensing: A_i has standard Gaussian entries, divided by its norm. Completion:
        the A_i are distinct one-hot tensors, chosen uniformly without replacement.

        Args:
            **settings: the fields of :class:`gncviz.models.tensor.recipes.TensorTaskSettings`
                (shape, rank, norm, measurements, kind, seed).

        Raises:
            SettingsError: a field is out of range, or the measurements would not fit into memory.
        """
        return cls.from_recipe(TensorTaskSettings(**settings))

    @classmethod
    def sensing(
        cls,
        measurements: ArrayLike,
        labels: ArrayLike,
        *,
        held_out: Any = hold_out.SHARE,
        seed: int = 0,
    ) -> TensorTask:
        """Measurements of an unknown tensor: some are trained on, others held out.

        Args:
            measurements: A_1..A_n, with shape (n, d_1, …, d_N).
            labels: what they measured, with shape (n,).
            held_out: the share of the measurements that is held out, or which: True for these, with
                shape (n,).
            seed: chooses them, where it is a share.

        Raises:
            SettingsError: the shapes do not fit, a number is not finite, or held_out leaves nothing
                to train on or to measure.
        """
        form = tensors(order_of(None, measurements))
        return cls.of_parts(hold_out.sensing(measurements, labels, held_out, seed, form))

    @classmethod
    def load(cls, path: Path | str, *, held_out: Any = None, seed: int = 0) -> TensorTask:
        """A task from an npz file with arrays by their names, as :meth:`save` writes it.

        Args:
            path: of the file; ``measurements`` and ``labels`` alone will do.
            held_out: as in :meth:`sensing`, where the file leaves it open; a fifth by default.
            seed: likewise.

        Raises:
            SettingsError: it cannot be read, or what is in there makes no task.
        """

        def make(**arrays: NDArray[Any]) -> TensorTask:
            if set(arrays) == {"measurements", "labels"}:
                share = hold_out.SHARE if held_out is None else held_out
                return cls.sensing(**arrays, held_out=share, seed=seed)
            if held_out is not None:
                sentence = "held_out is for files that leave it open; it does not."
                raise SettingsError([("held_out", sentence)])
            return cls(**arrays, settings=None)

        return load_arrays(path, make)

    @property
    def order(self) -> int:
        """N, the number of modes."""
        return len(self.output_shape)

    @property
    def _form(self) -> Form:
        return tensors(self.order)

    def unfoldings(self, outputs: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Matrices whose singular values tell of a tensor.

        "balanced" has the first modes as rows and the others as columns, cut where the two sides
        are nearest to each other; "mode n" has mode n as rows and all others as columns.

        Args:
            outputs: with shape (..., d_1, …, d_N).
        """
        shape = self.output_shape
        before = outputs.shape[: outputs.ndim - len(shape)]
        found = {"balanced": outputs.reshape(*before, math.prod(shape[: _middle(shape)]), -1)}
        for mode, side in enumerate(shape):
            first = np.moveaxis(outputs, len(before) + mode, len(before))
            found[f"mode {mode + 1}"] = first.reshape(*before, side, -1)
        return found


def _middle(shape: tuple[int, ...]) -> int:
    """How many modes are rows where rows and columns are most alike; the fewest of equals."""
    cuts = range(1, len(shape))
    return min(cuts, key=lambda cut: _apart(math.prod(shape[:cut]), math.prod(shape[cut:])))


def _apart(rows: int, cols: int) -> float:
    return max(rows, cols) / min(rows, cols)
