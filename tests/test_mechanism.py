"""Independence of the losses with width and rank collapse with depth, measured and predicted."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from gncviz.mechanism import (
    collapse,
    collapse_theory,
    distance_quantiles,
    loss_dependence,
    rank_correlation,
    rank_one_distance,
)
from gncviz.network import Network
from gncviz.prior import Prior
from gncviz.settings import SettingsError
from gncviz.spectrum import (
    RESOLUTION,
    lyapunov_exponents,
    prior_matrices,
    prior_spectra,
    singular_values,
)
from gncviz.task import Task
from tests import reference
from tests.pressed import AfterLooks

TASK = Task.random(seed=0)
NORMALIZED = Prior(normalize=True)


@pytest.mark.parametrize(
    "table",
    [
        lambda **end: loss_dependence(TASK, Network(), NORMALIZED, [5], 50, **end),
        lambda **end: collapse(Network(), NORMALIZED, depths=(2,), draws=50, **end),
        lambda **end: prior_spectra(Network(), NORMALIZED, depths=(2,), draws=50, **end),
    ],
)
def test_a_table_without_rows_has_the_types_of_one_with_rows(table: Any) -> None:
    full, empty = table(), table(cancel=AfterLooks(0))
    assert len(empty) == 0
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()


# --- rank correlation


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=3, max_size=40))
def test_rank_correlation_is_spearmans(pairs: list[tuple[int, int]]) -> None:
    a, b = (np.array(side, dtype=float) for side in zip(*pairs, strict=True))
    rho, stderr = rank_correlation(a, b)
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        assert math.isnan(rho)
        assert math.isnan(stderr)
    else:
        assert rho == pytest.approx(spearmanr(a, b).statistic, abs=1e-12)
        assert stderr >= 0
        monotone = rank_correlation(np.exp(a), -b)
        assert monotone == pytest.approx((-rho, stderr), abs=1e-9)


@pytest.mark.parametrize("mixing", [0.0, 0.4, -0.9])
def test_stderr_is_that_of_repeated_samples(mixing: float) -> None:
    """Mean reported against observed error over 400 samples of 300; the latter has 3.5 % error.

    Within 18 %, a false alarm in 1e-6.
    """
    rng = np.random.default_rng(0)
    found = []
    for _ in range(400):
        a, noise = rng.standard_normal((2, 300))
        found.append(rank_correlation(a, mixing * a + math.sqrt(1 - mixing**2) * noise))
    rho, stderr = np.array(found).T
    assert stderr.mean() == pytest.approx(rho.std(ddof=1), rel=0.18)
    if mixing == 0:
        assert stderr.mean() == pytest.approx(1 / math.sqrt(299), rel=0.03)


def test_too_few_pairs_have_no_correlation() -> None:
    assert np.isnan(rank_correlation([1, 2], [3, 4])).all()
    assert np.isnan(rank_correlation([], [])).all()


# --- width


def test_losses_become_independent_with_width() -> None:
    """At width 1000 within 5 standard errors of zero: a false alarm in 6e-7."""
    table = loss_dependence(TASK, Network(width=40), Prior())
    assert list(table.columns) == ["width", "rank_correlation", "stderr", "draws"]
    assert table.width.tolist() == [5, 10, 20, 40, 50, 100, 200, 500, 1000]
    rho = table.set_index("width").rank_correlation
    assert rho[5] > 0.3
    assert rho[5] > rho[10] + 0.05 > rho[20] + 0.08 > rho[100]
    assert abs(rho[1000]) < 5 * table.stderr.iloc[-1]
    assert (table.stderr < 0.02).all()


def test_normalized_losses_stay_dependent() -> None:
    """Norm one leaves less for one loss the more the other has; ten standard errors off zero."""
    table = loss_dependence(TASK, Network(), NORMALIZED, widths=[1000])
    assert table.rank_correlation[0] < -10 * table.stderr[0]


@pytest.mark.parametrize("name", ["linear", "tanh"])
def test_dependence_is_that_of_the_papers_formulas(name: str) -> None:
    """Against 2 000 draws by the reference, within 5 standard errors: a false alarm in 6e-7."""
    rng = np.random.default_rng(5)
    shapes = reference.shapes(5, 5, 6, 2)
    matrices = np.stack(
        [reference.prior_matrix(reference.draw_entries(rng, shapes), name) for _ in range(2000)]
    )
    basis = reference.complement(TASK.measurements)
    train = (np.einsum("nij,bij->bn", TASK.measurements, matrices - TASK.ground_truth) ** 2).mean(1)
    gen = (np.einsum("nij,bij->bn", basis, matrices - TASK.ground_truth) ** 2).mean(1)
    wanted, error = rank_correlation(train, gen)
    (row,) = loss_dependence(TASK, Network(activation=name), Prior(), [6], seed=1).itertuples()
    assert abs(row.rank_correlation - wanted) < 5 * math.hypot(error, row.stderr)


def test_large_networks_get_fewer_draws_and_too_large_ones_none() -> None:
    network = Network(activation="tanh", depth=3)
    table = loss_dependence(TASK, network, Prior(), widths=[5, 100, 200, 1000], draws=2000)
    assert table.width.tolist() == [5, 100, 200]
    assert table.draws.iloc[0] == 2000
    assert 100 <= table.draws.iloc[2] < 2000
    narrow = loss_dependence(Task.random(rows=8, cols=9, seed=1), Network(), Prior(), draws=200)
    assert narrow.width.tolist()[:2] == [5, 10], "narrower than min(m, m'), but the network's own"


def test_dead_networks_have_no_correlation() -> None:
    table = loss_dependence(TASK, Network(depth=1000), Prior("uniform"), widths=[5], draws=200)
    assert table.rank_correlation.isna().all(), "a product of 1000 such layers is zero"


def test_seed_decides_the_dependence() -> None:
    one, same, other = (
        loss_dependence(TASK, Network(), Prior(), [5], draws=300, seed=seed) for seed in (1, 1, 2)
    )
    assert one.equals(same)
    assert not one.equals(other)


def test_cancel_keeps_the_widths_done() -> None:
    """Whenever it comes: the widths before are those of a run that nobody cancels."""
    asked = {"widths": (5, 10, 20), "draws": 100}
    whole = loss_dependence(TASK, Network(), Prior(), **asked)
    tables = [
        loss_dependence(TASK, Network(), Prior(), **asked, cancel=AfterLooks(looks))
        for looks in range(20)
    ]
    done = [len(table) for table in tables]
    assert done == sorted(done)
    assert set(done) == {0, 1, 2, 3}
    for table in tables:
        pd.testing.assert_frame_equal(table, whole[: len(table)], check_dtype=False)


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"draws": 0}, "draws should be at least 1; got 0"), ({"widths": [0]}, "width should be")],
)
def test_dependence_refuses_in_words(changes: dict[str, object], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        loss_dependence(TASK, Network(), Prior(), **changes)  # type: ignore[arg-type]


# --- depth


def test_rank_one_distance_is_that_to_the_truncated_matrix() -> None:
    matrices = np.random.default_rng(0).standard_normal((20, 4, 6))
    left, values, right = np.linalg.svd(matrices, full_matrices=False)
    nearest = left[:, :, :1] * values[:, None, :1] @ right[:, :1]
    wanted = np.linalg.norm(matrices - nearest, axis=(1, 2)) / np.linalg.norm(matrices, axis=(1, 2))
    np.testing.assert_allclose(rank_one_distance(matrices), wanted, rtol=1e-12)
    np.testing.assert_allclose(rank_one_distance(1e-200 * matrices), wanted, rtol=1e-9)
    np.testing.assert_allclose(rank_one_distance(1e200 * matrices), wanted, rtol=1e-9)


def test_rank_one_distance_at_its_ends() -> None:
    assert rank_one_distance(np.outer([1, 2, 3], [4, 5])) < 1e-15
    assert rank_one_distance(np.eye(4)) == pytest.approx(math.sqrt(3 / 4))
    found = rank_one_distance(np.stack([np.zeros((2, 2)), np.full((2, 2), np.nan), np.eye(2)]))
    np.testing.assert_array_equal(np.isnan(found), [True, True, False])


def test_distance_quantiles_leave_out_what_is_not_known() -> None:
    values = np.array([np.nan, 3.0, 1.0, 2.0])
    assert distance_quantiles(values).tolist() == [1, 1, 2, 3, 3]
    assert distance_quantiles(values, np.array([5.0, 1, 99, 1])).tolist() == [1, 1, 1, 1, 1]
    assert np.isnan(distance_quantiles(np.full(3, np.nan))).all()
    assert np.isnan(distance_quantiles(np.empty(0))).all()


@pytest.mark.parametrize("prior", [Prior(), NORMALIZED, Prior("uniform")])
def test_collapse_falls_with_depth(prior: Prior) -> None:
    table = collapse(Network(), prior, depths=(1, 4, 10), draws=500)
    assert list(table.columns) == ["depth", "q5", "q25", "q50", "q75", "q95", "theory"]
    assert table.depth.tolist() == [1, 4, 10]
    assert table.q50.is_monotonic_decreasing
    assert (np.diff(table.loc[:, "q5":"q95"], axis=1) > 0).all()
    drawn = rank_one_distance(prior_matrices(Network(depth=4), prior, 5, 5, 500, 0))
    assert table.q50[1] == pytest.approx(np.sort(drawn)[249], rel=1e-9)


@pytest.mark.parametrize(
    ("rows", "cols", "width", "depth"),
    [(5, 5, 5, 80), (4, 6, 7, 120), (6, 4, 7, 120), (3, 3, 2, 20)],
)
def test_theory_is_the_mean_logarithm_far_down(
    rows: int, cols: int, width: int, depth: int
) -> None:
    """Nothing fitted: within 5 standard errors of 1 000 draws, a false alarm in 6e-7."""
    network = Network(width=width, depth=depth)
    values = singular_values(prior_matrices(network, NORMALIZED, rows, cols, 1000, 3))
    logs = np.log(values[:, 1] / values[:, 0])
    stderr = logs.std(ddof=1) / math.sqrt(len(logs))
    assert stderr < 0.25
    theory = collapse_theory(network, Prior(), rows, cols)
    assert abs(logs.mean() - math.log(theory)) < 5 * stderr


def test_theory_falls_by_the_lyapunov_gap() -> None:
    first, second = lyapunov_exponents(8, 2)
    table = collapse(Network(width=8), Prior(), depths=(3, 4, 9), draws=20)
    np.testing.assert_allclose(
        np.diff(np.log(table.theory)), [second - first, 5 * (second - first)]
    )


def test_theory_and_median_meet() -> None:
    """The median of 2 000 draws at depth 60 has an error of about 6 %; 30 % is five of these."""
    table = collapse(Network(), NORMALIZED, depths=(2, 60))
    assert table.q50[0] > 1.5 * table.theory[0], "asymptotic only"
    assert table.q50[1] == pytest.approx(table.theory[1], rel=0.3)


@pytest.mark.parametrize(
    ("network", "prior"),
    [
        (Network(activation="tanh"), Prior()),
        (Network(), Prior("uniform")),
        (Network(width=1), Prior()),
    ],
)
def test_no_theory_where_none_is_known(network: Network, prior: Prior) -> None:
    assert math.isnan(collapse_theory(network, prior, 5, 5))
    assert math.isnan(collapse_theory(Network(), Prior(), 1, 5))


def test_rounding_is_no_distance() -> None:
    table = collapse(Network(width=1), Prior(), depths=(2, 3), draws=50)
    assert table.drop(columns="depth").isna().all(axis=None)
    deep = collapse(Network(width=2), NORMALIZED, depths=(40,), draws=50).drop(columns="depth")
    assert 0 < deep.isna().sum(axis=None) < 6
    assert deep.min(axis=None) >= RESOLUTION


@pytest.mark.parametrize("looks", [0, 2])
def test_cancel_keeps_the_depths_done(looks: int) -> None:
    table = collapse(Network(), Prior(), depths=(1, 2, 3), draws=50, cancel=AfterLooks(looks))
    assert table.depth.tolist() == [1, 2][:looks]
    assert table.columns[0] == "depth"


@pytest.mark.parametrize("rows", [1e308, 10**400])
def test_sizes_that_no_float_holds_are_refused(rows: float) -> None:
    with pytest.raises(SettingsError, match="over 1 000 000 GB"):
        collapse(Network(), Prior(), rows=rows)  # type: ignore[arg-type]
