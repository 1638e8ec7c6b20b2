"""The learning problem: low rank matrix sensing and completion (Sec. 3.2 of the paper)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gncviz.models.arrays import check_reach, frozen, frozen_array, real_numbers
from gncviz.models.matrix.recipes import GivenTask, TaskSettings
from gncviz.models.matrix.span import Span
from gncviz.models.protocols import Ball
from gncviz.settings import SettingsError

if TYPE_CHECKING:
    import torch
    from numpy.typing import ArrayLike, NDArray

    from gncviz.models.matrix.losses import MatrixLosses
    from gncviz.models.protocols import TrialLosses

_IF_MISSING = (
    "To complete a matrix of which only some entries are known, put any number, such as 0, in the "
    "place of the others, and measure the known ones alone, each by a matrix that is 1 there and 0 "
    "elsewhere; L_gen then tells how far W is from the numbers put in."
)


class Task:
    """A ground truth W* with measurements A_1..A_n; the labels are y_i = <A_i, W*>.

    Immutable. ``task.ground_truth`` and ``task.measurements`` are read-only float64 NumPy arrays,
    whatever was given.

    Args:
        ground_truth: W*, with shape (m, m'); NumPy, torch, or nested lists.
        measurements: A_1..A_n, with shape (n, m, m'). They need neither be orthogonal nor
            normalised, and may depend on each other linearly, as long as they leave some direction
            unmeasured.
        settings: the recipe the arrays came from, if any; set by :meth:`random`.

    Attributes:
        entries: for completion from a recipe, the places of the observed entries in the flattened
            matrix, in ascending order, with shape (n,); else None. With them nothing of the size of
            all measurements has to be held.

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

    ground_truth: NDArray[np.float64]
    entries: NDArray[np.int64] | None
    settings: TaskSettings | None
    _given: NDArray[np.float64] | None

    def __init__(
        self,
        ground_truth: ArrayLike,
        measurements: ArrayLike,
        *,
        settings: TaskSettings | None = None,
    ) -> None:
        truth = frozen_array("ground_truth", ground_truth, "(rows, cols)", 2, _IF_MISSING)
        given = frozen_array("measurements", measurements, "(n, rows, cols)", ndim=3)
        if given.shape[1:] != truth.shape:
            rows, cols = truth.shape
            sentence = (
                f"measurements must have shape (n, {rows}, {cols}) to fit the ground truth; "
                f"got {given.shape}."
            )
            raise SettingsError([("measurements", sentence)])
        self._set(truth, given, None, settings)
        check_reach("measurements", "the largest label that they give", np.abs(self.labels).max())
        if self.unmeasured == 0:
            sentence = (
                f"measurements must leave some direction of the {self.rows} × {self.cols} "
                f"matrices unmeasured; these {len(given)} span all of them."
            )
            raise SettingsError([("measurements", sentence)])

    def _set(
        self,
        truth: NDArray[np.float64],
        given: NDArray[np.float64] | None,
        entries: NDArray[np.int64] | None,
        settings: TaskSettings | None,
    ) -> None:
        vars(self).update(ground_truth=truth, _given=given, entries=entries, settings=settings)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a Task is immutable; make a new one instead of setting {name}.")

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
    def from_settings(cls, settings: TaskSettings) -> Task:
        """Draws the task that a recipe describes; the same recipe gives the same task.

        Args:
            settings: the recipe.
        """
        truth, given, entries = settings.arrays()
        if given is not None:
            return cls(truth, given, settings=settings)
        assert entries is not None
        task = cls.__new__(cls)
        task._set(frozen(truth), None, frozen(entries), settings)
        return task

    @classmethod
    def from_recipe(cls, recipe: TaskSettings | GivenTask) -> Task:
        """The task that settings describe.

        Args:
            recipe: how it is drawn, or its arrays.
        """
        if isinstance(recipe, TaskSettings):
            return cls.from_settings(recipe)
        return cls(recipe.ground_truth, recipe.measurements)

    @property
    def rows(self) -> int:
        """Rows m of the ground truth."""
        return int(self.ground_truth.shape[0])

    @property
    def cols(self) -> int:
        """Columns m' of the ground truth."""
        return int(self.ground_truth.shape[1])

    @property
    def output_shape(self) -> tuple[int, int]:
        """(m, m')."""
        return self.rows, self.cols

    @property
    def inputs(self) -> None:
        """None: the network is applied to the standard basis (App. A.1)."""
        return None

    @property
    def count(self) -> int:
        """The number n of measurements."""
        return self._span.count

    @property
    def measurements(self) -> NDArray[np.float64]:
        """A_1..A_n, with shape (n, m, m'), float64, read-only.

        Raises:
            SettingsError: they are too many to be held as matrices; see ``entries``.
        """
        return self._span.measurements

    @property
    def stacked(self) -> NDArray[np.float64]:
        """The measurements as rows, with shape (n, m·m'), float64."""
        return self.measurements.reshape(self.count, -1)

    @cached_property
    def labels(self) -> NDArray[np.float64]:
        """y_i = <A_i, W*>, with shape (n,), float64."""
        if self.entries is not None:
            return frozen(self.ground_truth.ravel()[self.entries])
        return frozen(np.einsum("nij,ij->n", self.measurements, self.ground_truth))

    @cached_property
    def residual_size(self) -> float:
        """The size of a residual <A_i, W> − y_i, what its rounding is in proportion to.

        The root mean square of the labels or of the measurements' norms, whichever is larger.
        """
        norms = np.ones(1) if self.entries is not None else np.linalg.norm(self.stacked, axis=1)
        largest = max(norms.max(), np.abs(self.labels).max())
        if largest == 0:
            return 0.0
        squares = [np.mean((part / largest) ** 2) for part in (norms, self.labels)]
        return float(largest * np.sqrt(max(squares)))

    @cached_property
    def _span(self) -> Span:
        return Span(self.output_shape, self._given, self.entries)

    @property
    def measured_basis(self) -> NDArray[np.float64]:
        """An orthonormal basis of the span of the measurements, with shape (q, m·m'), float64.

        q is the number of linearly independent measurements, n unless some depend on others.

        Raises:
            SettingsError: it is too large to be held.
        """
        return self._span.basis

    @cached_property
    def ball(self) -> Ball | None:
        """{L_train < ε} as a ball in what is measured; None where that is too large to hold."""
        directions = self._span.directions
        if directions is None:
            return None
        return Ball(directions, directions @ self.ground_truth.ravel(), self.count)

    @property
    def unmeasured(self) -> int:
        """|𝓑| = m·m' − q, the dimension of what the measurements do not see."""
        return self._span.unmeasured

    @property
    def complement(self) -> NDArray[np.float64]:
        """An orthonormal basis 𝓑 of the unmeasured directions, with shape (|𝓑|, m, m'), float64.

        Raises:
            SettingsError: it is too large to be held.
        """
        return self._span.complement

    def train_loss(self, matrices: ArrayLike) -> NDArray[np.float64]:
        """L_train of Eq. 2: the mean squared residual over the measurements.

        L_train(W) = (1/n) Σ_i (<A_i, W> − y_i)².

        Args:
            matrices: W, with shape (..., m, m').

        Returns:
            One loss a matrix, with shape (...), float64.

        Raises:
            SettingsError: the matrices have another shape.
        """
        flat = self._flat(matrices)
        seen = flat @ self.stacked.T if self.entries is None else flat[..., self.entries]
        return np.asarray(((seen - self.labels) ** 2).mean(axis=-1))

    def gen_loss(self, matrices: ArrayLike) -> NDArray[np.float64]:
        """L_gen of Eq. 3: the mean squared error along the unmeasured directions 𝓑.

        L_gen(W) = (1/|𝓑|) Σ_B (<B, W> − <B, W*>)², over an orthonormal basis 𝓑 of them. It depends
        on the span of the measurements only, so it is computed by projection, without choosing a
        basis 𝓑.

        Args:
            matrices: W, with shape (..., m, m').

        Returns:
            One loss a matrix, with shape (...), float64.

        Raises:
            SettingsError: the matrices have another shape.
        """
        error = self._flat(matrices) - self.ground_truth.ravel()
        if self.entries is None:
            unseen = error - (error @ self.measured_basis.T) @ self.measured_basis
        else:
            unseen = error
            unseen[..., self.entries] = 0.0
        return np.asarray((unseen**2).sum(axis=-1) / self.unmeasured)

    def _flat(self, matrices: ArrayLike) -> NDArray[np.float64]:
        """Matrices (..., m, m') as (..., m·m'), float64."""
        found = real_numbers("matrices", matrices, f"(..., {self.rows}, {self.cols})")
        if found.shape[-2:] != self.output_shape:
            wanted = f"(..., {self.rows}, {self.cols})"
            sentence = f"matrices must have shape {wanted}; got {found.shape}."
            raise SettingsError([("matrices", sentence)])
        return found.reshape(*found.shape[:-2], self.ground_truth.size)

    def losses(self, device: torch.device, dtype: torch.dtype) -> MatrixLosses:
        """Both losses on columns; see :class:`gncviz.models.protocols.Losses`.

        Args:
            device: where they are computed.
            dtype: in which precision.
        """
        from gncviz.models.matrix.losses import MatrixLosses

        return MatrixLosses(self, device, dtype)

    def trial_losses(self, tasks: Sequence[Task], device: torch.device) -> TrialLosses:
        """The training losses of tasks of one shape, one a trial.

        Args:
            tasks: the tasks, this one among them.
            device: where they are computed.
        """
        from gncviz.models.matrix.trials import trial_losses

        return trial_losses(tasks, device)

    def unfoldings(self, outputs: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Matrices whose singular values tell of an output: W itself.

        Args:
            outputs: with shape (..., m, m').
        """
        return {"W": outputs}

    @property
    def recipe(self) -> TaskSettings | GivenTask:
        """The task as settings."""
        return GivenTask(**self.to_dict()) if self.settings is None else self.settings

    def to_dict(self) -> dict[str, Any]:
        """The task as JSON-ready data: its recipe where it has one, its arrays otherwise."""
        if self.settings is not None:
            return {"settings": self.settings.model_dump()}
        return {
            "ground_truth": self.ground_truth.tolist(),
            "measurements": self.measurements.tolist(),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Task:
        """The inverse of :meth:`to_dict`.

        Args:
            data: what that gave, through JSON or not.

        Raises:
            SettingsError: it is not the data of a task.
        """
        if "settings" in data:
            return cls.from_settings(TaskSettings(**data["settings"]))
        return cls(data["ground_truth"], data["measurements"])

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy is made anew, so that its arrays are as read-only as these.
        if self.settings is not None:
            return Task.from_settings, (self.settings,)
        return Task, (self.ground_truth, self.measurements)

    def __repr__(self) -> str:
        origin = "arrays" if self.settings is None else f"{self.settings!r}"
        return f"Task({self.rows}×{self.cols}, n={self.count}, from {origin})"
