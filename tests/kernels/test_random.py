"""Counter-based normals: their law, and that they depend on nothing but their place."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special
import scipy.stats
from numba import njit

from gncviz.kernels import functions
from gncviz.kernels.random import ANGLE, DIRECTION, STEP, normal_columns


def test_they_are_standard_normals() -> None:
    z = normal_columns(26, 40_000, 0, STEP, 2**63 + 12345).astype(float)
    assert scipy.stats.kstest(z.ravel(), "norm").pvalue > 1e-4
    # Both ends of the law, from a million numbers.
    assert 4.4 < z.max() < 6
    assert -6 < z.min() < -4.4
    # No two coordinates, and no two neighbours, have to do with each other: 5 standard errors.
    correlation = np.corrcoef(z) - np.eye(26)
    assert abs(correlation).max() < 5 / np.sqrt(40_000)
    assert abs(np.corrcoef(np.abs(z)) - np.eye(26)).max() < 5 / np.sqrt(40_000)
    assert abs(np.mean(z[:, 1:] * z[:, :-1])) < 5 / np.sqrt(z.size)


def test_they_depend_on_their_place_alone() -> None:
    z = normal_columns(9, 100, 3, STEP, 7)
    np.testing.assert_array_equal(normal_columns(9, 45, 3, STEP, 7), z[:, :45])


@pytest.mark.parametrize(
    "other",
    [(9, 64, 4, STEP, 7), (9, 64, 3, DIRECTION, 7), (9, 64, 3, ANGLE, 7), (9, 64, 3, STEP, 8)],
)
def test_other_places_have_other_numbers(other: tuple[int, int, int, int, int]) -> None:
    z = normal_columns(9, 64, 3, STEP, 7)
    assert not np.isin(normal_columns(*other), z).any()
    assert len(np.unique(z)) == z.size


@pytest.mark.parametrize("name", ["tanh", "sin", "uniform"])
def test_functions_are_exact_to_float32(name: str) -> None:
    ours, exact = (
        getattr(functions, name),
        {
            "tanh": np.tanh,
            "sin": np.sin,
            "uniform": lambda x: scipy.special.erf(x / np.sqrt(2)),
        }[name],
    )
    x = np.concatenate([np.linspace(-30, 30, 20_001), np.geomspace(1e-20, 1, 2001)])
    x = x.astype(np.float32)

    @njit
    def all_of(x: np.ndarray) -> np.ndarray:
        return np.array([ours(one) for one in x])

    found = all_of(x)
    assert found.dtype == np.float32
    np.testing.assert_allclose(
        found, exact(x.astype(float)), rtol=1e-6, atol=1e-6 * (name == "sin")
    )
