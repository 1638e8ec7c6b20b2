"""The figure of a study: a curve for each of its settings, doubtful points told apart."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from gncviz.figures.expected import expect_results
from gncviz.figures.families import SYMBOLS
from gncviz.figures.look import style
from gncviz.figures.look.axes import log_axis
from gncviz.figures.look.theme import LIGHT, Theme

if TYPE_CHECKING:
    import pandas as pd

    from gncviz.paper.studies.study import Plot


def study(table: pd.DataFrame, plot: Plot, *, theme: Theme = LIGHT) -> go.Figure:
    """Points of a study as it asks for them.

    Bars reach from low to high. A point is hollow where some of the runs behind it are doubtful:
    their standard error is over 5 %, or their islands disagree.

    Args:
        table: with the columns x, y, low, high, curve, doubt, a row a point, such as
            ``study.points(...)`` gives it.
        plot: titles and kinds of the axes.
        theme: the colours.

    Raises:
        SettingsError: it is no table.
    """
    expect_results("table", table=table)
    figure = style.new_figure(theme)
    names = list(dict.fromkeys(table["curve"]))
    for place, name in enumerate(names):
        colour = theme.ranks[round(place * (len(theme.ranks) - 1) / max(len(names) - 1, 1))]
        figure.add_trace(_curve(table[table["curve"] == name], str(name), place, colour))
    heights = table[["y", "low", "high"]].to_numpy(dtype=float)
    kinds = [log_axis(table["x"]) if plot.log_x else {}, log_axis(heights) if plot.log_y else {}]
    figure.update_xaxes(title_text=plot.x, **kinds[0])
    figure.update_yaxes(title_text=plot.y, **kinds[1])
    if plot.level is not None:
        level, text = plot.level
        line = {"color": theme.text, "dash": "dash", "width": 1.2}
        figure.add_hline(y=level, line=line)
        # Annotations of a logarithmic axis are at decimal logarithms.
        at = math.log10(level) if plot.log_y else level
        side = {"x": 1, "xref": "paper", "xanchor": "right", "yanchor": "bottom"}
        figure.add_annotation(y=at, text=text, showarrow=False, **side)
    return figure


def _curve(points: pd.DataFrame, name: str, place: int, colour: str) -> go.Scatter:
    symbol = SYMBOLS[place % len(SYMBOLS)]
    x, y, low, high, doubt = (
        points[column].to_numpy(dtype=float) for column in ("x", "y", "low", "high", "doubt")
    )
    return go.Scatter(
        x=x,
        y=y,
        error_y={
            "type": "data",
            "symmetric": False,
            "array": high - y,
            "arrayminus": y - low,
            "thickness": 1.4,
            "width": 4,
        },
        customdata=np.stack([low, high, 100 * doubt], axis=-1),
        name=name,
        mode="lines+markers",
        line={"color": colour, "width": 1.8},
        marker={"size": 8, "symbol": [f"{symbol}-open" if one > 0 else symbol for one in doubt]},
        cliponaxis=False,
        hovertemplate="%{x:.3g}: %{y:.3g}, %{customdata[0]:.3g} to %{customdata[1]:.3g}, "
        f"%{{customdata[2]:.0f}} % doubtful<extra>{name}</extra>",
    )
