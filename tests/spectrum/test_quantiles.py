"""Quantiles by hand, weighted ones against repeated values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gncviz.spectrum import QUANTILES, effective_rank, summarize, weighted_quantiles
from tests.spectrum.matrices import with_spectrum

COLUMNS = ["quantity", "index", "q5", "q25", "q50", "q75", "q95"]


@settings(derandomize=True, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-50, 50), st.integers(0, 7)), min_size=1, max_size=30).filter(
        lambda pairs: sum(count for _, count in pairs) > 0
    )
)
def test_weighted_quantiles_are_those_of_repeated_values(pairs: list[tuple[int, int]]) -> None:
    values = np.array([[value, -value] for value, _ in pairs], dtype=float)
    counts = np.array([count for _, count in pairs])
    expected = weighted_quantiles(np.repeat(values, counts, axis=0))
    np.testing.assert_array_equal(weighted_quantiles(values, counts / counts.sum()), expected)
    np.testing.assert_array_equal(weighted_quantiles(values, 3.7 * counts), expected)


def test_quantiles_by_hand() -> None:
    values = np.arange(1.0, 101)[:, None]
    np.testing.assert_array_equal(weighted_quantiles(values), [[5, 25, 50, 75, 95]])
    heavy = np.where(values[:, 0] == 7, 1e9, 1.0)
    np.testing.assert_array_equal(weighted_quantiles(values, heavy), [[7] * 5])


def test_summarize() -> None:
    matrices = np.stack([with_spectrum([c, c * r]) for c in (1, 9) for r in (0.1, 0.5, 0.9)])
    table = summarize(matrices)
    assert list(table.columns) == COLUMNS
    assert table.quantity.tolist() == ["ratio"] * 4 + ["effective_rank"]
    assert table["index"].tolist() == [1, 2, 3, 4, 1]
    np.testing.assert_allclose(table[COLUMNS[2:]].iloc[0], 1)
    np.testing.assert_allclose(table[COLUMNS[2:]].iloc[1], [0.1, 0.1, 0.5, 0.9, 0.9])
    assert table[COLUMNS[2:]].iloc[2:4].isna().all(axis=None)
    middle = effective_rank(with_spectrum([1, 0.5]))
    assert table.q50.iloc[4] == pytest.approx(middle)
    weighted = summarize(matrices, np.array([0, 0, 1, 0, 0, 1.0]) / 2)
    np.testing.assert_allclose(weighted[COLUMNS[2:]].iloc[1], 0.9)


def test_summarize_leaves_out_zero_matrices() -> None:
    matrices = np.stack([np.zeros((2, 2)), np.eye(2), np.zeros((2, 2))])
    table = summarize(matrices, np.array([0.8, 0.1, 0.1]))
    np.testing.assert_allclose(table.q50, [1, 1, 2])
    for nothing in (np.zeros((3, 2, 2)), np.empty((0, 2, 2))):
        empty = summarize(nothing)
        assert len(empty) == 0
        assert list(empty.columns) == COLUMNS
        full = summarize(np.eye(2)[None])
        assert empty.dtypes.to_dict() == full.dtypes.to_dict()


def test_quantiles_are_symmetric_about_the_median() -> None:
    assert sorted(1 - q for q in QUANTILES) == pytest.approx(list(QUANTILES))
