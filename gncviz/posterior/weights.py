"""Weighted independent draws: estimates, their errors, and whether the weights can be trusted."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Above this tail index of the weights, estimates converge too slowly for their standard error to
#: mean much (Vehtari et al. 2024).
RELIABLE_TAIL = 0.7


@dataclass(frozen=True)
class WeightedEstimate:
    """What N weighted draws say.

    Attributes:
        weights: adding up to one, with shape (N,).
        mean: the weighted mean.
        stderr: its standard error (delta method for a ratio).
        log10_mean_weight: log10 of the mean weight; for weights that are acceptance
            probabilities, of the acceptance probability.
        log10_stderr: its standard error.
        effective_samples: Kish's (Σw)²/Σw².
    """

    weights: Array
    mean: float
    stderr: float
    log10_mean_weight: float
    log10_stderr: float
    effective_samples: float


def estimate(log_weights: Array, values: Array) -> WeightedEstimate:
    """Weighted mean of ``values`` (N,) under weights given by their logarithms (N,)."""
    count = len(log_weights)
    if not count or not np.isfinite(log_weights).any():
        return WeightedEstimate(
            np.zeros(count), math.nan, math.nan, -math.inf, math.nan, effective_samples=0.0
        )
    top = log_weights.max()
    raw = np.exp(log_weights - top)
    weights = raw / raw.sum()
    used = np.where(weights > 0, values, 0.0)
    mean = float(weights @ used)
    squares = float(weights @ weights)
    correction = count / (count - 1) if count > 1 else math.nan
    variance = correction * float(weights**2 @ (used - mean) ** 2)
    return WeightedEstimate(
        weights,
        mean,
        math.sqrt(variance),
        float((top + np.log(raw.mean())) / math.log(10)),
        math.sqrt(max(correction * (squares - 1 / count), 0.0)) / math.log(10),
        1 / squares,
    )


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
