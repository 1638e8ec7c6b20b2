"""Figures of the mechanisms: losses that grow independent with width, products near rank one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from gncviz.figures.chosen import unfolded
from gncviz.figures.expected import expect_results
from gncviz.figures.look import style
from gncviz.figures.look.axes import log_axis
from gncviz.figures.look.theme import LIGHT, Theme, translucent
from gncviz.figures.look.traces import band
from gncviz.mechanism import distance_quantiles, rank_correlation, rank_one_distance
from gncviz.models.asked import gen_label
from gncviz.spectrum import RESOLUTION
from gncviz.words import printed, typeset

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gncviz.descent import GradientDescentResult
    from gncviz.posterior import GuessAndCheckResult

#: Points that are drawn, of the prior and of the posterior; more of them hide each other.
_PRIOR_POINTS, _POSTERIOR_POINTS = 1000, 500
#: Length of the error bars, in standard errors.
_BAR = 1.96
#: Least height of the axis of correlations.
_LEAST_CORRELATION = 0.1
#: How far gradient descent may stretch the axis below the rest, as a factor; farther down it stands
#: at the axis' end.
_STRETCH = 30.0
#: The axis of distances reaches down to this at least.
_LEAST_AXIS = 0.1
#: Posterior and GD stand a little to either side of their depth, so that both can be seen.
_BESIDE = 0.13


def dependence(
    post: GuessAndCheckResult,
    table: pd.DataFrame | None = None,
    *,
    theme: Theme = LIGHT,
) -> go.Figure:
    """What the training loss tells about the generalization loss, at this width and others.

    Above, some draws of the prior and of Guess & Check with both losses. Below, Spearman's rank
    correlation of the two over draws of the prior against width, bars 95 % confidence intervals;
    the square is what the prior's draws of ``post`` give.

    Args:
        post: from :func:`gncviz.guess_and_check`.
        table: from :func:`gncviz.mechanism.loss_dependence`, if it has been made.
        theme: the colours.

    Raises:
        SettingsError: ``post`` is something else.
    """
    expect_results("post", post=post, table=table)
    figure = style.new_figure(
        theme, rows=2, height=560, vertical_spacing=0.16, row_heights=[0.6, 0.4]
    )
    loss = gen_label(post.task)
    rho, stderr = rank_correlation(post.prior_train_loss, post.prior_gen_loss)
    known = math.isfinite(rho)
    few = slice(0, _PRIOR_POINTS)
    prior = _cloud(
        post.prior_train_loss[few],
        post.prior_gen_loss[few],
        name="Prior" + (f": rank correlation {_signed(rho)}" if known else ""),
        marker={"color": theme.prior, "symbol": "circle", "size": 4, "opacity": 0.5},
        loss=loss,
    )
    shown = _spread_out(post.weights, _POSTERIOR_POINTS)
    posterior = _cloud(
        post.train_loss[shown],
        post.gen_loss[shown],
        name="Guess & Check" + ("" if len(shown) else f": {post.without_draws}"),
        marker={"color": theme.posterior, "symbol": "diamond", "size": 5, "opacity": 0.6},
        loss=loss,
    )
    figure.add_traces([prior, posterior], rows=1, cols=1)
    x, y, error = (np.empty(0),) * 3 if table is None else _estimates(table)
    against = _correlations(x, y, error, mode="lines+markers", marker={"size": 6}, theme=theme)
    here = _correlations(
        np.array([post.network.width] * known, dtype=float),
        np.array([rho] * known),
        np.array([stderr] * known),
        mode="markers",
        marker={"size": 12, "symbol": "square", "line": {"color": theme.ground, "width": 2}},
        theme=theme,
    )
    figure.add_traces([against, here], rows=2, cols=1)
    figure.add_hline(y=0, line={"color": theme.text, "width": 1}, row=2, col=1)
    epsilon = post.settings.epsilon
    across = log_axis([*prior.x, *posterior.x, epsilon], 1.25)
    figure.update_xaxes(title_text="training loss", **across, row=1)
    upwards = log_axis([*prior.y, *posterior.y], 1.25)
    figure.update_yaxes(title_text=loss, **upwards, row=1)
    figure.update_xaxes(
        title_text="width (■ this network)", **log_axis([*x, post.network.width], 1.15), row=2
    )
    middles, bars = np.array([*y, *here.y]), np.array([*error, *here.error_y.array / _BAR])
    ends = _reach(middles - _BAR * bars, middles + _BAR * bars)
    figure.update_yaxes(title_text="rank correlation", range=ends, row=2)
    figure.update_layout(legend_itemsizing="constant")
    style.threshold(figure, epsilon, f"ε = {printed(epsilon)}", theme, row=1)
    return figure


def _cloud(
    x: NDArray[np.float64], y: NDArray[np.float64], *, name: str, marker: Any, loss: str
) -> go.Scatter:
    return go.Scatter(
        x=x,
        y=y,
        name=name,
        mode="markers",
        marker=marker,
        hovertemplate=f"training loss %{{x:.3g}}<br>{loss} %{{y:.3g}}"
        f"<extra>{name.split(':')[0]}</extra>",
    )


def _spread_out(weights: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """At most ``count`` different draws, chosen evenly along their cumulated weights."""
    if len(weights) <= count and (weights == weights[:1]).all():
        return np.arange(len(weights))
    wanted = (np.arange(count) + 0.5) / count * weights.sum()
    return np.unique(np.searchsorted(np.cumsum(weights), wanted).clip(max=len(weights) - 1))


def _estimates(table: pd.DataFrame) -> tuple[NDArray[np.float64], ...]:
    known = table[table["rank_correlation"].notna()]
    return tuple(
        known[name].to_numpy(dtype=float) for name in ("width", "rank_correlation", "stderr")
    )


def _correlations(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    error: NDArray[np.float64],
    *,
    mode: str,
    marker: dict[str, Any],
    theme: Theme,
) -> go.Scatter:
    return go.Scatter(
        x=x,
        y=y,
        error_y={"type": "data", "array": _BAR * error, "width": 3, "thickness": 1.2},
        name="rank correlation",
        mode=mode,
        line={"color": theme.prior, "width": 1.8},
        marker={"color": theme.prior, **marker},
        showlegend=False,
        customdata=_BAR * error,
        hovertemplate="width %{x}: %{y:.3f} ± %{customdata:.3f}<extra></extra>",
    )


def _reach(low: NDArray[np.float64], high: NDArray[np.float64]) -> list[float]:
    """Ends of the axis of correlations: zero and all bars are on it, with room for small ones."""
    lowest, highest = min([0.0, *low]), max([0.0, *high])
    room = max(0.08 * (highest - lowest), _LEAST_CORRELATION / 2)
    return [lowest - room, highest + room]


def _signed(rho: float) -> str:
    return f"{rho:.2f}".replace("-", "−")


def collapse(
    table: pd.DataFrame,
    post: GuessAndCheckResult | None = None,
    gd: GradientDescentResult | None = None,
    *,
    theme: Theme = LIGHT,
) -> go.Figure:
    """The relative distance to the nearest matrix of rank one, against depth.

    The line is the median under the prior, the bands its quartiles and 5 % to 95 % quantiles, the
    dotted line the Lyapunov exponents' prediction for deep linear networks. Guess & Check and
    gradient descent stand at the depth they were run at, with the same quantiles as the prior.

    Args:
        table: from :func:`gncviz.mechanism.collapse`.
        post: from :func:`gncviz.guess_and_check`, if it has been run.
        gd: from :func:`gncviz.gradient_descent`, if it has been run.
        theme: the colours.

    Raises:
        SettingsError: an argument is no result of that kind.
    """
    expect_results("table", table=table, post=post, gd=gd)
    figure = style.new_figure(theme)
    part = table[table["q50"].notna()]
    depth = part["depth"].to_numpy()
    for low, high, opacity in (("q5", "q95", 0.14), ("q25", "q75", 0.2)):
        edges = part[low].fillna(RESOLUTION).to_numpy(), part[high].to_numpy()
        figure.add_trace(band(depth, *edges, translucent(theme.prior, opacity)))
    theory = table[table["theory"].notna()]
    figure.add_traces(
        [
            go.Scatter(
                x=depth,
                y=part["q50"],
                name="Prior",
                mode="lines+markers",
                line={"color": theme.prior, "width": 1.8},
                marker={"size": 5},
                hovertemplate="depth %{x}: median %{y:.2g}<extra>Prior</extra>",
            ),
            go.Scatter(
                x=theory["depth"],
                y=theory["theory"],
                name="theory",
                mode="lines",
                line={"color": theme.text, "width": 1.4, "dash": "dot"},
                showlegend=len(theory) > 0,
                hovertemplate="depth %{x}: %{y:.2g}<extra>Lyapunov theory</extra>",
            ),
        ]
    )
    found = {"posterior": _quantiles(post), "descent": _quantiles(gd)}
    drawn = [*part["q5"], *theory["theory"], *found["posterior"], _LEAST_AXIS]
    lowest = float(np.nanmin(np.maximum(drawn, RESOLUTION)))
    least = max(float(np.nanmin([lowest, *found["descent"]])), lowest / _STRETCH) / 1.5
    figure.add_traces(
        [
            _found(post, found["posterior"], least, "Guess & Check", theme.posterior, "square"),
            _found(gd, found["descent"], least, "Gradient descent", theme.descent, "diamond"),
        ]
    )
    figure.update_yaxes(title_text="distance to rank one", **log_axis([least, 1.0], 1.2))
    span = float(np.ptp(depth)) if len(depth) else 1.0
    figure.update_xaxes(title_text="depth", dtick=max(round(span / 10), 1))
    return figure


def _quantiles(
    result: GuessAndCheckResult | GradientDescentResult | None,
) -> NDArray[np.float64]:
    """Quantiles of the distance over what was run, NaN where there is nothing."""
    if result is None:
        return distance_quantiles(np.empty(0))
    return distance_quantiles(rank_one_distance(unfolded(result)), getattr(result, "weights", None))


def _found(
    result: GuessAndCheckResult | GradientDescentResult | None,
    quantiles: NDArray[np.float64],
    least: float,
    name: str,
    colour: str,
    symbol: str,
) -> go.Scatter:
    """Median and 5 % to 95 % at the depth of the run; below the axis a mark that points there."""
    low, _, middle, _, high = quantiles
    known, below = math.isfinite(middle), middle < least
    shift = _BESIDE if symbol == "diamond" else -_BESIDE
    return go.Scatter(
        x=[result.network.depth + shift] if result is not None and known else [],
        y=[max(middle, least)] if known else [],
        customdata=[middle] if known else [],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [0.0 if below else high - middle] if known else [],
            "arrayminus": [0.0 if below else middle - max(low, least)] if known else [],
            "width": 4,
            "thickness": 1.4,
        },
        name=name + (f": {typeset(middle)}, below" if below else ""),
        mode="markers",
        marker={"color": colour, "symbol": "triangle-down" if below else symbol, "size": 10},
        showlegend=known,
        hovertemplate="median %{customdata:.2g}<extra>" + name + "</extra>",
    )
