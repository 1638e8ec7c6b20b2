"""The tab of the singular values: against depth, and at one depth that a slider chooses."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from gncviz import figures
from gncviz.explorer.browser.plot import FigureView
from gncviz.explorer.model.render import Render
from gncviz.explorer.panels.frame import Frame
from gncviz.explorer.tabs.figure import View
from gncviz.explorer.words import summaries

if TYPE_CHECKING:
    from gncviz.experiment.run import Experiment
    from gncviz.spectrum import PriorSpectra

Guard = Callable[[Callable[[], object]], Callable[..., None]]

_ABOUT = (
    "Singular values of W over the largest one. Deep products collapse towards rank one before "
    "they have seen any data. Lines: median of the prior, with its 5–95 % band."
)
_CHOOSE = (
    "The same at one depth, and how the effective rank is distributed there: 1 for a matrix of "
    "rank one. Move the slider: all depths were drawn already."
)


class SpectraTab:
    """Figures of the prior's spectra, with Guess & Check and gradient descent at their depth.

    Args:
        guard: makes event handlers whose failures are seen.
    """

    title = "Singular values"
    #: Which attribute of an experiment it shows.
    part = "spectra"

    def __init__(self, guard: Guard) -> None:
        self.plot, self._spectrum, self._ranks = FigureView(), FigureView(), FigureView()
        self.depth = widgets.SelectionSlider(
            options=[1],
            description="Depth shown",
            tooltip="The depth at which the prior is shown in the two figures below",
        ).add_class("gv-depth")
        self._frame = Frame(
            [
                self.plot,
                widgets.HTML(f'<p class="gv-caption">{_CHOOSE}</p>'),
                self.depth,
                widgets.HBox([self._spectrum, self._ranks]).add_class("gv-pair"),
            ]
        )
        about = widgets.HTML(f'<p class="gv-caption">{_ABOUT}</p>')
        self.widget = widgets.VBox([about, self._frame.widget])
        self._view: View | None = None
        self._offered: tuple[tuple[int, ...], int] | None = None
        self._render = Render(self._paint)
        self.depth.observe(guard(self._render), "value")

    def show(self, view: View) -> None:
        """Shows a run, or says why there is none."""
        self._view = view
        self._render()

    def _paint(self) -> None:
        view = self._view
        if view is None:
            return
        spectra = view.found.spectra if view.found else None
        with self._frame.showing(filled=spectra is not None, whose=view.whose, empty=view.empty):
            if view.found is not None and spectra is not None:
                self._offer(tuple(spectra.depths), view.found.settings.network.depth)
                self._draw(view.found, spectra, view)

    def _offer(self, depths: tuple[int, ...], present: int) -> None:
        """Puts the depths on the slider; it goes to the network's own when that is another."""
        if self._offered == (depths, present):
            return
        self._offered = depths, present
        if tuple(self.depth.options) != depths:
            self.depth.options = depths
        if present in depths:
            self.depth.value = present

    def _draw(self, found: Experiment, spectra: PriorSpectra, view: View) -> None:
        depth = self.depth.value
        beside: Any = {"depth": depth, "theme": view.theme}
        post, gd = found.post, found.descent
        network, prior = found.settings.network, found.settings.prior
        drawn = (
            (
                self.plot,
                figures.spectra(spectra.table, post, gd, network=network, prior=prior, **beside),
                summaries.spectra(found),
            ),
            (
                self._spectrum,
                figures.spectrum_at(spectra, post, gd, **beside),
                f"Singular values over the largest one at depth {depth}.",
            ),
            (
                self._ranks,
                figures.effective_ranks(spectra, post, gd, **beside),
                f"How the effective rank is distributed at depth {depth}.",
            ),
        )
        for plot, figure, words in drawn:
            plot.show(figure, view.told(words), view.state)
