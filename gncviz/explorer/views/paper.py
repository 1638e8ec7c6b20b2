"""Paper: the 33 panels at a glance, one of them large with its claims, and sweeps of one's own."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, get_args

import ipywidgets as widgets

from gncviz.explorer.browser.gallery import Gallery
from gncviz.explorer.tabs.sweep import Axes, SweepTab
from gncviz.explorer.words.gallery import cards, key_of
from gncviz.paper.overview import overview
from gncviz.paper.panels import FIGURES, PANELS

if TYPE_CHECKING:
    from gncviz import figures
    from gncviz.experiment.settings import ExperimentSettings
    from gncviz.explorer.model.page import PageModel

Guard = Callable[[Callable[[], object]], Callable[..., None]]


class PaperView:
    """The widgets of the paper's panels.

    Args:
        model: of the page.
        guard: makes event handlers whose failures are seen.
        theme: asked for the colours.
        changed: called when another panel is seen.
    """

    def __init__(
        self,
        model: PageModel,
        guard: Guard,
        theme: Callable[[], figures.Theme],
        changed: Callable[[], object],
    ) -> None:
        self._model, self._guard, self._theme, self._changed = model, guard, theme, changed
        self._sweeps: dict[Axes, SweepTab] = {}
        panels = overview()
        self._gallery = Gallery(cards(panels))
        self._gallery.observe(guard(self._chosen), "chosen")
        about = widgets.HTML(
            f'<p class="gv-caption">The paper\'s {len(panels)} panels, computed here with 8 seeds '
            "each: prior in grey, Guess &amp; Check in blue, gradient descent in orange. Choose "
            "one to see it large, with what the paper claims about it.</p>"
        )
        own = widgets.HBox([self._own_button(over) for over in get_args(Axes)])
        own.add_class("gv-own")
        self._room = widgets.VBox([]).add_class("gv-room")
        self._over: Axes = "width"
        self.widget = widgets.HBox(
            [
                widgets.VBox([about, self._gallery, own]).add_class("gv-panels"),
                self._room,
            ]
        ).add_class("gv-paper")

    @property
    def present(self) -> SweepTab:
        """The sweep that is seen."""
        return self._sweep(self._over)

    def turn_to(self, over: Axes, panel: tuple[int, str] | None) -> None:
        """Shows a panel, or the setting of Explore, to be swept.

        Args:
            over: what is swept.
            panel: as (figure, activation); None for the setting of Explore.
        """
        self._over = over
        self._sweep(over).turn_to(panel)
        self._changed()

    def open(self, panel: tuple[int, str] | None, over: str | None) -> None:
        """Opens what an address says; what there is not leaves the view as it is.

        Args:
            panel: as (figure, activation).
            over: "width" or "depth" for its first panel, as old addresses have it.
        """
        if panel in PANELS:
            self.turn_to(FIGURES[panel[0]].over, panel)
        for known in get_args(Axes):
            if panel is None and over == known:
                self.turn_to(known, self._sweep(known).panel)

    def show(self) -> None:
        """Shows the present state; called by one thread at a time."""
        sweep = self.present
        self._room.children = (sweep.widget,)
        self._gallery.chosen = key_of(*sweep.panel) if sweep.panel else ""
        sweep.show()

    def _sweep(self, over: Axes) -> SweepTab:
        if over not in self._sweeps:
            self._sweeps[over] = SweepTab(
                over,
                self._model.sweeps[over],
                self._settings,
                self._guard,
                self._theme,
            )
        return self._sweeps[over]

    def _settings(self) -> ExperimentSettings:
        return self._model.runs.settings

    def _own_button(self, over: Axes) -> widgets.Button:
        button = widgets.Button(
            description=f"Sweep the {over} of my setting",
            tooltip=f"The setting of Explore, at several {over}s and seeds",
        )
        button.on_click(self._guard(functools.partial(self.turn_to, over, None)))
        return button

    def _chosen(self) -> None:
        figure, _, activation = self._gallery.chosen.partition(" ")
        if figure:
            panel = int(figure), activation
            if panel != self.present.panel:
                self.turn_to(FIGURES[panel[0]].over, panel)
