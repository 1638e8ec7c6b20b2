"""The three means against width or depth, and how near rank one draws are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from gncviz.figures.look import style
from gncviz.figures.look.theme import LIGHT, Theme, translucent
from gncviz.figures.look.traces import band
from gncviz.figures.story.labels import (
    ANY,
    DESCENT,
    FITS,
    GENERALIZATION,
    MOVES,
    NAMES,
    bars,
    over,
    ring,
    say,
    unlegended,
)
from gncviz.lattice.grid import EPSILONS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gncviz.lattice import Run

#: Curves that end below this share of the prior's have their names above them.
_LOW = 0.3
#: Height of two panels below each other, in pixels.
_STACKED = 560


def against(
    runs: Sequence[Run],
    name: str,
    epsilon: float,
    present: int,
    *,
    shown: bool = True,
    theme: Theme = LIGHT,
) -> go.Figure:
    """The three means against width or depth, a ring at the present one.

    Args:
        runs: along the axis.
        name: "width" or "depth".
        epsilon: the threshold.
        present: where the ring is.
        shown: False for the present point alone: who is asked to guess must not see the answer.
        theme: the colours.
    """
    figure = style.new_figure(theme)
    _curves(figure, runs, name, epsilon, present, shown=shown, theme=theme)
    unlegended(figure, right=NAMES)
    figure.update_layout(transition=MOVES)
    return figure


def depth_and_rank(
    runs: Sequence[Run],
    epsilon: float,
    present: int,
    *,
    shown: bool = True,
    narrow: bool = False,
    theme: Theme = LIGHT,
) -> go.Figure:
    """The means against depth, and beside them how near draws are to rank one.

    Args:
        runs: along depth.
        epsilon: the threshold.
        present: the depth with the ring.
        shown: False for the present point alone.
        narrow: whether there is no room beside, but below.
        theme: the colours.
    """
    figure = style.new_figure(theme, cols=2)
    _curves(figure, runs, "depth", epsilon, present, shown=shown, theme=theme)
    at = EPSILONS.index(epsilon)
    known = [run for run in runs if shown or run.place.depth == present]
    depths = [run.place.depth for run in known]
    for quartiles, colour, label in (
        (np.array([run.prior_ratio for run in known]), theme.prior, ANY),
        (np.array([run.fit_ratio[at] for run in known]), theme.posterior, FITS),
    ):
        if len(known) > 1:
            low, high = quartiles[:, 0], quartiles[:, 2]
            shade = translucent(colour, 0.15)
            figure.add_trace(band(depths, low, high, shade), row=1, col=2)
        figure.add_trace(
            go.Scatter(
                x=depths,
                y=quartiles[:, 1],
                mode="lines+markers",
                name=label,
                line={"color": colour},
                hovertemplate="depth %{x}: s₂/s₁ %{y:.2g}<extra>" + label + "</extra>",
            ),
            row=1,
            col=2,
        )
        _name_rank(figure, depths, quartiles, label, colour)
    figure.update_yaxes(range=[0, 1], tickvals=[0, 0.2, 0.4, 0.6, 0.8], row=1, col=2)
    figure.update_xaxes(**_axis("depth", _values(runs, "depth")), row=1, col=2)
    title = "second singular value over the first: 0 is rank one"
    if narrow:
        figure.update_layout(height=_STACKED, yaxis2={"anchor": "x2"})
        figure.update_yaxes(domain=[0.6, 1], row=1, col=1)
        figure.update_yaxes(domain=[0, 0.36], row=1, col=2)
        figure.update_xaxes(domain=[0, 1])
        over(figure, title, y=0.36)
    else:
        # The labels of the first panel's curves need room of their own.
        figure.update_xaxes(domain=[0, 0.44], row=1, col=1)
        figure.update_xaxes(domain=[0.73, 1], row=1, col=2)
        over(figure, "s₂/s₁: 0 is rank one, as the truth", 0.73)
    unlegended(figure, right=NAMES if narrow else 24)
    figure.update_layout(transition=MOVES)
    return figure


def _name_rank(
    figure: go.Figure,
    depths: Sequence[int],
    quartiles: NDArray[np.float64],
    label: str,
    colour: str,
) -> None:
    """The name of a curve that falls, where the other one is not in the way.

    The upper one has it beside its beginning, the lower one below its end.
    """
    panel = {"xref": "x2", "yref": "y2"}
    name = f"<b>{label}</b>"
    if label == FITS and len(depths) > 1:
        low, end = quartiles[-1, 0], depths[-1]
        say(figure, end, low, name, colour, **panel, anchor="top", xanchor="right", xshift=0)
    else:
        say(figure, depths[0], quartiles[0, 1], name, colour, **panel, anchor="bottom", xshift=8)


def _curves(
    figure: go.Figure,
    runs: Sequence[Run],
    name: str,
    epsilon: float,
    present: int,
    *,
    shown: bool,
    theme: Theme,
) -> None:
    """Prior, fits and gradient descent against width or depth, in the first panel."""
    values = _values(runs, name)
    here = values.index(present)
    curves = _means(runs, epsilon, theme)
    most = max(run.prior_mean for run in runs)
    for curve in curves:
        known = np.isfinite(curve.means)
        drawn = known & (shown or curve.label == ANY)
        if drawn.any():
            figure.add_trace(_line(curve, values, name), row=1, col=1)
        if known[here]:
            figure.add_trace(ring([present], [curve.means[here]], curve.colour), row=1, col=1)
        end = len(values) - 1 if drawn.any() else here
        if known[end]:
            where = math.log10(values[end]) if name == "width" else values[end]
            text, y = f"<b>{curve.label}</b>", curve.means[end]
            say(
                figure, where, y, text, curve.colour, xshift=12, anchor=_side(curve.label, y / most)
            )
    top = 1.15 * max(float(np.nanmax(curve.means, initial=0.0)) for curve in curves)
    figure.update_yaxes(range=[-0.03 * top, top], row=1, col=1)
    over(figure, GENERALIZATION)
    figure.update_xaxes(**_axis(name, values), row=1, col=1)


class _Curve(NamedTuple):
    """A mean at every value of an axis; ``errors`` are empty where there are none."""

    label: str
    means: NDArray[np.float64]
    errors: NDArray[np.float64]
    colour: str


def _means(runs: Sequence[Run], epsilon: float, theme: Theme) -> list[_Curve]:
    at = EPSILONS.index(epsilon)

    def curve(label: str, means: list[float], errors: list[float], colour: str) -> _Curve:
        return _Curve(label, np.array(means, dtype=float), np.array(errors, dtype=float), colour)

    fits = [run.fit_mean[at] for run in runs], [run.fit_stderr[at] for run in runs]
    return [
        curve(
            ANY, [run.prior_mean for run in runs], [run.prior_stderr for run in runs], theme.prior
        ),
        curve(FITS, *fits, theme.posterior),
        # A median, which one trial that did not train does not decide.
        curve(DESCENT, [float(np.nanmedian(run.descent_gen)) for run in runs], [], theme.descent),
    ]


def _line(curve: _Curve, values: Sequence[int], name: str) -> go.Scatter:
    return go.Scatter(
        x=values,
        y=curve.means,
        error_y=bars(curve.errors, curve.colour) if len(curve.errors) else None,
        mode="lines+markers",
        name=curve.label,
        line={"color": curve.colour, "width": 2},
        hovertemplate=name + " %{x}: %{y:.2g}<extra>" + curve.label + "</extra>",
    )


def _side(label: str, share: float) -> str:
    """Where a name is written: prior and fits may meet, and fits and gradient descent, too.

    Args:
        label: the name.
        share: how high its curve ends, as a share of the prior's height.
    """
    if label == DESCENT:
        return "middle"
    return "top" if label == FITS and share > _LOW else "bottom"


def _axis(name: str, values: Sequence[int]) -> dict[str, Any]:
    """Widths on a logarithmic axis, depths on a linear one, ticks where there are points."""
    ends = np.array([values[0], values[-1]], dtype=float)
    log = name == "width"
    ends = np.log10(ends) if log else ends
    spare = 0.06 * (ends[1] - ends[0])
    return {
        "type": "log" if log else "linear",
        "range": [ends[0] - spare, ends[1] + spare],
        "title_text": name,
        "tickvals": list(values),
        "ticktext": [str(value) for value in values],
    }


def _values(runs: Sequence[Run], name: str) -> list[int]:
    return [getattr(run.place, name) for run in runs]
