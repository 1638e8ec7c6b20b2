"""How every figure looks: colours, axes, and the pieces that several figures share."""

from __future__ import annotations

import copy
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gncviz.words import scientific

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"


@dataclass(frozen=True)
class Theme:
    """Colours on a transparent ground; prior, posterior and descent from Okabe and Ito (2008).

    All colours are CSS colours, such as "#0072b2".

    Attributes:
        text: of labels.
        grid: of grid lines.
        prior: of the prior, everywhere.
        posterior: of Guess & Check.
        descent: of gradient descent.
        ranks: of the singular values, largest first.
        pins: of the runs that are kept to compare with, in the order of
            :data:`gncviz.figures.style.PINS`.
        ground: what the figure stands on, for hover labels and exports.
        diverging: a scale from the most negative to the most positive value, zero in the middle,
            which is the ground; purple and green, after ColorBrewer's PRGn, stay apart for every
            common kind of colour blindness.
    """

    text: str
    grid: str
    prior: str
    posterior: str
    descent: str
    ranks: tuple[str, ...]
    pins: tuple[str, ...]
    ground: str
    diverging: tuple[str, ...]


LIGHT = Theme(
    text="#3d4656",
    grid="#e3e7ee",
    prior="#77808f",
    posterior="#0072b2",
    descent="#d55e00",
    ranks=("#0d0887", "#5c01a6", "#9c179e", "#cc4778", "#ed7953", "#d9a300"),
    pins=("#00785a", "#a8467f", "#9a6c00", "#1f2733"),
    ground="#ffffff",
    diverging=("#762a83", "#af8dc3", "#e7d4e8", "#ffffff", "#d9f0d3", "#7fbf7b", "#1b7837"),
)
DARK = Theme(
    text="#c9d1dc",
    grid="#353c48",
    prior="#9aa4b2",
    posterior="#56b4e9",
    descent="#ff9040",
    ranks=("#7f9cff", "#b085ff", "#e07be0", "#ff86a8", "#ffab7a", "#ffd866"),
    pins=("#2fcf9f", "#ec9bc9", "#f2c744", "#ffffff"),
    ground="#14181f",
    diverging=("#dba8ff", "#9a63c2", "#4f3566", "#14181f", "#1f4d2a", "#3f9a50", "#86e892"),
)

#: Letters of the runs that are kept to compare with, and the dashes of their lines.
PINS = {"A": "dash", "B": "dot", "C": "dashdot", "D": "longdash"}

#: Decades that a logarithmic axis of losses goes down from the largest: what is below is rounding.
_DEEPEST = 30

NOTHING_PINNED: Mapping[str, Any] = MappingProxyType({})


def new_figure(
    theme: Theme = LIGHT, rows: int = 1, height: int = 480, **subplots: Any
) -> go.Figure:
    """An empty figure in the look of all others, for what they do not show.

    Args:
        theme: the colours.
        rows: panels, one below the other.
        height: of the figure, in pixels.
        **subplots: further arguments of plotly's ``make_subplots``, such as ``cols``.
    """
    layout = tuple((name, tuple(v) if isinstance(v, list) else v) for name, v in subplots.items())
    # Making one takes ten times as long as copying one, and figures follow a slider.
    return copy.deepcopy(_blank(theme, rows, height, layout))


@functools.lru_cache(maxsize=32)
def _blank(
    theme: Theme, rows: int, height: int, subplots: tuple[tuple[str, Any], ...]
) -> go.Figure:
    figure = make_subplots(rows=rows, **{"cols": 1, **dict(subplots)})
    figure.update_layout(
        autosize=True,
        height=height,
        margin={"l": 64, "r": 18, "t": 44, "b": 52},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "size": 13, "color": theme.text},
        # One trace alone would lose its legend otherwise.
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "title": None},
        hoverlabel={"font": {"family": FONT}},
        # A person's zoom survives when the data change.
        uirevision="constant",
        template="none",
    )
    axis = {
        "gridcolor": theme.grid,
        "linecolor": theme.grid,
        "zeroline": False,
        "ticks": "outside",
        "tickcolor": theme.grid,
        "title": {"standoff": 8},
        "automargin": True,
    }
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis)
    return figure


