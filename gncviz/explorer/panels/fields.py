"""Single controls: a labelled text box that is validated as a whole, sliders, choices."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets

from gncviz.experiment.option import number


@dataclass(frozen=True)
class Field:
    """What a control sets and how it looks.

    Attributes:
        path: the setting, such as "network.width".
        label: in front of the control.
        help: a sentence that says what it does; shown on hovering.
        choices: (label, value) pairs for a choice; none for a number.
        slider: (low, high) of a slider beside the text box, if there is one.
        log: whether the slider is logarithmic.
        whole: whether the slider moves in whole numbers.
    """

    path: str
    label: str
    help: str
    choices: tuple[tuple[str, Any], ...] = ()
    slider: tuple[float, float] | None = None
    log: bool = False
    whole: bool = False


class Control:
    """A field on the page: its widget, its value, and room for a complaint under it."""

    def __init__(self, about: Field) -> None:
        self.about = about
        self._listeners: list[Callable[[], object]] = []
        self._quiet = False
        self.complaint = widgets.HTML("").add_class("gv-complaint")
        self.complaint.layout.display = "none"
        if about.choices:
            self.input: Any = widgets.Dropdown(
                options=about.choices, description=about.label, tooltip=about.help
            )
        else:
            self.input = widgets.Text(
                description=about.label, tooltip=about.help, continuous_update=False
            )
        self.input.description_allow_html = False
        self.input.add_class("gv-input")
        parts = [self.input]
        self._slider: Any = self._make_slider() if about.slider else None
        if self._slider is not None:
            parts.append(self._slider)
        self.widget = widgets.VBox([*parts, self.complaint]).add_class("gv-field")
        self.input.observe(self._changed, "value")

    @property
    def value(self) -> Any:
        """What stands in the control: a choice's value, or the text, made a number if it is one."""
        return self.input.value if self.about.choices else number(self.input.value)

    def show(self, value: Any) -> None:
        """Puts a value in, without telling the listeners."""
        self._quiet = True
        try:
            self.input.value = value if self.about.choices else _text(value)
            self._follow()
        finally:
            self._quiet = False

    def complain(self, sentence: str) -> None:
        """Shows what is wrong with the value; nothing, if empty."""
        self.complaint.value = sentence
        self.complaint.layout.display = None if sentence else "none"
        (self.widget.add_class if sentence else self.widget.remove_class)("gv-wrong")

    def listen(self, listener: Callable[[], object]) -> None:
        """Calls a function whenever a person changed the value."""
        self._listeners.append(listener)

    def _changed(self, _: Any) -> None:
        if not self._quiet:
            self._follow()
            for listener in self._listeners:
                listener()

    def _make_slider(self) -> Any:
        assert self.about.slider is not None
        low, high = (self._position(end) for end in self.about.slider)
        slider = widgets.FloatSlider(
            min=low, max=high, step=(high - low) / 1000, readout=False, tooltip=self.about.help
        )
        if self.about.whole and not self.about.log:
            slider.step = 1
        slider.add_class("gv-slider")
        if self.about.log:
            # For what it is said to stand at (access.js).
            slider.add_class("gv-log")
        slider.observe(self._slid, "value")
        return slider

    def _slid(self, change: Any) -> None:
        if self._quiet or self._is_echo(change["new"]):
            return
        value = _rounded(10.0 ** change["new"]) if self.about.log else change["new"]
        self.input.value = _text(round(value) if self.about.whole else value)

    def _is_echo(self, position: float) -> bool:
        """Whether the slider only rounded what it was sent: the browser snaps it to its steps."""
        value = self.value
        if not isinstance(value, int | float) or value <= 0:
            return False
        return bool(abs(position - self._reach(value)) < self._slider.step)

    def _follow(self) -> None:
        """Moves the slider to the value, as far as it reaches."""
        value = self.value
        if self._slider is None or not isinstance(value, int | float) or value <= 0:
            return
        quiet, self._quiet = self._quiet, True
        self._slider.value = self._reach(value)
        self._quiet = quiet

    def _reach(self, value: float) -> float:
        """The slider's position for a number, at one of its ends if it lies beyond."""
        return min(max(self._position(value), self._slider.min), self._slider.max)

    def _position(self, value: float) -> float:
        return math.log10(value) if self.about.log else float(value)


def _text(value: Any) -> str:
    if isinstance(value, int) and abs(value) >= 10_000:
        return f"{value:,}".replace(",", " ")
    # Exactly: what is only shown must not change when it is read again.
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _rounded(value: float) -> float:
    """Two significant digits: what a slider can set, a person should be able to read."""
    return float(f"{value:.2g}")
