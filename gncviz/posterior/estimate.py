"""What draws say of the posterior at one ε: the same five numbers whatever the method."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Standard errors on either side of a 95 % interval.
NORMAL_95 = 1.959964
#: Weighted draws worth fewer independent ones than this do not tell their error.
_FEWEST_WORTH = 1.5


@dataclass(frozen=True)
class Estimate:
    """A mean and an acceptance probability, each with its standard error.

    ±1.96 standard errors are a 95 % interval.

    Attributes:
        mean_gen_loss: E[L_gen | L_train < ε]; NaN where nothing fitted.
        stderr: its standard error; NaN where it cannot be told.
        log10_acceptance: log10 P(L_train < ε).
        log10_acceptance_stderr: its standard error; NaN where it cannot be told.
        effective_samples: how many independent draws the mean is worth.
    """

    mean_gen_loss: float
    stderr: float
    log10_acceptance: float
    log10_acceptance_stderr: float
    effective_samples: float

    @property
    def acceptance(self) -> float:
        """P(L_train < ε)."""
        return float(10.0**self.log10_acceptance)

    @property
    def acceptance_interval(self) -> tuple[float, float]:
        """95 % interval of P(L_train < ε); all there is where the error cannot be told."""
        if math.isnan(self.log10_acceptance_stderr):
            return 0.0, 1.0
        width = NORMAL_95 * self.log10_acceptance_stderr
        low, high = self.log10_acceptance - width, self.log10_acceptance + width
        return 10.0 ** min(low, 0.0), 10.0 ** min(high, 0.0)


#: The names of the five, in their order.
NAMES = tuple(field.name for field in fields(Estimate))

#: Where nothing was looked at, and where nothing fitted of what was.
NOTHING = Estimate(math.nan, math.nan, math.nan, math.nan, 0.0)
NOTHING_FITTED = Estimate(math.nan, math.nan, -math.inf, math.nan, 0.0)


def counted(gen_loss: Array, drawn: int) -> Estimate:
    """From independent draws of the prior.

    Args:
        gen_loss: L_gen of those that fit, with shape (N,).
        drawn: how many were drawn in all.
    """
    count = len(gen_loss)
    if not count:
        return NOTHING_FITTED
    share = count / drawn
    # One draw that fits, of one, tells nothing of how many do.
    spread = (1 - share) / count if drawn > 1 else math.nan
    return Estimate(
        float(gen_loss.mean()),
        standard_error(gen_loss),
        math.log10(share),
        math.sqrt(spread) / math.log(10),
        float(count),
    )


def weighted(log_weights: Array, gen_loss: Array) -> Estimate:
    """From independent draws whose mean weight is the acceptance probability.

    Args:
        log_weights: natural logarithms of the weights, with shape (N,).
        gen_loss: L_gen, with shape (N,); ignored where the weight is zero.
    """
    count = len(log_weights)
    weights = normalized(log_weights)
    if not weights.any():
        return NOTHING_FITTED
    used = np.where(weights > 0, gen_loss, 0.0)
    mean, squares = float(weights @ used), float(weights @ weights)
    # The delta method for a ratio of means.
    correction = count / (count - 1) if count > 1 else math.nan
    variance = correction * float(weights**2 @ (used - mean) ** 2)
    top = log_weights.max()
    log_acceptance = float(top + np.log(np.exp(log_weights - top).mean()))
    # Where one draw carries nearly all of the weight, there is nothing to compare it with.
    told = 1.0 if 1 / squares > _FEWEST_WORTH else math.nan
    return Estimate(
        mean,
        told * math.sqrt(variance),
        # A mean of weights may lie above one, a probability does not.
        min(log_acceptance, 0.0) / math.log(10),
        told * math.sqrt(max(correction * (squares - 1 / count), 0.0)) / math.log(10),
        1 / squares,
    )


def normalized(log_weights: Array) -> Array:
    """Weights (N,) adding up to one, from their logarithms; all zero where all of them are."""
    if not len(log_weights) or not np.isfinite(log_weights).any():
        return np.zeros(len(log_weights))
    raw = np.exp(log_weights - log_weights.max())
    return np.asarray(raw / raw.sum())


def standard_error(values: Array) -> float:
    """Standard error of the mean of independent values; NaN for fewer than two."""
    if len(values) < 2:
        return math.nan
    # Of values over the largest: squares of very large and very small ones leave float64's range.
    largest = float(np.abs(values).max())
    unit = largest if 0 < largest < math.inf else 1.0
    return float((values / unit).std(ddof=1) / math.sqrt(len(values))) * unit
