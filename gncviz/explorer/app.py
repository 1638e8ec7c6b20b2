"""The explorer: the widgets that show a model, and nothing else."""

from __future__ import annotations

import functools
import html
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import ipywidgets as widgets
import plotly.graph_objects as go

from gncviz import figures
from gncviz.explorer import report
from gncviz.explorer.controls import Controls
from gncviz.explorer.experiment import STEPS, Experiment
from gncviz.explorer.model import ExplorerModel
from gncviz.explorer.plot import Plot, PlotlyBundle
from gncviz.explorer.probe import PageProbe
from gncviz.explorer.runner import Phase
from gncviz.explorer.settings import PRESETS, ExplorerSettings, Preset
from gncviz.explorer.sweep_tab import SweepTab
from gncviz.explorer.warmup import load_ahead

log = logging.getLogger(__name__)

Draw = Callable[[Experiment, figures.Theme], "go.Figure | None"]


def _losses(found: Experiment, theme: figures.Theme) -> go.Figure | None:
    return found.post and figures.loss_distributions(found.post, found.descent, theme=theme)


def _histogram(found: Experiment, theme: figures.Theme) -> go.Figure | None:
    return found.post and figures.prior_vs_posterior(found.post, found.descent, theme=theme)


def _path(found: Experiment, theme: figures.Theme) -> go.Figure | None:
    return found.post and figures.epsilon_path(found.post, found.descent, theme=theme)


def _spectra(found: Experiment, theme: figures.Theme) -> go.Figure | None:
    if found.spectra is None:
        return None
    return figures.spectra(
        found.spectra,
        found.post,
        found.descent,
        network=found.settings.network,
        prior=found.settings.prior,
        theme=theme,
    )


def _curves(found: Experiment, theme: figures.Theme) -> go.Figure | None:
    return found.descent and figures.learning_curves(found.descent, theme=theme)


#: The tabs: title, how the figure is made, and what a person sees in it.
TABS: tuple[tuple[str, Draw, str], ...] = (
    (
        "Generalization",
        _histogram,
        "How well does a draw of the prior generalize, and how well one that fits the training "
        "data? The further left, the better; diamonds are gradient descent's trials.",
    ),
    (
        "Both losses",
        _losses,
        "Above, the loss on what is measured: Guess &amp; Check keeps the draws left of ε. Below, "
        "what that does to the loss on everything else.",
    ),
    (
        "ε-path",
        _path,
        "Guess &amp; Check at every threshold that the run passed on its way down to ε: how well "
        "the draws generalize that fit so closely, and how rare they are. Move the threshold ε "
        "in the settings: all figures follow, without another run.",
    ),
    (
        "Singular values",
        _spectra,
        "Singular values of W over the largest one. Deep products collapse towards rank one before "
        "they have seen any data. Lines: median of the prior, with its 5–95 % band.",
    ),
    (
        "Learning curves",
        _curves,
        "Gradient descent, every trial: its losses above, the singular values of W below.",
    ),
)


