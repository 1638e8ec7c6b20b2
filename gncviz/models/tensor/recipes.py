"""Settings that describe a task of tensors: drawn at random, or given as arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import BeforeValidator, Field, model_validator

from gncviz.models.arrays import check_reach, checked_size, frozen, real_numbers
from gncviz.models.law import OutputShape
from gncviz.models.matrix.generalization import HeldOut, Unmeasured
from gncviz.models.matrix.parts import Form, Parts, parts_of, parts_with_truth
from gncviz.models.matrix.recipes import Kind, Row, check_measurements, random_span
from gncviz.models.products import cp_sum
from gncviz.models.recipe import SeededRecipe, TaskRecipe
from gncviz.settings import SettingsError, as_python
from gncviz.streams import Stream, numpy_generator

Side = Annotated[int, Field(ge=1, le=1000)]


def tensors(order: int) -> Form:
    """What tensors of an order are called where they do not fit.

    Args:
        order: N, the number of modes.
    """
    return Form(
        "tensors",
        ", ".join(f"d_{mode}" for mode in range(1, order + 1)),
        order,
        if_unknown="TensorTask.sensing(...) holds some out by itself.",
    )


def order_of(ground_truth: Any, measurements: Any) -> int:
    """N, from whichever array is there; that the others fit to it is seen later.

    Args:
        ground_truth: W*, if it is known.
        measurements: A_1..A_n.

    Raises:
        SettingsError: it is no array of tensors.
    """
    given = {"ground_truth": (ground_truth, 0), "measurements": (measurements, 1)}
    for name, (values, more) in given.items():
        if values is None:
            continue
        words = "(n, d_1, …, d_N)" if more else "(d_1, …, d_N)"
        found = real_numbers(name, values, words)
        if found.ndim - more < 2:
            sentence = f"{name} must have shape {words}, N two or more; got {found.shape}."
            raise SettingsError([(name, sentence)])
        return found.ndim - more
    return 3


class TensorTaskSettings(SeededRecipe):
    """The recipe of a random task; see :meth:`gncviz.TensorTask.random`."""

    model: ClassVar[str] = "tensor"

    shape: tuple[Side, ...] = Field(
        (4, 4, 4), min_length=2, max_length=10, description="Sides d_1, …, d_N of the ground truth."
    )
    rank: int = Field(1, ge=1, description="Terms r of the ground truth.")
    norm: float = Field(1.0, gt=0, description="Norm of the ground truth.")
    measurements: int = Field(40, ge=1, description="Number n of measurements.")
    kind: Kind = Field("sensing", description="Gaussian measurements, or single entries.")
    seed: int = Field(0, ge=0, lt=2**63, description="Seed of the ground truth and measurements.")

    @model_validator(mode="after")
    def _fits(self) -> TensorTaskSettings:
        entries, sides = math.prod(self.shape), " × ".join(map(str, self.shape))
        problems = []
        # Every tensor is a sum of so many terms, one for each fibre along its longest mode.
        most = entries // max(self.shape)
        if self.rank > most:
            problems.append(
                ("rank", f"rank must be at most {most}, as of any tensor; got {self.rank}.")
            )
        if self.measurements >= entries:
            sentence = (
                f"measurements must be fewer than the {sides} = {entries} entries, or nothing is "
                f"left to generalize to; got {self.measurements}."
            )
            problems.append(("measurements", sentence))
        if problems:
            raise SettingsError(problems)
        check_reach("norm", "a value", self.norm)
        checked_size("shape", f"tensors of {sides} numbers", entries)
        check_measurements(self.kind, self.measurements, self.shape)
        return self

    def parts(self) -> Parts:
        """Draws the task's parts."""
        rng = numpy_generator(self.seed, Stream.TASK)
        # The last mode last and the other way round: at order two it is a matrix' U and V.
        factors = [rng.standard_normal((side, self.rank)) for side in self.shape[:-1]]
        factors.append(rng.standard_normal((self.rank, self.shape[-1])).T)
        truth = cp_sum(factors)
        truth *= self.norm / np.linalg.norm(truth)
        span = random_span(self.kind, self.measurements, self.shape, rng)
        return parts_with_truth(frozen(truth), span)

    @property
    def outline(self) -> OutputShape:
        """The shape of W."""
        return OutputShape(self.shape)


def _nested(value: Any) -> Any:
    """Numbers in lists, and in lists of these, as tuples."""
    taken = as_python(value)
    return tuple(map(_nested, taken)) if isinstance(taken, list | tuple) else taken


#: Numbers in tuples of tuples, as deep as there are axes.
Nested = Annotated[tuple[Any, ...], BeforeValidator(_nested)]


class GivenTensor(TaskRecipe):
    """A task of the user's own arrays; see :class:`gncviz.TensorTask`.

    Args:
        ground_truth: W*, where it is known.
        measurements: A_1..A_n.
        labels: what they measured, where that is not <A_i, W*>.
        held_out_measurements: those that measure generalization, without a ground truth.
        held_out_labels: what these measured.
    """

    model: ClassVar[str] = "tensor"

    ground_truth: Nested | None = None
    measurements: Nested
    labels: Row | None = None
    held_out_measurements: Nested | None = None
    held_out_labels: Row | None = None

    @property
    def outline(self) -> OutputShape:
        """The shape of W."""
        return OutputShape(np.shape(self.measurements[0]))

    @property
    def gen_label(self) -> str:
        """What the task's L_gen is called."""
        return (Unmeasured if self.held_out_labels is None else HeldOut).label

    def parts(self) -> Parts:
        """The task's parts."""
        return parts_of(**dict(self), form=tensors(order_of(None, self.measurements)))


def own_tensor(data: Mapping[str, Any]) -> GivenTensor:
    """The settings that arrays, or lists of numbers, stand for.

    Args:
        data: what :meth:`gncviz.models.matrix.parts.Parts.arrays` gave, through JSON or not.
    """
    return GivenTensor(**data)
