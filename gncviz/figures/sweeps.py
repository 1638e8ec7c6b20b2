"""Figures of sweeps: the paper's panels, and phase diagrams over two axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from gncviz.figures.expected import expect_results
from gncviz.figures.look import style
from gncviz.figures.look.axes import log_axis, plain_ticks
from gncviz.figures.look.theme import LIGHT, Theme
from gncviz.models.asked import gen_label
from gncviz.models.recipe import GEN_LABEL
from gncviz.settings import SettingsError
from gncviz.words import printed

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from gncviz.sweeps import SweepResult
    from gncviz.sweeps.settings import Axis

_NAMES = {
    "gradient_descent": "Gradient descent",
    "prior": "Prior",
    "guess_and_check": "Guess & Check",
}
_DASHES = {"gradient_descent": "dash", "prior": "dot", "guess_and_check": "solid"}
_SYMBOLS = {"gradient_descent": "diamond", "prior": "square", "guess_and_check": "circle"}
#: On a logarithmic axis nothing below this share of the largest loss is drawn: gradient descent
#: converges to rounding errors.
_LEAST = 1e-7
#: Of a width axis: with more values than this, not every one is written out.
_MOST_WIDTHS = 10


def sweep(
    result: SweepResult,
    *,
    limits: ArrayLike | None = None,
    log: bool = False,
    theme: Theme = LIGHT,
) -> go.Figure:
    """Mean generalization loss against what was swept, as the paper's figures show it.

    Markers are medians over the seeds, bars reach from quartile to quartile. A sweep over two axes
    gives :func:`gncviz.figures.phase_diagram`.

    Args:
        result: from :func:`gncviz.sweep`, complete or not.
        limits: Guess & Check's loss in the limit of width, one a seed, for a dashed line at their
            median; :func:`gncviz.sweeps.width_limits` gives them.
        log: whether the loss has a logarithmic axis.
        theme: the colours.

    Raises:
        SettingsError: it is no result of a sweep.
    """
    expect_results("result", result=result)
    if len(result.settings.axes) > 1:
        return phase_diagram(result, theme=theme)
    figure = style.new_figure(theme)
    (axis,) = result.settings.axes
    colours = {
        "gradient_descent": theme.descent,
        "prior": theme.prior,
        "guess_and_check": theme.posterior,
    }
    for method, colour in colours.items():
        look = {"colour": colour, "symbol": _SYMBOLS[method], "dash": _DASHES[method]}
        figure.add_trace(curve(result, method, name=_NAMES[method], log=log, **look))
    line = limit_line(axis, limits, name="Guess & Check, width → ∞", colour=theme.posterior)
    figure.add_trace(line.update(showlegend=limits is not None))
    dress_axes(figure, axis, axis.values, log=log, loss=gen_label(result.settings.task))
    return figure


def limit_line(axis: Axis, limits: ArrayLike | None, *, name: str, colour: str) -> go.Scatter:
    """A dashed line across a figure at the median of limits; empty where there are none.

    Args:
        axis: what was swept.
        limits: one a seed, or None.
        name: in the legend.
        colour: of the line.
    """
    values = [] if limits is None else [float(np.median(np.asarray(limits, dtype=float)))]
    ends = [min(axis.values), max(axis.values)]
    return go.Scatter(
        x=ends * len(values),
        y=values * 2,
        name=name,
        mode="lines",
        line={"color": colour, "width": 1.4, "dash": "longdash"},
        hovertemplate=f"median %{{y:.3g}}<extra>{name}</extra>",
    )


def dress_axes(
    figure: go.Figure, axis: Axis, values: Sequence[float], *, log: bool, loss: str = GEN_LABEL
) -> None:
    """Titles, ticks and ranges of a figure against what was swept.

    Args:
        figure: changed in place.
        axis: what was swept.
        values: all that are drawn.
        log: whether the loss has a logarithmic axis.
        loss: what it is called.
    """
    drawn = np.concatenate([np.asarray(trace.y, dtype=float) for trace in figure.data])
    kind = log_axis(drawn) if log else {"type": "linear", "rangemode": "tozero"}
    figure.update_yaxes(title_text=f"mean {loss}", **kind)
    low, high = min(values), max(values)
    if axis.swept.linear:
        figure.update_xaxes(range=[low - 0.4, high + 0.4], dtick=_whole_step(high - low))
    else:
        room = 1.15 if axis.name == "width" else 1.4
        ticks = plain_ticks(low / room, high * room)
        if axis.name == "width" and len(values) <= _MOST_WIDTHS:
            ticks |= {"tickvals": list(values), "ticktext": [printed(value) for value in values]}
        ends = np.log10([low / room, high * room]).tolist()
        figure.update_xaxes(type="log", range=ends, **ticks)
    figure.update_xaxes(title_text=axis.label)


def phase_diagram(result: SweepResult, *, theme: Theme = LIGHT) -> go.Figure:
    """How far Guess & Check stays above gradient descent, over two axes.

    Colours give the median over the seeds of the difference of the mean generalization losses;
    without gradient descent, Guess & Check's loss itself. Places that are not known yet are empty.

    Args:
        result: of a sweep over two axes.
        theme: the colours.

    Raises:
        SettingsError: it is no result of a sweep, or it is not over two axes.
    """
    expect_results("result", result=result)
    if len(result.settings.axes) != 2:
        named = " and ".join(axis.name for axis in result.settings.axes)
        sentence = f"result should be of a sweep over two axes; got one over {named}."
        raise SettingsError([("result", sentence)])
    figure = style.new_figure(theme)
    across, up = result.settings.axes
    losses = result.to_frame().pivot(
        index=[up.name, across.name, "seed"], columns="method", values="mean_gen_loss"
    )
    gap = losses.get("guess_and_check", losses.get("prior"))
    title = "Guess & Check's loss"
    if gap is not None and "gradient_descent" in losses:
        gap = gap - losses["gradient_descent"]
        title = "Guess & Check − gradient descent"
    grid = np.full((len(up.values), len(across.values)), np.nan)
    if gap is not None:
        middle = gap.groupby(level=[0, 1]).median().reset_index()
        for y, x, value in middle.to_numpy():
            grid[up.values.index(y), across.values.index(x)] = value
    figure.add_trace(
        go.Heatmap(
            z=grid,
            x=[printed(value) for value in across.values],
            y=[printed(value) for value in up.values],
            colorscale="Cividis",
            colorbar={"title": {"text": title, "side": "right"}, "outlinewidth": 0},
            texttemplate="%{z:.2g}",
            hovertemplate=f"{across.name} %{{x}}, {up.name} %{{y}}: %{{z:.3g}}<extra></extra>",
        )
    )
    figure.update_xaxes(title_text=across.label, type="category", showgrid=False)
    figure.update_yaxes(title_text=up.label, type="category", showgrid=False)
    return figure


def curve(
    result: SweepResult,
    method: str,
    *,
    name: str,
    colour: str,
    symbol: str,
    dash: str = "solid",
    log: bool = False,
) -> go.Scatter:
    """One method's medians and quartiles over the seeds; places not known yet are left out.

    Args:
        result: over one axis.
        method: "guess_and_check", "gradient_descent" or "prior".
        name: in the legend.
        colour: of line and markers.
        symbol: of the markers.
        dash: of the line.
        log: whether the loss has a logarithmic axis.
    """
    table = result.summary()
    part = table[(table["method"] == method) & table["median"].notna()]
    median, low, high = (part[column].to_numpy() for column in ("median", "q25", "q75"))
    if log:
        least = _LEAST * table["median"].max()
        median, low, high = (np.maximum(values, least) for values in (median, low, high))
    bars: dict[str, Any] = {
        "type": "data",
        "symmetric": False,
        "array": high - median,
        "arrayminus": median - low,
        "thickness": 1.4,
        "width": 4,
    }
    seeds = len(result.settings.seeds)
    return go.Scatter(
        x=part[result.settings.axes[0].name].to_numpy(),
        y=median,
        error_y=bars,
        customdata=np.stack([part["q25"], part["q75"], part["seeds"]], axis=-1),
        name=name,
        mode="lines+markers",
        line={"color": colour, "width": 1.8, "dash": dash},
        marker={"size": 8, "symbol": symbol},
        cliponaxis=False,
        hovertemplate="%{x:g}: median %{y:.3g}, quartiles %{customdata[0]:.3g} to "
        f"%{{customdata[1]:.3g}}, %{{customdata[2]}} of {seeds} seeds<extra>{name}</extra>",
    )


def _whole_step(span: float) -> int:
    """Distance of ticks at whole numbers."""
    return max(round(span / 10), 1)
