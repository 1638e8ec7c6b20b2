"""A learning curve of Guess & Check, with gradient descent beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from gncviz.figures.expected import expect_results
from gncviz.figures.families import SYMBOLS
from gncviz.figures.look import style
from gncviz.figures.look.theme import LIGHT, Theme, translucent
from gncviz.figures.look.traces import band

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gncviz.descent import GradientDescentResult
    from gncviz.posterior.curve import LearningCurve

#: Standard errors on either side of a 95 % interval.
_WIDTH = 1.96


def learning_curve(
    curve: LearningCurve,
    descent: Mapping[str, Mapping[int, GradientDescentResult]] | None = None,
    *,
    theme: Theme = LIGHT,
) -> go.Figure:
    """Test error and acceptance over the number of samples.

    Single networks of Guess & Check and the average of their outputs, with 95 % intervals; markers
    for the mean of the trials of gradient descent that ended as was asked, with the same intervals.

    Args:
        curve: from :func:`gncviz.learning_curve`.
        descent: results of gradient descent by how they were stopped, and then by how many samples
            they had.
        theme: the colours.

    Raises:
        SettingsError: it is no learning curve.
    """
    expect_results("curve", curve=curve)
    marks = {
        name: {count: _ended(result) for count, result in results.items()}
        for name, results in (descent or {}).items()
    }
    return curve_of(curve.table, marks, theme=theme)


def curve_of(
    table: pd.DataFrame,
    marks: Mapping[str, Mapping[int, NDArray[np.float64]]],
    *,
    theme: Theme = LIGHT,
) -> go.Figure:
    """The same from the table of a curve.

    Args:
        table: of a learning curve.
        marks: test errors of trials of gradient descent, by how they were stopped, and then by how
            many samples they had.
        theme: the colours.
    """
    figure = style.new_figure(theme, rows=2, shared_xaxes=True, row_heights=[0.68, 0.32])
    n = table["n"].to_numpy()
    for column, error, name, colour, dash in (
        ("gen_error", "stderr", "Guess & Check, single networks", theme.posterior, "solid"),
        ("bayes_error", "bayes_stderr", "average of their outputs", theme.posterior, "dash"),
    ):
        middle, width = table[column].to_numpy(), _WIDTH * table[error].to_numpy()
        shade = band(n, middle - width, middle + width, translucent(colour, 0.15), name=name)
        figure.add_trace(shade.update(showlegend=False, hoverinfo="skip"), row=1, col=1)
        line = {"color": colour, "dash": dash, "width": 2}
        hover = "n = %{x}: %{y:.3g}<extra>" + name + "</extra>"
        trace = go.Scatter(x=n, y=middle, name=name, mode="lines", line=line, hovertemplate=hover)
        figure.add_trace(trace, row=1, col=1)
    for place, (name, losses) in enumerate(marks.items()):
        figure.add_trace(_markers(name, losses, SYMBOLS[place], theme), row=1, col=1)
    figure.add_trace(_acceptance(table, theme), row=2, col=1)
    figure.update_yaxes(title_text="test error", rangemode="tozero", row=1, col=1)
    figure.update_yaxes(title_text="log₁₀ acceptance", row=2, col=1)
    figure.update_xaxes(title_text="training samples n", row=2, col=1)
    return figure


def _markers(
    name: str, results: Mapping[int, NDArray[np.float64]], symbol: str, theme: Theme
) -> go.Scatter:
    title = f"gradient descent, {name}"
    counts = sorted(results)
    losses = [results[count] for count in counts]
    means = [float(one.mean()) if len(one) else np.nan for one in losses]
    errors = [
        float(_WIDTH * one.std(ddof=1) / np.sqrt(len(one))) if len(one) > 1 else 0.0
        for one in losses
    ]
    return go.Scatter(
        x=counts,
        y=means,
        error_y={"type": "data", "array": errors, "thickness": 1.4, "width": 4},
        name=title,
        mode="markers",
        marker={"color": theme.descent, "symbol": symbol, "size": 9},
        hovertemplate="n = %{x}: %{y:.3g}<extra>" + title + "</extra>",
    )


def _ended(result: GradientDescentResult) -> Any:
    """L_gen of the trials that ended as was asked."""
    return result.gen_loss[np.array([str(status) == "converged" for status in result.status])]


def _acceptance(table: Any, theme: Theme) -> go.Scatter:
    return go.Scatter(
        x=table["n"],
        y=table["log10_acceptance"],
        error_y={"type": "data", "array": _WIDTH * table["log10_acceptance_stderr"], "width": 0},
        name="acceptance",
        showlegend=False,
        mode="lines",
        line={"color": theme.posterior, "width": 2},
        hovertemplate="n = %{x}: 10^%{y:.2f}<extra>acceptance</extra>",
    )
