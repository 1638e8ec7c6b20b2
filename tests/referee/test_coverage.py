"""95 % intervals hold the truth about as often as they say; draws are draws of the posterior."""

from __future__ import annotations

import math

import pytest
from scipy.stats import kstest

from tests.referee.coverage import CALIBRATED, METHODS, SETTINGS, intervals, ranks

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

RUNS, NETWORKS = 300, 150


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", SETTINGS)
def test_intervals_hold_the_truth(name: str, method: str) -> None:
    """Within four standard errors of 95 %; other seeds than those of the stored result."""
    error = math.sqrt(0.95 * 0.05 / RUNS)
    shares = intervals(name, method, RUNS, first=10_000).mean(axis=0)
    assert (abs(shares - 0.95) < 4 * error).all(), shares


@pytest.mark.parametrize(
    ("name", "method"), [(name, method) for name, row in CALIBRATED.items() for method in row[2]]
)
def test_networks_of_the_prior_stand_evenly_among_their_posteriors(name: str, method: str) -> None:
    """A false alarm once in ten thousand."""
    for shares in ranks(name, method, NETWORKS, first=10_000).T:
        assert kstest(shares, "uniform").pvalue > 1e-4
