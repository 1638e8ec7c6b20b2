"""What draws say of the posterior at one ε: the same five numbers whatever the method."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Standard errors on either side of a 95 % interval.
NORMAL_95 = 1.959964
#: What is left out on either side of it.
_TAIL = 0.025
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
        """95 % interval of P(L_train < ε); all there is where the error cannot be told.

        Where all draws fit, or all but a few, the lower end is the exact one for N of N: no number
        of draws makes certain that every network fits.
        """
        if math.isnan(self.log10_acceptance_stderr):
            return 0.0, 1.0
        width = NORMAL_95 * self.log10_acceptance_stderr
        low, high = self.log10_acceptance - width, self.log10_acceptance + width
        if self.effective_samples > 0:
            all_of_them = math.log10(_TAIL) / self.effective_samples
            if self.log10_acceptance > all_of_them:
                low = min(low, all_of_them)
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


def acceptance_interval(
    accepted: int, draws: int, stopped_by_count: bool, level: float = 0.95
) -> tuple[float, float]:
    """Exact confidence interval of a probability (Clopper and Pearson 1934).

    Args:
        accepted: draws that fit.
        draws: of the prior.
        stopped_by_count: trials went on until there were ``accepted`` successes (negative binomial
            sampling), instead of for a fixed number of them.
        level: nominal coverage.
    """
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    failures = draws - accepted
    low = betaincinv(accepted, failures + 1, tail) if accepted else 0.0
    if failures == 0:
        return float(low), 1.0
    high = betaincinv(accepted + (0 if stopped_by_count else 1), failures, 1 - tail)
    return float(low), float(high)


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
    # Not by products of vectors: their last digits depend on how many threads there are.
    mean, squares = float((weights * used).sum()), float((weights**2).sum())
    # The delta method for a ratio of means.
    correction = count / (count - 1) if count > 1 else math.nan
    off = used - mean
    unit = unit_of(off)
    variance = correction * float(((weights * (off / unit)) ** 2).sum())
    top = log_weights.max()
    log_acceptance = float(top + np.log(np.exp(log_weights - top).mean()))
    # Where one draw carries nearly all of the weight, there is nothing to compare it with.
    told = 1.0 if 1 / squares > _FEWEST_WORTH else math.nan
    return Estimate(
        mean,
        told * math.sqrt(variance) * unit,
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
    unit = unit_of(values)
    return float((values / unit).std(ddof=1) / math.sqrt(len(values))) * unit


def unit_of(values: Array) -> float:
    """A power of two near the largest: squares of numbers over it stay in float64's range.

    Args:
        values: of any size; 1 where all are zero, or one is not finite.
    """
    largest = float(np.abs(values).max(initial=0.0))
    # One less at the end of the range, where the next power of two is infinite.
    return 2.0 ** (math.frexp(largest)[1] - 1) if 0 < largest < math.inf else 1.0
