"""Decision regions in the plane: of single networks, of their average, of gradient descent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from gncviz.experiment.learning.run import average, singled_out
from gncviz.figures.expected import expect_results
from gncviz.figures.look import style
from gncviz.figures.look.theme import LIGHT, Theme, translucent
from gncviz.models.data.plane import Plane
from gncviz.settings import SettingsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gncviz.descent import GradientDescentResult
    from gncviz.posterior import GuessAndCheckResult

#: Panels side by side.
_COLUMNS = 3
#: At the foot of a panel whose regions are not known, where few samples lie.
_TO_COME = {"text": "not known yet", "x": 0.5, "y": 0, "yanchor": "bottom", "showarrow": False} | {
    ref: f"{ref[0]} domain" for ref in ("xref", "yref")
}


def regions(
    post: GuessAndCheckResult,
    gd: GradientDescentResult | Mapping[str, GradientDescentResult] | None = None,
    *,
    singles: int = 3,
    theme: Theme = LIGHT,
) -> go.Figure:
    """Which class networks give to each point of the plane, with the samples on top.

    A panel for each of some draws of Guess & Check, for the average of all their outputs, and for
    the first trial of gradient descent.

    Args:
        post: of a task over a grid, :meth:`gncviz.DataTask.over_grid`; or what a learning curve has
            found there, as its ``over``.
        gd: of the same task; several by how they were stopped.
        singles: how many draws are shown.
        theme: the colours.

    Raises:
        SettingsError: the task has no grid in the plane, or no draw fits.
    """
    descents = gd if isinstance(gd, Mapping) else {"": gd} if gd is not None else {}
    for one in (None, *descents.values()):
        expect_results("post", post=post, gd=one)
    task: Any = post.task
    if getattr(task, "grid", None) is None:
        sentence = "post should be of a task over a grid: task.over_grid() of two inputs."
        raise SettingsError([("post", sentence)])
    if not len(post.weights):
        raise SettingsError([("post", f"post should have draws; {post.message}.")])
    plane = Plane.of(task)
    outputs = {f"guess {i + 1}": one for i, one in enumerate(singled_out(post, singles))}
    outputs["average of all guesses"] = average(post)
    for stop, one in descents.items():
        outputs[f"gradient descent, {stop}" if stop else "gradient descent"] = one.outputs[0]
    found = {name: plane.sides(task, one) for name, one in outputs.items()}
    rows = -(-len(found) // _COLUMNS)
    return regions_of(replace(plane, regions=found), 260 * rows + 60, theme=theme)


def regions_of(
    plane: Plane,
    height: int = style.HEIGHT,
    columns: int = _COLUMNS,
    *,
    panels: tuple[str, ...] = (),
    theme: Theme = LIGHT,
) -> go.Figure:
    """The regions of a plane, a panel each, with the samples on top.

    Args:
        plane: with its regions.
        height: of the figure, in pixels.
        columns: panels side by side.
        panels: names of all panels, in their order, where some may have no regions yet; those of
            the plane by default.
        theme: the colours.
    """
    names = panels or tuple(plane.regions)
    rows = -(-len(names) // columns)
    figure = style.new_figure(
        theme,
        rows,
        height,
        cols=columns,
        subplot_titles=list(names),
        vertical_spacing=0.18 / max(rows, 2),
        horizontal_spacing=0.06 / max(columns, 2),
    )
    for place, name in enumerate(names):
        where = {"row": place // columns + 1, "col": place % columns + 1}
        if name in plane.regions:
            figure.add_trace(_region(name, plane.regions[name], plane, theme), **where)
        else:
            figure.add_annotation(_TO_COME, **where)
        figure.add_trace(_samples(plane, theme), **where)
    figure.update_layout(showlegend=False, margin={"t": 26, "b": 8, "l": 8, "r": 8})
    # Of inputs in units of their own, numbers at the axes say nothing.
    bare = {"showticklabels": False, "ticks": "", "showgrid": False, "automargin": False}
    figure.update_xaxes(range=[plane.across[0], plane.across[-1]], **bare)
    figure.update_yaxes(range=[plane.up[0], plane.up[-1]], **bare)
    figure.update_annotations(font={"size": 13})
    return figure


def _colours(count: int, theme: Theme) -> list[str]:
    if count == 2:
        return [theme.posterior, theme.descent]
    steps = np.linspace(0, len(theme.ranks) - 1, count).round().astype(int)
    return [theme.ranks[step] for step in steps]


def _region(name: str, sides: NDArray[np.uint8], plane: Plane, theme: Theme) -> go.Heatmap:
    last = len(plane.classes) - 1
    scale = [
        (i / last, translucent(colour, 0.35)) for i, colour in enumerate(_colours(last + 1, theme))
    ]
    return go.Heatmap(
        x=plane.across,
        y=plane.up,
        z=sides,
        zmin=0,
        zmax=last,
        colorscale=scale,
        showscale=False,
        name=name,
        hovertemplate="%{x:.2g}, %{y:.2g}: class %{z}<extra>" + name + "</extra>",
    )


def _samples(plane: Plane, theme: Theme) -> go.Scatter:
    colours = _colours(len(plane.classes), theme)
    symbols = [_SYMBOLS[place % len(_SYMBOLS)] for place in range(len(plane.classes))]
    return go.Scatter(
        x=plane.x[:, 0],
        y=plane.x[:, 1],
        mode="markers",
        name="training samples",
        marker={
            "color": [colours[label] for label in plane.labels],
            "symbol": [symbols[label] for label in plane.labels],
            "size": 8,
            "line": {"color": theme.ground, "width": 1},
        },
        text=[str(plane.classes[label]) for label in plane.labels],
        hovertemplate="%{text}<extra>training sample</extra>",
    )


#: Of classes, to be told apart in grey too.
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x")
