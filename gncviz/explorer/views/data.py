"""Data: networks that are guessed and trained on samples, a visitor's own among them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import ipywidgets as widgets

from gncviz.experiment.export import File
from gncviz.experiment.learning.files import learned_files
from gncviz.experiment.learning.lines import learning_lines
from gncviz.experiment.learning.result import Learned
from gncviz.experiment.option import Option
from gncviz.experiment.options import OPTIONS
from gncviz.experiment.settings import ExperimentSettings
from gncviz.explorer.browser.plot import FigureState, FigureView, state_of
from gncviz.explorer.browser.segments import Segments
from gncviz.explorer.model.data import DataModel
from gncviz.explorer.model.runner import Phase
from gncviz.explorer.panels.banner import Banner
from gncviz.explorer.panels.controls import Controls
from gncviz.explorer.panels.frame import Frame
from gncviz.explorer.panels.samples import SamplesPanel
from gncviz.explorer.panels.save import SavePanel
from gncviz.explorer.scene import Look
from gncviz.explorer.words import data as words
from gncviz.figures.data.learned import learned_curve, learned_regions

Guard = Callable[[Callable[[], object]], Callable[..., None]]

#: The figures: what the address calls them, their titles, and what draws them.
FIGURES = {
    "regions": ("Regions", learned_regions),
    "curve": ("Learning curve", learned_curve),
}
_SLUGS = {title: slug for slug, (title, _) in FIGURES.items()}
#: Labels and ends of sliders, by the paths of the settings.
_ROWS: dict[str, tuple[str, tuple[float, float] | None]] = {
    "task.train": ("Training samples n", (2, 64)),
    "network.width": ("Width", (2, 256)),
    "network.depth": ("Depth", (1, 10)),
    "network.activation": ("Activation", None),
    "task.seed": ("Seed", None),
}


def rows() -> tuple[Option, ...]:
    """The settings that have a control here, as they are called and moved here."""
    known = {row.path: row for row in OPTIONS}
    return tuple(
        replace(known[path], label=label, slider=slider) for path, (label, slider) in _ROWS.items()
    )


class DataView:
    """The widgets of the view on data.

    Args:
        model: which set, which setting, what is known.
        banner: of the page; says what of its own doing has failed.
        guard: makes handlers of what a person does, whose failures are seen.
        look: asked how figures are to look.
        changed: called when another figure is seen.
    """

    def __init__(
        self,
        model: DataModel,
        banner: Banner,
        guard: Guard,
        look: Callable[[], Look],
        changed: Callable[[], object],
    ) -> None:
        self._model, self._look = model, look
        self._wrong = Banner()
        self._drawn: tuple[object, ...] = ()
        self._controlled = model.settings
        self.plot = FigureView()
        self._frame = Frame([self.plot])
        complain = functools.partial(self._wrong.show, "settings")
        take = self._take_settings
        self.controls = Controls(model.settings, take, complain, rows(), grouped=False)
        self._samples = SamplesPanel(model, guard)
        self._figures = Segments("Figures", list(_SLUGS), FIGURES["regions"][0])
        self._figures.observe(guard(changed), "value")
        lines = functools.partial(self._of_settings, learning_lines)
        self.save = SavePanel(lines, self._offered, self._seen, guard)
        self.save.downloader.observe(banner.guard(self._show_trouble), "trouble")
        self._make_words()
        self._make_buttons(guard)
        self.widget = self._arrange()

    @property
    def slug(self) -> str:
        """Which figure is chosen, as the address calls it."""
        return _SLUGS[self._figures.value]

    def open(self, slug: str | None) -> None:
        """Shows a figure.

        Args:
            slug: as the address calls it; what there is not leaves the view as it is.
        """
        if slug in FIGURES:
            self._figures.value = FIGURES[slug][0]

    def show(self) -> None:
        """Shows the present state, all of it; called by one thread at a time."""
        model = self._model
        if model.settings != self._controlled:
            self._controlled = model.settings
            self.controls.show(model.settings)
        self._samples.show()
        running = model.phase is Phase.RUNNING
        self._cancel.disabled = not running
        self._bar.value = model.stage.fraction if running and model.stage else 0.0
        self._bar.layout.visibility = "visible" if running else "hidden"
        text = words.status(model.phase, model.found, model.stage, stale=model.stale)
        self._status.value = f'<span role="status">{text}</span>'
        self._wrong.show("run", [model.error] if model.error else [])
        self._wrong.show("file", [model.refused] if model.refused else [])
        self._show_figure()

    def _show_figure(self) -> None:
        model, found, look = self._model, self._model.found, self._look()
        flat = found is not None and found.plane is not None
        self._figures.layout.display = None if flat else "none"
        figure = self.slug if flat else "curve"
        whose = self._whose()
        now = (found, figure, look, whose, model.phase)
        # Progress is told more often than a figure changes.
        if now == self._drawn:
            return
        self._drawn = now
        draw = FIGURES[figure][1]
        drawn = found and draw(found, narrow=look.narrow, theme=look.theme)
        empty = words.nothing(model.phase)
        with self._frame.showing(filled=drawn is not None, whose=whose, empty=empty):
            if drawn is not None:
                alt = words.alt(found, figure)
                self.plot.show(drawn, f"{whose}. {alt}" if whose else alt, self._state(whose))
        self._about.value = f'<p class="gv-caption">{words.seen(found, figure)}</p>'
        self._numbers.value = words.cards(found)
        self._answer.value = words.answer(found)
        self.save.show()

    def _state(self, whose: str) -> FigureState:
        if self._model.stored and self._model.phase is Phase.IDLE and not whose:
            return FigureState.STORED
        return state_of(self._model.phase, stale=bool(whose))

    def _whose(self) -> str:
        """Whose figure it is, where it is not of the present settings."""
        model = self._model
        if model.found is None or not model.stale:
            return ""
        return words.whose(model.found.settings, model.phase)

    def _make_words(self) -> None:
        self._text = widgets.HTML(words.HEADING).add_class("gv-story-text")
        self._numbers = widgets.HTML().add_class("gv-numbers")
        self._answer = widgets.HTML().add_class("gv-verdict")
        self._about = widgets.HTML().add_class("gv-about")
        self._status = widgets.HTML().add_class("gv-status")

    def _make_buttons(self, guard: Guard) -> None:
        tips = {
            "Run": "Guess, and train, with this setting",
            "Cancel": "Stop; what was found so far stays",
            "Save …": "Figure, tables and Python lines to take away",
        }
        run, self._cancel, save = (
            widgets.Button(description=text, tooltip=tip) for text, tip in tips.items()
        )
        run.button_style = "primary"
        run.on_click(guard(self._start))
        self._cancel.on_click(guard(self._model.cancel))
        save.on_click(guard(self.save.toggle))
        self._bar = widgets.FloatProgress(min=0.0, max=1.0, value=0.0)
        self._buttons = widgets.HBox([run, self._cancel, save, self._bar]).add_class("gv-run")

    def _arrange(self) -> widgets.Widget:
        allowed = widgets.HTML(self._model.limits.sentence).add_class("gv-allowed")
        allowed.layout.display = None if allowed.value else "none"
        set_here = [self._samples.widget, self.controls.widget]
        told = [self._text, *set_here, self._buttons, allowed, self._status]
        seen = [self._figures, self._numbers, self._frame.widget, self._about, self._answer]
        saved = [self.save.widget, self.save.downloader]
        columns = widgets.HBox(
            [
                widgets.VBox(told).add_class("gv-told"),
                widgets.VBox([*seen, *saved]).add_class("gv-seen"),
            ]
        ).add_class("gv-story")
        return widgets.VBox([self._wrong.widget, columns]).add_class("gv-data")

    def _start(self) -> None:
        if self.controls.submit():
            self._model.run()

    def _take_settings(self, settings: ExperimentSettings) -> None:
        self._model.settings = settings

    def _of_settings(self, make: Callable[[ExperimentSettings], str]) -> str:
        return make(self._model.settings)

    def _offered(self) -> tuple[File, ...]:
        return learned_files(self._model.found or Learned(self._model.settings))

    def _seen(self) -> tuple[Any, str, Any] | None:
        """The figure that is seen, what it is called, and its colours."""
        found = self._model.found
        if self.plot.shown is None or found is None:
            return None
        title = f"{self._figures.value}: {words.setting(found.settings)}"
        return self.plot.shown, title, self._look().theme

    def _show_trouble(self) -> None:
        trouble = self.save.downloader.trouble
        self._wrong.show("download", [trouble] if trouble else [])
