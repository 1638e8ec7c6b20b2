"""What came out: the numbers to compare, what they say, and what to do where nothing fits."""

from __future__ import annotations

import html
from collections.abc import Callable

import ipywidgets as widgets

from gncviz.experiment.run import Experiment
from gncviz.experiment.settings import ExperimentSettings
from gncviz.explorer.words import report
from gncviz.explorer.words.remedy import Remedy, remedy

Guard = Callable[[Callable[[], object]], Callable[..., None]]


class Outcome:
    """Cards, a verdict, and a way on from a run without draws.

    Args:
        run: called with the settings of the way on.
        guard: makes event handlers whose failures are seen.
    """

    def __init__(self, run: Callable[[ExperimentSettings], object], guard: Guard) -> None:
        self._run = run
        self._remedy: Remedy | None = None
        self._cards = widgets.HTML().add_class("gv-cards-box")
        self._verdict = widgets.HTML().add_class("gv-verdict")
        self._words = widgets.HTML().add_class("gv-remedy-words")
        self._button = widgets.Button()
        self._button.on_click(guard(self._follow))
        self._way_on = widgets.HBox([self._words, self._button]).add_class("gv-remedy")
        self.widget = widgets.VBox([self._cards, self._verdict, self._way_on])
        self.widget.add_class("gv-outcome")

    def show(self, found: Experiment | None, *, running: bool, whose: str) -> None:
        """Shows the numbers of a run.

        Args:
            found: the run; None before the first.
            running: whether a run is under way.
            whose: which run it is; empty if it is the present one.
        """
        self._cards.value = report.cards(found, whose)
        unsettled = running and not whose
        self._verdict.value = "" if unsettled else report.verdict(found)
        (self.widget.add_class if whose else self.widget.remove_class)("gv-earlier")
        # It is a way on from the present setting.
        self._remedy = None if running or whose else remedy(found)
        self._way_on.layout.display = None if self._remedy else "none"
        if self._remedy is not None:
            self._words.value = html.escape(self._remedy.words)
            self._button.description = self._remedy.button

    def _follow(self) -> None:
        if self._remedy is not None:
            self._run(self._remedy.settings)
