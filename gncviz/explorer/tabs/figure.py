"""The tabs that show one run: a figure each, and what a person sees in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import ipywidgets as widgets

from gncviz import figures
from gncviz.experiment.run import Experiment
from gncviz.explorer.browser.plot import FigureState, FigureView
from gncviz.explorer.panels.frame import Frame
from gncviz.explorer.words import summaries

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from gncviz.posterior import GuessAndCheckResult


@dataclass(frozen=True)
class View:
    """What is to be seen.

    Attributes:
        found: the run; None while there is none.
        theme: the colours.
        pinned: Guess & Check of the runs that are kept to compare with, by their letters.
        whose: which run it is, in words; empty if it is the one of the present settings.
        empty: what to say where there is nothing of it, as HTML.
        state: of what is shown.
    """

    found: Experiment | None
    theme: figures.Theme
    pinned: Mapping[str, GuessAndCheckResult] = field(default_factory=dict)
    whose: str = ""
    empty: str = ""
    state: FigureState = FigureState.DONE

    def told(self, words: str) -> str:
        """What is said of a figure in words, after whose it is."""
        return f"{self.whose}. {words}" if self.whose else words


Draw = Callable[[Experiment, View], "go.Figure | None"]


def _losses(found: Experiment, view: View) -> go.Figure | None:
    return found.post and figures.loss_distributions(found.post, found.descent, theme=view.theme)


def _histogram(found: Experiment, view: View) -> go.Figure | None:
    return found.post and figures.prior_vs_posterior(
        found.post, found.descent, pinned=view.pinned, theme=view.theme
    )


def _path(found: Experiment, view: View) -> go.Figure | None:
    return found.post and figures.epsilon_path(
        found.post, found.descent, pinned=view.pinned, theme=view.theme
    )


def _matrices(found: Experiment, view: View) -> go.Figure | None:
    return found.post and figures.matrices(found.post, found.descent, theme=view.theme)


def _curves(found: Experiment, view: View) -> go.Figure | None:
    descent = found.descent
    return descent and figures.learning_curves(descent, theme=view.theme)


class FigureTab:
    """A tab with one figure.

    Args:
        title: of the tab.
        part: which attribute of :class:`gncviz.experiment.Experiment` it shows.
        draw: makes the figure; None where there is nothing to show yet.
        about: what a person sees in it, as HTML.
        say: the same for those who do not see it.
    """

    def __init__(
        self, title: str, part: str, draw: Draw, about: str, say: Callable[[Experiment], str]
    ) -> None:
        self.title, self.part, self.about = title, part, about
        self._draw, self._say = draw, say
        self.plot = FigureView()
        self._frame = Frame([self.plot])
        caption = widgets.HTML(f'<p class="gv-caption">{about}</p>')
        self.widget = widgets.VBox([self._frame.widget, caption])

    def show(self, view: View) -> None:
        """Draws a run, or says why there is none."""
        figure = self._draw(view.found, view) if view.found else None
        with self._frame.showing(filled=figure is not None, whose=view.whose, empty=view.empty):
            if view.found is not None and figure is not None:
                alt = view.told(self._say(view.found) or self.title)
                self.plot.show(figure, alt, view.state)


#: The arguments of :class:`FigureTab` for each figure of one run.
FIGURES: tuple[tuple[str, str, Draw, str, Callable[[Experiment], str]], ...] = (
    (
        "Generalization",
        "post",
        _histogram,
        "How well does a draw of the prior generalize, and how well one that fits the training "
        "data? The further left, the better. Orange: gradient descent's trials, a triangle where "
        "one lies beyond the axis.",
        summaries.losses,
    ),
    (
        "Both losses",
        "post",
        _losses,
        "Above, the loss on what is measured: Guess &amp; Check keeps the draws left of ε. Below, "
        "what that does to the loss on everything else.",
        summaries.losses,
    ),
    (
        "ε-path",
        "post",
        _path,
        "Guess &amp; Check at every threshold that the run passed on its way down to ε: how well "
        "the draws generalize that fit so closely, and how rare they are. Move the threshold ε "
        "in the settings: all figures follow, without another run.",
        summaries.path,
    ),
    (
        "Matrices",
        "post",
        _matrices,
        "The ground truth, a draw of Guess &amp; Check of middling loss, and gradient descent's "
        "solution; below, how far they are off in what the measurements see and in what they do "
        "not. A fit is good in the second row; the third is what this page is about.",
        summaries.matrices,
    ),
    (
        "Learning curves",
        "descent",
        _curves,
        "Gradient descent, every trial: its losses above, the singular values of W below.",
        summaries.curves,
    ),
)
