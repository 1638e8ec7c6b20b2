"""The page: one model, four views on it, one locked render."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from gncviz.experiment.settings import ExperimentSettings
from gncviz.explorer import actions
from gncviz.explorer.browser.access import Access
from gncviz.explorer.browser.address_bar import AddressBar
from gncviz.explorer.browser.plot import PlotlyBundle
from gncviz.explorer.browser.probe import PageProbe
from gncviz.explorer.browser.segments import Segments
from gncviz.explorer.machine.memory import map_large_blocks
from gncviz.explorer.model.explorer import ExplorerModel, not_offered
from gncviz.explorer.model.page import DATA, EXPLORE, PAPER, STORY, SWEPT, VIEWS, PageModel
from gncviz.explorer.model.render import Render
from gncviz.explorer.model.runner import Phase
from gncviz.explorer.model.warmup import load_ahead, load_pandas
from gncviz.explorer.panels.banner import Banner
from gncviz.explorer.style import sheet
from gncviz.explorer.words.address import Address, from_query, to_query
from gncviz.explorer.words.story import HEADING
from gncviz.figures.look.theme import DARK, LIGHT, Theme


class Explorer(widgets.VBox):
    """The page: a story from stored runs, every setting to run, and the paper's panels.

    Shows in JupyterLab as the value of a cell, and in Voila.

    Args:
        settings: of the run, to begin with; with them the page opens where they can be run, and
            with the story otherwise.
        live: whether a change of the settings after a first run starts the next one.

    Attributes:
        page: all that is remembered; no widgets.
    """

    def __init__(self, settings: ExperimentSettings | None = None, *, live: bool = True) -> None:
        map_large_blocks()
        self._probe, self._live = PageProbe(), live
        self.page = PageModel(settings, abandoned=lambda: self._probe.gone)
        self.page.view = STORY if settings is None else EXPLORE
        self._banner, self._address = Banner(), AddressBar()
        self._hidden = frozenset[str]()
        self._views: dict[str, Any] = {}
        self._making = threading.RLock()
        self._render = Render(self._paint)
        self._segments = Segments("Views", VIEWS, self.page.view)
        self._stage = widgets.VBox([]).add_class("gv-stage")
        super().__init__([*self._unseen(), self._head(), self._banner.widget, self._stage])
        self.add_class("gv-explorer")
        self._wire()
        self._render()
        self._load_ahead()

    @property
    def model(self) -> ExplorerModel:
        """Settings, results and the run in progress."""
        return self.page.runs

    @property
    def settings(self) -> ExperimentSettings:
        """What the next run will do."""
        return self.model.settings

    def use(self, settings: ExperimentSettings) -> None:
        """Puts settings into the controls.

        Args:
            settings: the new ones; the next run takes them.
        """
        self.model.settings = settings
        if EXPLORE in self._views:
            # Also where the settings are these already, but what stands in a box is not.
            self._views[EXPLORE].use(settings)

    def tell(self, step: int) -> None:
        """Shows a step of the story.

        Args:
            step: its number, from 1 to 6.
        """
        self.page.story.go(step)
        self.page.view = STORY

    def explore(self, settings: ExperimentSettings | None = None) -> None:
        """Opens Explore and runs.

        Args:
            settings: what to run; the setting of the story's present scene by default.
        """
        self.use(settings or actions.settings_of_scene(self.page.story.scene))
        self.page.view = EXPLORE
        self.model.run()

    def _unseen(self) -> list[widgets.Widget]:
        style = widgets.HTML(f"<style>{sheet()}</style>").add_class("gv-style")
        return [style, self._probe, self._address, Access(), PlotlyBundle()]

    def _head(self) -> widgets.Widget:
        title = widgets.HTML(HEADING).add_class("gv-title")
        return widgets.HBox([title, self._segments]).add_class("gv-head")

    def _wire(self) -> None:
        page, guard = self.page, self._react
        render, write = self._banner.guard(self._render), self._banner.guard(self._write_address)
        page.observe(render, "view")
        page.story.observe(render, "scene")
        shown = ["phase", "step", "error", "shown", "settings", "pins"]
        page.runs.observe(render, shown)
        page.observe(self._load_ahead, "view")
        self._segments.observe(self._load_ahead, "near")
        for name in ("can_undo", "can_redo"):
            page.runs.history.observe(render, name)
        self._probe.observe(render, ["dark", "narrow"])
        page.observe(write, "view")
        page.story.observe(write, "scene")
        page.runs.observe(write, "settings")
        self._address.observe(guard(self._arrive), "ready")
        self._segments.observe(guard(self._turn), "value")

    def _react(self, action: Callable[[], object]) -> Callable[..., None]:
        """A handler of what a person does; what painting does to widgets calls it in vain."""
        guarded = self._banner.guard(action)

        def react(*_: object) -> None:
            if not self._render.painting:
                self._banner.forget_failures()
                guarded()

        return react

    def _turn(self) -> None:
        """Opens the view that a person chose; Explore begins with what the story shows."""
        view = self._segments.value
        if view == EXPLORE and self.page.view == STORY and EXPLORE not in self._views:
            self.explore()
        else:
            self.page.view = view

    @property
    def _theme(self) -> Theme:
        return DARK if self._probe.dark else LIGHT

    def _load_ahead(self, _: object = None) -> None:
        """Loads what runs need, once somebody reaches for one: story and paper do without.

        Data opens with a stored one, which is not to wait for that, but reads tables; and its
        widgets are made before they are asked for.
        """
        if self._segments.near == DATA:
            load_pandas()
            self._view(DATA)
        if EXPLORE in (self.page.view, self._segments.near) or self.page.view == DATA:
            load_ahead(lambda: self._probe.idle, self._is_needless)

    def _is_needless(self) -> bool:
        """Whether what is loaded ahead would be in the way of a run, or is for nobody any more."""
        return self._probe.gone or any(
            runner.phase is Phase.RUNNING for runner in self.page.runners
        )

    def _paint(self) -> None:
        """Shows the present state, all of it; called by one thread at a time."""
        view = self.page.view
        self._view(view).show()
        self._segments.value = view
        for name, one in self._views.items():
            one.widget.layout.display = None if name == view else "none"

    def _view(self, name: str) -> Any:
        """A view by its name; made by whoever asks first."""
        with self._making:
            if name not in self._views:
                self._views[name] = made = self._make(name)
                # Not to be seen beside another, nor before there is something to see.
                made.widget.layout.display = "none"
                self._stage.children = [one.widget for one in self._views.values()]
            return self._views[name]

    def _make(self, view: str) -> Any:
        """A view; each costs as many widgets as the rest of the page."""
        guard = self._react
        if view == STORY:
            from gncviz.explorer.scene import Look
            from gncviz.explorer.views.story import StoryView

            return StoryView(
                self.page.story,
                self.explore,
                actions.suggestions(),
                guard,
                lambda: Look(self._theme, self._probe.narrow),
            )
        if view == EXPLORE:
            from gncviz.explorer.views.explore import ExploreView

            explore = ExploreView(
                self.page.runs,
                self._live,
                self._banner,
                guard,
                lambda: self._theme,
                self._seen_anew,
            )
            explore.controls.hide(self._hidden)
            return explore
        if view == DATA:
            return self._make_data()
        from gncviz.explorer.views.paper import PaperView

        for sweep in self.page.sweeps.values():
            render = self._banner.guard(self._render)
            sweep.observe(render, ["phase", "result", "progress", "error"])
        return PaperView(self.page, guard, lambda: self._theme, self._seen_anew)

    def _make_data(self) -> Any:
        from gncviz.explorer.scene import Look
        from gncviz.explorer.views.data import DataView

        model = self.page.data
        render, write = self._banner.guard(self._render), self._banner.guard(self._write_address)
        shown = ["phase", "stage", "error", "found", "settings", "chosen", "table", "refused"]
        model.observe(render, shown)
        model.observe(write, "settings")
        data = DataView(
            model,
            self._banner,
            self._react,
            lambda: Look(self._theme, self._probe.narrow),
            self._seen_anew,
        )
        data.controls.hide(self._hidden)
        return data

    def _seen_anew(self) -> None:
        """Another tab or panel is seen."""
        self._render()
        self._write_address()

    def _arrive(self) -> None:
        """Follows the address that the page was opened with; what was wrong with it is seen."""
        try:
            self._follow_address()
        finally:
            self._address.followed = True

    def _follow_address(self) -> None:
        """Does what the address says."""
        asked = from_query(self._address.query)
        of_explore = None if asked.view == "data" else asked.settings
        problem = None if of_explore is None else not_offered(of_explore)
        problems = [*asked.problems, *(() if problem is None else problem[1:])]
        if problems:
            ending = "The page opens without it."
            self._banner.show("address", [f"The address of this page: {problems[0]} {ending}"])
            return
        self._hidden = asked.hidden
        if asked.view is not None:
            self._go_to(asked)
        self._write_address()

    def _go_to(self, asked: Address) -> None:
        if asked.view == "story":
            actions.restore(self.page.story, asked)
            self.page.view = STORY
        elif asked.view == "paper" or asked.tab in SWEPT:
            self.page.view = PAPER
            self._view(PAPER).open(asked.panel, asked.tab)
        elif asked.view == "data":
            self._go_to_data(asked)
        elif asked.settings is not None:
            self.explore(asked.settings)
            self._view(EXPLORE).controls.hide(asked.hidden)
            if asked.tab is not None:
                self._view(EXPLORE).tabs.open(asked.tab)

    def _go_to_data(self, asked: Address) -> None:
        data = self.page.data
        if asked.settings is not None:
            data.open(asked.settings)
        self.page.view = DATA
        self._view(DATA).open(asked.tab)
        if data.waiting:
            data.run()

    def _write_address(self) -> None:
        view = self.page.view
        if view == STORY:
            scene = self.page.story.scene
            query = to_query(actions.settings_of_scene(scene), step=scene.step)
        elif view == EXPLORE:
            tab = self._view(EXPLORE).tabs.slug
            query = to_query(self.model.settings, hidden=self._hidden, view="explore", tab=tab)
        elif view == DATA:
            settings, tab = self.page.data.shared, self._view(DATA).slug
            query = to_query(settings, hidden=self._hidden, view="data", tab=tab)
        else:
            panel = self._view(PAPER).present.panel
            query = to_query(self.model.settings, view="paper", panel=panel)
        self._address.show(query)
        # What was wrong with the address is no longer in it.
        self._banner.show("address")
