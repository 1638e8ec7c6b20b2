"""How every figure looks: its frame, its legend, its labels."""

from __future__ import annotations

import copy
import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gncviz.figures.look.theme import LIGHT, Theme

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"

#: Of a figure, in pixels, where nothing else is said.
HEIGHT = 480

#: Letters of the runs that are kept to compare with, and the dashes of their lines.
PINS = {"A": "dash", "B": "dot", "C": "dashdot", "D": "longdash"}

NOTHING_PINNED: Mapping[str, Any] = MappingProxyType({})


def new_figure(
    theme: Theme = LIGHT, rows: int = 1, height: int = HEIGHT, **subplots: Any
) -> go.Figure:
    """An empty figure in the look of all others, for what they do not show.

    Args:
        theme: the colours.
        rows: panels, one below the other.
        height: of the figure, in pixels.
        **subplots: further arguments of plotly's ``make_subplots``, such as ``cols``.
    """
    layout = tuple((name, tuple(v) if isinstance(v, list) else v) for name, v in subplots.items())
    # Making one takes ten times as long as copying one, and figures follow a slider.
    return copy.deepcopy(_blank(theme, rows, height, layout))


@functools.lru_cache(maxsize=32)
def _blank(
    theme: Theme, rows: int, height: int, subplots: tuple[tuple[str, Any], ...]
) -> go.Figure:
    figure = make_subplots(rows=rows, **{"cols": 1, **dict(subplots)})
    figure.update_layout(
        autosize=True,
        height=height,
        margin={"l": 64, "r": 18, "t": 44, "b": 52},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "size": 13, "color": theme.text},
        # One trace alone would lose its legend otherwise.
        showlegend=True,
        # From the top edge down, and the plot below it, however many lines the legend needs.
        legend={
            "orientation": "h",
            "x": 0,
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "title": None,
        },
        hoverlabel={"font": {"family": FONT}},
        # A person's zoom survives when the data change.
        uirevision="constant",
        template="none",
    )
    axis = {
        "gridcolor": theme.grid,
        "linecolor": theme.grid,
        "zeroline": False,
        "ticks": "outside",
        "tickcolor": theme.grid,
        "title": {"standoff": 8},
        "automargin": True,
    }
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis)
    return figure


def threshold(figure: go.Figure, value: float, text: str, theme: Theme, row: int) -> None:
    """Marks a value of the x axis by a dashed line with a label."""
    figure.add_vline(
        x=value, line={"color": theme.text, "dash": "dash", "width": 1.2}, row=row, col=1
    )
    reference = "x" if row == 1 else f"x{row}"
    figure.add_annotation(
        x=np.log10(value),
        xref=reference,
        y=1,
        yref=("y" if row == 1 else f"y{row}") + " domain",
        text=text,
        showarrow=False,
        xanchor="left",
        xshift=4,
        yanchor="top",
    )


def subscript(index: int) -> str:
    """A number as a subscript: plotly.js renders no TeX without help from outside."""
    return str(index).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
