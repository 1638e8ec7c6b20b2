"""A scene of the story: what can be done in it, and its figure; for page and file alike."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gncviz.explorer.model.story import STARTS, Scene, Story
from gncviz.explorer.words import story as words
from gncviz.lattice.guesses import MANY

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from gncviz.figures import Theme

#: What a reader can say will happen, by what the button says.
ANSWERS = {"Better": "better", "Worse": "worse", "Much the same": "same"}
#: Labels of the sliders, by what they set.
SLIDERS = {"width": "Width", "depth": "Depth", "epsilon": "Threshold ε"}
#: How many guesses are made, by what the button says.
GUESSES = {"Guess once": 1, "Guess 1 000": 1000, "Guess a million": MANY}


@dataclass(frozen=True)
class Look:
    """How figures are to look.

    Attributes:
        theme: the colours.
        narrow: whether there is as little room as on a phone.
    """

    theme: Theme
    narrow: bool


def figure_of(story: Story, look: Look) -> go.Figure:
    """The figure of the present scene; whoever comes back to it gets the same, unchanged."""
    return _figure(story.scene, look)


def draw_ahead(look: Look) -> None:
    """Draws every step as it begins, for those who will come to it."""
    story = Story()
    for step in range(1, len(STARTS) + 1):
        story.go(step)
        figure_of(story, look)


@functools.lru_cache(maxsize=64)
def _figure(scene: Scene, look: Look) -> go.Figure:
    from gncviz.figures import story as figures

    story = Story(scene)
    lattice, epsilon, place, theme = story.lattice, scene.epsilon, scene.place, look.theme
    shown: Any = {"shown": scene.open, "theme": theme}
    match scene.start.varied:
        case "width":
            runs = lattice.along("width", place)
            return figures.against(runs, "width", epsilon, place.width, **shown)
        case "depth":
            runs = lattice.along("depth", place)
            return figures.depth_and_rank(runs, epsilon, place.depth, narrow=look.narrow, **shown)
        case "epsilon":
            deep, shallow = words.limits(story)
            return figures.towards_zero(shallow, deep, epsilon, theme=theme)
    if scene.step == 1:
        return figures.guess_plane(lattice.guesses, scene.guesses, epsilon, theme=theme)
    return figures.distributions(story.run, epsilon, theme=theme)
