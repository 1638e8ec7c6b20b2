"""The learning problem: low rank matrix sensing and completion (Sec. 3.2 of the paper)."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from gncviz.settings import Settings, SettingsError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Kind = Literal["sensing", "completion"]


class TaskSettings(Settings):
    """The recipe of a random task; see :meth:`gncviz.Task.random`."""

    rows: int = Field(5, ge=1, le=1000, description="Rows m of the ground truth.")
    cols: int = Field(5, ge=1, le=1000, description="Columns m' of the ground truth.")
    rank: int = Field(1, ge=1, description="Rank r of the ground truth.")
    norm: float = Field(1.0, gt=0, description="Frobenius norm of the ground truth.")
    measurements: int = Field(15, ge=1, description="Number n of measurements.")
    kind: Kind = Field("sensing", description="Gaussian measurements, or single entries.")
    seed: int = Field(0, ge=0, lt=2**63, description="Seed of the ground truth and measurements.")

    @model_validator(mode="after")
    def _fits(self) -> TaskSettings:
        entries, smaller = self.rows * self.cols, min(self.rows, self.cols)
        problems = []
        if self.rank > smaller:
            problems.append(
                ("rank", f"rank must be at most min(rows, cols) = {smaller}; got {self.rank}.")
            )
        if self.measurements >= entries:
            problems.append(
                (
                    "measurements",
                    f"measurements must be fewer than rows × cols = {entries}, or nothing is "
                    f"left to generalize to; got {self.measurements}.",
                )
            )
        if problems:
            raise SettingsError(problems)
        return self


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

    Raises:
        SettingsError: the shapes do not fit, a value is not finite, or the measurements span
            everything, so that nothing is left to generalize to.

    Example:
        >>> task = Task([[1.0, 0.0], [0.0, 0.0]], [[[1.0, 0.0], [0.0, 0.0]]])
        >>> task.labels
        array([1.])
        >>> task.train_loss([[3.0, 0.0], [0.0, 0.0]]).item()
        4.0
        >>> round(task.gen_loss([[1.0, 3.0], [0.0, 0.0]]).item(), 12)
        3.0
    """

    def __init__(
        self,
        ground_truth: ArrayLike,
        measurements: ArrayLike,
        *,
        settings: TaskSettings | None = None,
    ) -> None:
        self.ground_truth = _frozen_array("ground_truth", ground_truth, "(rows, cols)", ndim=2)
        self.measurements = _frozen_array("measurements", measurements, "(n, rows, cols)", ndim=3)
        self.settings = settings
        if self.measurements.shape[1:] != self.ground_truth.shape:
            raise SettingsError(
                [
                    (
                        "measurements",
                        f"measurements must have shape (n, {self.rows}, {self.cols}) to fit the "
                        f"ground truth; got {self.measurements.shape}.",
                    )
                ]
            )
        if self.unmeasured == 0:
            raise SettingsError(
                [
                    (
                        "measurements",
                        f"measurements must leave some direction of the {self.rows} × {self.cols} "
                        f"matrices unmeasured; these {len(self.measurements)} span all of them.",
                    )
                ]
            )

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
            SettingsError: a field is out of range.
        """
        return cls.from_settings(TaskSettings(**settings))

    @classmethod
    def from_settings(cls, settings: TaskSettings) -> Task:
        """Draws the task that a recipe describes; the same recipe gives the same task.

        Args:
            settings: the recipe.
        """
        rng = np.random.default_rng(settings.seed)
        shape = (settings.rows, settings.cols)
        left = rng.standard_normal((settings.rows, settings.rank))
        right = rng.standard_normal((settings.rank, settings.cols))
        truth = left @ right
        truth *= settings.norm / np.linalg.norm(truth)
        if settings.kind == "sensing":
            measurements = rng.standard_normal((settings.measurements, *shape))
            measurements /= np.linalg.norm(measurements, axis=(1, 2), keepdims=True)
        else:
            entries = rng.choice(truth.size, size=settings.measurements, replace=False)
            measurements = np.zeros((settings.measurements, truth.size))
            measurements[np.arange(settings.measurements), np.sort(entries)] = 1.0
            measurements = measurements.reshape(-1, *shape)
        return cls(truth, measurements, settings=settings)

    @property
    def rows(self) -> int:
        """Rows m of the ground truth."""
        return int(self.ground_truth.shape[0])

    @property
    def cols(self) -> int:
        """Columns m' of the ground truth."""
        return int(self.ground_truth.shape[1])

    @cached_property
    def labels(self) -> NDArray[np.float64]:
        """y_i = <A_i, W*>, with shape (n,), float64."""
        return _frozen(np.einsum("nij,ij->n", self.measurements, self.ground_truth))

    @cached_property
    def measured_basis(self) -> NDArray[np.float64]:
        """An orthonormal basis of the span of the measurements, with shape (q, m·m'), float64.

        q is the number of linearly independent measurements, n unless some depend on others.
        """
        _, values, directions = np.linalg.svd(self._stacked, full_matrices=False)
        rounding = max(self._stacked.shape) * np.finfo(float).eps * values.max(initial=0.0)
        return _frozen(directions[values > rounding])

    @property
    def unmeasured(self) -> int:
        """|𝓑| = m·m' − q, the dimension of what the measurements do not see."""
        return int(self.ground_truth.size - len(self.measured_basis))

    @cached_property
    def complement(self) -> NDArray[np.float64]:
        """An orthonormal basis 𝓑 of the unmeasured directions, with shape (|𝓑|, m, m'), float64."""
        *_, directions = np.linalg.svd(self._stacked, full_matrices=True)
        unmeasured = directions[-self.unmeasured :].reshape(-1, *self.ground_truth.shape)
        return _frozen(unmeasured.copy())

    @property
    def _stacked(self) -> NDArray[np.float64]:
        return self.measurements.reshape(len(self.measurements), -1)

    def train_loss(self, matrices: ArrayLike) -> NDArray[np.float64]:
        """L_train of Eq. 2: the mean squared residual over the measurements.

        L_train(W) = (1/n) Σ_i (<A_i, W> − y_i)².

        Args:
            matrices: W, with shape (..., m, m').

        Returns:
            One loss a matrix, with shape (...), float64.
        """
        return np.asarray(((self._error(matrices) @ self._stacked.T) ** 2).mean(axis=-1))

    def gen_loss(self, matrices: ArrayLike) -> NDArray[np.float64]:
        """L_gen of Eq. 3: the mean squared error along the unmeasured directions 𝓑.

        L_gen(W) = (1/|𝓑|) Σ_B (<B, W> − <B, W*>)², over an orthonormal basis 𝓑 of them. It depends
        on the span of the measurements only, so it is computed by projection, without choosing a
        basis 𝓑.

        Args:
            matrices: W, with shape (..., m, m').

        Returns:
            One loss a matrix, with shape (...), float64.
        """
        error = self._error(matrices)
        unseen = error - (error @ self.measured_basis.T) @ self.measured_basis
        return np.asarray((unseen**2).sum(axis=-1) / self.unmeasured)

    def _error(self, matrices: ArrayLike) -> NDArray[np.float64]:
        error = np.asarray(matrices, dtype=float) - self.ground_truth
        return error.reshape(*error.shape[:-2], self.ground_truth.size)

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

    def __repr__(self) -> str:
        origin = "arrays" if self.settings is None else f"{self.settings!r}"
        return f"Task({self.rows}×{self.cols}, n={len(self.measurements)}, from {origin})"


def _frozen_array(name: str, values: ArrayLike, shape: str, ndim: int) -> NDArray[np.float64]:
    if hasattr(values, "detach"):  # a torch tensor, wherever it lives
        values = values.detach().cpu().numpy()
    try:
        array = np.array(values, dtype=float)
    except (TypeError, ValueError):
        raise SettingsError(
            [(name, f"{name} must be an array of numbers with shape {shape}.")]
        ) from None
    if array.ndim != ndim or 0 in array.shape:
        raise SettingsError(
            [(name, f"{name} must have shape {shape}, none of it 0; got {array.shape}.")]
        )
    if not np.isfinite(array).all():
        raise SettingsError([(name, f"{name} must be finite; it holds NaN or infinity.")])
    return _frozen(array)


def _frozen(array: NDArray[np.float64]) -> NDArray[np.float64]:
    array.flags.writeable = False
    return array
