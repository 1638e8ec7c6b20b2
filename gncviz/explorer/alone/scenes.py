"""All that a reader can meet in the story, scene by scene, and what leads from one to another."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from gncviz.activation import ACTIVATIONS
from gncviz.explorer.browser.wire import as_json
from gncviz.explorer.model.story import STARTS, Scene, Story
from gncviz.explorer.scene import ANSWERS, GUESSES, SLIDERS, Look, figure_of
from gncviz.explorer.words import stored
from gncviz.explorer.words import story as words
from gncviz.figures import LIGHT
from gncviz.lattice.grid import ACTIVATIONS as OFFERED
from gncviz.words import typeset

#: What can be moved in each step; the page can move everything everywhere, which are thousands of
#: scenes.
MOVED = {2: ("width", "epsilon"), 3: ("width",), 4: ("depth",), 5: ("epsilon",)}
#: So many guesses can be made one by one.
ONE_BY_ONE = 12


class Scenes:
    """Every scene that can be reached, each with its words, its figure and where its controls lead.

    Attributes:
        scenes: in the order in which they were found; the first is where the story begins.
        figures: as the browser draws them; scenes say which is theirs.
    """

    def __init__(self) -> None:
        self.scenes: list[dict[str, Any]] = []
        self.figures: list[dict[str, Any]] = []
        self._number: dict[Scene, int] = {}
        self._figure: dict[tuple[Scene, bool], int] = {}
        self._waiting: deque[Scene] = deque()
        self._story = Story()
        self._numbered(self._story.scene)
        while self._waiting:
            self._story.scene = self._waiting.popleft()
            self.scenes.append(self._described())

    def _numbered(self, scene: Scene) -> int:
        """The number of a scene; one that is new is described later."""
        # What was guessed and answered in other steps would make thousands of each.
        answers = tuple(one for one in scene.answers if one[0] == scene.step)
        own = replace(scene, answers=answers, guesses=scene.guesses if scene.step == 1 else 1)
        if own not in self._number:
            self._number[own] = len(self._number)
            self._waiting.append(own)
        return self._number[own]

    def _after(self, action: Callable[..., object], *arguments: Any, **changes: Any) -> int:
        """The number of the scene that an action of the reader's leads to."""
        here = self._story.scene
        action(*arguments, **changes)
        after, self._story.scene = self._story.scene, here
        return self._numbered(after)

    def _described(self) -> dict[str, Any]:
        story, scene = self._story, self._story.scene
        wide = self._drawn(narrow=False)
        return {
            "step": f"{scene.step} / {len(STARTS)}",
            "text": words.text(story),
            "numbers": stored.numbers(story),
            "source": stored.source(story),
            "alt": stored.alt(story, words.told(story).title),
            "figure": wide,
            # All others look the same in any width.
            "narrow": self._drawn(narrow=True) if scene.start.varied == "depth" else wide,
            "back": self._after(story.go, scene.step - 1) if scene.step > 1 else None,
            "next": self._after(story.go, scene.step + 1) if scene.step < len(STARTS) else None,
            "acts": dict(self._acts()),
            "sliders": list(self._sliders()) if scene.open else [],
            "activations": self._activations() if scene.step > 1 and scene.open else {},
        }

    def _acts(self) -> Iterator[tuple[str, int]]:
        """Buttons of the present scene: their text, and where they lead."""
        story, scene = self._story, self._story.scene
        if scene.step == 1:
            for text, count in GUESSES.items():
                # A thousand are the first thousand, whatever was guessed before.
                if count > max(scene.guesses, 1):
                    yield text, self._after(story.guess, count - scene.guesses)
                elif count == 1 and scene.guesses < ONE_BY_ONE:
                    yield text, self._after(story.guess, count)
        if not scene.open:
            for text, word in ANSWERS.items():
                yield text, self._after(story.answer, word)

    def _sliders(self) -> Iterator[dict[str, Any]]:
        story, scene = self._story, self._story.scene
        for name in MOVED.get(scene.step, ()):
            offered = story.offered(name)
            present = scene.epsilon if name == "epsilon" else getattr(scene.place, name)
            yield {
                "label": SLIDERS[name],
                "values": [typeset(value) for value in offered],
                "index": offered.index(present),
                "asked": name == scene.start.varied,
                "leads": [self._after(story.choose, **{name: value}) for value in offered],
            }

    def _activations(self) -> dict[str, int]:
        return {
            ACTIVATIONS[name].label: self._after(self._story.choose, activation=name)
            for name in OFFERED
        }

    def _drawn(self, *, narrow: bool) -> int:
        """The number of the present scene's figure, which is drawn once."""
        # A figure is the same whatever was answered.
        scene = self._story.scene
        key = replace(scene, answers=((scene.step, "any"),) if scene.answer else ()), narrow
        if key not in self._figure:
            self._figure[key] = len(self.figures)
            self.figures.append(as_json(figure_of(self._story, Look(LIGHT, narrow))))
        return self._figure[key]
