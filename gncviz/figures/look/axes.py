"""Where an axis begins and ends, and what is written at it: bins, and ticks of decades."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gncviz.words import typeset

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Decades that a logarithmic axis of losses goes down from the largest: what is below is rounding.
_DEEPEST = 30

#: Of a logarithmic axis: with fewer decades there are ticks between the powers of ten; about this
#: many ticks otherwise.
_FEW_DECADES, _MOST_TICKS = 2.5, 8

#: By what factor an axis that finds its own range may go beyond what is drawn.
_SPARE = 3


def bin_edges(
    parts: list[NDArray[np.float64]], *, log: bool, through: float | None = None
) -> NDArray[np.float64]:
    """Common edges for several sets of values, log10 of them on a logarithmic axis.

    Args:
        parts: the values; the smallest part that is not empty decides how many bins there are
            (they grow like n^(1/3), as is optimal).
        log: whether the axis is logarithmic; a linear one starts at zero.
        through: a value at which one bin shall end.
    """
    low, high = _ends([*parts, np.array([] if through is None else [through])], log)
    fewest = min((len(part) for part in parts if len(part)), default=1)
    bins = int(np.clip(3 * fewest ** (1 / 3), 14, 48))
    # One value alone has a bin of its own, of a width that suits it.
    span = max(high - low, 1e-3) if log else high - low or 1.0
    if through is None:
        return np.linspace(low, max(high, low + span), bins + 1)
    origin, width = float(np.log10(through) if log else through), span / bins
    first, last = np.floor((low - origin) / width), np.ceil((high - origin) / width)
    return origin + width * np.arange(first, max(last, first + 1) + 1)


def _ends(parts: list[NDArray[np.float64]], log: bool) -> tuple[float, float]:
    """Least and largest value; on a logarithmic axis log10 of those that it can show."""
    values = np.concatenate(parts)
    if not log:
        return 0.0, float(values.max(initial=0.0))
    shown = np.log10(values[values > 0])
    high = float(shown.max()) if len(shown) else 0.0
    return max(float(shown.min(initial=high)), high - _DEEPEST), high


def log10(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """log10 of values that may be zero, whose logarithm is −inf."""
    return np.log10(values, where=values > 0, out=np.full(values.shape, -np.inf))


def visible(values: Any, largest: float) -> Any:
    """Values for a logarithmic axis: none is zero, nor so far below the largest as rounding is."""
    return np.maximum(values, max(largest * 10.0**-_DEEPEST, np.finfo(float).tiny))


def plain_ticks(low: float, high: float) -> dict[str, Any]:
    """Ticks of a logarithmic axis from ``low`` to ``high`` that say the numbers they stand at.

    Plotly's own say "2, 3, 4" between powers of ten, which one has to know how to read.
    """
    decades = np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    few = np.log10(high / low) < _FEW_DECADES
    steps = (1, 2, 5) if few else (1,)
    stride = 1 if few else max(int(len(decades) / _MOST_TICKS), 1)
    values = [step * 10.0**decade for decade in decades[::stride] for step in steps]
    shown = [value for value in values if low <= value <= high]
    text = [typeset(value) for value in shown]
    return {"tickmode": "array", "tickvals": shown, "ticktext": text}


def log_axis(values: Any, room: float | None = None) -> dict[str, Any]:
    """A logarithmic axis for some values, with ticks that say the numbers they stand at.

    Args:
        values: all that are drawn, of any shape; what the axis cannot show is passed over.
        room: by what factor it goes beyond them at both ends; None where it finds its own range.
    """
    drawn = np.asarray(values, dtype=float)
    drawn = drawn[np.isfinite(drawn) & (drawn > 0)]
    if not len(drawn):
        return {"type": "log"} if room is None else log_axis([1.0], room)
    beyond = _SPARE if room is None else room
    ends = float(drawn.min()) / beyond, float(drawn.max()) * beyond
    range_ = {} if room is None else {"range": np.log10(ends).tolist()}
    return {"type": "log", **range_, **plain_ticks(*ends)}
