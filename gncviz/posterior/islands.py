"""What independent islands estimate together, and how sure they are.

Island i gives an unbiased estimate Z_i of the acceptance probability and a mean m_i over its
particles; together they estimate ΣZ_i m_i / ΣZ_i (Verge et al. 2015). The islands share nothing but
the levels, which were fixed before them, so that leaving one out at a time (the jackknife) measures
the whole error, whatever the genealogies within an island look like.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Standard errors on either side of a 95 % interval.
NORMAL_95 = 1.959964


@dataclass(frozen=True)
class Estimate:
    """A mean and an acceptance probability, each with its standard error.

    The standard errors are scaled so that ±1.96 of them is a 95 % interval: few islands have a
    wider Student t than the normal law.

    Attributes:
        mean: of L_gen.
        stderr: of ``mean``.
        log10_acceptance: of the acceptance probability.
        log10_stderr: of ``log10_acceptance``.
        islands: effective number of islands, (ΣZ)²/ΣZ².
    """

    mean: float
    stderr: float
    log10_acceptance: float
    log10_stderr: float
    islands: float


def combine(log_z: Array, means: Array) -> Estimate:
    """Combines islands.

    Args:
        log_z: natural logarithm of each island's Z_i, with shape (R,); −inf if it died out.
        means: m_i, with shape (R,); ignored where it died out.
    """
    if not np.isfinite(log_z).any():
        return Estimate(math.nan, math.nan, -math.inf, math.nan, 0.0)
    top = log_z.max()
    z = np.exp(log_z - top)
    products = np.where(z > 0, z * np.where(z > 0, means, 0.0), 0.0)
    total, weighted = z.sum(), products.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        left_out = (weighted - products) / (total - z)
        log_left_out = np.log((total - z) / (len(z) - 1)) if len(z) > 1 else np.array([math.nan])
    return Estimate(
        mean=float(weighted / total),
        stderr=_jackknife(left_out),
        log10_acceptance=float((top + np.log(total / len(z))) / math.log(10)),
        log10_stderr=_jackknife(log_left_out) / math.log(10),
        islands=float(total**2 / (z**2).sum()),
    )


def _jackknife(left_out: Array) -> float:
    from scipy.stats import t

    count = len(left_out)
    if count < 2 or not np.isfinite(left_out).all():
        return math.nan
    spread = math.sqrt((count - 1) * float(left_out.var()))
    return spread * float(t.ppf(0.975, count - 1)) / NORMAL_95
