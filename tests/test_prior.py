"""The prior: the laws of single entries."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
import torch

from gncviz.prior import FAMILIES, Prior


def generator(seed: int = 0, device: torch.device | str = "cpu") -> torch.Generator:
    """A seeded generator."""
    return torch.Generator(device).manual_seed(seed)


@pytest.mark.parametrize("family", FAMILIES)
def test_facts_are_true_of_the_law(family: str) -> None:
    """Variance and normality of what ``fill`` and ``from_normal`` give; false alarms below 1e-6."""
    q = FAMILIES[family]
    filled = q.fill(torch.empty(100_000), generator(10))
    mapped = q.from_normal(torch.randn(100_000, generator=generator(11)))
    for draws in (filled.double().numpy(), mapped.double().numpy()):
        error = (draws**2).std() / np.sqrt(len(draws))
        assert abs((draws**2).mean() - q.variance) < 5 * error
        standard = draws / np.sqrt(q.variance)
        assert (scipy.stats.kstest(standard, "norm").pvalue > 1e-6) == q.gaussian


def test_from_normal_maps_to_q() -> None:
    """Quantiles go to quantiles: 2Φ(z) − 1 for the uniform law, z itself for the Gaussian."""
    normals = torch.linspace(-5, 5, 101, dtype=torch.float64)
    uniform = Prior("uniform").from_normal(normals)
    np.testing.assert_allclose(uniform, 2 * scipy.stats.norm.cdf(normals) - 1, atol=1e-14)
    assert torch.equal(Prior("gaussian").from_normal(normals), normals)
