"""A page without a browser, used the way a person uses it: by what is written on it.

Nothing here knows how the explorer is put together. A control is found by its label, a button by
its text, a tab by its title, and only what is seen is found: so tests hold when rooms are moved.
"""

from __future__ import annotations

import base64
import html
import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import ipywidgets as widgets
import numpy as np
import plotly.graph_objects as go

import gncviz as gv
from gncviz.explorer.browser.plot import FigureView
from gncviz.explorer.browser.segments import Segments
from gncviz.explorer.browser.steps_slider import StepsSlider
from gncviz.explorer.model.runner import Phase

W = TypeVar("W", bound=widgets.Widget)


class Page:
    """What a person sees of an explorer, and can do to it.

    Args:
        explorer: the page.
    """

    def __init__(self, explorer: gv.Explorer) -> None:
        self.explorer = explorer

    # --- what is seen

    @property
    def text(self) -> str:
        """All words, without their markup; those that figures are described by, too."""
        words = [plain(one.value) for one in self.seen(widgets.HTML)]
        return "\n".join([*words, *(view.figure["alt"] for view in self.views)])

    @property
    def status(self) -> str:
        """What is said about where things stand."""
        return self._with_mark('role="status"')

    @property
    def alert(self) -> str:
        """What is said about something that is wrong; empty if nothing is."""
        return self._with_mark('role="alert"')

    @property
    def story(self) -> str:
        """The words of the present step of the story; empty when it is closed."""
        return self._with_mark('role="note"')

    @property
    def figure(self) -> Any:
        """The first figure that is seen, as the browser got it; None if there is none."""
        return next(iter(self.figures), None)

    @property
    def figures(self) -> list[Any]:
        """All figures that are seen."""
        return [as_sent(view) for view in self.views]

    @property
    def views(self) -> list[FigureView]:
        """The widgets of the figures that are seen."""
        return [view for view in self.seen(FigureView) if view.figure["version"]]

    @property
    def groups(self) -> list[str]:
        """Titles of the groups of controls."""
        return [one.titles[0] for one in self.seen(widgets.Accordion)]

    @property
    def titles(self) -> list[str]:
        """Of the tabs."""
        return list(self._tabs.titles)

    @property
    def open_tab(self) -> str:
        """The title of the tab that is open."""
        return self.titles[self._tabs.selected_index]

    def card(self, title: str) -> str:
        """The number on a card and its note."""
        (cards,) = [one.value for one in self.seen(widgets.HTML) if 'class="gv-cards' in one.value]
        (card,) = [
            part
            for part in cards.split('<div class="gv-card ')
            if f">{html.escape(title)}<" in part
        ]
        return plain(card.partition('gv-number">')[2])

    def says(self, words: str) -> bool:
        """Whether words are somewhere on the page."""
        return words in self.text

    def raw(self) -> str:
        """All markup that is seen."""
        return "\n".join(one.value for one in self.seen(widgets.HTML))

    # --- what can be done

    def tab(self, title: str) -> Page:
        """Opens a tab."""
        self._tabs.selected_index = self.titles.index(title)
        return self

    def view(self, name: str) -> Page:
        """Opens a view: "Story", "Explore" or "Paper"."""
        self.part(Segments).value = name
        return self

    def slide(self, label: str, value: str) -> Page:
        """Moves a slider of the story to one of the values that it offers."""
        (slider,) = [one for one in self.seen(StepsSlider) if one.label == label]
        slider.index = slider.values.index(value)
        return self

    def click(self, text: str) -> Page:
        """Presses a button, unless it is disabled."""
        button = self.button(text)
        if not button.disabled:
            button.click()
        return self

    def set(self, label: str, value: object) -> Page:
        """Types into a box, chooses (by words or by value) in a list, ticks a box."""
        control = self.control(label)
        if isinstance(control, widgets.Dropdown):
            value = dict(control.options).get(value, value)
        control.value = value
        return self

    def run(self, seconds: float = 60.0) -> Page:
        """Presses Run and waits until the run is over."""
        self.click("Run").wait(lambda: not self.running, seconds)
        return self._settle()

    def quicken(self) -> Page:
        """Makes a run take a moment only."""
        self.set("Threshold ε", "0.2").set("Fits wanted", "50")
        return self.set("Epochs at most", "20")

    def wait(self, condition: Callable[[], object], seconds: float = 60.0) -> Page:
        """Waits until something holds.

        Raises:
            AssertionError: it does not after so many seconds.
        """
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.01)
        return self

    def finish(self, seconds: float = 60.0) -> Page:
        """Waits until the run has come to its end."""
        self.wait(lambda: self.explorer.model.phase is Phase.DONE, seconds)
        return self._settle()

    def _settle(self) -> Page:
        """Lets the run's thread paint its last."""
        self.explorer.model.join(timeout=10)
        return self

    def leave(self) -> None:
        """Ends what is still running."""
        self.explorer.model.cancel()
        self.explorer.model.join(timeout=10)

    # --- single parts

    @property
    def running(self) -> bool:
        """Whether a run is under way."""
        return self.explorer.model.phase is Phase.RUNNING

    def button(self, text: str) -> Any:
        """The button with a text on it."""
        return _only(text, [b for b in self.seen(widgets.Button) if b.description == text])

    def has_button(self, text: str) -> bool:
        """Whether a button with a text on it is seen."""
        return any(button.description == text for button in self.seen(widgets.Button))

    def control(self, label: str, beside: str | None = None) -> Any:
        """The box, list or tick with a label; in the settings if there is one elsewhere, too.

        Args:
            label: in front of it.
            beside: the label of another that stands in the same row, to choose among several.
        """
        kinds = (
            widgets.Text,
            widgets.Textarea,
            widgets.Dropdown,
            widgets.Checkbox,
            widgets.SelectionSlider,
        )
        found = [one for one in self.seen(widgets.Widget) if isinstance(one, kinds)]
        found = [one for one in found if one.description == label]
        if beside is not None:
            (row,) = [box for box in self.seen(widgets.Box) if self.control(beside) in box.children]
            found = [one for one in found if one in row.children]
        return _first(label, found)

    def has_control(self, label: str) -> bool:
        """Whether a control with a label is seen."""
        found = self.seen(widgets.Widget)
        return any(
            getattr(one, "description", "") == label and not isinstance(one, widgets.Button)
            for one in found
        )

    def slider(self, label: str) -> Any:
        """The slider that belongs to a labelled box."""
        return self._beside(label, widgets.FloatSlider)

    def complaint(self, label: str) -> str:
        """What is said under a control about its value."""
        return plain(getattr(self._beside(label, widgets.HTML), "value", ""))

    def part(self, kind: type[W]) -> W:
        """The only widget of a kind, seen or not: what the browser would talk to."""
        return _only(kind.__name__, self.parts(kind))

    def parts(self, kind: type[W]) -> list[W]:
        """All widgets of a kind, seen or not."""
        return [one for one in _all(self.explorer) if isinstance(one, kind)]

    def seen(self, kind: type[W]) -> list[W]:
        """Widgets of a kind that are not hidden, from above."""
        return [one for one in _seen(self.explorer) if isinstance(one, kind)]

    @property
    def _tabs(self) -> Any:
        return _first("tabs", self.seen(widgets.Tab))

    def _with_mark(self, mark: str) -> str:
        found = [one.value for one in self.seen(widgets.HTML) if mark in one.value]
        return plain("\n".join(found))

    def _beside(self, label: str, kind: type[W]) -> W | None:
        control = self.control(label)
        boxes = [box for box in self.seen(widgets.Box) if control in box.children]
        found = [one for one in _first(label, boxes).children if isinstance(one, kind)]
        shown = [one for one in found if one.layout.display != "none"]
        return shown[0] if shown else None


