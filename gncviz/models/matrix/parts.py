"""What a task of linear measurements is made of: put together from arrays, and taken apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gncviz.models.arrays import check_reach, frozen, frozen_array
from gncviz.models.matrix.generalization import HeldOut, Unmeasured
from gncviz.models.matrix.readings import Readings
from gncviz.models.matrix.span import Span
from gncviz.settings import SettingsError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Form:
    """What is measured, in words for people whose arrays do not fit.

    Attributes:
        many: such as "matrices".
        sides: the axes of one.
        axes: how many.
        if_missing: what to do where only some entries are known, in a sentence.
        if_unknown: where there is no ground truth, likewise.
    """

    many: str
    sides: str
    axes: int
    if_missing: str = ""
    if_unknown: str = ""


MATRICES = Form(
    "matrices",
    "rows, cols",
    2,
    "A matrix of which only some entries are known is completed by Task.completion(matrix).",
    "Task.sensing(...) holds some out by itself.",
)


@dataclass(frozen=True, eq=False)
class Parts:
    """A task's two losses, and the ground truth where it is known.

    Attributes:
        readings: what is trained on.
        generalization: what generalization is measured by.
        truth: W*; None where nobody knows it.
    """

    readings: Readings
    generalization: Unmeasured | HeldOut
    truth: NDArray[np.float64] | None = None

    @property
    def held_out(self) -> Readings | None:
        """What is held out; None where the ground truth measures generalization."""
        gen = self.generalization
        return gen.readings if isinstance(gen, HeldOut) else None

    @property
    def table(self) -> NDArray[np.float64] | None:
        """Completion without a ground truth: the known entries, NaN elsewhere."""
        parts = [self.readings, self.held_out]
        found = np.full(self.readings.span.size, np.nan)
        for part in parts:
            if part is None or part.span.entries is None:
                return None
            found[part.span.entries] = part.labels
        return frozen(found.reshape(self.readings.span.shape))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All of it, as :func:`parts_of` takes it."""
        held_out, table = self.held_out, self.table
        if held_out is None:
            assert self.truth is not None
            found = {"ground_truth": self.truth, "measurements": self.readings.span.measurements}
            given = self.readings.given
            return found if given is None else {**found, "labels": given}
        if table is not None:
            assert held_out.span.entries is not None
            return {"matrix": table, "held_out": held_out.span.entries}
        return {
            "measurements": self.readings.span.measurements,
            "labels": self.readings.labels,
            "held_out_measurements": held_out.span.measurements,
            "held_out_labels": held_out.labels,
        }


def parts_of(
    ground_truth: ArrayLike | None = None,
    measurements: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    held_out_measurements: ArrayLike | None = None,
    held_out_labels: ArrayLike | None = None,
    *,
    form: Form = MATRICES,
) -> Parts:
    """The parts of a task of a person's own arrays; see :class:`gncviz.Task`.

    Args:
        ground_truth: W*.
        measurements: A_1..A_n.
        labels: y; those of the ground truth by default.
        held_out_measurements: those that measure generalization, without a ground truth.
        held_out_labels: what these measured.
        form: of what is measured.

    Raises:
        SettingsError: they do not fit together, or one of them is no array of finite numbers.
    """
    if ground_truth is None:
        wanted = {
            "measurements": measurements,
            "labels": labels,
            "held_out_measurements": held_out_measurements,
            "held_out_labels": held_out_labels,
        }
        _refuse_lacking(wanted, form)
        readings = _readings("", measurements, labels, form)
        held_out = _readings(
            "held_out_", held_out_measurements, held_out_labels, form, readings.span
        )
        return Parts(readings, HeldOut(held_out))
    for name, value in (("measurements", held_out_measurements), ("labels", held_out_labels)):
        if value is not None:
            sentence = f"held_out_{name} should be left out: ground_truth measures generalization."
            raise SettingsError([(f"held_out_{name}", sentence)])
    if measurements is None:
        raise SettingsError([("measurements", "measurements are required with ground_truth.")])
    sides = f"({form.sides})"
    truth = frozen_array("ground_truth", ground_truth, sides, form.axes, form.if_missing)
    span = _span("measurements", measurements, form, truth.shape, "ground truth")
    exact = parts_with_truth(truth, span)
    largest = np.abs(exact.readings.labels).max()
    check_reach("measurements", "the largest label that they give", largest)
    if span.unmeasured == 0:
        sentence = (
            f"measurements must leave some direction of the {' × '.join(map(str, truth.shape))} "
            f"{form.many} unmeasured; these {span.count} span all of them."
        )
        raise SettingsError([("measurements", sentence)])
    if labels is None:
        return exact
    return parts_with_truth(truth, span, _labels("labels", labels, span))


def parts_with_truth(
    truth: NDArray[np.float64], span: Span, labels: NDArray[np.float64] | None = None
) -> Parts:
    """The parts of a task whose ground truth is known.

    Args:
        truth: W*.
        span: of the measurements.
        labels: with shape (n,), where they are not <A_i, W*>.
    """
    source = truth.reshape(-1)
    readings = Readings(span, source=source) if labels is None else Readings(span, labels)
    return Parts(readings, Unmeasured(source, span), truth)


def parts_of_entries(
    table: NDArray[np.float64], trained: NDArray[np.int64], held_out: NDArray[np.int64]
) -> Parts:
    """The parts of a completion of which only these entries are known.

    Args:
        table: the entries.
        trained: places in the flattened table that are trained on, in ascending order.
        held_out: places that are held out.
    """

    def at(places: NDArray[np.int64]) -> Readings:
        span = Span(table.shape, None, frozen(places))
        return Readings(span, frozen(table.reshape(-1)[places]))

    return Parts(at(trained), HeldOut(at(held_out)))


def _readings(
    name: str, measurements: Any, labels: Any, form: Form, like: Span | None = None
) -> Readings:
    """Measurements and their values, of arrays of the shape that others have."""
    shape, what = (None, "") if like is None else (like.shape, "measurements")
    span = _span(f"{name}measurements", measurements, form, shape, what)
    return Readings(span, _labels(f"{name}labels", labels, span))


def _span(
    name: str, measurements: Any, form: Form, shape: tuple[int, ...] | None, what: str
) -> Span:
    given = frozen_array(name, measurements, f"(n, {form.sides})", ndim=form.axes + 1)
    if shape is not None and given.shape[1:] != shape:
        wanted = f"(n, {', '.join(map(str, shape))})"
        sentence = f"{name} must have shape {wanted} to fit the {what}; got {given.shape}."
        raise SettingsError([(name, sentence)])
    return Span(given.shape[1:], given, None)


def _labels(name: str, labels: Any, span: Span) -> NDArray[np.float64]:
    found = frozen_array(name, labels, "(n,)", ndim=1)
    if len(found) != span.count:
        sentence = f"{name} must be {span.count}, one a measurement; got {len(found)}."
        raise SettingsError([(name, sentence)])
    return found


def _refuse_lacking(wanted: dict[str, Any], form: Form) -> None:
    lacking = [name for name, value in wanted.items() if value is None]
    if lacking:
        sentence = (
            f"{lacking[0]} should be given where ground_truth is not: without a ground truth, "
            f"held-out measurements and their labels measure generalization. {form.if_unknown}"
        ).rstrip()
        raise SettingsError([(lacking[0], sentence)])
