"""The learning problem: low rank matrix sensing and completion (Sec. 3.2 of the paper)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gncviz.models.matrix import files, hold_out
from gncviz.models.matrix.measured import MeasuredTask
from gncviz.models.matrix.parts import MATRICES, parts_of
from gncviz.models.matrix.recipes import TaskSettings, own_task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from gncviz.models.matrix.parts import Form


class Task(MeasuredTask):
    """Measurements A_1..A_n of a matrix and their labels y_i, and what measures generalization.

    With a ground truth W* the labels are y_i = <A_i, W*>, or those given, and generalization is
    measured along all that is not measured (Eq. 3). Without one, it is measured on measurements
    that are held out. Immutable; arrays are read-only float64, whatever was given.

    Labels may carry noise of a variance s². No W explains that, so a small L_train is no aim in
    itself: W* itself has an L_train of about s². ε well above s² asks for the signal, ε below it
    for the noise as well. Where measurements depend on each other, no W may have an L_train below
    some number at all; ε below that is refused.

    Args:
        ground_truth: W*, with shape (m, m'); NumPy, torch, pandas, or nested lists.
        measurements: A_1..A_n, with shape (n, m, m'). They need neither be orthogonal nor
            normalised, and may depend on each other linearly; with a ground truth they have to
            leave some direction unmeasured.
        labels: y, with shape (n,); <A_i, W*> by default.
        held_out_measurements: B_1..B_h, with shape (h, m, m'); without a ground truth only.
        held_out_labels: what these measured, with shape (h,).
        settings: the recipe the arrays came from, if any; set by :meth:`random`.

    Raises:
        SettingsError: the shapes do not fit, a value is missing or not finite, their squares or
            those of the labels leave float64's range, or the measurements span everything, so that
            nothing is left to generalize to.

    Example:
        >>> task = Task([[1.0, 0.0], [0.0, 0.0]], [[[1.0, 0.0], [0.0, 0.0]]])
        >>> task.labels
        array([1.])
        >>> task.train_loss([[3.0, 0.0], [0.0, 0.0]]).item()
        4.0
        >>> round(task.gen_loss([[1.0, 3.0], [0.0, 0.0]]).item(), 12)
        3.0
    """

    settings: TaskSettings | None
    _random = TaskSettings
    _own = staticmethod(own_task)

    def __init__(
        self,
        ground_truth: ArrayLike | None = None,
        measurements: ArrayLike | None = None,
        *,
        labels: ArrayLike | None = None,
        held_out_measurements: ArrayLike | None = None,
        held_out_labels: ArrayLike | None = None,
        settings: TaskSettings | None = None,
    ) -> None:
        parts = parts_of(ground_truth, measurements, labels, held_out_measurements, held_out_labels)
        vars(self).update(_parts=parts, settings=settings)

    @property
    def _form(self) -> Form:
        return MATRICES

    @property
    def output_shape(self) -> tuple[int, int]:
        """(m, m')."""
        return self.rows, self.cols

    @property
    def rows(self) -> int:
        """Rows m of W."""
        return self._span.shape[0]

    @property
    def cols(self) -> int:
        """Columns m' of W."""
        return self._span.shape[1]

    def unfoldings(self, outputs: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Matrices whose singular values tell of an output: W itself.

        Args:
            outputs: with shape (..., m, m').
        """
        return {"W": outputs}

    @classmethod
    def random(cls, **settings: Any) -> Task:
        """Draws a task as the paper's Appendix G does.

        W* = U V with standard Gaussian U (m, r) and V (r, m'), rescaled to the wanted norm.
        Sensing: A_i has standard Gaussian entries, divided by its Frobenius norm. Completion: the
        A_i are distinct one-hot matrices, chosen uniformly without replacement.

        Args:
            **settings: the fields of :class:`gncviz.task.TaskSettings` (rows, cols, rank, norm,
                measurements, kind, seed).

        Raises:
            SettingsError: a field is out of range, or the measurements would not fit into memory.
        """
        return cls.from_settings(TaskSettings(**settings))

    @classmethod
    def completion(cls, matrix: Any, *, held_out: Any = hold_out.SHARE, seed: int = 0) -> Task:
        """A matrix with holes, to be completed: some known entries are trained on, others held out.

        L_train is the mean squared error over the entries that are trained on, L_gen that over
        those held out; of the missing ones nothing is said. ε is in the square of the entries'
        unit: :class:`gncviz.Rescaling` brings them to the size that the prior has.

        Args:
            matrix: with shape (m, m'): an array, a masked array, a DataFrame or nested lists. NaN,
                None, masked entries and pandas' NA are missing.
            held_out: the share of the known entries that is held out, or which: True for these,
                with shape (m, m').
            seed: chooses them, where it is a share.

        Raises:
            SettingsError: an entry is no finite number, fewer than two are known, or held_out
                leaves nothing to train on or to measure.

        Example:
            >>> task = Task.completion([[1, None, 3], [2, 4, None]], held_out=0.25)
            >>> task
            Task(2×3, n=3, held out 1)
        """
        return cls.of_parts(hold_out.completion(matrix, held_out, seed))

    @classmethod
    def sensing(
        cls,
        measurements: ArrayLike,
        labels: ArrayLike,
        *,
        held_out: Any = hold_out.SHARE,
        seed: int = 0,
    ) -> Task:
        """Measurements of an unknown matrix: some are trained on, others held out.

        Args:
            measurements: A_1..A_n, with shape (n, m, m').
            labels: what they measured, with shape (n,).
            held_out: the share of the measurements that is held out, or which: True for these, with
                shape (n,).
            seed: chooses them, where it is a share.

        Raises:
            SettingsError: the shapes do not fit, a number is not finite, or held_out leaves nothing
                to train on or to measure.
        """
        return cls.of_parts(hold_out.sensing(measurements, labels, held_out, seed))

    @classmethod
    def from_settings(cls, settings: TaskSettings) -> Task:
        """Draws the task that a recipe describes; the same recipe gives the same task.

        Args:
            settings: the recipe.
        """
        return cls.of_parts(settings.parts(), settings)

    @classmethod
    def load(cls, path: Path | str, *, held_out: Any = None, seed: int = 0) -> Task:
        """A task from a file of numbers.

        Args:
            path: a CSV file with a matrix, empty where an entry is missing, with or without names
                of rows and columns; or an npz file with the arrays of a task by their names
                (``measurements``, ``labels``, ``ground_truth``, ``held_out_measurements``,
                ``held_out_labels``), or with a ``matrix``, as :meth:`save` writes it.
            held_out: as in :meth:`completion` and :meth:`sensing`, where the file leaves it open; a
                fifth by default.
            seed: likewise.

        Raises:
            SettingsError: it cannot be read, or what is in there makes no task.
        """
        return cls.of_parts(files.load(path, held_out, seed))
