"""The pieces that several figures are drawn of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from gncviz.figures.look.axes import log10
from gncviz.figures.look.theme import translucent

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


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
        placed = log10(values).clip(min=edges[0]) if log else values
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
