"""Singular values and ranks of matrices that are known."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gncviz.mechanism import rank_one_distance
from gncviz.spectrum import effective_rank, singular_values, stable_rank, summarize
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


@settings(derandomize=True, deadline=None)
@given(st.integers(-315, 307))
def test_ranks_are_right_as_far_as_floating_point_goes(exponent: int) -> None:
    """3, 2, 1 times a power of ten: by hand, to what few digits a subnormal number has."""
    scale = 10.0**exponent
    matrix = scale * with_spectrum([3, 2, 1])
    shares = np.array([3, 2, 1]) / 6
    near = {"rel": 1e-6 + 1e-322 / scale}
    assert stable_rank(matrix) == pytest.approx(14 / 9, **near)
    assert effective_rank(matrix) == pytest.approx(math.exp(-(shares @ np.log(shares))), **near)
    assert rank_one_distance(matrix) == pytest.approx(math.sqrt(5 / 14), **near)
    table = summarize(matrix[None])
    np.testing.assert_allclose(table.q50.iloc[:3], [1, 2 / 3, 1 / 3], rtol=near["rel"])
    found = singular_values(matrix)[:3] / scale
    np.testing.assert_allclose(found, [3, 2, 1], rtol=near["rel"])


def test_ranks_of_nothing_and_of_no_matrices() -> None:
    for rank in (effective_rank, stable_rank, rank_one_distance):
        with warnings.catch_warnings(action="error"):
            assert rank(np.empty((0, 3, 2))).shape == (0,)
            assert np.isnan(rank(np.zeros((2, 3, 2)))).all()


def test_a_diverged_matrix_has_no_spectrum_and_harms_no_other() -> None:
    matrices = np.stack([np.eye(2), np.full((2, 2), np.nan), np.eye(2)])
    np.testing.assert_allclose(singular_values(matrices)[[0, 2]], 1)
    for rank in (effective_rank, stable_rank):
        np.testing.assert_array_equal(np.isnan(rank(matrices)), [False, True, False])
