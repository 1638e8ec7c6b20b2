"""Guesses one by one, as matrices and as points in the plane of the two losses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from gncviz.figures.look import style
from gncviz.figures.look.axes import plain_ticks
from gncviz.figures.look.theme import LIGHT, Theme, translucent
from gncviz.figures.story.labels import (
    ANY,
    FITS,
    GENERALIZATION,
    TRAINING,
    head,
    over,
    ring,
    say,
    unlegended,
)
from gncviz.words import printed

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Where the matrices stand, as a share of the width; decades of the plane of losses.
_MATRIX = (0.0, 0.22)
_PLANE = {"x": (-3.2, 1.2), "y": (-3.2, 1.2)}


def guess_plane(
    guesses: Mapping[str, NDArray[np.float32]],
    count: int,
    epsilon: float,
    *,
    theme: Theme = LIGHT,
) -> go.Figure:
    """Guesses one by one: the last one's matrix beside the truth, and where its losses fall.

    Args:
        guesses: of :class:`gncviz.lattice.Lattice`.
        count: how many there have been; more than are kept show all that are, and those that fit.
        epsilon: the threshold; what falls left of it fits.
        theme: the colours.
    """
    figure = style.new_figure(theme, cols=3)
    kept = len(guesses["guess_train"])
    _plane(figure, guesses, min(count, kept), count > kept, theme)
    truth = guesses["truth"]
    reach = float(np.abs(truth).max())
    last = _last_matrix(guesses, count)
    drawn = ((truth, "ground truth", 0.56), (last, _called(count, kept), 0.0))
    for col, (matrix, name, low) in enumerate(drawn, start=1):
        figure.add_trace(_heat(matrix, reach, theme), row=1, col=col)
        hidden = {"visible": False, "row": 1, "col": col}
        figure.update_xaxes(domain=_MATRIX, constrain="domain", **hidden)
        room = {"domain": [low, low + 0.4], "constrain": "domain"}
        anchor = "x" if col == 1 else f"x{col}"
        figure.update_yaxes(scaleanchor=anchor, autorange="reversed", **room, **hidden)
        head(figure, sum(_MATRIX) / 2, low + 0.4, name)
    for update, (low, high) in (
        (figure.update_xaxes, _PLANE["x"]),
        (figure.update_yaxes, _PLANE["y"]),
    ):
        marked = plain_ticks(10.0**low, 10.0**high)
        update(type="log", range=[low, high], row=1, col=3, **marked)
    figure.update_xaxes(domain=[0.4, 1.0], title_text=TRAINING, row=1, col=3)
    over(figure, GENERALIZATION, 0.4)
    shade = translucent(theme.posterior, 0.08)
    figure.add_vrect(x0=10.0 ** _PLANE["x"][0], x1=epsilon, fillcolor=shade, line_width=0, col=3)
    line = {"color": theme.text, "dash": "dash", "width": 1.2}
    figure.add_vline(x=epsilon, line=line, row=1, col=3)
    say(
        figure,
        math.log10(epsilon),
        0.99,
        f"ε = {printed(epsilon)}<br>← fits",
        theme.text,
        "x3",
        "y3 domain",
        anchor="top",
    )
    unlegended(figure)
    figure.update_layout(margin_l=10)
    return figure


def _plane(
    figure: go.Figure,
    guesses: Mapping[str, NDArray[np.float32]],
    count: int,
    all_fits: bool,
    theme: Theme,
) -> None:
    drawn: list[tuple[Any, Any, str, str, int, float]] = [
        (guesses["guess_train"][:count], guesses["guess_gen"][:count], ANY, theme.prior, 6, 0.55)
    ]
    if all_fits:
        drawn.append((guesses["hit_train"], guesses["hit_gen"], FITS, theme.posterior, 7, 0.9))
    for x, y, name, colour, size, opacity in drawn:
        figure.add_trace(
            go.Scatter(
                x=np.asarray(x, float),
                y=np.asarray(y, float),
                mode="markers",
                name=name,
                marker={"color": colour, "size": size, "opacity": opacity},
                hovertemplate="%{x:.2g}, %{y:.2g}<extra>" + name + "</extra>",
            ),
            row=1,
            col=3,
        )
    if count > 0 and not all_fits:
        last = [float(guesses["guess_train"][count - 1])], [float(guesses["guess_gen"][count - 1])]
        figure.add_trace(ring(*last, theme.text), row=1, col=3)


def _last_matrix(guesses: Mapping[str, NDArray[np.float32]], count: int) -> NDArray[np.float32]:
    """The last guess' matrix as far as it is kept; of many guesses, one that fits."""
    seen = guesses["guess_matrices"]
    if count > len(guesses["guess_train"]):
        return guesses["hit_matrices"][0]
    if not count:
        return np.full_like(seen[0], np.nan)
    return seen[min(count, len(seen)) - 1]


def _heat(matrix: NDArray[np.float32], reach: float, theme: Theme) -> go.Heatmap:
    scale = [
        [place, colour]
        for place, colour in zip(
            np.linspace(0, 1, len(theme.diverging)), theme.diverging, strict=True
        )
    ]
    return go.Heatmap(
        z=matrix.astype(float),
        zmin=-reach,
        zmax=reach,
        colorscale=scale,
        showscale=False,
        xgap=1,
        ygap=1,
        hovertemplate="%{z:.2f}<extra></extra>",
    )


def _called(count: int, kept: int) -> str:
    """What the second matrix is."""
    if count > kept:
        return "one that fits"
    return "this guess" if count else "a guess"
