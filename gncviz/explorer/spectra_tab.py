"""The tab of the singular values: against depth, and at one depth that a slider chooses."""

from __future__ import annotations

import ipywidgets as widgets

from gncviz import figures
from gncviz.explorer import summaries
from gncviz.explorer.plot import Plot
from gncviz.explorer.tabs import EMPTY, View

_ABOUT = (
    "Singular values of W over the largest one. Deep products collapse towards rank one before "
    "they have seen any data. Lines: median of the prior, with its 5–95 % band."
)
_CHOOSE = (
    "The same at one depth, and how the effective rank is distributed there: 1 for a matrix of "
    "rank one. Move the slider: all depths were drawn already."
)


class SpectraTab:
    """Figures of the prior's spectra, with Guess & Check and gradient descent at their depth."""

    title = "Singular values"
    #: Whether the numbers of the run stand above this tab.
    tells_of_one_run = True

    def __init__(self) -> None:
        self.plot, self._spectrum, self._ranks = Plot(), Plot(), Plot()
        self.depth = widgets.SelectionSlider(
            options=[1],
            description="Depth shown",
            tooltip="The depth at which the prior is shown in the two figures below",
        ).add_class("gv-depth")
        self._said = widgets.HTML().add_class("gv-said")
        self._empty = widgets.HTML(EMPTY)
        self._found = widgets.VBox(
            [
                self.plot.widget,
                self._said,
                widgets.HTML(f'<p class="gv-caption">{_CHOOSE}</p>'),
                self.depth,
                widgets.HBox([self._spectrum.widget, self._ranks.widget]).add_class("gv-pair"),
            ]
        ).add_class("gv-figure")
        about = widgets.HTML(f'<p class="gv-caption">{_ABOUT}</p>')
        self.widget = widgets.VBox([about, self._found, self._empty])
        self._view: View | None = None
        self._settling = False
        self.depth.observe(lambda _: None if self._settling else self._draw_depth(), "value")

    def follow(self) -> None:
        """To be called when the page's settings have changed; a run is shown as it was."""

    def show(self, view: View | None) -> None:
        """Shows a run; None while there is none."""
        known = view is not None and view.found.spectra is not None
        self._empty.layout.display = "none" if known else None
        self._found.layout.display = None if known else "none"
        if view is None or view.found.spectra is None:
            return
        self._offer(tuple(view.found.spectra.depths), view.found.settings.network.depth)
        self._view = view
        self._said.value = summaries.spectra(view.found)
        self._draw_depth()

    def _offer(self, depths: tuple[int, ...], present: int) -> None:
        """Puts the depths on the slider; it goes to the network's own when that is another."""
        before = self._view.found.settings.network.depth if self._view else None
        self._settling = True
        try:
            if tuple(self.depth.options) != depths:
                self.depth.options = depths
                before = None
            if present != before and present in depths:
                self.depth.value = present
        finally:
            self._settling = False

    def _draw_depth(self) -> None:
        if self._view is None or self._view.found.spectra is None:
            return
        found, theme, depth = self._view.found, self._view.theme, self.depth.value
        spectra = self._view.found.spectra
        self.plot.show(
            figures.spectra(
                spectra.table,
                found.post,
                found.descent,
                network=found.settings.network,
                prior=found.settings.prior,
                depth=depth,
                theme=theme,
            )
        )
        beside = {"depth": depth, "theme": theme}
        post, gd = found.post, found.descent
        self._spectrum.show(figures.spectrum_at(spectra, post, gd, **beside))
        self._ranks.show(figures.effective_ranks(spectra, post, gd, **beside))