class Explorer(widgets.VBox):
    """The page: set width, depth, activation, prior and ε, press Run, see what generalizes.

    Shows in JupyterLab as the value of a cell, and in Voila.

    Args:
        settings: to begin with; the paper's Figure 1 by default.

    Attributes:
        model: settings, results and the run in progress.
    """

    def __init__(self, settings: ExplorerSettings | None = None) -> None:
        load_ahead()
        self._lock = threading.Lock()
        self._probe = PageProbe()
        self.model = ExplorerModel(settings, abandoned=lambda: self._probe.gone)
        self._banner = widgets.HTML().add_class("gv-banner")
        self._controls = Controls(self.model.settings, self._take_settings, self._show_problems)
        self._run = widgets.Button(
            description="Run", button_style="primary", tooltip="Run this setting"
        )
        self._cancel = widgets.Button(
            description="Cancel", disabled=True, tooltip="Stop; what was found so far stays"
        )
        self._bar = widgets.FloatProgress(min=0.0, max=float(len(STEPS)), value=0.0)
        self._status = widgets.HTML().add_class("gv-status")
        self._cards = widgets.HTML()
        self._verdict = widgets.HTML().add_class("gv-verdict")
        self._plots = [Plot() for _ in TABS]
        self._sweeps = [self._make_sweep("width"), self._make_sweep("depth")]
        self._tabs = self._make_tabs()
        self._wire()
        style = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
        super().__init__(
            [
                widgets.HTML(f"<style>{style}</style>").add_class("gv-style"),
                self._probe,
                PlotlyBundle(),
                widgets.GridBox(
                    [
                        self._make_presets(),
                        self._controls.widget.add_class("gv-area-controls"),
                        self._make_bar(),
                        self._make_content(),
                    ]
                ).add_class("gv-main"),
            ]
        )
        self.add_class("gv-explorer")
        self._show_state()

    @property
    def settings(self) -> ExplorerSettings:
        """What the next run will do."""
        return self.model.settings

    def use(self, settings: ExplorerSettings) -> None:
        """Puts settings into the controls."""
        self.model.settings = settings
        self._controls.show(settings)

    def _make_presets(self) -> widgets.Widget:
        buttons = []
        for preset in PRESETS:
            button = widgets.Button(description=preset.title, tooltip=preset.about)
            button.on_click(self._guard(functools.partial(self._take_preset, preset)))
            buttons.append(button)
        lead = widgets.HTML("Start from the paper:")
        return widgets.HBox([lead, *buttons]).add_class("gv-presets")

    def _make_bar(self) -> widgets.Widget:
        row = widgets.HBox([self._run, self._cancel, self._bar]).add_class("gv-run")
        return widgets.VBox([row, self._status, self._banner]).add_class("gv-area-bar")

    def _make_content(self) -> widgets.Widget:
        self._summary = widgets.VBox([self._cards, self._verdict])
        return widgets.VBox([self._summary, self._tabs]).add_class("gv-area-content")

    def _make_tabs(self) -> widgets.Tab:
        self._empty = [
            widgets.HTML(
                '<div class="gv-empty"><strong>Nothing here yet.</strong><br>Press Run: the figure '
                "fills while the draws come in.</div>"
            )
            for _ in TABS
        ]
        pages = [
            widgets.VBox([widgets.HTML(f'<p class="gv-caption">{about}</p>'), plot.widget, empty])
            for (_, _, about), plot, empty in zip(TABS, self._plots, self._empty, strict=True)
        ]
        titles = [title for title, *_ in TABS] + ["Width", "Depth"]
        pages += [tab.widget for tab in self._sweeps]
        return widgets.Tab(pages, titles=titles, selected_index=0)

    def _make_sweep(self, over: Literal["width", "depth"]) -> SweepTab:
        return SweepTab(
            over,
            settings=lambda: self.model.settings,
            guard=self._guard,
            abandoned=lambda: self._probe.gone,
            dark=lambda: self._probe.dark,
        )

    def _wire(self) -> None:
        self._run.on_click(self._guard(self._start))
        self._cancel.on_click(self._guard(self.model.cancel))
        self._tabs.observe(self._guard(self._draw), "selected_index")
        self._probe.observe(self._guard(self._draw), "dark")
        for tab in self._sweeps:
            self.model.observe(self._guard(tab.follow), "settings")
        self.model.observe(self._guard(self._draw), "shown")
        self.model.observe(
            self._guard(self._show_state), ["phase", "step", "error", "shown", "settings"]
        )

    def _guard(self, action: Callable[[], object]) -> Callable[..., None]:
        """An event handler that shows a failure on the page, where it would else vanish."""

        def handler(*_: Any) -> None:
            try:
                action()
            except Exception as error:
                log.exception("A callback failed.")
                self._show_problems([f"Something went wrong here: {error}"])

        return handler

    def _start(self) -> None:
        if self._controls.submit():
            self.model.run()

    def _take_settings(self, settings: ExplorerSettings) -> None:
        self.model.settings = settings

    def _take_preset(self, preset: Preset) -> None:
        self.use(preset.settings)
        self._status.value = preset.about + " Press Run."

    def _show_problems(self, sentences: list[str]) -> None:
        self._banner.value = "".join(
            f'<p role="alert">{html.escape(sentence)}</p>' for sentence in sentences
        )
        self._banner.layout.display = None if sentences else "none"

    def _show_state(self) -> None:
        # From the page's thread and from the run's: the later one must see the later state.
        with self._lock:
            self._show(self.model)

    def _show(self, model: ExplorerModel) -> None:
        running = model.phase is Phase.RUNNING
        self._cancel.disabled = not running
        self._bar.value = _done(model) if running else 0.0
        self._bar.layout.visibility = "visible" if running else "hidden"
        text = report.status_line(model.phase, model.shown, model.step, stale=model.stale)
        notes = report.notes(None if running else model.shown)
        self._status.value = f'<span role="status">{text}</span>{notes}'
        self._cards.value = report.cards(model.shown)
        self._verdict.value = "" if running else report.verdict(model.shown)
        if model.error:
            self._show_problems([model.error])
        elif running:
            self._show_problems([])

    def _draw(self) -> None:
        """Draws the figure of the tab that is seen."""
        found, index = self.model.shown, self._tabs.selected_index
        sweeping = index is not None and index >= len(TABS)
        # They tell about a single setting.
        self._summary.layout.display = "none" if sweeping else None
        if sweeping:
            self._sweeps[index - len(TABS)].show()
            return
        if found is None or index is None:
            return
        _, draw, _ = TABS[index]
        figure = draw(found, figures.DARK if self._probe.dark else figures.LIGHT)
        self._empty[index].layout.display = "none" if figure else None
        self._plots[index].widget.layout.display = None if figure else "none"
        if figure:
            self._plots[index].show(figure)


def _done(model: ExplorerModel) -> float:
    """Steps that are done, the present one by its fraction."""
    return 0.0 if model.step is None else model.step.number - 1 + model.step.progress.fraction
