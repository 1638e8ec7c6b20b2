"""Explore: every setting on the left, one run and all its figures on the right."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from gncviz import figures
from gncviz.experiment.export import files
from gncviz.experiment.run import STEPS, Experiment
from gncviz.experiment.settings import ExperimentSettings
from gncviz.experiment.snippet import python_lines
from gncviz.explorer.browser.plot import state_of
from gncviz.explorer.model.explorer import ExplorerModel
from gncviz.explorer.model.live import Settled
from gncviz.explorer.model.runner import Phase
from gncviz.explorer.panels.banner import Banner
from gncviz.explorer.panels.compare import ComparePanel
from gncviz.explorer.panels.controls import Controls
from gncviz.explorer.panels.outcome import Outcome
from gncviz.explorer.panels.save import SavePanel
from gncviz.explorer.panels.toolbar import Toolbar
from gncviz.explorer.tabs.figure import View
from gncviz.explorer.tabs.table import Tabs
from gncviz.explorer.words import report
from gncviz.explorer.words.naming import nothing, setting_in_words, whose

Guard = Callable[[Callable[[], object]], Callable[..., None]]


class ExploreView:
    """The widgets of a run.

    Args:
        model: settings, results and the run in progress.
        live: whether a change of the settings after a first run starts the next one.
        banner: of the page; says what of its own doing has failed.
        guard: makes handlers of what a person does, whose failures are seen.
        theme: asked for the colours.
        changed: called when another tab was opened.
    """

    def __init__(
        self,
        model: ExplorerModel,
        live: bool,
        banner: Banner,
        guard: Guard,
        theme: Callable[[], figures.Theme],
        changed: Callable[[], object],
    ) -> None:
        self._model, self._theme = model, theme
        self._wrong = Banner()
        self._drawn: tuple[object, ...] = ()
        self._controlled = model.settings
        take = banner.guarded(self._take_settings)
        complain = functools.partial(self._wrong.show, "settings")
        self.controls = Controls(model.settings, take, complain)
        self._settled = Settled(banner.guard(self._refresh))
        self._status = widgets.HTML().add_class("gv-status")
        self._reason = widgets.HTML().add_class("gv-why")
        self._outcome = Outcome(self._run_with, guard)
        self._toolbar = Toolbar(live)
        self._kept = ComparePanel(self._restore, model.unpin, guard)
        self.save = SavePanel(
            lambda: python_lines(model.settings),
            lambda: files(model.shown or Experiment(model.settings)),
            self._seen,
            guard,
        )
        self.tabs = Tabs(guard)
        self._wire(banner, guard, changed)
        self.widget = self._arrange()

    def use(self, settings: ExperimentSettings) -> None:
        """Puts settings into the controls; the next run takes them."""
        self._model.settings = settings
        self._controlled = self._model.settings
        self.controls.show(self._controlled)

    def start(self) -> None:
        """Runs what the controls say, if it is valid."""
        if self.controls.submit():
            self._settled.forget()
            self._model.run()

    def show(self) -> None:
        """Shows the present state, all of it; called by one thread at a time."""
        model = self._model
        if model.settings != self._controlled:
            self.use(model.settings)
        running = model.phase is Phase.RUNNING
        post = model.latest("post")
        history = model.history
        self._toolbar.show(running, _done(model), bool(post and post.post))
        self._toolbar.undo.disabled = not history.can_undo
        self._toolbar.redo.disabled = not history.can_redo
        whom = whose(post, model.settings, model.phase)
        text = report.status_line(
            model.phase, model.shown, model.step, stale=model.stale, before=model.before
        )
        # What is said of a run stays as long as its numbers do.
        settled = None if running and not whom else post
        self._status.value = f'<span role="status">{text}</span>{report.notes(settled)}'
        self._reason.value = report.reason(settled)
        self._outcome.show(post, running=running, whose=whom)
        self._kept.show(model.pins, model.shown)
        self._wrong.show("run", [model.error] if model.error else [])
        self._show_tab()

    def _show_tab(self) -> None:
        model, tab = self._model, self.tabs.present
        found = model.latest(tab.part)
        whom, empty = whose(found, model.settings, model.phase), nothing(model.phase, tab.part)
        state = state_of(model.phase, stale=bool(whom))
        now = (tab, found, self._theme(), model.pins, whom, empty, state)
        # Progress is told more often than a figure changes.
        if now != self._drawn:
            pinned = {pin.letter: pin.experiment.post for pin in model.pins}
            tab.show(View(found, self._theme(), pinned, whom, empty, state))
            self._drawn = now
            if tab.plot.shown is not None:
                # That there was none to save is true no more.
                self.save.downloader.trouble = ""

    def _arrange(self) -> widgets.Widget:
        allowed = widgets.HTML(self._model.limits.sentence).add_class("gv-allowed")
        allowed.layout.display = None if allowed.value else "none"
        bar = widgets.VBox(
            [self._toolbar.widget, self.save.widget, allowed, self._status, self.save.downloader]
        )
        content = widgets.VBox(
            [self._outcome.widget, self.tabs.widget, self._reason, self._kept.widget]
        )
        parts = widgets.GridBox(
            [
                # Run comes early for who goes through the page by keys; style/ puts it in place.
                bar.add_class("gv-area-bar"),
                self.controls.widget.add_class("gv-area-controls"),
                content.add_class("gv-area-content"),
            ]
        ).add_class("gv-main")
        return widgets.VBox([self._wrong.widget, parts]).add_class("gv-explore")

    def _wire(self, banner: Banner, guard: Guard, changed: Callable[[], object]) -> None:
        model, tools = self._model, self._toolbar
        tools.run.on_click(guard(self.start))
        tools.cancel.on_click(guard(model.cancel))
        tools.undo.on_click(guard(lambda: self._step_back_to(model.history.undo())))
        tools.redo.on_click(guard(lambda: self._step_back_to(model.history.redo())))
        tools.pin.on_click(guard(model.pin))
        tools.save.on_click(guard(self.save.toggle))
        self.tabs.widget.observe(guard(changed), "selected_index")
        model.observe(banner.guard(self.save.show), ["shown", "settings"])
        self.save.downloader.observe(banner.guard(self._show_trouble), "trouble")

    def _seen(self) -> tuple[Any, str, figures.Theme] | None:
        """The figure that is seen, what it is called, and its colours."""
        tab = self.tabs.present
        # It may still be the figure of an earlier run.
        found = self._model.latest(tab.part)
        settings = found.settings if found else self._model.settings
        title = f"{tab.title}: {setting_in_words(settings)}"
        return None if tab.plot.shown is None else (tab.plot.shown, title, self._theme())

    def _refresh(self) -> None:
        if self._toolbar.live.value:
            self._model.refresh()

    def _take_settings(self, settings: ExperimentSettings) -> None:
        self._controlled = settings
        self._model.settings = settings
        if self._model.settings != settings:
            # The server allows less, which the model may have had before.
            self.use(self._model.settings)
        self._settled.changed()

    def _step_back_to(self, settings: ExperimentSettings) -> None:
        self.use(settings)
        self._settled.changed()

    def _run_with(self, settings: ExperimentSettings) -> None:
        self.use(settings)
        self.start()

    def _restore(self, letter: str) -> None:
        for pin in self._model.pins:
            if pin.letter == letter:
                self._step_back_to(pin.experiment.settings)

    def _show_trouble(self) -> None:
        trouble = self.save.downloader.trouble
        self._wrong.show("download", [trouble] if trouble else [])


def _done(model: ExplorerModel) -> float:
    """The share of the steps that is done, the present one by its fraction."""
    if model.step is None:
        return 0.0
    return (model.step.number - 1 + model.step.progress.fraction) / len(STEPS)
