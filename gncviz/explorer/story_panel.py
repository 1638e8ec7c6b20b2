"""The story's buttons, and what its present step says."""

from __future__ import annotations

import functools
import html
from collections.abc import Callable

import ipywidgets as widgets

from gncviz.explorer.story import STORY

Guard = Callable[[Callable[[], object]], Callable[..., None]]


class StoryPanel:
    """A row of steps; the text of the one that was chosen below it.

    Args:
        tell: called with the number of a step, from 1, when a person chooses it.
        leave: called when the person has enough of the story.
        guard: makes event handlers whose failures are seen.
    """

    def __init__(
        self, tell: Callable[[int], object], leave: Callable[[], object], guard: Guard
    ) -> None:
        self._tell = tell
        self.step: int | None = None
        lead = widgets.HTML("The paper in four steps").add_class("gv-lead")
        self.buttons = []
        for number, step in enumerate(STORY, start=1):
            button = widgets.Button(
                description=f"{number} · {step.title}", tooltip=f"Step {number}: run it and see"
            )
            button.on_click(guard(functools.partial(tell, number)))
            self.buttons.append(button)
        self.next = widgets.Button(description="Next step")
        self.next.on_click(guard(self._go_on))
        self.skip = widgets.Button(description="Close", tooltip="Leave the story; all stays as is")
        self.skip.on_click(guard(leave))
        self._text = widgets.HTML().add_class("gv-story-text")
        self._told = widgets.VBox(
            [self._text, widgets.HBox([self.next, self.skip]).add_class("gv-story-on")]
        ).add_class("gv-told")
        row = widgets.HBox([lead, *self.buttons]).add_class("gv-story-steps")
        self.widget = widgets.VBox([row, self._told]).add_class("gv-story")
        self.show(None)

    def show(self, number: int | None) -> None:
        """Shows the text of a step, from 1; None closes it."""
        self.step = number
        for place, button in enumerate(self.buttons, start=1):
            (button.add_class if place == number else button.remove_class)("gv-now")
        self._told.layout.display = "none" if number is None else None
        if number is None:
            return
        step = STORY[number - 1]
        self._text.value = (
            f'<p role="note"><strong>{number} · {html.escape(step.title)}.</strong> {step.see}</p>'
        )
        self.next.layout.display = None if number < len(STORY) else "none"

    def _go_on(self) -> None:
        if self.step is not None and self.step < len(STORY):
            self._tell(self.step + 1)
