"""The row of tabs, none of which costs anything before it is seen."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Protocol

import ipywidgets as widgets

from gncviz.explorer.browser.plot import FigureView
from gncviz.explorer.tabs.figure import FIGURES, FigureTab, View
from gncviz.explorer.tabs.spectra import SpectraTab
from gncviz.explorer.tabs.theory import TheoryTab
from gncviz.explorer.words.address import slug

Guard = Callable[[Callable[[], object]], Callable[..., None]]


class Tab(Protocol):
    """What a tab has.

    Attributes:
        title: on it.
        part: which attribute of :class:`gncviz.experiment.Experiment` it shows.
        plot: its first figure.
        widget: what is seen.
    """

    title: str
    part: str
    plot: FigureView
    widget: widgets.Widget

    def show(self, view: View) -> None:
        """Draws a run, or says why there is none."""


def _rows(guard: Guard) -> list[tuple[str, Callable[[], Tab]]]:
    """Titles in their order, and what makes the tab."""
    rows: list[tuple[str, Callable[[], Tab]]] = [
        (about[0], functools.partial(FigureTab, *about)) for about in FIGURES
    ]
    rows.insert(-1, (SpectraTab.title, lambda: SpectraTab(guard)))
    return [*rows, (TheoryTab.title, TheoryTab)]


class Tabs:
    """All tabs of a run.

    Args:
        guard: makes event handlers whose failures are seen.
    """

    def __init__(self, guard: Guard) -> None:
        titles, self._makers = zip(*_rows(guard), strict=True)
        self._made: dict[int, Tab] = {}
        rooms = [widgets.VBox([]).add_class("gv-room") for _ in titles]
        self.widget = widgets.Tab(rooms, titles=titles, selected_index=0)

    @property
    def present(self) -> Tab:
        """The tab that is open."""
        index = self.widget.selected_index or 0
        if index not in self._made:
            self._made[index] = tab = self._makers[index]()
            self.widget.children[index].children = [tab.widget]
        return self._made[index]

    @property
    def slug(self) -> str:
        """What the address calls the tab that is open."""
        return slug(self.present.title)

    def open(self, name: str) -> None:
        """Turns to a tab, by the slug of its title; an unknown one leaves the page as it is."""
        slugs = [slug(title) for title in self.widget.titles]
        if name in slugs:
            self.widget.selected_index = slugs.index(name)
