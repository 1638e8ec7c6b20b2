"""The ε-path: how the posterior changes as the threshold on the training loss falls."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from gncviz.figures.expected import expect_results
from gncviz.figures.look import style
from gncviz.figures.look.axes import plain_ticks
from gncviz.figures.look.names import pin_name
from gncviz.figures.look.theme import LIGHT, Theme, translucent
from gncviz.figures.look.traces import band
from gncviz.figures.own import NOTHING, Own, own_results
from gncviz.models.asked import gen_label
from gncviz.words import printed, typeset

if TYPE_CHECKING:
    import pandas as pd

    from gncviz.descent import GradientDescentResult
    from gncviz.posterior import GuessAndCheckResult

#: Width of the error bands, in standard errors.
_BAND = 1.96
#: How far the axis goes on below the lowest point of the path, as a factor.
_ROOM = 3.0


def epsilon_path(
    post: GuessAndCheckResult,
    gd: GradientDescentResult | None = None,
    *,
    pinned: Mapping[str, GuessAndCheckResult] = style.NOTHING_PINNED,
    own: Own = NOTHING,
    theme: Theme = LIGHT,
) -> go.Figure:
    """Mean generalization loss and acceptance of Guess & Check against ε, from one run.

    Bands are 95 % confidence intervals. The dashed line and the dot mark the ε of ``post``; the
    means of the prior (any ε) and of gradient descent are there to compare with.

    Args:
        post: from :func:`gncviz.guess_and_check`; its ``path`` is drawn.
        gd: from :func:`gncviz.gradient_descent`, if it has been run.
        pinned: other results, the paths of which are drawn beside, by letters of
            :data:`gncviz.figures.look.style.PINS`.
        own: results of your own, by name: matrices with shape (..., m, m'), or L_gen with shape
            (N,); a line at the mean of each.
        theme: the colours.

    Raises:
        SettingsError: a result is none, or of another shape.
    """
    expect_results("post", post=post, gd=gd)
    figure = style.new_figure(theme, rows=2, shared_xaxes="all", vertical_spacing=0.1)
    path = post.path
    span = _span([path, *(other.path for other in pinned.values())], post.settings.epsilon)
    low, high = _band(path["mean_gen_loss"], path["stderr"])
    # Gradient descent is often orders of magnitude below, and would flatten everything else.
    means = [mean for other in pinned.values() for mean in other.path["mean_gen_loss"]]
    # Where every draw is right the mean is zero, which a logarithmic axis cannot show.
    shown = [v for v in (*low, *high, *means, post.prior_mean_gen_loss) if 0 < v < math.inf]
    low_end, high_end = min(shown, default=1.0) / _ROOM, max(shown, default=1.0) * 1.3
    figure.add_traces(
        [
            *_with_band(path, path["mean_gen_loss"], low, high, "Guess & Check", theme),
            _here(post, "mean_gen_loss", theme),
            _level(span, post.prior_mean_gen_loss, low_end, "Prior", theme.prior),
            _level(span, _descent_mean(gd), low_end, "Gradient descent", theme.descent),
            *_pinned_paths(post, pinned, "mean_gen_loss", theme),
            *(
                _level(span, one.mean, low_end, one.name, theme.pins[-1 - place % len(theme.pins)])
                for place, one in enumerate(own_results(post.task, own))
            ),
        ],
        rows=1,
        cols=1,
    )
    decimal, error = path["log10_acceptance"], path["log10_acceptance_stderr"]
    acceptance = _with_band(
        path, decimal, decimal - _BAND * error, decimal + _BAND * error, "Acceptance", theme
    )
    acceptance[1].update(hovertemplate="ε = %{x:.3g}: acceptance 10^%{y:.2f}<extra></extra>")
    figure.add_traces(
        [
            *acceptance,
            _here(post, "log10_acceptance", theme),
            *_pinned_paths(post, pinned, "log10_acceptance", theme),
        ],
        rows=2,
        cols=1,
    )
    figure.update_xaxes(type="log", range=np.log10(span).tolist(), **plain_ticks(*span))
    figure.update_xaxes(title_text="threshold ε on the training loss", row=2, col=1)
    figure.update_yaxes(
        type="log",
        # In two lines, for a low window.
        title_text=gen_label(post.task).replace(" loss", "<br>loss, mean"),
        **plain_ticks(low_end, high_end),
        range=np.log10([low_end, high_end]).tolist(),
        row=1,
        col=1,
    )
    figure.update_yaxes(title_text="log₁₀<br>acceptance", row=2, col=1)
    for row in (1, 2):
        label = f"ε = {printed(post.settings.epsilon)}" if row == 2 else ""
        style.threshold(figure, post.settings.epsilon, label, theme, row=row)
    return figure


def _span(paths: list[pd.DataFrame], epsilon: float) -> tuple[float, float]:
    """The axis: the paths and ε, with some room at both ends."""
    points = [epsilon, *(point for path in paths for point in path["epsilon"])]
    return min(points) / 1.25, max(points) * 1.25


def _band(mean: Any, stderr: Any) -> tuple[Any, Any]:
    """A 95 % interval that suits a logarithmic axis: it never reaches zero."""
    # Far less certain than that is not told apart in a figure.
    factor = np.exp((_BAND * stderr.fillna(0.0) / mean).clip(upper=50.0))
    return mean / factor, mean * factor


def _with_band(
    path: pd.DataFrame, y: Any, low: Any, high: Any, name: str, theme: Theme
) -> list[go.Scatter]:
    x = path["epsilon"]
    area = band(x, low, high, translucent(theme.posterior, 0.22))
    line = go.Scatter(
        x=x,
        y=y,
        name=name,
        mode="lines+markers",
        line={"color": theme.posterior, "width": 1.8},
        marker={"size": 5},
        showlegend=name != "Acceptance",
        hovertemplate="ε = %{x:.3g}: %{y:.3g}<extra>" + name + "</extra>",
    )
    return [area, line]


def _pinned_paths(
    post: GuessAndCheckResult,
    pinned: Mapping[str, GuessAndCheckResult],
    column: str,
    theme: Theme,
) -> list[go.Scatter]:
    """A line for each letter, empty where nothing is pinned."""
    lines = []
    for (letter, dash), colour in zip(style.PINS.items(), theme.pins, strict=True):
        pin = pinned.get(letter)
        path = None if pin is None else pin.path
        name = letter if pin is None else pin_name(letter, pin, post)
        lines.append(
            go.Scatter(
                x=[] if path is None else path["epsilon"],
                y=[] if path is None else path[column],
                name=name,
                mode="lines",
                line={"color": colour, "dash": dash, "width": 2},
                legendgroup=letter,
                showlegend=path is not None and column == "mean_gen_loss",
                hovertemplate="ε = %{x:.3g}: %{y:.3g}<extra>" + name + "</extra>",
            )
        )
    return lines


def _here(post: GuessAndCheckResult, name: str, theme: Theme) -> go.Scatter:
    """A dot at the ε of the result."""
    value = getattr(post, name)
    known = math.isfinite(value)
    return go.Scatter(
        x=[post.settings.epsilon] if known else [],
        y=[value] if known else [],
        mode="markers",
        marker={"size": 13, "color": theme.posterior, "line": {"color": theme.ground, "width": 2}},
        showlegend=False,
        hoverinfo="skip",
    )


def _level(
    span: tuple[float, float], value: float, least: float, name: str, colour: str
) -> go.Scatter:
    """A mean that does not depend on ε; one below the axis is named only."""
    known = math.isfinite(value) and value > 0
    label = f"{name}: {typeset(value)}" if known else name
    return go.Scatter(
        x=span if known else [],
        y=[value, value] if known else [],
        name=label + (", below the axis" if known and value < least else ""),
        mode="lines",
        line={"color": colour, "width": 1.6, "dash": "dash"},
        hovertemplate="%{y:.3g}<extra>" + name + "</extra>",
    )


def _descent_mean(gd: GradientDescentResult | None) -> float:
    return math.nan if gd is None else gd.mean_gen_loss
