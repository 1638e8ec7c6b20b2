"""The limit of width, written down once more: what sentences about it are held to."""

from __future__ import annotations

import math

import numpy as np

from gncviz.task import Task
from tests.reference import Array, complement


def row_covariance(activation: str, cols: int, slope: float = 0.2) -> Array:
    """K_jj' = E[σ(u_j) σ(u_j')] for u_1..u_m' i.i.d. N(0, 1/m'), with shape (m', m').

    The rows of W tend to i.i.d. N(0, K): depth 2, Gaussian prior, fan-in, not normalized.
    """
    same, other = {
        "linear": (1.0, 0.0),
        "relu": (1 / 2, 1 / (2 * math.pi)),
        "leaky_relu": ((1 + slope**2) / 2, (1 - slope) ** 2 / (2 * math.pi)),
    }[activation]
    return ((same - other) * np.eye(cols) + other) / cols


def limit_share(
    task: Task, activation: str, epsilon: float, draws: int = 100_000, seed: int = 0
) -> tuple[float, float]:
    """Guess & Check's share of the prior's loss as k → ∞, and its standard error.

    What is measured of W, v = A vec(W), is Gaussian; given that W fits, v lies in a ball around y.
    So v is drawn evenly in the ball and weighted by its density, and the rest of W has the mean
    and covariance of a Gaussian given v.
    """
    rows, cols = task.ground_truth.shape
    covariance = np.kron(np.eye(rows), row_covariance(activation, cols))
    seen, unseen = task.measurements.reshape(-1, rows * cols), complement(task.measurements)
    unseen = unseen.reshape(-1, rows * cols)
    truth, seen_covariance = task.ground_truth.ravel(), seen @ covariance @ seen.T
    back = covariance @ seen.T @ np.linalg.inv(seen_covariance)
    spread = np.trace(unseen @ (covariance - back @ seen @ covariance) @ unseen.T)

    count = len(seen)
    rng = np.random.default_rng(seed)
    steps = rng.standard_normal((draws, count))
    steps *= (rng.random(draws) ** (1 / count) / np.linalg.norm(steps, axis=1))[:, None]
    measured = seen @ truth + math.sqrt(count * epsilon) * steps
    exponents = -0.5 * np.einsum("di,di->d", measured @ np.linalg.inv(seen_covariance), measured)
    weights = np.exp(exponents - exponents.max())
    losses = (((measured @ back.T - truth) @ unseen.T) ** 2).sum(axis=1) + spread
    mean = np.average(losses, weights=weights)
    error = np.sqrt((weights**2 * (losses - mean) ** 2).sum()) / weights.sum()
    prior = np.trace(unseen @ covariance @ unseen.T) + ((unseen @ truth) ** 2).sum()
    return float(mean / prior), float(error / prior)
