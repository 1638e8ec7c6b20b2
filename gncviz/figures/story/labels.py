"""What the story's figures share: names at curves, rings, ticks that can be read."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

#: What the axes show.
TRAINING = "error on what was measured"
GENERALIZATION = "error on what was not measured"

#: How the three are called, wherever they are drawn.
ANY, FITS, DESCENT = "any draw", "draws that fit", "gradient descent"

#: How points and rings move when a slider does, for a figure with the same curves as before.
MOVES = {"duration": 300, "easing": "cubic-in-out"}

#: Room for names at the ends of curves, in pixels.
NAMES = 132


def say(
    figure: go.Figure,
    x: float,
    y: float,
    text: str,
    colour: str,
    xref: str = "x",
    yref: str = "y",
    *,
    anchor: str = "middle",
    xanchor: str = "left",
    xshift: float = 5,
    ground: str | None = None,
) -> None:
    """A label where a curve is; on a logarithmic axis, x and y are decimal logarithms.

    ``ground`` is a colour behind it, for labels that a curve may pass.
    """
    figure.add_annotation(
        x=x,
        y=y,
        xref=xref,
        yref=yref,
        text=text,
        showarrow=False,
        align="left",
        xanchor=xanchor,
        xshift=xshift if xanchor == "left" else -abs(xshift),
        yanchor=anchor,
        font={"color": colour, "size": 13},
        bgcolor=ground,
    )


def over(figure: go.Figure, text: str, x: float = 0.0, y: float = 1.0) -> None:
    """What the y axis of a panel shows, above its upper left corner: a phone has no room beside."""
    figure.add_annotation(
        x=x,
        y=y,
        xref="paper",
        yref="paper",
        text=text,
        showarrow=False,
        xanchor="left",
        yanchor="bottom",
        xshift=-44,
        yshift=6,
    )


def head(figure: go.Figure, x: float, y: float, text: str) -> None:
    """A name above a part of the figure; x and y are shares of its width and height."""
    figure.add_annotation(
        x=x,
        y=y,
        xref="paper",
        yref="paper",
        text=text,
        showarrow=False,
        yanchor="bottom",
        xanchor="center",
    )


def ring(x: list[float], y: list[float], colour: str) -> go.Scatter:
    """Marks the point that numbers and sliders are about."""
    marker = {"symbol": "circle-open", "size": 17, "color": colour, "line": {"width": 3}}
    return go.Scatter(x=x, y=y, mode="markers", marker=marker, hoverinfo="skip", cliponaxis=False)


def bars(errors: Any, colour: str) -> dict[str, Any]:
    """Standard errors, as plotly's error bars."""
    return {"array": np.asarray(errors, float), "color": colour, "thickness": 1.2, "width": 3}


def unlegended(figure: go.Figure, right: int = 24) -> None:
    """No legend, and no room kept for one."""
    figure.update_layout(showlegend=False, margin={"t": 34, "r": right})
