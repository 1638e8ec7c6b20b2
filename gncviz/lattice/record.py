"""What is kept of a run: means with their errors, and shares of draws in fixed bins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gncviz.lattice.grid import EPSILONS
from gncviz.spectrum.singular import relative_singular_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gncviz.descent import GradientDescentResult
    from gncviz.posterior import GuessAndCheckResult

#: log10 of the generalization losses at which bins begin and end; what is beyond counts at the end.
EDGES = np.linspace(-7.0, 1.6, 87)
#: Of the draws' s₂/s₁.
QUARTILES = (0.25, 0.5, 0.75)

Record = dict[str, "NDArray[np.float64]"]


def recorded(post: GuessAndCheckResult, descent: GradientDescentResult) -> Record:
    """What is kept of a run.

    Args:
        post: Guess & Check, down to the last threshold that it was asked for.
        descent: gradient descent on the same task.

    Returns:
        Arrays by name; the first axis of those of the posterior is that of
        :data:`gncviz.lattice.grid.EPSILONS`, and they are NaN where the run did not come so far.
    """
    fits = [_fits(post, epsilon) for epsilon in EPSILONS]
    return {
        "prior_mean": np.array(post.prior_mean_gen_loss),
        "prior_stderr": np.array(post.prior_stderr),
        "prior_shares": shares(post.prior_gen_loss),
        "prior_ratio": ratios(post.prior_outputs),
        **{name: np.array([fit[name] for fit in fits]) for name in fits[0]},
        "descent_gen": descent.gen_loss,
        "descent_train": descent.train_loss,
        "warnings": np.array(float(len(post.warnings))),
    }


def shares(
    values: NDArray[np.float64], weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """The share of values in each bin, with shape (B,); NaN where there is no value.

    Args:
        values: generalization losses, with shape (N,).
        weights: theirs; equal by default.
    """
    with np.errstate(divide="ignore"):
        placed = np.log10(values).clip(EDGES[0], EDGES[-1])
    counts, _ = np.histogram(placed, EDGES, weights=weights)
    total = counts.sum()
    return counts / total if total else np.full(len(EDGES) - 1, np.nan)


def ratios(
    matrices: NDArray[np.float64], weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Quartiles of s₂/s₁, which is 0 for a matrix of rank one; with shape (3,).

    Args:
        matrices: W, with shape (N, m, m').
        weights: of them; equal by default.
    """
    if not len(matrices):
        return np.full(len(QUARTILES), np.nan)
    found = relative_singular_values(matrices)[:, 1]
    known = np.isfinite(found)
    weights = np.ones(len(found)) if weights is None else weights
    order = np.argsort(found[known])
    reached = np.cumsum(weights[known][order])
    where = np.searchsorted(reached, np.array(QUARTILES) * reached[-1])
    return found[known][order][where]


def _fits(post: GuessAndCheckResult, epsilon: float) -> Record:
    nothing = np.nan
    if not post.reaches(epsilon):
        return {
            **dict.fromkeys(_NUMBERS, np.array(nothing)),
            "fit_shares": np.full(len(EDGES) - 1, nothing),
            "fit_ratio": np.full(len(QUARTILES), nothing),
        }
    found = post.at(epsilon)
    return {
        **{name: np.array(getattr(found, source)) for name, source in _NUMBERS.items()},
        "fit_shares": shares(found.gen_loss, found.weights),
        "fit_ratio": ratios(found.outputs, found.weights),
    }


_NUMBERS = {
    "fit_mean": "mean_gen_loss",
    "fit_stderr": "stderr",
    "log10_acceptance": "log10_acceptance",
    "effective_samples": "effective_samples",
}
