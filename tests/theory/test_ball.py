"""A Gaussian in a ball, against its exact probability and plain draws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import ncx2

from gncviz.posterior.estimate import weighted
from gncviz.theory.ball import GaussianInBall


@pytest.mark.parametrize("size", [1, 3, 15])
@pytest.mark.parametrize(("distance", "radius"), [(0.0, 0.1), (0.8, 0.5), (0.8, 2.0), (0.8, 9.0)])
@pytest.mark.parametrize("variance", [1.0, 1e-2, 1e-3])
def test_its_probability_is_exact(
    size: int, distance: float, radius: float, variance: float
) -> None:
    """‖v − c‖² over the variance follows a noncentral χ², down to 1e-37 here."""
    center = np.zeros(size)
    center[0] = distance
    region = GaussianInBall(center, np.full(size, variance), radius)
    v, log_weights = region.draw(20_000, np.random.default_rng(0))
    found = weighted(log_weights, v[:, 0])
    exact = ncx2.logcdf(radius**2 / variance, size, max(distance**2 / variance, 1e-12))
    if np.isfinite(exact):
        off = found.log10_acceptance - exact / math.log(10)
        assert abs(off) < 4.5 * found.log10_acceptance_stderr + 1e-9
    assert found.effective_samples > 500
    assert (np.linalg.norm(v - center, axis=1)[np.isfinite(log_weights)] < radius).all()


def test_its_mean_is_that_of_plain_draws() -> None:
    center, variances = np.array([0.5, -0.4, 0.1]), np.array([0.3, 0.05, 1.0])
    rng = np.random.default_rng(1)
    plain = rng.standard_normal((1_000_000, 3)) * np.sqrt(variances)
    plain = plain[np.linalg.norm(plain - center, axis=1) < 0.6]
    v, log_weights = GaussianInBall(center, variances, 0.6).draw(50_000, rng)
    for j in range(3):
        found = weighted(log_weights, v[:, j])
        error = np.hypot(found.stderr, plain[:, j].std() / math.sqrt(len(plain)))
        assert abs(found.mean_gen_loss - plain[:, j].mean()) < 4 * error


@pytest.mark.parametrize("radius", [1e-3, 1e-100, 1e-161, 1e-200])
def test_a_ball_below_what_a_square_can_hold(radius):
    center, variances = np.array([0.4, -1.0, 0.3]), np.array([0.3, 1.2, 2.1])
    region = GaussianInBall(center, variances, radius)
    _, log_weights = region.draw(20_000, np.random.default_rng(0))
    # Where the ball is small, the density at its centre times its volume.
    density = -0.5 * (center**2 / variances + np.log(2 * np.pi * variances)).sum()
    volume = math.log(4 / 3 * math.pi) + 3 * math.log(radius)
    found = np.exp(log_weights - density - volume)
    # Chance of a false alarm below 1e-6: five standard errors.
    assert abs(found.mean() - 1) < 5 * found.std() / math.sqrt(len(found)) + 1e-2 * radius
