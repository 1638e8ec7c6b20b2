"""What independent islands add up to, and the error bars made of their disagreement."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gncviz.posterior.islands import combine
from gncviz.posterior.problem import Draws
from gncviz.posterior.records import Record


def record(log_z: np.ndarray, per_island: int = 3, seed: int = 0) -> Record:
    rng = np.random.default_rng(seed)
    island = np.repeat(np.arange(len(log_z)), per_island)
    gen = rng.uniform(0.5, 1.5, len(island))
    draws = Draws(rng.standard_normal((len(island), 2, 2)), np.full(len(island), 0.01), gen)
    means, squares = (np.bincount(island, values) / per_island for values in (gen, gen**2))
    return Record(0.02, log_z, means, squares, len(island), draws, island)


def test_islands_count_by_their_acceptance() -> None:
    z, means = np.array([1e-8, 3e-8]), np.array([1.0, 2.0])
    found = combine(np.log(z), means)
    assert found.mean == pytest.approx(1.75)
    assert found.log10_acceptance == pytest.approx(math.log10(2e-8))
    assert found.islands == pytest.approx(1.6)


def test_an_island_that_died_out_lowers_the_acceptance_and_nothing_else() -> None:
    alive = combine(np.log([2.0, 2.0, 2.0]), np.array([1.0, 2.0, 3.0]))
    with_dead = combine(np.array([*np.log([2.0] * 3), -math.inf]), np.array([1.0, 2.0, 3.0, 99.0]))
    assert with_dead.mean == pytest.approx(alive.mean)
    assert 10**with_dead.log10_acceptance == pytest.approx(0.75 * 10**alive.log10_acceptance)
    nothing = combine(np.full(4, -math.inf), np.zeros(4))
    assert math.isnan(nothing.mean)
    assert nothing.log10_acceptance == -math.inf


def test_error_bars_are_as_wide_as_the_spread_of_repetitions() -> None:
    """The spread of 4 000 repetitions is known to 1.1 %: 15 % is ten times what chance does."""
    rng = np.random.default_rng(1)
    runs = [
        combine(-20 + 0.3 * rng.standard_normal(32), 1 + 0.2 * rng.standard_normal(32))
        for _ in range(4000)
    ]
    widening = 2.0395 / 1.96  # Student's t with 31 degrees of freedom.
    for value, error in (("mean", "stderr"), ("log10_acceptance", "log10_stderr")):
        spread = np.std([getattr(run, value) for run in runs])
        claimed = np.sqrt(np.mean([getattr(run, error) ** 2 for run in runs])) / widening
        assert claimed == pytest.approx(spread, rel=0.15)


def test_weighted_draws_give_the_estimate() -> None:
    one = record(np.log([1e-9, 4e-9, 2e-9]))
    assert one.weights.sum() == pytest.approx(1)
    assert one.weights @ one.draws.gen_loss == pytest.approx(one.estimate.mean)
    assert one.point.epsilon == 0.02
    assert 0 < one.effective_samples <= one.states


def test_rounds_add_up_whatever_their_size() -> None:
    one, two = record(np.log([1e-9, 4e-9, 2e-9])), record(np.log([3e-9, 1e-9]), 5, seed=1)
    both = one.joined(two)
    z = np.exp(np.concatenate([one.log_z, two.log_z]))
    means = np.concatenate([one.means, two.means])
    assert both.estimate.mean == pytest.approx(z @ means / z.sum())
    assert both.weights @ both.draws.gen_loss == pytest.approx(both.estimate.mean)
    assert both.states == one.states + two.states
    assert set(both.island) == {0, 1, 2, 3, 4}


def test_effective_samples_are_variance_over_squared_error() -> None:
    """Islands of independent draws are worth about as many draws as they have."""
    rng = np.random.default_rng(2)
    islands, each = 400, 50
    gen = rng.standard_exponential((islands, each))
    draws = Draws(np.zeros((1, 2, 2)), np.zeros(1), np.zeros(1))
    found = Record(
        0.1,
        np.zeros(islands),
        gen.mean(axis=1),
        (gen**2).mean(axis=1),
        gen.size,
        draws,
        np.zeros(1, dtype=np.int64),
    )
    assert found.effective_samples == pytest.approx(islands * each, rel=0.25)
