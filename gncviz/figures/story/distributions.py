"""How any draw generalizes, and how those do that fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from gncviz.figures.look import style
from gncviz.figures.look.axes import plain_ticks
from gncviz.figures.look.theme import LIGHT, Theme, translucent
from gncviz.figures.look.traces import marks
from gncviz.figures.story.labels import (
    ANY,
    DESCENT,
    FITS,
    GENERALIZATION,
    over,
    say,
    unlegended,
)
from gncviz.lattice.grid import EPSILONS
from gncviz.lattice.record import EDGES
from gncviz.words import typeset

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gncviz.lattice import Run

#: Two bins of the lattice make one of the figure.
_MERGED = 2


def distributions(run: Run, epsilon: float, *, theme: Theme = LIGHT) -> go.Figure:
    """How any draw generalizes, and how those do that fit; gradient descent marked.

    Args:
        run: what is known.
        epsilon: the threshold, one of the run's.
        theme: the colours.
    """
    figure = style.new_figure(theme)
    at = EPSILONS.index(epsilon)
    drawn = (
        (run.prior_shares, theme.prior, ANY, run.prior_mean),
        (run.fit_shares[at], theme.posterior, FITS, float(run.fit_mean[at])),
    )
    edges = EDGES[::_MERGED]
    seen = [edges[0]]
    top = 0.0
    for shares, colour, name, mean in drawn:
        merged = np.add.reduceat(shares, np.arange(0, len(shares), _MERGED))
        figure.add_trace(_outline(edges, merged, colour, name))
        full = np.flatnonzero(merged > 1e-3)
        seen += [edges[full[0]], edges[full[-1] + 1]] if len(full) else []
        top = max(top, float(np.nanmax(merged, initial=0.0)))
        if np.isfinite(mean):
            peak = int(np.nanargmax(merged))
            text = f"<b>{name}</b><br>mean {typeset(mean)}"
            # Each to its own side: the peaks may be close together.
            side = "left" if name == ANY else "right"
            end = edges[peak + 1] if name == ANY else edges[peak]
            say(figure, end, merged[peak], text, colour, anchor="top", xanchor=side)
    trials = run.descent_gen[np.isfinite(run.descent_gen)].astype(float)
    low = min([*seen[1:], *np.log10(trials.clip(10.0 ** EDGES[0]))]) - 0.3
    # The name of the prior's peak stands to the right of it.
    high = max(seen[1:]) + 0.2 * (max(seen[1:]) - low)
    figure.add_trace(marks(trials, 10.0**low, name=DESCENT, colour=theme.descent))
    if len(trials):
        middle = float(np.log10(np.median(trials).clip(10.0**low)))
        # On a phone it reaches into the curves.
        ground = translucent(theme.ground, 0.75)
        text = f"<b>{DESCENT}</b>"
        say(figure, middle, 0.04 * top, text, theme.descent, anchor="bottom", ground=ground)
    marked = plain_ticks(10.0**low, 10.0**high)
    figure.update_xaxes(type="log", range=[low, high], title_text=GENERALIZATION, **marked)
    figure.update_yaxes(range=[0, 1.3 * top], tickformat=".0%", nticks=6)
    over(figure, "share of draws")
    unlegended(figure)
    return figure


def _outline(
    edges: NDArray[np.float64], shares: NDArray[np.float64], colour: str, name: str
) -> go.Scatter:
    return go.Scatter(
        x=10.0**edges,
        y=np.append(shares, 0.0),
        name=name,
        mode="lines",
        line={"shape": "hv", "color": colour, "width": 2},
        fill="tozeroy",
        fillcolor=translucent(colour, 0.22),
        hovertemplate="%{x:.2g}: %{y:.1%}<extra>" + name + "</extra>",
    )
