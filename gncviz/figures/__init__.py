"""Results to plotly figures: no computing beyond binning, no widgets.

Every figure of one kind has the same traces in the same order, empty ones included, so that a
figure on the screen can be updated in place by the next one.
"""

from __future__ import annotations

from gncviz.figures.data.curve import learning_curve
from gncviz.figures.data.regions import regions
from gncviz.figures.families import family
from gncviz.figures.look.style import new_figure
from gncviz.figures.look.theme import DARK, LIGHT, Theme
from gncviz.figures.losses import learning_curves, loss_distributions, prior_vs_posterior
from gncviz.figures.matrices import matrices
from gncviz.figures.mechanism import collapse, dependence
from gncviz.figures.path import epsilon_path
from gncviz.figures.ranks import effective_ranks, spectrum_at
from gncviz.figures.spectra import spectra
from gncviz.figures.studies import study
from gncviz.figures.sweeps import phase_diagram, sweep

__all__ = [
    "DARK",
    "LIGHT",
    "Theme",
    "collapse",
    "dependence",
    "effective_ranks",
    "epsilon_path",
    "family",
    "learning_curve",
    "learning_curves",
    "loss_distributions",
    "matrices",
    "new_figure",
    "phase_diagram",
    "prior_vs_posterior",
    "regions",
    "spectra",
    "spectrum_at",
    "study",
    "sweep",
]
