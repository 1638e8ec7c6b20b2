"""What independent islands know of one level, and how several rounds of them add up."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gncviz.posterior.islands import Estimate, combine
from gncviz.posterior.path import PathPoint
from gncviz.posterior.problem import Draws

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Record:
    """R islands at one level.

    Attributes:
        level: the threshold.
        log_z: each island's log P(L_train < level), with shape (R,).
        means: each island's mean of L_gen there, with shape (R,).
        squares: each island's mean of L_gen², with shape (R,).
        states: how many states all of it rests on.
        draws: some of the states, recomputed in float64, all below the level.
        island: which island each of them is from.
    """

    level: float
    log_z: Array
    means: Array
    squares: Array
    states: int
    draws: Draws
    island: NDArray[np.int64]

    @cached_property
    def estimate(self) -> Estimate:
        """What the islands say together."""
        return combine(self.log_z, self.means)

    @property
    def weights(self) -> Array:
        """Of the draws: Z over the number of draws that the island has; adding up to one."""
        count = np.bincount(self.island, minlength=len(self.log_z))
        log_z = np.where(count > 0, self.log_z, -math.inf)
        if not np.isfinite(log_z).any():
            return np.zeros(len(self.island))
        z = np.exp(log_z - log_z.max()) / np.maximum(count, 1)
        weights = z[self.island]
        return np.asarray(weights / weights.sum())

    @property
    def effective_samples(self) -> float:
        """How many independent draws have this standard error; never more than there are."""
        estimate = self.estimate
        if not math.isfinite(estimate.stderr):
            return 0.0
        z = np.exp(self.log_z - self.log_z.max())
        variance = float(z @ (self.squares - 2 * estimate.mean * self.means)) / z.sum()
        variance = max(variance + estimate.mean**2, 0.0)
        most = float(self.states)
        return min(variance / estimate.stderr**2, most) if estimate.stderr > 0 else most

    @property
    def point(self) -> PathPoint:
        """The level as a row of the ε-path."""
        estimate = self.estimate
        return PathPoint(
            self.level,
            estimate.mean,
            estimate.stderr,
            estimate.log10_acceptance,
            estimate.log10_stderr,
            self.effective_samples,
        )

    def joined(self, later: Record) -> Record:
        """These islands and those of a later round."""
        return Record(
            self.level,
            np.concatenate([self.log_z, later.log_z]),
            np.concatenate([self.means, later.means]),
            np.concatenate([self.squares, later.squares]),
            self.states + later.states,
            Draws.join([self.draws, later.draws]),
            np.concatenate([self.island, later.island + len(self.log_z)]),
        )
