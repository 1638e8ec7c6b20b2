"""Results of one's own beside the others: matrices from anywhere, or their losses, with a name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from gncviz.figures.look.theme import Theme
from gncviz.figures.look.traces import histogram, marks
from gncviz.models.arrays import real_numbers
from gncviz.posterior.estimate import standard_error
from gncviz.settings import SettingsError
from gncviz.words import as_in_print, estimate, typeset

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gncviz.models.protocols import AnyTask

#: From so many on they are drawn as a distribution, and fewer one by one.
_MANY = 100

#: By name: outputs with shape (..., *output_shape), such as matrices, or losses with shape (N,).
Own = Mapping[str, "ArrayLike"]
NOTHING: Own = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class OwnResult:
    """A result that came from elsewhere.

    Attributes:
        name: of the method.
        gen_loss: L_gen, with shape (N,).
        train_loss: L_train, with shape (N,); none where only losses were given.
        outputs: such as W, with shape ``(N, *output_shape)``; none likewise.
    """

    name: str
    gen_loss: NDArray[np.float64]
    train_loss: NDArray[np.float64]
    outputs: NDArray[np.float64]

    @property
    def mean(self) -> float:
        """Mean L_gen of those that are finite; NaN where none is."""
        known = self.gen_loss[np.isfinite(self.gen_loss)]
        return float(known.mean()) if len(known) else math.nan

    @property
    def label(self) -> str:
        """For the legend, with the mean."""
        known, mean = self.gen_loss[np.isfinite(self.gen_loss)], self.mean
        if not len(known):
            return f"{self.name}: no number"
        stderr = standard_error(known) if len(known) > 1 else math.nan
        known_error = math.isfinite(stderr) and stderr > 0
        mean_text = as_in_print(estimate(mean, stderr)) if known_error else typeset(mean)
        return f"{self.name}: mean {mean_text}"


def named(own: Any) -> dict[str, Any]:
    """Results of one's own by their names.

    Raises:
        SettingsError: they have none.
    """
    if not isinstance(own, Mapping):
        sentence = 'own should have names, as in {"Adam": matrices}'
        raise SettingsError([("own", f"{sentence}; got {type(own).__name__}.")])
    return {str(name): values for name, values in own.items()}


def own_results(task: AnyTask, own: Own) -> list[OwnResult]:
    """Results of one's own, their losses computed where they are outputs.

    Args:
        task: that they are of.
        own: by name.

    Raises:
        SettingsError: one is neither outputs of that task nor losses; or own has no names.
    """
    return [_own_result(task, name, values) for name, values in named(own).items()]


def _own_result(task: AnyTask, name: str, values: Any) -> OwnResult:
    shape, where = task.output_shape, f"own[{name!r}]"
    sides = ", ".join(map(str, shape))
    found = real_numbers(where, values, f"(..., {sides}) or (N,)")
    if found.ndim >= len(shape) and found.shape[-len(shape) :] == shape:
        outputs = found.reshape(-1, *shape)
        return OwnResult(name, task.gen_loss(outputs), task.train_loss(outputs), outputs)
    if found.ndim == 1:
        return OwnResult(name, found, np.empty(0), np.empty((0, *shape)))
    sentence = (
        f"{where} should be outputs with shape (..., {sides}), or losses with shape (N,); "
        f"got {found.shape}."
    )
    raise SettingsError([("own", sentence)])


def many(own: list[OwnResult]) -> list[NDArray[np.float64]]:
    """L_gen of those that are drawn as distributions, for the edges of the bins."""
    finite = [one.gen_loss[np.isfinite(one.gen_loss)] for one in own]
    return [values for values in finite if len(values) >= _MANY]


def own_trace(
    values: NDArray[np.float64],
    edges: NDArray[np.float64],
    place: int,
    *,
    name: str,
    log: bool,
    theme: Theme,
    **trace: Any,
) -> go.Scatter:
    """One result: single marks on the axis, or an outline where there are many.

    Args:
        values: with shape (N,); those that are not finite are left out.
        edges: of the bins, log10 of them on a logarithmic axis. What is beyond them is marked at
            the end of the axis, and hovering tells what it is.
        place: of the result among those of one's own, for its colour and its mark.
        name: in the legend.
        log: whether the axis is logarithmic.
        theme: the colours.
        **trace: further properties.
    """
    colour = theme.pins[-1 - place % len(theme.pins)]
    known = values[np.isfinite(values)]
    if len(known) >= _MANY:
        outline = histogram(known, None, edges, name=name, colour=colour, log=log, **trace)
        return outline.update(fill="none")
    low, high = (10.0 ** edges[[0, -1]]) if log else edges[[0, -1]]
    trace_of = marks(known, low, name=name, colour=colour, **trace)
    symbol = _MARKS[place % len(_MARKS)]
    symbols = np.where(
        known < low, "triangle-left", np.where(known > high, "triangle-right", symbol)
    )
    return trace_of.update(x=known.clip(low, high), marker={"symbol": symbols})


_MARKS = ("cross", "x", "star", "square")
