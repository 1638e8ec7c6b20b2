"""The loss of draws that fit ever more closely."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from gncviz.figures.look import style
from gncviz.figures.look.axes import plain_ticks
from gncviz.figures.look.theme import LIGHT, Theme
from gncviz.figures.story.labels import (
    ANY,
    GENERALIZATION,
    MOVES,
    bars,
    over,
    ring,
    say,
    unlegended,
)
from gncviz.lattice.grid import EPSILONS

if TYPE_CHECKING:
    from gncviz.lattice import Run


def towards_zero(shallow: Run, deep: Run, epsilon: float, *, theme: Theme = LIGHT) -> go.Figure:
    """The loss of those that fit against how closely they have to, for two depths.

    Args:
        shallow: a run.
        deep: another, of the same world.
        epsilon: where the rings are.
        theme: the colours.
    """
    figure = style.new_figure(theme)
    # Names at the left ends of the curves, which rise to the right: above the one, below the other.
    for run, dash, side, off in ((shallow, "dot", "bottom", 0.1), (deep, "solid", "top", -0.1)):
        known = np.isfinite(run.fit_mean)
        x, y = np.array(EPSILONS)[known], run.fit_mean[known].astype(float)
        odds = [f"10<sup>{value:.0f}</sup>" for value in run.log10_acceptance[known]]
        name = f"depth {run.place.depth}"
        figure.add_trace(
            go.Scatter(
                x=x,
                y=y,
                error_y=bars(run.fit_stderr[known], theme.posterior),
                mode="lines+markers",
                name=name,
                line={"color": theme.posterior, "dash": dash},
                customdata=odds,
                hovertemplate="ε = %{x:g}: %{y:.2g}, acceptance %{customdata}<extra>"
                + name
                + "</extra>",
            )
        )
        at = EPSILONS.index(epsilon)
        if known[at]:
            figure.add_trace(ring([epsilon], [float(run.fit_mean[at])], theme.posterior))
        place = math.log10(x[-1]), math.log10(y[-1]) + off
        say(figure, *place, f"<b>{name}</b>", theme.posterior, anchor=side, xshift=8)
    everything = np.concatenate([shallow.fit_mean, deep.fit_mean]).astype(float)
    low, high = np.nanmin(everything) / 3, 2 * shallow.prior_mean
    figure.add_hline(y=shallow.prior_mean, line={"color": theme.prior, "width": 2})
    figure.update_yaxes(
        type="log",
        range=[math.log10(low), math.log10(high)],
        **plain_ticks(low, high),
    )
    over(figure, GENERALIZATION)
    ends = [min(shallow.epsilons[-1], deep.epsilons[-1]), EPSILONS[0]]
    figure.update_xaxes(
        type="log",
        range=[math.log10(ends[0]) - 0.15, math.log10(ends[1]) + 0.15],
        title_text="ε: how closely the draws have to fit",
        **plain_ticks(*ends),
    )
    corner = math.log10(ends[0]) - 0.15, math.log10(shallow.prior_mean)
    say(figure, *corner, f"<b>{ANY}</b>", theme.prior, anchor="bottom")
    unlegended(figure)
    figure.update_layout(transition=MOVES)
    return figure
