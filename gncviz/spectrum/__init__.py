"""Singular values of random and learned matrices, and how depth makes their rank collapse."""

from __future__ import annotations

from gncviz.spectrum.lyapunov import lyapunov_exponents
from gncviz.spectrum.prior import (
    KEPT_DRAWS,
    Drawing,
    PriorSpectra,
    prior_matrices,
    prior_spectra,
    prior_spectra_draws,
)
from gncviz.spectrum.quantiles import QUANTILES, summarize, weighted_quantiles
from gncviz.spectrum.singular import RESOLUTION, effective_rank, singular_values, stable_rank

__all__ = [
    "KEPT_DRAWS",
    "QUANTILES",
    "RESOLUTION",
    "Drawing",
    "PriorSpectra",
    "effective_rank",
    "lyapunov_exponents",
    "prior_matrices",
    "prior_spectra",
    "prior_spectra_draws",
    "singular_values",
    "stable_rank",
    "summarize",
    "weighted_quantiles",
]
