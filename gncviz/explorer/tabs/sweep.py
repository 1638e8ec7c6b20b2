"""The paper's panels over width or depth, or the present setting swept."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any, Literal

import ipywidgets as widgets

from gncviz import figures
from gncviz.activation import ACTIVATIONS
from gncviz.experiment.settings import ExperimentSettings
from gncviz.explorer.browser.plot import FigureState, FigureView, state_of
from gncviz.explorer.model.render import Render
from gncviz.explorer.model.runner import Phase
from gncviz.explorer.model.sweep import SweepModel, own_sweep
from gncviz.explorer.panels.fields import Control, Field
from gncviz.explorer.words import report, summaries
from gncviz.paper.limits import panel_limits
from gncviz.paper.panels import DEPTHS, FIGURES, WIDTHS, panel_settings
from gncviz.settings import SettingsError

Guard = Callable[[Callable[[], object]], Callable[..., None]]

Axes = Literal["width", "depth"]

#: What is shown before anything is chosen.
_FIRST: dict[Axes, tuple[int, str]] = {"width": (1, "linear"), "depth": (2, "linear")}
_DEFAULTS = {"width": WIDTHS, "depth": DEPTHS}


class SweepTab:
    """The widgets of one sweep; what it shows is its own, not the run's.

    Args:
        over: what is swept.
        model: what is shown, and a run of it.
        settings: asked for the page's settings.
        guard: makes event handlers whose failures are seen.
        theme: asked for the colours.
    """

    def __init__(
        self,
        over: Axes,
        model: SweepModel,
        settings: Callable[[], ExperimentSettings],
        guard: Guard,
        theme: Callable[[], figures.Theme],
    ) -> None:
        self._over, self._settings, self._theme = over, settings, theme
        self.title = over.capitalize()
        self.model = model
        self._panel: tuple[int, str] | None = _FIRST[over]
        self._make_controls()
        self.plot = FigureView()
        self._title = widgets.HTML().add_class("gv-panel-title")
        self._status = widgets.HTML().add_class("gv-status")
        self._claims = widgets.HTML().add_class("gv-status")
        self.widget = widgets.VBox(
            [
                widgets.HBox([self._title, self._log]).add_class("gv-choices"),
                self._fields,
                self._buttons,
                self._status,
                self.plot,
                self._claims,
                widgets.HTML(f'<p class="gv-caption">{_ABOUT[over]}</p>'),
            ]
        )
        self._render = Render(self._paint)
        self._drawn: tuple[object, ...] = ()
        self._log.observe(guard(self._render), "value")
        for box in (self._values, self._seeds):
            box.listen(guard(self.choose))
        self._run.on_click(guard(self._start))
        self._stop.on_click(guard(self.model.cancel))

    def _make_controls(self) -> None:
        self._log = widgets.Checkbox(description="logarithmic loss axis", indent=False)
        self._log.tooltip = "Whether the loss has a logarithmic axis."
        self._values = Control(
            Field("values", f"{self._over.capitalize()}s", "What to sweep over.")
        )
        self._values.show(" ".join(str(value) for value in _DEFAULTS[self._over]))
        self._seeds = Control(Field("seeds", "Seeds", "How many trials; the paper has 8."))
        self._seeds.show(4)
        self._run = widgets.Button(description="Sweep", button_style="primary")
        self._stop = widgets.Button(description="Stop", disabled=True)
        self._bar = widgets.FloatProgress(min=0.0, max=1.0, value=0.0)
        self._buttons = widgets.HBox([self._run, self._stop, self._bar]).add_class("gv-run")
        fields = widgets.HBox([self._values.widget, self._seeds.widget])
        self._fields = fields.add_class("gv-choices")

    @property
    def own(self) -> bool:
        """Whether the page's own setting is swept, and no panel shown."""
        return self._panel is None

    @property
    def panel(self) -> tuple[int, str] | None:
        """The panel that is shown, as (figure, activation); None where there is none."""
        return self._panel

    def turn_to(self, panel: tuple[int, str] | None) -> None:
        """Shows a panel; the page's own setting, to be swept, for None."""
        self._panel = panel

    def choose(self) -> bool:
        """Takes over what the controls say; True if it is valid. A stored panel is seen at once."""
        self._fields.layout.display = None if self.own else "none"
        self._title.value = f"<h2>{html.escape(self._named())}</h2>"
        for control in (self._values, self._seeds):
            control.complain("")
        if self._panel is not None:
            self.model.choose(panel_settings(*self._panel))
            return True
        try:
            self.model.choose(self._own_settings())
        except SettingsError as error:
            for field, sentence in error.problems:
                control = self._seeds if field.startswith("seeds") else self._values
                control.complain(html.escape(sentence))
            return False
        return True

    def show(self) -> None:
        """To be called when the tab is seen, or when what it looks like has changed."""
        self.choose()
        self._render()

    def _start(self) -> None:
        if self.choose():
            self.model.run()

    def _own_settings(self) -> Any:
        return own_sweep(
            self._settings(),
            self._over,
            _numbers(self._values.input.value, self._over),
            _count(self._seeds.value),
        )

    def _paint(self) -> None:
        """Shows the present state; called by one thread at a time."""
        self._show_state()
        theme, found = self._theme(), self.model.result
        log, phase = self._log.value, self.model.phase
        state = FigureState.STORED if phase is Phase.IDLE else state_of(phase)
        if found is not None and (found, log, theme, state) != self._drawn:
            alt = summaries.sweep(found) or self.title
            limits = panel_limits(found.settings)
            self.plot.show(figures.sweep(found, limits=limits, log=log, theme=theme), alt, state)
            self._drawn = found, log, theme, state

    def _show_state(self) -> None:
        model = self.model
        running = model.phase is Phase.RUNNING
        # What is stored needs no button.
        stored = not self.own and model.result is not None and model.result.complete
        self._buttons.layout.display = "none" if stored else None
        self._stop.disabled = not running
        self._run.disabled = running
        self._bar.layout.visibility = "visible" if running else "hidden"
        self._bar.value = model.progress.fraction if running and model.progress else 0.0
        text = report.sweep_status(model.phase, model.result, model.progress, model.error)
        self._status.value = f'<span role="status">{text}</span>'
        panel = self._panel
        self._claims.value = report.panel_claims(*panel, model.result) if panel else ""

    def _named(self) -> str:
        """What is shown, in a line."""
        if self._panel is None:
            return f"The setting of Explore, over {self._over}"
        figure, activation = self._panel
        return f"Figure {figure}, {ACTIVATIONS[activation].label}: {FIGURES[figure].about}"


_ABOUT = {
    "width": "Width ruins Guess &amp; Check: the wider the network, the less fitting the training "
    "data tells about the rest. Where the activation is anti-symmetric (linear, tanh, sine), it is "
    "left with no more than a draw of the prior in the end (Theorem 1); with ReLU and Leaky ReLU, "
    "which Theorem 1 does not cover, the limit is another one in every task. Markers: medians over "
    "the seeds; bars: from quartile to quartile; dashed line: the limit of width, computed.",
    "depth": "Depth helps Guess &amp; Check: deep products are nearly of rank one before they have "
    "seen any data, as the ground truth is. Theorem 2 proves it for linear networks and for "
    "measurements that miss no matrix of rank two; the paper's figures show it beyond that. "
    "Markers: medians over the seeds; bars: from quartile to quartile.",
}


def _numbers(text: str, name: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.replace(",", " ").split())
    except ValueError:
        sentence = f"{name}s should be whole numbers, such as 2 5 10; got {text}."
        raise SettingsError([("values", sentence)]) from None


def _count(value: Any) -> int:
    if not isinstance(value, int) or not 1 <= value <= 100:
        raise SettingsError([("seeds", f"Seeds should be 1 to 100; got {value}.")])
    return value
