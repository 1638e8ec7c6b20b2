"""Figures of the spectrum at one depth: the singular values, and the effective rank."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from gncviz.figures.chosen import unfolded
from gncviz.figures.expected import expect_results
from gncviz.figures.look import style
from gncviz.figures.look.theme import LIGHT, Theme, translucent
from gncviz.figures.look.traces import band, histogram, joined, marks
from gncviz.figures.own import NOTHING, named, own_trace
from gncviz.figures.spectra import bars, descent_summary, posterior_summary
from gncviz.settings import SettingsError
from gncviz.spectrum import RESOLUTION, effective_rank

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from gncviz.descent import GradientDescentResult
    from gncviz.posterior import GuessAndCheckResult
    from gncviz.spectrum import PriorSpectra

#: Single draws of the prior that :func:`spectrum_at` shows.
_SINGLE = 10
#: Posterior and GD stand a little to either side of their index, so that both can be seen.
_BESIDE = 0.09


def effective_ranks(
    draws: PriorSpectra,
    post: GuessAndCheckResult | None = None,
    gd: GradientDescentResult | None = None,
    *,
    depth: int | None = None,
    own: Mapping[str, ArrayLike] = NOTHING,
    theme: Theme = LIGHT,
) -> go.Figure:
    """How the effective rank is distributed under the prior at one depth.

    Guess & Check and gradient descent's trials stand beside it at the depth they were run at. The
    axis goes from rank one to min(m, m') at every depth, so that a slider shows the collapse.

    Args:
        draws: from :func:`gncviz.spectrum.prior_spectra_draws`.
        post: from :func:`gncviz.guess_and_check`, if it has been run.
        gd: from :func:`gncviz.gradient_descent`, if it has been run.
        depth: of the prior, one of ``draws.depths``; the network's by default, or the largest
            where nothing has been run. Without draws at the network's depth that curve is empty.
        own: matrices of your own, by name, with shape (..., m, m').
        theme: the colours.

    Raises:
        SettingsError: ``depth`` is not among the depths of ``draws``, or a result is none.
    """
    expect_results("draws", draws=draws, post=post, gd=gd)
    figure = style.new_figure(theme)
    depth = _chosen(draws, post, gd, depth)
    mine = {name: effective_rank(matrices).ravel() for name, matrices in named(own).items()}
    ranks = np.empty(0) if depth not in draws.depths else draws.effective_ranks[depth]
    found, weights = _posterior_ranks(post)
    edges = _edges(_most(draws, post, gd), [ranks, found])
    trials = np.empty(0) if gd is None else effective_rank(unfolded(gd))
    figure.add_traces(
        [
            histogram(
                ranks.clip(edges[0], edges[-1]),
                None,
                edges,
                name=_at("Prior", depth),
                colour=theme.prior,
                log=False,
            ),
            histogram(
                found.clip(edges[0], edges[-1]),
                weights,
                edges,
                name=_at("Guess & Check", None if post is None else post.network.depth),
                colour=theme.posterior,
                log=False,
            ),
            marks(
                trials,
                edges[0],
                name=_at("Gradient descent", None if gd is None else gd.network.depth),
                colour=theme.descent,
            ),
            *(
                own_trace(values, edges, place, name=name, log=False, theme=theme)
                for place, (name, values) in enumerate(mine.items())
            ),
        ]
    )
    room = 0.02 * (edges[-1] - edges[0])
    figure.update_xaxes(title_text="effective rank", range=[edges[0] - room, edges[-1]])
    figure.update_yaxes(title_text="share of draws", tickformat="~%", rangemode="tozero")
    return figure


def spectrum_at(
    draws: PriorSpectra,
    post: GuessAndCheckResult | None = None,
    gd: GradientDescentResult | None = None,
    *,
    depth: int | None = None,
    theme: Theme = LIGHT,
) -> go.Figure:
    """Singular values over the largest, s_i/s_1, against i at one depth.

    The line is the median under the prior, the band its 5 % to 95 % quantiles, the thin lines are
    single draws. Guess & Check and gradient descent are there at the depth they were run at only.
    The axes are the same at every depth, so that a slider shows the collapse.

    Args:
        draws: from :func:`gncviz.spectrum.prior_spectra_draws`.
        post: from :func:`gncviz.guess_and_check`, if it has been run.
        gd: from :func:`gncviz.gradient_descent`, if it has been run.
        depth: as for :func:`gncviz.figures.effective_ranks`.
        theme: the colours.

    Raises:
        SettingsError: ``depth`` is not among the depths of ``draws``.
    """
    expect_results("draws", draws=draws, post=post, gd=gd)
    figure = style.new_figure(theme)
    depth = _chosen(draws, post, gd, depth)
    table = draws.table[draws.table["quantity"] == "ratio"]
    figure.add_traces(_prior_traces(draws, table, depth, theme))
    tables = [table]
    for name, colour, symbol, shift, (at, summary) in (
        ("Guess & Check", theme.posterior, "square", -_BESIDE, posterior_summary(post)),
        ("Gradient descent", theme.descent, "diamond", _BESIDE, descent_summary(gd)),
    ):
        part = summary[summary["quantity"] == "ratio"]
        tables.append(part)
        trace = _markers(part, _at(name, at or None), shift)
        if at != depth:
            # A point that is nowhere keeps the name in the legend, and the legend's height.
            trace.update(x=[None] * (at > 0), y=[None] * (at > 0), customdata=[], error_y=None)
        figure.add_trace(
            trace.update(marker={"color": colour, "symbol": symbol, "size": 9}, showlegend=at > 0)
        )
    least = np.nanmin(
        [part[["q5", "q50"]].min(axis=None) for part in tables if len(part)] or [1e-3]
    )
    most = _most(draws, post, gd)
    figure.update_yaxes(
        type="log",
        title_text="singular value / largest",
        exponentformat="power",
        range=[float(np.log10(least / 2)), 0.15],
    )
    figure.update_xaxes(
        title_text="index i of the singular value",
        dtick=max(round(most / 10), 1),
        range=[0.6, most + 0.4],
    )
    return figure


def _chosen(
    draws: PriorSpectra,
    post: GuessAndCheckResult | None,
    gd: GradientDescentResult | None,
    depth: int | None,
) -> int | None:
    """The depth to show; None where there is nothing to choose from."""
    if depth is not None:
        if depth not in draws.depths:
            known = ", ".join(map(str, draws.depths)) or "none, for nothing was drawn"
            sentence = f"depth should be one of those drawn ({known}); got {depth}."
            raise SettingsError([("depth", sentence)])
        return depth
    for result in (post, gd):
        if result is not None:
            return result.network.depth
    return max(draws.depths, default=None)


def _most(
    draws: PriorSpectra, post: GuessAndCheckResult | None, gd: GradientDescentResult | None
) -> int:
    """min(m, m'), the number of singular values; 2 where no matrix is known."""
    counts = [ratios.shape[1] for ratios in draws.ratios.values()]
    counts += [min(unfolded(result).shape[1:]) for result in (post, gd) if result is not None]
    return max(counts, default=2)


def _posterior_ranks(
    post: GuessAndCheckResult | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Effective ranks of the draws and their weights; zero matrices have none."""
    if post is None:
        return np.empty(0), np.empty(0)
    ranks = effective_rank(unfolded(post))
    return ranks[np.isfinite(ranks)], post.weights[np.isfinite(ranks)]


def _edges(most: int, parts: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Bins from rank one up; a rank cannot leave them but by rounding."""
    fewest = min((len(part) for part in parts if len(part)), default=0)
    bins = int(np.clip(3 * fewest ** (1 / 3), 14, 40))
    return np.linspace(1.0, max(most, 2), bins + 1)


def _at(name: str, depth: int | None) -> str:
    return name if depth is None else f"{name}, depth {depth}"


def _prior_traces(
    draws: PriorSpectra, table: pd.DataFrame, depth: int | None, theme: Theme
) -> list[go.Scatter]:
    """Single draws, band and median."""
    part = table[(table["depth"] == depth) & table["q50"].notna()]
    index, low = part["index"].to_numpy(), part["q5"].fillna(RESOLUTION).to_numpy()
    single = np.empty((0, 0)) if depth not in draws.depths else draws.ratios[depth][:_SINGLE]
    x, y = joined(
        [(np.arange(1, len(row) + 1), np.where(row < RESOLUTION, np.nan, row)) for row in single]
    )
    lines = go.Scatter(
        x=x,
        y=y,
        name="single draws",
        mode="lines",
        line={"color": theme.prior, "width": 0.8},
        opacity=0.7,
        legendrank=1001,
        hoverinfo="skip",
    )
    area = band(
        index,
        low,
        part["q95"].to_numpy(),
        translucent(theme.prior, 0.22),
        legendgroup="prior",
    )
    name = _at("Prior", depth)
    median = go.Scatter(
        x=index,
        y=part["q50"],
        name=name,
        mode="lines+markers",
        line={"color": theme.prior, "width": 2.2},
        marker={"size": 7},
        legendgroup="prior",
        hovertemplate="i = %{x}: median %{y:.2g}<extra>" + name + "</extra>",
    )
    return [lines, area, median]


def _markers(part: pd.DataFrame, name: str, shift: float) -> go.Scatter:
    """Medians with bars; the first ratio, which is one, is left to the prior's line."""
    part = part[part["index"] > 1].dropna(subset=["q50"])
    return go.Scatter(
        x=part["index"] + shift,
        y=part["q50"],
        error_y=bars(part),
        customdata=part["index"],
        name=name,
        mode="markers",
        hovertemplate="i = %{customdata}: median %{y:.2g}<extra>" + name + "</extra>",
    )
