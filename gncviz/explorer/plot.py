"""Figures on the page: made once, when they are first seen, then updated in place.

A plotly widget brings five megabytes of JavaScript with it, each one anew. Here the code goes to
the browser once, by :class:`PlotlyBundle`, and every :class:`Figure` uses it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import ipywidgets as widgets
import numpy as np
import plotly.graph_objects as go
import traitlets

from gncviz.figures.style import HEIGHT

_HERE = Path(__file__).parent
_CONFIG = {
    "displaylogo": False,
    "responsive": True,
    "showSendToCloud": False,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
}


class PlotlyBundle(anywidget.AnyWidget):
    """An invisible widget that brings plotly's widget code to the page.

    Attributes:
        code: the JavaScript that :class:`plotly.graph_objects.FigureWidget` would bring.
    """

    _esm = _HERE / "plotly_bundle.js"

    code = traitlets.Bytes().tag(sync=True)

    def __init__(self) -> None:
        super().__init__(code=str(go.FigureWidget._esm).encode())
        self.layout.display = "none"


class Figure(go.FigureWidget):
    """A plotly figure widget without its own copy of the code; needs a :class:`PlotlyBundle`."""

    _esm = _HERE / "plotly_figure.js"


class Plot:
    """Room for one figure, which is drawn where it is visible and hence in its right size."""

    def __init__(self) -> None:
        self.widget = widgets.VBox([]).add_class("gv-plot")
        self.figure: Any = None

    def show(self, figure: go.Figure) -> None:
        """Draws a figure, or turns the one on the screen into it.

        One of the usual height is as high as the page has room for (style.css).
        """
        if figure.layout.height == HEIGHT:
            figure.layout.height = None
        if self.figure is None:
            if figure.layout.height is None:
                self.widget.add_class("gv-fluid")
            self.figure = Figure(figure)
            self.figure._config = {**self.figure._config, **_CONFIG}
            self.widget.children = (self.figure,)
        else:
            update(self.figure, figure)


def update(shown: go.FigureWidget, wanted: go.Figure) -> None:
    """Turns a figure on the screen into another with the same traces, in one message.

    Raises:
        ValueError: the number of traces differs.
    """
    with shown.batch_update():
        for old, new in zip(shown.data, wanted.data, strict=True):
            properties = new.to_plotly_json()
            if not _same(old.to_plotly_json(), {**properties, "uid": old.uid}):
                del properties["type"]
                old.update(properties, overwrite=True)
        layout = wanted.layout.to_plotly_json()
        layout.pop("template", None)
        present = shown.layout.to_plotly_json()
        changed = {key: new for key, new in layout.items() if not _same(present.get(key), new)}
        if changed:
            shown.layout.update(changed, overwrite=True)


def _same(one: Any, other: Any) -> bool:
    """Whether properties of traces, arrays among them, are equal."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return np.array_equal(np.asarray(one, dtype=object), np.asarray(other, dtype=object))
    return bool(one == other)
