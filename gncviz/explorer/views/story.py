"""The story: a sentence or two beside one figure, six steps, all from stored runs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from gncviz.activation import ACTIVATIONS
from gncviz.explorer.browser.plot import FigureState, FigureView
from gncviz.explorer.browser.steps_slider import StepsSlider
from gncviz.explorer.model.story import STARTS, Scene, Story
from gncviz.explorer.scene import ANSWERS, GUESSES, SLIDERS, Look, figure_of
from gncviz.explorer.words import stored
from gncviz.explorer.words import story as words
from gncviz.lattice.grid import ACTIVATIONS as OFFERED
from gncviz.words import typeset

if TYPE_CHECKING:
    from gncviz.experiment.settings import ExperimentSettings

Guard = Callable[[Callable[[], object]], Callable[..., None]]


class StoryView:
    """The widgets of the story.

    Args:
        story: where it stands.
        explore: called with settings that the reader wants to set and run.
        suggestions: what the last step suggests: settings by what their button says.
        guard: makes event handlers whose failures are seen.
        look: asked how figures are to look.
    """

    def __init__(
        self,
        story: Story,
        explore: Callable[[ExperimentSettings | None], object],
        suggestions: dict[str, ExperimentSettings],
        guard: Guard,
        look: Callable[[], Look],
    ) -> None:
        self._story, self._look = story, look
        self._drawn: tuple[object, ...] = ()
        self.plot = FigureView()
        self._text = widgets.HTML().add_class("gv-story-text")
        self._numbers = widgets.HTML().add_class("gv-numbers")
        self._source = widgets.HTML().add_class("gv-source")
        self._guesses = self._buttons(GUESSES, story.guess, guard)
        self._answers = self._buttons(ANSWERS, story.answer, guard).add_class("gv-answers")
        self._suggested = self._buttons(suggestions, explore, guard)
        self._make_controls(guard)
        self._all = self._button("All settings", lambda: explore(None), guard)
        self._all.tooltip = "This setting in Explore, to change and run"
        self.back = self._button("Back", lambda: self._step(-1), guard)
        self.next = self._button("Next", lambda: self._step(1), guard)
        self._place = widgets.HTML().add_class("gv-place")
        self.widget = self._arrange()

    def _make_controls(self, guard: Guard) -> None:
        self._sliders = {name: StepsSlider(label) for name, label in SLIDERS.items()}
        for name, slider in self._sliders.items():
            slider.observe(guard(functools.partial(self._slid, name)), "index")
        self._activation = widgets.Dropdown(
            options=[(ACTIVATIONS[name].label, name) for name in OFFERED],
            description="Activation",
        )
        self._activation.observe(guard(self._activated), "value")
        self._set = widgets.VBox([*self._sliders.values(), self._activation]).add_class("gv-set")

    def _arrange(self) -> widgets.Widget:
        steps = widgets.HBox([self.back, self._place, self.next]).add_class("gv-steps")
        acts = [self._guesses, self._answers, self._suggested]
        # Next comes early for who goes through the page by keys; style/ puts it at the end.
        told = [self._text, steps, *acts, self._all.add_class("gv-all"), self._set]
        seen = [self._numbers, self.plot, self._source]
        return widgets.HBox(
            [widgets.VBox(told).add_class("gv-told"), widgets.VBox(seen).add_class("gv-seen")]
        ).add_class("gv-story")

    def show(self) -> None:
        """Shows where the story stands."""
        story, scene, look = self._story, self._story.scene, self._look()
        if (scene, look) == self._drawn:
            return
        self._drawn = scene, look
        text, figure, alt = (
            words.text(story),
            figure_of(story, look),
            stored.alt(story, words.told(story).title),
        )
        # Nothing is computed from here on: words and figure come to the browser together.
        self.plot.show(figure, alt, FigureState.STORED)
        self._text.value = text
        _hide(self._guesses, unless=scene.step == 1)
        _hide(self._answers, unless=not scene.open)
        self._show_controls(scene)
        self._show_ways(scene)
        self._numbers.value = stored.numbers(story)
        self._source.value = stored.source(story)

    def _show_ways(self, scene: Scene) -> None:
        """Shows where one can go on from here: one button stands out, at the end Explore's."""
        last = scene.step == len(STARTS)
        self._place.value = f"{scene.step} / {len(STARTS)}"
        self.back.disabled = scene.step == 1
        self.next.disabled = last
        self.next.button_style = "" if last else "primary"
        self._all.button_style = "primary" if last else ""
        self._all.description = "Open Explore" if last else "All settings"
        _hide(self._suggested, unless=last)

    def _show_controls(self, scene: Scene) -> None:
        guessing = scene.step == 1
        _hide(self._set, unless=not guessing and scene.open)
        _hide(self._all, unless=not guessing)
        present = {"width": scene.place.width, "depth": scene.place.depth, "epsilon": scene.epsilon}
        for name, slider in self._sliders.items():
            offered = self._story.offered(name)
            asked = name == scene.start.varied
            values = [typeset(value) for value in offered]
            slider.show(values, offered.index(present[name]), asked=asked)
        self._activation.value = scene.place.activation

    def _slid(self, name: str) -> None:
        value = self._story.offered(name)[self._sliders[name].index]
        self._story.choose(**{name: value})

    def _activated(self) -> None:
        self._story.choose(activation=self._activation.value)

    def _step(self, by: int) -> None:
        """Goes on, or back; no farther than the ends."""
        self._story.go(min(max(self._story.scene.step + by, 1), len(STARTS)))

    @staticmethod
    def _button(text: str, action: Callable[[], object], guard: Guard) -> widgets.Button:
        button = widgets.Button(description=text)
        button.on_click(guard(action))
        return button

    def _buttons(
        self, offered: Mapping[str, Any], action: Callable[[Any], object], guard: Guard
    ) -> widgets.HBox:
        """A row of buttons, each calling the action with what it stands for."""
        buttons = [
            self._button(text, functools.partial(action, value), guard)
            for text, value in offered.items()
        ]
        return widgets.HBox(buttons).add_class("gv-acts")


def _hide(widget: Any, *, unless: object) -> None:
    widget.layout.display = None if unless else "none"
