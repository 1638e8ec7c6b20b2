"""Settings that describe a task of matrices: drawn at random, or given as arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from pydantic import Field, model_validator

from gncviz.models.arrays import check_reach, checked_size, frozen
from gncviz.models.law import OutputShape
from gncviz.models.matrix.generalization import HeldOut, Unmeasured
from gncviz.models.matrix.hold_out import at_places
from gncviz.models.matrix.parts import Parts, parts_of, parts_with_truth
from gncviz.models.matrix.span import Span
from gncviz.models.recipe import SeededRecipe, TaskRecipe
from gncviz.settings import SettingsError, as_python
from gncviz.streams import Stream, numpy_generator

Kind = Literal["sensing", "completion"]

Row = tuple[float, ...]


def check_measurements(kind: Kind, count: int, shape: tuple[int, ...]) -> None:
    """Does nothing if random measurements can be held.

    Args:
        kind: of them.
        count: how many.
        shape: of what is measured.

    Raises:
        SettingsError: they are too many.
    """
    if kind == "sensing":
        what = f"{count} random arrays of {' × '.join(map(str, shape))}"
        checked_size("measurements", what, count * math.prod(shape))


def random_span(kind: Kind, count: int, shape: tuple[int, ...], rng: np.random.Generator) -> Span:
    """Random measurements: Gaussian ones of norm one, or distinct single entries.

    Args:
        kind: of them.
        count: n, how many.
        shape: of what is measured.
        rng: of the random numbers.
    """
    if kind == "sensing":
        given = rng.standard_normal((count, *shape))
        sides = tuple(range(1, given.ndim))
        given /= np.sqrt((given * given).sum(axis=sides, keepdims=True))
        return Span(shape, frozen(given), None)
    chosen = np.sort(rng.choice(math.prod(shape), size=count, replace=False))
    return Span(shape, None, frozen(chosen.astype(np.int64)))


class TaskSettings(SeededRecipe):
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
        check_measurements(self.kind, self.measurements, (self.rows, self.cols))
        return self

    def parts(self) -> Parts:
        """Draws the task's parts."""
        rng = numpy_generator(self.seed, Stream.TASK)
        left = rng.standard_normal((self.rows, self.rank))
        right = rng.standard_normal((self.rank, self.cols))
        truth = left @ right
        truth *= self.norm / np.linalg.norm(truth)
        return parts_with_truth(
            frozen(truth), random_span(self.kind, self.measurements, truth.shape, rng)
        )

    @property
    def outline(self) -> OutputShape:
        """The shape of W."""
        return OutputShape((self.rows, self.cols))


class GivenTask(TaskRecipe):
    """A task of the user's own arrays; see :class:`gncviz.Task`.

    Args:
        ground_truth: W*, m rows of m' numbers, where it is known.
        measurements: A_1..A_n, each m rows of m' numbers.
        labels: what they measured, where that is not <A_i, W*>.
        held_out_measurements: those that measure generalization, without a ground truth.
        held_out_labels: what these measured.
    """

    ground_truth: tuple[Row, ...] | None = None
    measurements: tuple[tuple[Row, ...], ...]
    labels: Row | None = None
    held_out_measurements: tuple[tuple[Row, ...], ...] | None = None
    held_out_labels: Row | None = None

    @property
    def outline(self) -> OutputShape:
        """The shape of W."""
        first = self.measurements[0]
        return OutputShape((len(first), len(first[0])))

    @property
    def gen_label(self) -> str:
        """What the task's L_gen is called."""
        return (Unmeasured if self.held_out_labels is None else HeldOut).label

    def parts(self) -> Parts:
        """The task's parts."""
        return parts_of(**dict(self))


class TableTask(TaskRecipe):
    """A matrix with holes to complete; see :meth:`gncviz.Task.completion`.

    Args:
        matrix: m rows of m' numbers; None for what is missing.
        held_out: places in the flattened matrix of the known entries that are held out.
    """

    matrix: tuple[tuple[float | None, ...], ...]
    held_out: tuple[int, ...]

    @property
    def outline(self) -> OutputShape:
        """The shape of W."""
        return OutputShape((len(self.matrix), len(self.matrix[0])))

    @property
    def gen_label(self) -> str:
        """What the task's L_gen is called."""
        return HeldOut.label

    def parts(self) -> Parts:
        """The task's parts."""
        return at_places(self.matrix, self.held_out)


#: Settings of a task of a person's own arrays.
OwnTask = GivenTask | TableTask


def own_task(data: Mapping[str, Any]) -> OwnTask:
    """The settings that arrays, or lists of numbers, stand for.

    Args:
        data: what :meth:`gncviz.models.matrix.parts.Parts.arrays` gave, through JSON or not.
    """
    plain = {name: as_python(value) for name, value in data.items()}
    if "matrix" not in plain:
        return GivenTask(**plain)
    rows = [[None if x is None or x != x else x for x in row] for row in plain["matrix"]]
    return TableTask(**{**plain, "matrix": rows})
