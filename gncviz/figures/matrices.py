"""The matrices themselves: the ground truth, what was found, and where that errs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from gncviz.figures.chosen import (
    error_parts,
    matrix_task,
    measured_entries,
    median_own,
    median_trial,
    typical_draw,
)
from gncviz.figures.expected import expect_results
from gncviz.figures.look import style
from gncviz.figures.look.theme import LIGHT, Theme
from gncviz.figures.look.titles import known, row_labels, titles
from gncviz.figures.own import NOTHING, Own, own_results

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gncviz.descent import GradientDescentResult
    from gncviz.posterior import GuessAndCheckResult

#: Of text; the longest line of a title must fit a third of a phone's screen.
_TEXT_SIZE = 12
#: Of the dots on measured entries, in pixels: of a small matrix, and of a large one.
_LARGEST_DOT, _SMALLEST_DOT = 6.0, 1.5
#: Smaller ones have no rim, which would leave nothing of them.
_RIMMED_DOT = 4.0


def matrices(
    post: GuessAndCheckResult,
    gd: GradientDescentResult | None = None,
    *,
    own: Own = NOTHING,
    theme: Theme = LIGHT,
) -> go.Figure:
    """The ground truth W*, a typical draw of Guess & Check and gradient descent's solution.

    Below each of the two, its error W − W* in two parts: what the measurements see, which L_train
    (Eq. 2) depends on, and what they do not, which L_gen (Eq. 3) depends on. For sensing these are
    the projections on the span of the measurements and on its complement; for completion they are
    the measured entries, which carry a dot, and the others. One colour scale serves all maps.

    Without a ground truth the first map is what is known of it: for completion the known entries,
    and the errors are those on the entries that are trained on and on those held out; for sensing
    nothing, and no errors.

    The typical draw is the one whose L_gen is nearest to the posterior's weighted median. Gradient
    descent's solution is the trial of the same task with the median L_gen (the lower one of two)
    among those that did not diverge.

    Args:
        post: from :func:`gncviz.guess_and_check`; it says what the task is.
        gd: from :func:`gncviz.gradient_descent`, if it has been run.
        own: matrices of your own, by name, with shape (..., m, m'), a column each: of several, that
            with the median L_gen.
        theme: the colours.

    Raises:
        SettingsError: a result is none, or of another shape.
        ValueError: no trial of ``gd`` is of the task of ``post``, or that is none of matrices.
    """
    expect_results("post", post=post, gd=gd)
    task = matrix_task(post)
    founds = [typical_draw(post), median_trial(gd, task), *median_own(own_results(task, own))]
    truth, title = known(task)
    dots = measured_entries(task) if np.isfinite(truth).any() else None
    figure = style.new_figure(
        theme,
        rows=3,
        height=730,
        cols=1 + len(founds),
        horizontal_spacing=0.12 / (1 + len(founds)),
        vertical_spacing=0.09,
    )
    _add_map(figure, (1, 1), truth, dots, "W*", theme)
    _add_title(figure, (1, 1), title)
    shown = [truth]
    for column, found in enumerate(founds, start=2):
        parts, texts = error_parts(found.matrix, task, dots), titles(found, task)
        for row, (part, title) in enumerate(zip(parts, texts, strict=True), start=1):
            name = found.name if row == 1 else f"{found.name}, error"
            marked = None if found.matrix is None else dots
            _add_map(figure, (row, column), part, marked, name, theme)
            _add_title(figure, (row, column), title)
        shown += parts
    _label_rows(figure, row_labels(task, completion=dots is not None))
    largest = max(float(np.abs(part[np.isfinite(part)]).max(initial=0.0)) for part in shown)
    _dress(figure, largest or 1.0, theme)
    return figure


def _add_map(
    figure: go.Figure,
    place: tuple[int, int],
    values: NDArray[np.float64],
    dots: NDArray[np.bool_] | None,
    name: str,
    theme: Theme,
) -> None:
    """A heat map in a frame, and on it a dot for each measured entry; no dots without a matrix."""
    rows, cols = values.shape
    # Every matrix lies in the same square from 0 to 1, for plotly.js does not let the ranges of a
    # figure on the screen change where axes are tied to one another.
    cell = 1 / max(rows, cols)
    left = (1 - cell * cols) / 2
    heat = go.Heatmap(
        z=values,
        x0=left + cell / 2,
        dx=cell,
        y0=cell / 2,
        dy=cell,
        customdata=np.moveaxis(np.indices(values.shape, dtype=np.int32) + 1, 0, -1),
        name=name,
        coloraxis="coloraxis",
        hoverongaps=False,
        hovertemplate="row %{customdata[0]}, column %{customdata[1]}: %{z:.3g}"
        f"<extra>{name}</extra>",
    )
    row, col = (np.empty(0), np.empty(0)) if dots is None else np.nonzero(dots)
    size = float(np.clip(40 * cell, _SMALLEST_DOT, _LARGEST_DOT))
    entries = go.Scatter(
        x=left + cell * (col + 0.5),
        y=cell * (row + 0.5),
        name="measured entries",
        mode="markers",
        marker={
            "size": size,
            "color": theme.text,
            # A rim keeps the dot apart from the strongest colours of the map.
            "line": {"color": theme.ground, "width": 1 if size > _RIMMED_DOT else 0},
        },
        showlegend=False,
        hoverinfo="skip",
    )
    figure.add_traces([heat, entries], rows=place[0], cols=place[1])
    figure.add_shape(
        type="rect",
        x0=left,
        x1=1 - left,
        y0=0,
        y1=cell * rows,
        line={"color": theme.grid, "width": 1},
        row=place[0],
        col=place[1],
    )


def _add_title(figure: go.Figure, place: tuple[int, int], text: str) -> None:
    axes = figure.get_subplot(*place)
    figure.add_annotation(
        text=text,
        x=0.5,
        xref=f"{axes.yaxis.anchor} domain",
        y=1,
        yref=f"{axes.xaxis.anchor} domain",
        yanchor="bottom",
        yshift=3,
        showarrow=False,
        font={"size": _TEXT_SIZE},
    )


def _label_rows(figure: go.Figure, texts: tuple[str, str]) -> None:
    """Says what the rows of errors are, where the ground truth has none."""
    for row, text in enumerate(texts, start=2):
        axes = figure.get_subplot(row, 1)
        for axis in axes:
            axis.visible = False
        figure.add_annotation(
            text=text,
            x=sum(axes.xaxis.domain) / 2,
            xref="paper",
            xanchor="center",
            y=axes.yaxis.domain[1],
            yref="paper",
            yanchor="top",
            showarrow=False,
            font={"size": _TEXT_SIZE},
        )


def _dress(figure: go.Figure, largest: float, theme: Theme) -> None:
    """Square panels, row one on top, and the common colours."""
    bare = {"showgrid": False, "showline": False, "showticklabels": False, "ticks": ""}
    # A little more than the square, for the frame to be whole.
    figure.update_xaxes(range=[-0.01, 1.01], constrain="domain", automargin=False, **bare)
    figure.update_yaxes(range=[1.01, -0.01], constrain="domain", automargin=False, **bare)
    figure.update_yaxes(constraintoward="top")
    for axis in figure.select_yaxes():
        axis.scaleanchor = axis.anchor
    steps = len(theme.diverging) - 1
    figure.update_layout(
        margin={"l": 8, "r": 8, "t": 62, "b": 70},
        showlegend=False,
        coloraxis={
            "cmin": -largest,
            "cmax": largest,
            "colorscale": [[i / steps, colour] for i, colour in enumerate(theme.diverging)],
            "colorbar": {
                "orientation": "h",
                "x": 0.5,
                "y": -0.01,
                "yanchor": "top",
                "len": 0.9,
                "thickness": 12,
                "nticks": 7,
                "title": {
                    "text": "entry of a matrix, or of its error",
                    "side": "bottom",
                    "font": {"size": _TEXT_SIZE},
                },
                "outlinecolor": theme.grid,
                "outlinewidth": 1,
                "ticks": "outside",
                "tickcolor": theme.grid,
            },
        },
    )
