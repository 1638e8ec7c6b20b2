"""Decision regions in the plane: of single networks, of their average, of gradient descent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from gncviz.figures.expected import expect_results
from gncviz.figures.look import style
from gncviz.figures.look.theme import LIGHT, Theme, translucent
from gncviz.settings import SettingsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gncviz.descent import GradientDescentResult
    from gncviz.posterior import GuessAndCheckResult

#: Panels side by side.
_COLUMNS = 3


def regions(
    post: GuessAndCheckResult,
    gd: GradientDescentResult | None = None,
    *,
    singles: int = 3,
    theme: Theme = LIGHT,
) -> go.Figure:
    """Which class networks give to each point of the plane, with the samples on top.

    A panel for each of some draws of Guess & Check, for the average of all their outputs, and for
    the first trial of gradient descent.

    Args:
        post: of a task over a grid, :meth:`gncviz.DataTask.over_grid`.
        gd: of the same task.
        singles: how many draws are shown.
        theme: the colours.

    Raises:
        SettingsError: the task has no grid in the plane, or no draw fits.
    """
    expect_results("post", post=post, gd=gd)
    task: Any = post.task
    grid = getattr(task, "grid", None)
    if grid is None:
        sentence = "post should be of a task over a grid: task.over_grid() of two inputs."
        raise SettingsError([("post", sentence)])
    if not len(post.weights):
        raise SettingsError([("post", f"post should have draws; {post.message}.")])
    panels = {f"guess {i + 1}": one for i, one in enumerate(_some(post, singles))}
    panels["average of all guesses"] = np.einsum("n,n...->...", post.weights, post.outputs)
    if gd is not None:
        panels["gradient descent"] = gd.outputs[0]
    rows = -(-len(panels) // _COLUMNS)
    figure = style.new_figure(
        theme, rows, 260 * rows + 60, cols=_COLUMNS, subplot_titles=list(panels)
    )
    for place, (name, outputs) in enumerate(panels.items()):
        where = {"row": place // _COLUMNS + 1, "col": place % _COLUMNS + 1}
        figure.add_trace(_region(name, outputs, task, theme), **where)
        figure.add_trace(_samples(task, theme), **where)
    figure.update_layout(showlegend=False)
    return figure


def _some(post: GuessAndCheckResult, count: int) -> list[NDArray[np.float64]]:
    """Draws that lie far apart in the result, as those next to each other are alike."""
    places = np.linspace(0, len(post.weights) - 1, count).round().astype(int)
    return [post.outputs[place] for place in np.unique(places)]


def _colours(count: int, theme: Theme) -> list[str]:
    if count == 2:
        return [theme.posterior, theme.descent]
    steps = np.linspace(0, len(theme.ranks) - 1, count).round().astype(int)
    return [theme.ranks[step] for step in steps]


def _region(name: str, outputs: NDArray[np.float64], task: Any, theme: Theme) -> go.Heatmap:
    across, up = task.grid
    seen = outputs[:, task.count :]
    classes = seen.argmax(axis=0) if len(seen) > 1 else (seen[0] > 0).astype(int)
    last = len(task.classes) - 1
    scale = [
        (i / last, translucent(colour, 0.35)) for i, colour in enumerate(_colours(last + 1, theme))
    ]
    words = np.asarray(task.classes, dtype=object)[classes].reshape(len(up), len(across))
    return go.Heatmap(
        x=across,
        y=up,
        z=classes.reshape(len(up), len(across)),
        zmin=0,
        zmax=last,
        colorscale=scale,
        showscale=False,
        name=name,
        text=words,
        hovertemplate="%{text}<extra>" + name + "</extra>",
    )


def _samples(task: Any, theme: Theme) -> go.Scatter:
    labels = task.y_train.tolist()
    colours = dict(zip(task.classes, _colours(len(task.classes), theme), strict=True))
    return go.Scatter(
        x=task.x_train[:, 0],
        y=task.x_train[:, 1],
        mode="markers",
        name="training samples",
        marker={
            "color": [colours[label] for label in labels],
            "size": 8,
            "line": {"color": theme.ground, "width": 1},
        },
        text=[str(label) for label in labels],
        hovertemplate="%{text}<extra>training sample</extra>",
    )