def translucent(colour: str, opacity: float) -> str:
    """A #rrggbb colour with an opacity."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def histogram(
    values: NDArray[np.float64],
    weights: NDArray[np.float64] | None,
    edges: NDArray[np.float64],
    *,
    name: str,
    colour: str,
    log: bool,
    **trace: Any,
) -> go.Scatter:
    """A filled outline of the share of draws that each bin holds.

    Args:
        values: with shape (N,); no values give an empty trace.
        weights: of the values, equal by default.
        edges: of the bins, on the axis' scale.
        name: in the legend.
        colour: of line and fill.
        log: ``edges`` are log10 of the axis.
        **trace: further properties.
    """
    x: ArrayLike = []
    y: ArrayLike = []
    if len(values):
        weights = np.ones(len(values)) if weights is None else weights
        # What is too small for a logarithmic axis, such as zero, counts where the axis begins.
        placed = _log10(values).clip(min=edges[0]) if log else values
        counts, _ = np.histogram(placed, edges, weights=weights)
        shares = counts / weights.sum()
        x, y = (10.0**edges if log else edges), np.append(shares, shares[-1])
    return go.Scatter(
        x=x,
        y=y,
        name=name,
        mode="lines",
        line={"shape": "hv", "color": colour, "width": 1.6},
        fill="tozeroy",
        fillcolor=translucent(colour, 0.22),
        hovertemplate="%{x:.3g}: %{y:.1%} of draws<extra>" + name + "</extra>",
        **trace,
    )


def band(x: ArrayLike, low: ArrayLike, high: ArrayLike, colour: str, **trace: Any) -> go.Scatter:
    """The area between two curves over the same points."""
    return go.Scatter(
        x=np.concatenate([x, np.flip(x)]),
        y=np.concatenate([high, np.flip(low)]),
        mode="none",
        fill="toself",
        fillcolor=colour,
        hoverinfo="skip",
        showlegend=False,
        **trace,
    )


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


def _log10(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.log10(values, where=values > 0, out=np.full(values.shape, -np.inf))


def visible(values: Any, largest: float) -> Any:
    """Values for a logarithmic axis: none is zero, nor so far below the largest as rounding is."""
    return np.maximum(values, max(largest * 10.0**-_DEEPEST, np.finfo(float).tiny))


def marks(
    values: NDArray[np.float64], least: float, *, name: str, colour: str, **trace: Any
) -> go.Scatter:
    """Single values on the axis, such as gradient descent's trials.

    Args:
        values: those that are not finite are left out.
        least: where the axis begins; smaller values point to the left from there, and hovering
            tells what they are.
        name: in the legend.
        colour: of the marks.
        **trace: further properties.
    """
    points = values[np.isfinite(values)]
    return go.Scatter(
        x=np.maximum(points, least),
        y=np.zeros(len(points)),
        customdata=points,
        name=name,
        mode="markers",
        marker={
            "symbol": np.where(points < least, "triangle-left", "diamond"),
            "size": 11,
            "color": colour,
            "opacity": 0.85,
        },
        cliponaxis=False,
        hovertemplate="%{customdata:.3g}<extra>" + name + "</extra>",
        **trace,
    )


def joined(groups: list[tuple[ArrayLike, ArrayLike]]) -> tuple[list[Any], list[Any]]:
    """Several lines as one trace, with gaps between them."""
    xs: list[Any] = []
    ys: list[Any] = []
    for x, y in groups:
        xs += [*np.asarray(x).tolist(), None]
        ys += [*np.asarray(y).tolist(), None]
    return xs, ys


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
    text = [f"{value:g}" if value >= _WRITTEN_OUT else scientific(value) for value in shown]
    return {"tickmode": "array", "tickvals": shown, "ticktext": text}


#: Of a logarithmic axis: with fewer decades there are ticks between the powers of ten; about this
#: many ticks otherwise; and numbers from here on are written out.
_FEW_DECADES, _MOST_TICKS, _WRITTEN_OUT = 2.5, 8, 1e-3


def threshold(figure: go.Figure, value: float, text: str, theme: Theme, row: int) -> None:
    """Marks a value of the x axis by a dashed line with a label."""
    figure.add_vline(
        x=value, line={"color": theme.text, "dash": "dash", "width": 1.2}, row=row, col=1
    )
    reference = "x" if row == 1 else f"x{row}"
    figure.add_annotation(
        x=np.log10(value),
        xref=reference,
        y=1,
        yref=("y" if row == 1 else f"y{row}") + " domain",
        text=text,
        showarrow=False,
        xanchor="left",
        xshift=4,
        yanchor="top",
    )


def subscript(index: int) -> str:
    """A number as a subscript: plotly.js renders no TeX without help from outside."""
    return str(index).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
