"""Spectra of the prior: rank collapses with depth, at the rate that theory gives."""

from __future__ import annotations

import threading
import time

import numpy as np
import pandas as pd
import pytest

from gncviz.mechanism import collapse
from gncviz.network import Network
from gncviz.prior import Prior
from gncviz.spectrum import (
    KEPT_DRAWS,
    effective_rank,
    lyapunov_exponents,
    prior_spectra,
    prior_spectra_draws,
    weighted_quantiles,
)
from tests.pressed import AfterLooks

COLUMNS = ["quantity", "index", "q5", "q25", "q50", "q75", "q95"]


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


@pytest.mark.parametrize("activation", ["linear", "leaky_relu"])
@pytest.mark.parametrize("family", ["gaussian", "uniform"])
def test_deep_products_have_a_spectrum(activation: str, family: str) -> None:
    """A product of 1 000 uniform factors, of the order 1e-380, is no zero matrix here."""
    network = Network(activation=activation)
    table = prior_spectra(network, Prior(family), depths=(1000,), draws=30)
    ranks = table[table.quantity == "effective_rank"]
    np.testing.assert_allclose(ranks[COLUMNS[2:]].astype(float), 1, rtol=1e-6)
    distances = collapse(network, Prior(family), depths=(10, 1000), draws=30)
    assert distances.q50[0] > 1e-3
    assert np.isnan(distances.q50[1]), "below what float64 resolves"


def test_dead_relu_draws_are_left_out() -> None:
    network = Network(width=1, activation="relu")
    table = prior_spectra(network, Prior(normalize=True), 3, 3, depths=(2, 6, 14), draws=300)
    known = table[table.quantity == "effective_rank"]
    np.testing.assert_allclose(known[COLUMNS[2:]].astype(float), 1, rtol=1e-6)
    assert 2 in table.depth.to_numpy()


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
    monkeypatch.setattr("gncviz.spectrum.prior._NUMBERS_PER_DEPTH", 1)
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


def test_matrices_looked_at_in_pieces_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = prior_spectra(Network(), Prior(), depths=(1, 2), draws=100)
    monkeypatch.setattr("gncviz.spectrum.prior._MATRICES", 7)
    assert prior_spectra(Network(), Prior(), depths=(1, 2), draws=100).equals(whole)


def test_cancel_is_heard_while_many_matrices_are_looked_at() -> None:
    event, pressed = threading.Event(), [0.0]

    def press() -> None:
        pressed[0] = time.perf_counter()
        event.set()

    threading.Timer(0.3, press).start()
    prior_spectra(Network(), Prior(), depths=range(1, 100), draws=10**6, cancel=event)
    # What the machine may add to 0.3 seconds.
    assert time.perf_counter() - pressed[0] < 0.3 + 1.0
