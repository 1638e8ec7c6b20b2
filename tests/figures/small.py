"""A setting of a second, and how traces of a figure are found."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

import gncviz as gv

NETWORK = gv.Network(width=5, depth=3)
PRIOR = gv.Prior("gaussian", normalize=True)


def named(figure: go.Figure, start: str) -> list[Any]:
    """Traces whose names begin so."""
    return [trace for trace in figure.data if (trace.name or "").startswith(start)]


def the(figure: go.Figure, start: str) -> Any:
    """The only one."""
    (trace,) = named(figure, start)
    return trace