def plain(markup: str) -> str:
    """The words of some HTML, as they are read."""
    markup = re.sub(r"<style.*?</style>", "", markup, flags=re.DOTALL)
    words = html.unescape(re.sub(r"<[^>]+>", " ", markup)).replace("\N{NO-BREAK SPACE}", " ")
    return re.sub(r" +([.,;:])", r"\1", " ".join(words.split()))


def as_sent(view: FigureView) -> go.Figure:
    """The figure that a widget sends to the browser, its arrays unpacked."""
    sent = {key: view.figure[key] for key in ("data", "layout")}
    return go.Figure(_unpacked(json.loads(json.dumps(sent, allow_nan=False))))


def _unpacked(value: Any) -> Any:
    if isinstance(value, list):
        return [_unpacked(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "bdata" not in value:
        return {key: _unpacked(one) for key, one in value.items()}
    array = np.frombuffer(base64.b64decode(value["bdata"]), value["dtype"])
    shape = value.get("shape")
    return array.reshape([int(one) for one in shape.split(",")]) if shape else array


def _seen(widget: Any) -> Iterator[Any]:
    layout = getattr(widget, "layout", None)
    if isinstance(layout, widgets.Layout) and _hides(layout):
        return
    yield widget
    children = getattr(widget, "children", ())
    if isinstance(widget, widgets.Tab):
        index = widget.selected_index
        children = () if index is None else (children[index],)
    for child in children:
        yield from _seen(child)


def _hides(layout: widgets.Layout) -> bool:
    return layout.display == "none" or layout.visibility == "hidden"


def _all(widget: Any) -> Iterator[Any]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _all(child)


def _first(what: str, found: list[Any]) -> Any:
    assert found, f"nothing that is seen is called {what}"
    return found[0]


def _only(what: str, found: list[Any]) -> Any:
    assert len(found) < 2, f"{len(found)} are called {what}"
    return _first(what, found)
