"""The explorer: the widgets that show a model, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import ipywidgets as widgets

from gncviz import figures
from gncviz.experiment.run import STEPS
from gncviz.experiment.settings import PRESETS, ExperimentSettings
from gncviz.explorer import report
from gncviz.explorer.access import Access
from gncviz.explorer.address import from_query, slug, to_query
from gncviz.explorer.address_bar import AddressBar
from gncviz.explorer.banner import Banner
from gncviz.explorer.compare_panel import ComparePanel
from gncviz.explorer.controls import Controls
from gncviz.explorer.live import Settled
from gncviz.explorer.memory import map_large_blocks
from gncviz.explorer.model import ExplorerModel
from gncviz.explorer.naming import nothing, setting_in_words, whose
from gncviz.explorer.outcome import Outcome
from gncviz.explorer.plot import PlotlyBundle, state_of
from gncviz.explorer.probe import PageProbe
from gncviz.explorer.render import Render
from gncviz.explorer.runner import Phase
from gncviz.explorer.save_panel import SavePanel
from gncviz.explorer.spectra_tab import SpectraTab
from gncviz.explorer.story import STORY
from gncviz.explorer.story_panel import StoryPanel
from gncviz.explorer.sweep_tab import SweepTab
from gncviz.explorer.tabs import FigureTab, View, figure_tabs
from gncviz.explorer.theory_tab import TheoryTab
from gncviz.explorer.toolbar import Toolbar
from gncviz.explorer.warmup import load_ahead

Tab = FigureTab | SpectraTab | TheoryTab | SweepTab


class Explorer(widgets.VBox):
    """The page: set width, depth, activation, prior and ε, press Run, see what generalizes.

    Shows in JupyterLab as the value of a cell, and in Voila.

    Args:
        settings: to begin with; the paper's Figure 1 by default.
        live: whether a change of the settings after a first run starts the next one.

    Attributes:
        model: settings, results and the run in progress.
    """

    def __init__(self, settings: ExperimentSettings | None = None, *, live: bool = True) -> None:
        map_large_blocks()
        self._render = Render(self._paint)
        self._drawn: tuple[object, ...] = ()
        self._probe = PageProbe()
        self.model = ExplorerModel(settings, abandoned=lambda: self._probe.gone)
        self._banner = Banner()
        guard = self._banner.guard
        self._controlled = self.model.settings
        take = self._banner.guarded(self._take_settings)
        self._controls = Controls(self.model.settings, take, self._banner.show)
        self._settled = Settled(guard(self._refresh))
        self._status = widgets.HTML().add_class("gv-status")
        self._reason = widgets.HTML().add_class("gv-why")
        self._outcome = Outcome(self._run_with, guard)
        self._toolbar = Toolbar(live)
        self._story = StoryPanel(self.tell, self._leave_story, guard)
        self._kept = ComparePanel(self._restore, self.model.unpin, guard)
        self._address, self._hidden = AddressBar(), frozenset[str]()
        self._save = SavePanel(
            lambda: self.model.settings, lambda: self.model.shown, self._seen, guard
        )
        sweeps = [self._make_sweep("width"), self._make_sweep("depth")]
        self._tabs: list[Tab] = [*figure_tabs(), SpectraTab(guard), TheoryTab(), *sweeps]
        self._pages = widgets.Tab(
            [tab.widget for tab in self._tabs],
            titles=[tab.title for tab in self._tabs],
            selected_index=0,
        )
        self._wire()
        load_ahead(lambda: self._probe.idle, self._is_busy)
        style = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
        super().__init__(
            [
                widgets.HTML(f"<style>{style}</style>").add_class("gv-style"),
                self._probe,
                self._address,
                self._save.downloader,
                Access(),
                PlotlyBundle(),
                self._arrange(),
            ]
        )
        self.add_class("gv-explorer")
        self._render()

    @property
    def settings(self) -> ExperimentSettings:
        """What the next run will do."""
        return self.model.settings

    def use(self, settings: ExperimentSettings) -> None:
        """Puts settings into the controls.

        Args:
            settings: the new ones; the next run takes them.
        """
        self._controlled = settings
        self.model.settings = settings
        self._controls.show(settings)

    def tell(self, step: int) -> None:
        """Shows a step of the story: sets the controls, opens a tab, and runs.

        Args:
            step: its number, from 1 to 4.
        """
        part = STORY[step - 1]
        self.model.cancel()
        # Marked first: the words of a step never stand over the figure of another unmarked.
        self.use(part.settings)
        self.model.end_story()
        self._story.show(step)
        self._open(slug(part.tab))
        self.model.run([] if part.compare is None else [part.compare])

    def _leave_story(self) -> None:
        self._story.show(None)
        self.model.end_story()
        self._write_address()

    def _open(self, tab: str) -> None:
        """Turns to a tab, by the slug of its title; an unknown one leaves the page as it is."""
        slugs = [slug(tab.title) for tab in self._tabs]
        if tab in slugs:
            self._pages.selected_index = slugs.index(tab)

    def _arrive(self) -> None:
        """Does what the address says that the page was opened with."""
        asked = from_query(self._address.query)
        if asked.problems:
            ending = "The page opens without it."
            self._banner.show([f"The address of this page: {asked.problems[0]} {ending}"])
        self._hidden = asked.hidden
        self._controls.hide(asked.hidden)
        if asked.tab is not None:
            self._open(asked.tab)
        step = None if asked.step is None else STORY[asked.step - 1]
        if step is not None and asked.settings in (step.settings, PRESETS[0].settings):
            self.tell(STORY.index(step) + 1)
        elif asked.settings is not None:
            self._story.show(asked.step)
            self.use(asked.settings)
            self.model.run()
        if not asked.problems:
            self._write_address()

    def _write_address(self) -> None:
        tab = self._tabs[self._pages.selected_index or 0]
        step, hidden = self._story.step, self._hidden
        query = to_query(self.model.settings, hidden=hidden, step=step, tab=slug(tab.title))
        self._address.show(query)

    def _seen(self) -> tuple[Any, str, figures.Theme] | None:
        """The figure that is seen, what it is called, and its colours."""
        tab = self._tabs[self._pages.selected_index or 0]
        # It may still be the figure of an earlier run.
        found = self.model.latest(tab.part) if tab.part else None
        settings = found.settings if found else self.model.settings
        title = f"{tab.title}: {setting_in_words(settings)}"
        return None if tab.plot.shown is None else (tab.plot.shown, title, self._theme)

    @property
    def _theme(self) -> figures.Theme:
        return figures.DARK if self._probe.dark else figures.LIGHT

    def _is_busy(self) -> bool:
        runners = [self.model, *(tab.model for tab in self._tabs if isinstance(tab, SweepTab))]
        return any(runner.phase is Phase.RUNNING for runner in runners)

    def _arrange(self) -> widgets.Widget:
        bar = widgets.VBox(
            [self._toolbar.widget, self._save.widget, self._status, self._banner.widget]
        )
        content = widgets.VBox([self._outcome.widget, self._pages, self._reason, self._kept.widget])
        return widgets.GridBox(
            [
                self._story.widget.add_class("gv-area-story"),
                # Run comes early for who goes through the page by keys; style.css puts it in place.
                bar.add_class("gv-area-bar"),
                self._controls.widget.add_class("gv-area-controls"),
                content.add_class("gv-area-content"),
            ]
        ).add_class("gv-main")

    def _make_sweep(self, over: Literal["width", "depth"]) -> SweepTab:
        return SweepTab(
            over,
            settings=lambda: self.model.settings,
            guard=self._banner.guard,
            abandoned=lambda: self._probe.gone,
            dark=lambda: self._probe.dark,
        )

    def _wire(self) -> None:
        model, tools, guard = self.model, self._toolbar, self._banner.guard
        tools.run.on_click(guard(self._start))
        tools.cancel.on_click(guard(model.cancel))
        tools.undo.on_click(guard(lambda: self._step_back_to(model.history.undo())))
        tools.redo.on_click(guard(lambda: self._step_back_to(model.history.redo())))
        tools.pin.on_click(guard(model.pin))
        tools.save.on_click(guard(self._save.toggle))
        self._address.observe(guard(self._arrive), "ready")
        model.observe(guard(self._write_address), "settings")
        self._pages.observe(guard(self._write_address), "selected_index")
        model.observe(guard(self._save.show), ["shown", "settings"])
        self._save.downloader.observe(guard(self._show_trouble), "trouble")
        model.observe(guard(self._follow_settings), "settings")
        for tab in self._tabs:
            model.observe(guard(tab.follow), "settings")
        render = guard(self._render)
        model.observe(render, ["phase", "step", "error", "shown", "settings", "pins"])
        self._pages.observe(render, "selected_index")
        self._probe.observe(render, "dark")
        for name in ("can_undo", "can_redo"):
            model.history.observe(guard(self._show_history), name)

    def _start(self) -> None:
        if self._controls.submit():
            self._settled.forget()
            self.model.run()

    def _refresh(self) -> None:
        if self._toolbar.live.value:
            self.model.refresh()

    def _take_settings(self, settings: ExperimentSettings) -> None:
        self._controlled = settings
        self.model.settings = settings
        self._settled.changed()

    def _follow_settings(self) -> None:
        """Puts settings that do not come from the controls into them."""
        if self.model.settings != self._controlled:
            self.use(self.model.settings)

    def _step_back_to(self, settings: ExperimentSettings) -> None:
        self.use(settings)
        self._settled.changed()

    def _run_with(self, settings: ExperimentSettings) -> None:
        self.use(settings)
        self._start()

    def _restore(self, letter: str) -> None:
        for pin in self.model.pins:
            if pin.letter == letter:
                self._step_back_to(pin.experiment.settings)

    def _show_history(self) -> None:
        self._toolbar.undo.disabled = not self.model.history.can_undo
        self._toolbar.redo.disabled = not self.model.history.can_redo

    def _show_trouble(self) -> None:
        trouble = self._save.downloader.trouble
        self._banner.show([trouble] if trouble else [])

    def _paint(self) -> None:
        """Shows the present state, all of it; called by one thread at a time."""
        model = self.model
        running = model.phase is Phase.RUNNING
        post = model.latest("post")
        self._toolbar.show(running, _done(model), bool(post and post.post))
        text = report.status_line(model.phase, model.shown, model.step, stale=model.stale)
        notes = report.notes(None if running else model.shown)
        self._status.value = f'<span role="status">{text}</span>{notes}'
        self._reason.value = report.reason(None if running else model.shown)
        self._outcome.show(post, running=running, whose=whose(post, model.settings, model.phase))
        self._kept.show(model.pins, model.shown)
        if model.error:
            self._banner.show([model.error])
        elif running:
            self._banner.show()
        self._paint_tab(self._tabs[self._pages.selected_index or 0])

    def _paint_tab(self, tab: Tab) -> None:
        model = self.model
        self._outcome.widget.layout.display = "none" if tab.part is None else None
        if tab.part is None:
            tab.show()
            return
        found = model.latest(tab.part)
        whom, empty = whose(found, model.settings, model.phase), nothing(model.phase, tab.part)
        state = state_of(model.phase, stale=bool(whom))
        now = (tab, found, self._theme, model.pins, whom, empty, state)
        # Progress is told more often than a figure changes.
        if now != self._drawn:
            pinned = {pin.letter: pin.experiment.post for pin in model.pins}
            tab.show(View(found, self._theme, pinned, whom, empty, state))
            self._drawn = now


def _done(model: ExplorerModel) -> float:
    """The share of the steps that is done, the present one by its fraction."""
    if model.step is None:
        return 0.0
    return (model.step.number - 1 + model.step.progress.fraction) / len(STEPS)
