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

from gncviz.posterior.estimate import NORMAL_95, NOTHING_FITTED, Estimate, unit_of

Array = NDArray[np.float64]

#: The share of islands that has to carry the estimate.
_AGREEING = 0.25


@dataclass(frozen=True)
class Islands:
    """What R islands know of one level.

    Attributes:
        log_z: each island's log P(L_train < level), natural, with shape (R,); −inf where it died.
        means: each island's mean of L_gen there, with shape (R,); ignored where it died.
        roots: each island's root mean square of L_gen there, with shape (R,); likewise.
        states: how many states all of it rests on.
        first: how many islands it was by whose differences more were sent; all of them if None.
    """

    log_z: Array
    means: Array
    roots: Array
    states: int
    first: int | None = None

    @property
    def z(self) -> Array:
        """Z_i over the largest of them, with shape (R,)."""
        return np.exp(self.log_z - self.log_z.max())

    @property
    def effective(self) -> float:
        """How many islands carry the estimate, (ΣZ)²/ΣZ²; 0 where all died."""
        if not np.isfinite(self.log_z).any():
            return 0.0
        return float(self.z.sum() ** 2 / (self.z**2).sum())

    @property
    def agree(self) -> bool:
        """Whether enough of them carry the estimate for their differences to be its error."""
        return self.effective >= _AGREEING * len(self.log_z)

    @property
    def estimate(self) -> Estimate:
        """What they say together.

        The standard errors are scaled so that ±1.96 of them is a 95 % interval: few islands have a
        wider Student t than the normal law. It has the freedom of the islands that came first: how
        many followed depends on how much these happened to differ (Stein 1945).
        """
        if not np.isfinite(self.log_z).any():
            return NOTHING_FITTED
        z, products = self.z, self._weighted(self.means)
        total, weighted = z.sum(), products.sum()
        with np.errstate(divide="ignore", invalid="ignore"):
            left_out = (weighted - products) / (total - z)
            log_left_out = np.log((total - z) / (len(z) - 1)) if len(z) > 1 else np.full(1, np.nan)
        mean, stderr = float(weighted / total), jackknife(left_out, self.first)
        return Estimate(
            mean,
            stderr,
            float((self.log_z.max() + np.log(total / len(z))) / math.log(10)),
            jackknife(log_left_out, self.first) / math.log(10),
            self._worth(mean, stderr),
        )

    def _weighted(self, values: Array) -> Array:
        z = self.z
        return np.where(z > 0, z * np.where(z > 0, values, 0.0), 0.0)

    def _worth(self, mean: float, stderr: float) -> float:
        """How many independent draws have this standard error; never more than there are."""
        if not math.isfinite(stderr):
            return 0.0
        most = float(self.states)
        if stderr == 0:
            return most
        z, roots, means = (values[self.z > 0] for values in (self.z, self.roots, self.means))
        unit = unit_of(roots)
        middle = mean / unit
        squares = (roots / unit) ** 2 - 2 * middle * (means / unit)
        variance = float(z @ squares / z.sum()) + middle**2
        return min(max(variance, 0.0) / (stderr / unit) ** 2, most)

    def joined(self, later: Islands) -> Islands:
        """These islands and those of a later round."""
        return Islands(
            np.concatenate([self.log_z, later.log_z]),
            np.concatenate([self.means, later.means]),
            np.concatenate([self.roots, later.roots]),
            self.states + later.states,
            self.first or len(self.log_z),
        )


def jackknife(left_out: Array, first: int | None = None) -> float:
    """The standard error of an estimate, from those that leave out one island each (R,).

    It is scaled so that ±1.96 of it is a 95 % interval by Student's t; NaN for a single island.

    Args:
        left_out: see above.
        first: how many islands it was by whose differences more were sent; all of them if None.
    """
    from scipy.special import stdtrit

    count = len(left_out)
    if count < 2 or not np.isfinite(left_out).all():
        return math.nan
    unit = unit_of(left_out)
    spread = math.sqrt((count - 1) * float((left_out / unit).var())) * unit
    return spread * float(stdtrit((first or count) - 1, 0.975)) / NORMAL_95
