"""The tab that holds the paper's theorems against the present setting, evidence beside them."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import ipywidgets as widgets

from gncviz import figures
from gncviz.experiment.parts import theorems_of
from gncviz.explorer.browser.plot import FigureView
from gncviz.explorer.panels.frame import Frame
from gncviz.explorer.tabs.figure import View
from gncviz.explorer.words import summaries
from gncviz.explorer.words.theorems import measured, meets

if TYPE_CHECKING:
    from gncviz.experiment.parts import Mechanism
    from gncviz.experiment.run import Experiment
    from gncviz.experiment.settings import ExperimentSettings
    from gncviz.posterior import GuessAndCheckResult
    from gncviz.theory import Condition, Theorem

_ABOUT = (
    "The two mechanisms, measured on draws of the prior; below them what the paper proves, held "
    "against this setting condition by condition."
)
_DEPENDENCE = (
    "<strong>Width: the losses become independent.</strong> Above, every draw with both its "
    "losses; below, how much the one tells about the other, from 0 (nothing) to ±1 (everything), "
    "at other widths. Bars: 95 % confidence intervals."
)
_COLLAPSE = (
    "<strong>Depth: products of random matrices are nearly of rank one.</strong> How far W is from "
    "the nearest matrix of rank one, as a share of its norm, at other depths. "
    "Line and band: median and 5–95 % of the prior."
)
_VERDICTS = {
    True: ("✓", "yes", "the proof covers this setting"),
    False: ("✗", "no", "the proof does not reach this setting"),
    None: ("?", "open", "not decided here"),
}


class TheoryTab:
    """Theorems in words, and the figures of their mechanisms."""

    title = "Theory"
    #: Which attribute of an experiment it shows.
    part = "mechanism"

    def __init__(self) -> None:
        self._theorems = widgets.HTML().add_class("gv-theorems")
        self.plot, self._collapse = FigureView(), FigureView()
        mechanisms = [
            widgets.VBox([_caption(_DEPENDENCE), self.plot]),
            widgets.VBox([_caption(_COLLAPSE), self._collapse]),
        ]
        self._frame = Frame([widgets.HBox(mechanisms).add_class("gv-pair"), self._theorems])
        self.widget = widgets.VBox([_caption(_ABOUT), self._frame.widget])

    def show(self, view: View) -> None:
        """Shows a run, or says why there is none."""
        found = view.found
        known = found is not None and found.post is not None and found.mechanism is not None
        with self._frame.showing(filled=known, whose=view.whose, empty=view.empty):
            if found is not None and found.post is not None and found.mechanism is not None:
                self._draw(found, found.post, found.mechanism, view)

    def _draw(
        self,
        found: Experiment,
        post: GuessAndCheckResult,
        mechanism: Mechanism,
        view: View,
    ) -> None:
        self._theorems.value = theorems_as_html(theorems_of(found.settings), found.settings)
        dependence, collapse, theme = mechanism.dependence, mechanism.collapse, view.theme
        self.plot.show(
            figures.dependence(post, dependence, theme=theme),
            view.told(summaries.dependence(dependence)),
            view.state,
        )
        self._collapse.show(
            figures.collapse(collapse, post, found.descent, theme=theme),
            view.told(summaries.collapse(collapse)),
            view.state,
        )


def theorems_as_html(theorems: tuple[Theorem, ...], settings: ExperimentSettings) -> str:
    """Each theorem with its verdict: what is measured of it first, then its conditions."""
    return "".join(_theorem(one, measured(one.name, settings)) for one in theorems)


def _theorem(theorem: Theorem, seen: str) -> str:
    _, word, verdict = _VERDICTS[theorem.applies]
    missing = sum(condition.met is False for condition in theorem.conditions)
    count = f": {missing} of {len(theorem.conditions)} conditions not met" if missing else ""
    return (
        f'<details class="gv-theorem gv-is-{word}"><summary><strong>{theorem.name}</strong> '
        f'{html.escape(theorem.title)} <span class="gv-verdict-word">{verdict}{count}</span>'
        f'<span class="gv-measured"><strong>Measured.</strong> {html.escape(seen)}</span>'
        f"</summary><p><strong>Proved.</strong> {html.escape(theorem.statement)}</p>"
        f"<ul>{''.join(_condition(condition) for condition in theorem.conditions)}</ul></details>"
    )


def _condition(condition: Condition) -> str:
    mark, word, _ = _VERDICTS[condition.met]
    spoken = {"yes": "met", "no": "not met", "open": "not decided"}[word]
    why = (
        condition.why if condition.met is not False else f"{condition.why} {meets(condition.text)}"
    )
    return (
        f'<li class="gv-is-{word}"><span class="gv-mark" role="img" aria-label="{spoken}">{mark}'
        f"</span> {html.escape(condition.text)} <small>{html.escape(why.strip())}</small></li>"
    )


def _caption(text: str) -> widgets.HTML:
    return widgets.HTML(f'<p class="gv-caption">{text}</p>')
