"""Whether the weights of draws can be trusted: how heavy their tail is."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Above this tail index of the weights, estimates converge too slowly for their standard error to
#: mean much (Vehtari et al. 2024).
RELIABLE_TAIL = 0.7


def tail_index(log_weights: Array) -> float:
    """Shape k of a generalized Pareto law fitted to the largest weights.

    Below 0.5 the weights have a finite variance. Estimated from the largest 3√N weights, or a
    fifth of them if that is fewer, as Zhang and Stephens (2009) do.

    Returns:
        k; infinity where there are too few weights to tell.
    """
    finite = np.sort(log_weights[np.isfinite(log_weights)])
    tail = int(min(0.2 * len(finite), 3 * math.sqrt(len(finite))))
    if tail < 5:
        return math.inf
    # The shape does not depend on the unit: in that of the largest weight nothing overflows.
    largest = np.exp(finite[-tail - 1 :] - finite[-1])
    excess = largest[1:] - largest[0]
    if excess[-1] <= 0:
        return -math.inf
    return _generalized_pareto_shape(excess)


def _generalized_pareto_shape(excess: Array) -> float:
    """Profile likelihood averaged over a grid of scales (Zhang and Stephens 2009)."""
    count = len(excess)
    grid = 30 + int(math.sqrt(count))
    quartile = max(excess[int(count / 4 + 0.5) - 1], np.finfo(float).tiny)
    j = np.arange(1, grid + 1)
    theta = 1 / excess[-1] + (1 - np.sqrt(grid / (j - 0.5))) / (3 * quartile)
    shape = np.log1p(-theta[:, None] * excess).mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        profile = count * (np.log(-theta / shape) - shape - 1)
    profile = np.where(np.isfinite(profile), profile, -math.inf)
    weights = np.exp(profile - profile.max())
    best = float(theta @ weights / weights.sum())
    fitted = float(np.log1p(-best * excess).mean())
    # A weak prior at 1/2, worth ten draws, steadies small tails.
    return (count * fitted + 5) / (count + 10)
