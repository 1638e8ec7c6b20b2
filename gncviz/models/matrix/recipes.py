"""Settings that describe a task of matrices: drawn at random, or given as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field, model_validator

from gncviz.models.arrays import check_reach, checked_size
from gncviz.models.law import OutputShape
from gncviz.models.recipe import TaskRecipe
from gncviz.settings import SettingsError
from gncviz.streams import Stream, numpy_generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

Kind = Literal["sensing", "completion"]

Row = tuple[float, ...]


class TaskSettings(TaskRecipe):
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
        check_reach("norm", "a value", self.norm)
        if self.kind == "sensing":
            what = f"{self.measurements} random matrices of {self.rows} × {self.cols}"
            checked_size("measurements", what, self.measurements * entries)
        return self

    def arrays(
        self,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64] | None, NDArray[np.int64] | None]:
        """The ground truth, and either the measurements or the places of the observed entries."""
        rng = numpy_generator(self.seed, Stream.TASK)
        left = rng.standard_normal((self.rows, self.rank))
        right = rng.standard_normal((self.rank, self.cols))
        truth = left @ right
        truth *= self.norm / np.linalg.norm(truth)
        if self.kind == "sensing":
            given = rng.standard_normal((self.measurements, self.rows, self.cols))
            given /= np.linalg.norm(given, axis=(1, 2), keepdims=True)
            return truth, given, None
        chosen = rng.choice(truth.size, size=self.measurements, replace=False)
        return truth, None, np.sort(chosen).astype(np.int64)

    def seeded(self, seed: int) -> TaskSettings:
        """The recipe of another one.

        Args:
            seed: of it.
        """
        changed: TaskSettings = self.replace(seed=seed)
        return changed

    @property
    def outline(self) -> OutputShape:
        """The shape of W."""
        return OutputShape((self.rows, self.cols))


class GivenTask(TaskRecipe):
    """A task of the user's own arrays; see :class:`gncviz.Task`.

    Args:
        ground_truth: W*, m rows of m' numbers.
        measurements: A_1..A_n, each m rows of m' numbers.
    """

    ground_truth: tuple[Row, ...]
    measurements: tuple[tuple[Row, ...], ...]

    @property
    def outline(self) -> OutputShape:
        """The shape of W."""
        return OutputShape((len(self.ground_truth), len(self.ground_truth[0])))
