"""What a round of islands leaves of one level, and how several rounds add up."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gncviz.posterior.draws import Draws
from gncviz.posterior.estimate import Estimate
from gncviz.posterior.splitting.islands import Islands

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Record:
    """R islands at one level.

    Attributes:
        level: the threshold on L_train.
        islands: what they know.
        draws: some of the states, recomputed in float64, all below the level.
        island: which island each of them is from.
    """

    level: float
    islands: Islands
    draws: Draws
    island: NDArray[np.int64]

    @cached_property
    def estimate(self) -> Estimate:
        """What the islands say together."""
        return self.islands.estimate

    @property
    def weights(self) -> Array:
        """Of the draws: Z over the number of draws that the island has; adding up to one."""
        log_z = self.islands.log_z
        count = np.bincount(self.island, minlength=len(log_z))
        log_z = np.where(count > 0, log_z, -math.inf)
        if not np.isfinite(log_z).any():
            return np.zeros(len(self.island))
        z = np.exp(log_z - log_z.max()) / np.maximum(count, 1)
        weights = z[self.island]
        return np.asarray(weights / weights.sum())

    def joined(self, later: Record) -> Record:
        """These islands and those of a later round."""
        return Record(
            self.level,
            self.islands.joined(later.islands),
            Draws(
                *(
                    np.concatenate([getattr(one, name) for one in (self.draws, later.draws)])
                    for name in ("outputs", "train_loss", "gen_loss")
                )
            ),
            np.concatenate([self.island, later.island + len(self.islands.log_z)]),
        )
