"""Figures on the page: each one trait, sent whole and drawn whole.

Whatever arrives, and in which order, the browser shows the last version that it was sent, and tells
nothing back: so there is no message that could be lost between two threads, and no state of the
browser's that Python would have to know. plotly.js comes once for all: as a file of the server's
where there is one (:mod:`gncviz.explorer.browser.served`), and else by :class:`PlotlyBundle`.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any

import anywidget
import plotly
import plotly.graph_objects as go
import traitlets

from gncviz.explorer.browser.plotlyjs import LOADER, packed
from gncviz.explorer.browser.wire import as_json
from gncviz.explorer.model.runner import Phase

_HERE = Path(__file__).parent
_NOTHING: dict[str, Any] = {"version": 0}


class FigureState(StrEnum):
    """What a figure is of; the page says it by ``data-state``."""

    STORED = "stored"
    RUNNING = "running"
    DONE = "done"
    STALE = "stale"
    FAILED = "failed"
    CANCELLED = "cancelled"


def state_of(phase: Phase, *, stale: bool = False) -> FigureState:
    """The state of the figure of a run.

    Args:
        phase: of the run that is under way, or was the last.
        stale: the figure is of another one.
    """
    if stale:
        return FigureState.STALE
    return FigureState.DONE if phase is Phase.IDLE else FigureState(phase.value)


class PlotlyBundle(anywidget.AnyWidget):
    """An invisible widget that brings plotly.js to the page, when the browser asks for it.

    It goes by the widget's own channel, which every front end has, and which needs no file of a
    server's; a browser that may keep it asks once only.

    Attributes:
        version: of what is brought.
    """

    _esm = f"{LOADER}\n{(_HERE / 'plotly_bundle.js').read_text(encoding='utf-8')}"

    version = traitlets.Unicode(plotly.__version__).tag(sync=True)

    def __init__(self) -> None:
        super().__init__()
        self.layout.display = "none"
        self.on_msg(self._bring)

    def _bring(self, _: object, content: dict[str, Any], __: object) -> None:
        if content.get("kind") == "wanted":
            self.send({"kind": "plotly"}, buffers=[packed()])


class FigureView(anywidget.AnyWidget):
    """One figure, drawn where it is visible and hence in its right size.

    To be written by one thread at a time (:mod:`gncviz.explorer.model.render`). Needs a
    :class:`PlotlyBundle` on the same page.

    Attributes:
        figure: all that is seen: ``version``, counted from 1 (0 while there is none); ``data`` and
            ``layout``, as plotly.js takes them; ``alt``, what is seen in a sentence; ``state``.
    """

    _esm = _HERE / "figure_view.js"

    figure = traitlets.Dict(_NOTHING).tag(sync=True)

    def __init__(self) -> None:
        super().__init__()
        #: The figure that is shown; None while there is none.
        self.shown: go.Figure | None = None

    def show(
        self, figure: go.Figure, alt: str = "Figure", state: FigureState = FigureState.DONE
    ) -> None:
        """Draws a figure in the place of the one before; a person's zoom stays.

        Args:
            figure: with any traces.
            alt: what is seen in it, for those who do not see it, as plain text.
            state: what it is of.
        """
        self.shown = figure
        version = self.figure["version"] + 1
        self.figure = {"version": version, **as_json(figure), "alt": alt, "state": state.value}
