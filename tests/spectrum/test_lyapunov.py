"""Lyapunov exponents against simulation and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import polygamma

from gncviz.settings import SettingsError
from gncviz.spectrum import lyapunov_exponents


@pytest.mark.parametrize("width", [2, 5, 9])
def test_lyapunov_exponents_against_simulation(width: int) -> None:
    """The QR method on 4000 factors, 20 chains; 5 standard errors a λ_i: a false alarm in 6e-6.

    The logarithms of R's diagonal are independent, each with variance ψ'((k − i + 1)/2)/4.
    """
    rng = np.random.default_rng(width)
    steps, chains = 4000, 20
    q = np.broadcast_to(np.eye(width), (chains, width, width))
    total = np.zeros(width)
    for _ in range(steps):
        factors = rng.standard_normal((chains, width, width)) / math.sqrt(width)
        q, r = np.linalg.qr(factors @ q)
        total += np.log(np.abs(np.diagonal(r, axis1=1, axis2=2))).sum(axis=0)
    index = np.arange(1, width + 1)
    error = np.sqrt(polygamma(1, (width - index + 1) / 2) / 4 / steps / chains)
    assert error.max() < 0.005
    assert (abs(total / steps / chains - lyapunov_exponents(width)) < 5 * error).all()


def test_lyapunov_exponents_by_hand() -> None:
    euler = 0.5772156649015329
    np.testing.assert_allclose(
        lyapunov_exponents(2), [-euler / 2, (-euler - 2 * math.log(2)) / 2], rtol=1e-12
    )
    np.testing.assert_array_equal(lyapunov_exponents(9, 3), lyapunov_exponents(9)[:3])
    assert (np.diff(lyapunov_exponents(50)) < 0).all()


@pytest.mark.parametrize(("width", "count"), [(0, None), (5, 6), (5, 0), (-1, None)])
def test_lyapunov_exponents_refuse_in_words(width: int, count: int | None) -> None:
    with pytest.raises(SettingsError, match=r"(count|width) should be"):
        lyapunov_exponents(width, count)
