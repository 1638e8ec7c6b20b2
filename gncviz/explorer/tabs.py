"""The tabs that show one run: a figure each, and what a person sees in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import ipywidgets as widgets

from gncviz import figures
from gncviz.experiment.run import Experiment
from gncviz.explorer import summaries
from gncviz.explorer.plot import Plot

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from gncviz.posterior import GuessAndCheckResult


@dataclass(frozen=True)
class View:
    """What is to be seen.

    Attributes:
        found: the run.
        theme: the colours.
        pinned: Guess & Check of the runs that are kept to compare with, by their letters.
    """

    found: Experiment
    theme: figures.Theme
    pinned: Mapping[str, GuessAndCheckResult] = field(default_factory=dict)


Draw = Callable[[View], "go.Figure | None"]


def _losses(view: View) -> go.Figure | None:
    found = view.found
    return found.post and figures.loss_distributions(found.post, found.descent, theme=view.theme)


def _histogram(view: View) -> go.Figure | None:
    found = view.found
    return found.post and figures.prior_vs_posterior(
        found.post, found.descent, pinned=view.pinned, theme=view.theme
    )


def _path(view: View) -> go.Figure | None:
    found = view.found
    return found.post and figures.epsilon_path(
        found.post, found.descent, pinned=view.pinned, theme=view.theme
    )


def _matrices(view: View) -> go.Figure | None:
    found = view.found
    return found.post and figures.matrices(found.post, found.descent, theme=view.theme)


def _curves(view: View) -> go.Figure | None:
    descent = view.found.descent
    return descent and figures.learning_curves(descent, theme=view.theme)


#: In place of a figure that there are no results for yet.
EMPTY = (
    '<div class="gv-empty"><strong>Nothing here yet.</strong><br>Press Run: the figure fills while '
    "the draws come in.</div>"
)


class FigureTab:
    """A tab with one figure.

    Args:
        title: of the tab.
        draw: makes the figure; None where there is nothing to show yet.
        about: what a person sees in it, as HTML.
        say: the same for those who do not see it.
    """

    #: Whether the numbers of the run stand above this tab.
    tells_of_one_run = True

    def __init__(
        self, title: str, draw: Draw, about: str, say: Callable[[Experiment], str]
    ) -> None:
        self.title, self.about = title, about
        self._draw, self._say = draw, say
        self.plot = Plot()
        self._said = widgets.HTML().add_class("gv-said")
        self._empty = widgets.HTML(EMPTY)
        caption = widgets.HTML(f'<p class="gv-caption">{about}</p>')
        parts = [caption, self.plot.widget, self._said, self._empty]
        self.widget = widgets.VBox(parts).add_class("gv-figure")

    def show(self, view: View | None) -> None:
        """Draws a run; None while there is none."""
        if view is None:
            return
        figure = self._draw(view)
        self._empty.layout.display = "none" if figure else None
        self.plot.widget.layout.display = None if figure else "none"
        if figure:
            self._said.value = self._say(view.found)
            self.plot.show(figure)

    def follow(self) -> None:
        """To be called when the page's settings have changed; a run is shown as it was."""


def figure_tabs() -> list[FigureTab]:
    """The tabs of one run, made anew for a page."""
    return [FigureTab(*about) for about in _TABS]


_TABS: tuple[tuple[str, Draw, str, Callable[[Experiment], str]], ...] = (
    (
        "Generalization",
        _histogram,
        "How well does a draw of the prior generalize, and how well one that fits the training "
        "data? The further left, the better; diamonds are gradient descent's trials.",
        summaries.losses,
    ),
    (
        "Both losses",
        _losses,
        "Above, the loss on what is measured: Guess &amp; Check keeps the draws left of ε. Below, "
        "what that does to the loss on everything else.",
        summaries.losses,
    ),
    (
        "ε-path",
        _path,
        "Guess &amp; Check at every threshold that the run passed on its way down to ε: how well "
        "the draws generalize that fit so closely, and how rare they are. Move the threshold ε "
        "in the settings: all figures follow, without another run.",
        summaries.path,
    ),
    (
        "Matrices",
        _matrices,
        "The ground truth, a draw of Guess &amp; Check of middling loss, and gradient descent's "
        "solution; below, how far they are off in what the measurements see and in what they do "
        "not. A fit is good in the second row; the third is what this page is about.",
        summaries.matrices,
    ),
    (
        "Learning curves",
        _curves,
        "Gradient descent, every trial: its losses above, the singular values of W below.",
        summaries.curves,
    ),
)
