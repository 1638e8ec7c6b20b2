"""Spectra: ranks of matrices that are known, and the Lyapunov theory against simulation."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import polygamma

from gncviz import spectrum
from gncviz.network import Network
from gncviz.prior import Prior
from gncviz.settings import SettingsError
from gncviz.spectrum import (
    KEPT_DRAWS,
    QUANTILES,
    effective_rank,
    lyapunov_exponents,
    prior_spectra,
    prior_spectra_draws,
    singular_values,
    stable_rank,
    summarize,
    weighted_quantiles,
)

COLUMNS = ["quantity", "index", "q5", "q25", "q50", "q75", "q95"]


def with_spectrum(values: list[float], rows: int = 4, cols: int = 6) -> np.ndarray:
    """A matrix with given singular values, in random directions."""
    rng = np.random.default_rng(0)
    left, _ = np.linalg.qr(rng.standard_normal((rows, rows)))
    right, _ = np.linalg.qr(rng.standard_normal((cols, cols)))
    count = min(rows, cols)
    padded = np.diag([*values, *[0.0] * (count - len(values))])
    return left[:, :count] @ padded @ right[:, :count].T


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


# --- quantiles


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


# --- theory


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


def test_ratios_fall_with_depth_at_the_lyapunov_rate() -> None:
    """log(s_i/s_1) falls by λ_i − λ_1 a layer between depths 10 and 25; within 10 %.

    Its median over 5 000 draws has a standard error under 1 %: a false alarm in 1e-9 or less.
    """
    table = prior_spectra(Network(width=5), Prior(), depths=[10, 25], draws=5_000, seed=1)
    ratio = table[table.quantity == "ratio"].pivot(index="index", columns="depth", values="q50")
    rate = np.log(ratio[25] / ratio[10]).to_numpy() / 15
    exponents = lyapunov_exponents(5)
    np.testing.assert_allclose(rate[1:4], (exponents - exponents[0])[1:4], rtol=0.1)


@pytest.mark.parametrize("prior", [Prior(), Prior(normalize=True), Prior("uniform")])
def test_rank_collapses_with_depth(prior: Prior) -> None:
    table = prior_spectra(Network(width=5), prior, depths=(1, 3, 10), draws=500, seed=2)
    assert list(table.columns) == ["depth", *COLUMNS]
    assert table.depth.unique().tolist() == [1, 3, 10]
    rank = table[table.quantity == "effective_rank"].set_index("depth")
    assert rank.q50.is_monotonic_decreasing
    assert rank.q50[1] > 3
    assert rank.q50[10] < 1.8
    ratios = table[(table.quantity == "ratio") & (table["index"] == 2)].set_index("depth")
    assert (ratios.q5 < ratios.q50).all()
    assert (ratios.q50 < ratios.q95).all()


def test_normalization_leaves_the_ratios_alone() -> None:
    plain, normalized = (
        prior_spectra(Network(width=4), Prior(normalize=n), depths=(2, 5), draws=200, seed=3)
        for n in (False, True)
    )
    np.testing.assert_allclose(
        plain[COLUMNS[2:]].astype(float), normalized[COLUMNS[2:]].astype(float), rtol=1e-6
    )


def test_dead_relu_draws_are_left_out() -> None:
    network = Network(width=1, activation="relu")
    table = prior_spectra(network, Prior(normalize=True), 3, 3, depths=(2, 6, 14), draws=300)
    known = table[table.quantity == "effective_rank"]
    np.testing.assert_allclose(known[COLUMNS[2:]].astype(float), 1, rtol=1e-6)
    assert 2 in table.depth.to_numpy()


class AfterLooks:
    """A cancel button pressed after it was looked at a few times."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def is_set(self) -> bool:
        self.looks -= 1
        return self.looks < 0


@pytest.mark.parametrize("looks", [0, 2])
def test_cancel_keeps_the_depths_done(looks: int) -> None:
    table = prior_spectra(
        Network(), Prior(), depths=(1, 2, 3, 4), draws=50, cancel=AfterLooks(looks)
    )
    assert table.depth.unique().tolist() == [1, 2][:looks]
    assert list(table.columns) == ["depth", *COLUMNS]


def test_seed_decides_and_wide_networks_get_fewer_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"depths": (2,), "draws": 100}
    one, same, other = (prior_spectra(Network(), Prior(), **settings, seed=s) for s in (1, 1, 2))
    assert one.equals(same)
    assert not one.equals(other)
    monkeypatch.setattr(spectrum, "_NUMBERS_PER_DEPTH", 1)
    assert prior_spectra(Network(), Prior(), depths=(2,), draws=2000, seed=1).equals(one)


def test_single_draws_are_those_of_the_table() -> None:
    settings = {"depths": (1, 4), "draws": 600, "seed": 5}
    found = prior_spectra_draws(Network(width=4), Prior(), 3, 5, **settings)
    pd.testing.assert_frame_equal(
        found.table, prior_spectra(Network(width=4), Prior(), 3, 5, **settings)
    )
    assert found.depths == [1, 4]
    for depth in found.depths:
        ratios, ranks = found.ratios[depth], found.effective_ranks[depth]
        assert ratios.shape == (600, 3)
        assert ranks.shape == (600,)
        rows = found.table[found.table.depth == depth][COLUMNS[2:]].to_numpy(dtype=float)
        quantiles = weighted_quantiles(np.column_stack([ratios, ranks]))
        np.testing.assert_array_equal(rows, quantiles)
        # The rank again, from the ratios: it does not depend on scale.
        diagonal = np.einsum("ni,ij->nij", ratios, np.eye(3))
        np.testing.assert_allclose(effective_rank(diagonal), ranks, rtol=1e-9)


def test_single_draws_are_few_and_hold_no_others_in_memory() -> None:
    found = prior_spectra_draws(Network(), Prior(), depths=(2,), draws=KEPT_DRAWS + 300)
    for kept in (found.ratios[2], found.effective_ranks[2]):
        assert len(kept) == KEPT_DRAWS
        assert kept.base is None
    rows = found.table[found.table["index"] == 2]
    middle = weighted_quantiles(found.ratios[2])[1, 2]
    # Over all draws, not those that are kept.
    assert rows.q50.item() != middle
    assert rows.q50.item() == pytest.approx(middle, rel=0.1)


def test_cancel_keeps_the_single_draws_done() -> None:
    found = prior_spectra_draws(
        Network(), Prior(), depths=(4, 1, 2), draws=20, cancel=AfterLooks(2)
    )
    assert found.depths == [1, 4]
    assert prior_spectra_draws(Network(), Prior(), depths=()).depths == []


def test_quantiles_are_symmetric_about_the_median() -> None:
    assert sorted(1 - q for q in QUANTILES) == pytest.approx(list(QUANTILES))
