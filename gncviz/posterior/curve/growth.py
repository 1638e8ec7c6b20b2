"""Whether islands agree on how rare their networks are, and how much larger they should be."""

from __future__ import annotations

import math

import numpy as np

from gncviz.posterior.splitting.islands import Islands

#: Islands whose log10 Z is spread wider than this disagree, and are sent again with more networks.
SPREAD = 0.3
#: How many times those of the round before they have at most, and those of the first.
AT_ONCE, IN_ALL = 4, 16


def spread(islands: Islands) -> float:
    """The standard deviation of log10 Z; infinite where one died.

    Args:
        islands: at one level.
    """
    log10 = islands.log_z / np.log(10)
    return float(log10.std()) if np.isfinite(log10).all() else math.inf


def agree(islands: Islands) -> bool:
    """Whether all islands lived, and say about the same of Z.

    Args:
        islands: at one level.
    """
    return spread(islands) <= SPREAD


def growth(islands: Islands, grown: int = 1) -> int:
    """How many times larger islands should be, a power of two; 1 where these will do.

    The variance of log10 Z falls as the inverse of their size.

    Args:
        islands: at the last level.
        grown: how many times the size of the first ones they have.
    """
    found = spread(islands)
    needed = (found / SPREAD) ** 2
    times = next((times for times in (1, 2) if needed <= times), AT_ONCE)
    return min(times, IN_ALL // grown)
