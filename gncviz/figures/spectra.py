"""Figures of the singular values: how the rank collapses with depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from gncviz.figures.chosen import unfolded
from gncviz.figures.expected import expect_results
from gncviz.figures.look import style
from gncviz.figures.look.theme import LIGHT, Theme, translucent
from gncviz.figures.look.traces import band, joined
from gncviz.network import Network
from gncviz.prior import Prior
from gncviz.spectrum import RESOLUTION, lyapunov_exponents, summarize

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

    from gncviz.descent import GradientDescentResult
    from gncviz.models.protocols import AnyNetwork
    from gncviz.posterior import GuessAndCheckResult

#: Singular values that are drawn, the largest included.
_SHOWN = 6
#: Posterior and GD stand a little to either side of their depth, so that both can be seen.
_BESIDE = 0.13


def spectra(
    table: pd.DataFrame,
    post: GuessAndCheckResult | None = None,
    gd: GradientDescentResult | None = None,
    *,
    network: AnyNetwork | None = None,
    prior: Prior | None = None,
    depth: int | None = None,
    theme: Theme = LIGHT,
) -> go.Figure:
    """Singular values over the largest, and the effective rank, against depth.

    Lines are medians under the prior, bands its 5 % to 95 % quantiles; Guess & Check and gradient
    descent stand at the depth they were run at.

    Args:
        table: from :func:`gncviz.spectrum.prior_spectra`.
        post: from :func:`gncviz.guess_and_check`, if it has been run.
        gd: from :func:`gncviz.gradient_descent`, if it has been run.
        network: what the table was made for. For a linear network with a Gaussian prior the
            Lyapunov exponents' prediction s_i/s_1 ≈ exp(d(λ_i − λ_1)) is drawn.
        prior: what the table was made for.
        depth: a depth to mark by a vertical line, such as that of
            :func:`gncviz.figures.spectrum_at`.
        theme: the colours.

    Raises:
        SettingsError: ``post`` or ``gd`` is something else.
    """
    expect_results("table", table=table, post=post, gd=gd)
    figure = style.new_figure(
        theme, rows=2, shared_xaxes=True, vertical_spacing=0.06, row_heights=[0.64, 0.36]
    )
    ratios = table[table["quantity"] == "ratio"]
    for i in range(2, _SHOWN + 1):
        _add_band(
            figure,
            ratios[ratios["index"] == i],
            f"s{style.subscript(i)}/s₁",
            theme.ranks[i - 1],
            row=1,
        )
    ranks = table[table["quantity"] == "effective_rank"]
    _add_band(figure, ranks, "effective rank", theme.prior, row=2)
    figure.add_trace(_theory(ratios, network, prior, theme), row=1, col=1)
    found = [
        ("Guess & Check", theme.posterior, "square", -_BESIDE, posterior_summary(post)),
        ("Gradient descent", theme.descent, "diamond", _BESIDE, descent_summary(gd)),
    ]
    for name, colour, symbol, shift, (at, summary) in found:
        for row, quantity in ((1, "ratio"), (2, "effective_rank")):
            trace = _points(summary, quantity, at + shift, name, colour, symbol)
            figure.add_trace(trace.update(showlegend=row == 1 and at > 0), row=row, col=1)
    # Always there, for a figure on the screen keeps a line that the next one lacks.
    figure.add_shape(
        type="line",
        x0=depth or 0,
        x1=depth or 0,
        xref="x",
        y0=0,
        y1=1,
        yref="paper",
        # Below, it would vanish behind the grid line of its depth.
        layer="above",
        opacity=0.6,
        line={"color": theme.text, "width": 1.2},
        visible=depth is not None,
    )
    figure.update_yaxes(
        type="log",
        title_text="singular value / largest",
        exponentformat="power",
        row=1,
        col=1,
    )
    figure.update_yaxes(title_text="effective rank", rangemode="tozero", row=2, col=1)
    figure.update_xaxes(title_text="depth", row=2, col=1)
    return figure


def _add_band(figure: go.Figure, part: pd.DataFrame, name: str, colour: str, row: int) -> None:
    part = part[part["q50"].notna()]
    depth, middle, high = (part[column].to_numpy() for column in ("depth", "q50", "q95"))
    low = part["q5"].fillna(RESOLUTION).to_numpy()
    area = band(depth, low, high, translucent(colour, 0.16), legendgroup=name)
    line = go.Scatter(
        x=depth,
        y=middle,
        name=name,
        mode="lines+markers",
        line={"color": colour, "width": 1.8},
        marker={"size": 5},
        legendgroup=name,
        showlegend=row == 1 and len(part) > 0,
        hovertemplate="depth %{x}: median %{y:.2g}<extra>prior, " + name + "</extra>",
    )
    figure.add_traces([area, line], rows=row, cols=1)


def _theory(
    ratios: pd.DataFrame, network: AnyNetwork | None, prior: Prior | None, theme: Theme
) -> go.Scatter:
    lines: list[tuple[ArrayLike, ArrayLike]] = []
    if _has_theory(network, prior) and network is not None and len(ratios):
        depths = np.array(sorted(ratios["depth"].unique()))
        count = min(int(ratios["index"].max()), network.width, _SHOWN)
        exponents = lyapunov_exponents(network.width, count)
        lines = [(depths, np.exp(depths * (value - exponents[0]))) for value in exponents[1:]]
    x, y = joined(lines)
    return go.Scatter(
        x=x,
        y=y,
        # Short, so that the legend keeps to one line.
        name="theory",
        mode="lines",
        line={"color": theme.text, "width": 1.2, "dash": "dot"},
        showlegend=bool(lines),
        hovertemplate="depth %{x}: %{y:.2g}<extra>Lyapunov theory</extra>",
    )


def _has_theory(network: AnyNetwork | None, prior: Prior | None) -> bool:
    """Whether the Lyapunov exponents are known: for products of Gaussian matrices."""
    linear = isinstance(network, Network) and network.sigma.linear
    return linear and prior is not None and prior.q.gaussian


def posterior_summary(post: GuessAndCheckResult | None) -> tuple[int, pd.DataFrame]:
    """The depth it was run at and its quantiles, a row each; 0 and no rows without draws."""
    if post is None or not len(post.outputs):
        return 0, summarize(np.empty((0, 1, 1)))
    return post.network.depth, summarize(unfolded(post), post.weights)


def descent_summary(gd: GradientDescentResult | None) -> tuple[int, pd.DataFrame]:
    """The same of the trials that did not diverge."""
    if gd is None or not gd.known.any():
        return 0, summarize(np.empty((0, 1, 1)))
    return gd.network.depth, summarize(unfolded(gd)[gd.known])


def bars(part: pd.DataFrame) -> dict[str, Any]:
    """Error bars from the 5 % to the 95 % quantile about the median."""
    return {
        "type": "data",
        "symmetric": False,
        "array": part["q95"] - part["q50"],
        "arrayminus": part["q50"] - part["q5"].fillna(RESOLUTION),
        "width": 3,
        "thickness": 1.2,
    }


def _points(
    summary: pd.DataFrame, quantity: str, x: float, name: str, colour: str, symbol: str
) -> go.Scatter:
    part = summary[summary["quantity"] == quantity]
    if quantity == "ratio":
        part = part[part["index"].between(2, _SHOWN)]
    part = part.dropna(subset=["q50"])
    return go.Scatter(
        x=[x] * len(part),
        y=part["q50"],
        error_y=bars(part),
        name=name,
        mode="markers",
        marker={"color": colour, "symbol": symbol, "size": 9},
        legendgroup=name,
        hovertemplate="median %{y:.2g}<extra>" + name + "</extra>",
    )
