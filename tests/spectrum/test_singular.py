"""Singular values and ranks of matrices that are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gncviz.spectrum import effective_rank, singular_values, stable_rank
from tests.spectrum.matrices import with_spectrum


def test_singular_values() -> None:
    np.testing.assert_allclose(
        singular_values(with_spectrum([3, 2, 0.5])), [3, 2, 0.5, 0], atol=1e-14
    )
    stacked = np.stack([with_spectrum([1.0]), with_spectrum([5.0, 4.0])])[None]
    assert singular_values(stacked).shape == (1, 2, 4)
    assert singular_values(np.empty((0, 3, 2))).shape == (0, 2)


def test_effective_rank() -> None:
    entropy = -(0.5 * math.log(0.5) + 2 * 0.25 * math.log(0.25))
    assert effective_rank(with_spectrum([2, 1, 1])) == pytest.approx(math.exp(entropy))
    assert effective_rank(with_spectrum([7.0])) == pytest.approx(1.0)
    assert effective_rank(with_spectrum([7, 7, 7, 7])) == pytest.approx(4.0)
    assert math.isnan(effective_rank(np.zeros((2, 2))))
    assert effective_rank(np.stack([np.eye(3)] * 2)).tolist() == pytest.approx([3, 3])


def test_stable_rank() -> None:
    assert stable_rank(with_spectrum([2, 1, 1])) == pytest.approx(1.5)
    assert stable_rank(with_spectrum([3, 3])) == pytest.approx(2.0)
    assert math.isnan(stable_rank(np.zeros((2, 2))))


@settings(derandomize=True, deadline=None)
@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=4), st.floats(1e-3, 1e3))
def test_ranks_do_not_depend_on_scale_and_are_ordered(values: list[float], scale: float) -> None:
    matrix = with_spectrum(values)
    for rank in (effective_rank, stable_rank):
        assert 1 - 1e-9 <= rank(matrix) <= len(values) + 1e-6
        assert rank(scale * matrix) == pytest.approx(rank(matrix), rel=1e-6)
    assert effective_rank(matrix.T) == pytest.approx(effective_rank(matrix), rel=1e-6)


def test_a_diverged_matrix_has_no_spectrum_and_harms_no_other() -> None:
    matrices = np.stack([np.eye(2), np.full((2, 2), np.nan), np.eye(2)])
    np.testing.assert_allclose(singular_values(matrices)[[0, 2]], 1)
    for rank in (effective_rank, stable_rank):
        np.testing.assert_array_equal(np.isnan(rank(matrices)), [False, True, False])
