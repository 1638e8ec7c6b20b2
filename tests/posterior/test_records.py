"""What independent islands add up to, and the error bars made of their disagreement."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import t

from gncviz.posterior.draws import Draws
from gncviz.posterior.splitting.islands import Islands
from gncviz.posterior.splitting.records import Record
from gncviz.posterior.splitting.rounds import _known


def record(log_z: np.ndarray, per_island: int = 3, seed: int = 0) -> Record:
    rng = np.random.default_rng(seed)
    island = np.repeat(np.arange(len(log_z)), per_island)
    gen = rng.uniform(0.5, 1.5, len(island))
    draws = Draws(rng.standard_normal((len(island), 2, 2)), np.full(len(island), 0.01), gen)
    means, squares = (np.bincount(island, values) / per_island for values in (gen, gen**2))
    return Record(0.02, Islands(log_z, means, np.sqrt(squares), len(island)), draws, island)


def combined(log_z: np.ndarray, means: np.ndarray) -> Islands:
    """Islands of which nothing but Z and the mean counts."""
    return Islands(log_z, means, means, 1000)


def test_islands_count_by_their_acceptance() -> None:
    z, means = np.array([1e-8, 3e-8]), np.array([1.0, 2.0])
    found = combined(np.log(z), means)
    assert found.estimate.mean_gen_loss == pytest.approx(1.75)
    assert found.estimate.log10_acceptance == pytest.approx(math.log10(2e-8))
    assert found.effective == pytest.approx(1.6)


def test_an_island_that_died_out_lowers_the_acceptance_and_nothing_else() -> None:
    alive = combined(np.log([2.0, 2.0, 2.0]), np.array([1.0, 2.0, 3.0])).estimate
    some = np.array([*np.log([2.0] * 3), -math.inf])
    with_dead = combined(some, np.array([1.0, 2.0, 3.0, 99.0])).estimate
    assert with_dead.mean_gen_loss == pytest.approx(alive.mean_gen_loss)
    assert 10**with_dead.log10_acceptance == pytest.approx(0.75 * 10**alive.log10_acceptance)
    nothing = combined(np.full(4, -math.inf), np.zeros(4)).estimate
    assert math.isnan(nothing.mean_gen_loss)
    assert nothing.log10_acceptance == -math.inf


def test_islands_agree_while_a_quarter_of_them_carries_the_estimate() -> None:
    few, enough = np.full(40, 1e-6), np.full(40, 1e-6)
    few[:9], enough[:11] = 1.0, 1.0
    assert not combined(np.log(few), np.ones(40)).agree
    assert combined(np.log(enough), np.ones(40)).agree


def test_larger_islands_take_the_place_of_those_that_disagreed() -> None:
    first, second = [record(np.log([2.0, 3.0]))], [record(np.log([4.0, 5.0]), seed=1)]
    assert _known([], first, larger=False) is first
    assert _known(first, second, larger=True) is second
    assert len(_known(first, second, larger=False)[0].islands.log_z) == 4
    died = [record(np.full(2, -math.inf))]
    assert _known(first, died, larger=True) is first


def test_error_bars_are_as_wide_as_the_spread_of_repetitions() -> None:
    """The spread of 4 000 repetitions is known to 1.1 %: 15 % is ten times what chance does."""
    rng = np.random.default_rng(1)
    runs = [
        combined(-20 + 0.3 * rng.standard_normal(32), 1 + 0.2 * rng.standard_normal(32)).estimate
        for _ in range(4000)
    ]
    widening = 2.0395 / 1.96  # Student's t with 31 degrees of freedom.
    for value, error in (
        ("mean_gen_loss", "stderr"),
        ("log10_acceptance", "log10_acceptance_stderr"),
    ):
        spread = np.std([getattr(run, value) for run in runs])
        claimed = np.sqrt(np.mean([getattr(run, error) ** 2 for run in runs])) / widening
        assert claimed == pytest.approx(spread, rel=0.15)


def test_weighted_draws_give_the_estimate() -> None:
    one = record(np.log([1e-9, 4e-9, 2e-9]))
    assert one.weights.sum() == pytest.approx(1)
    assert one.weights @ one.draws.gen_loss == pytest.approx(one.estimate.mean_gen_loss)
    assert 0 < one.estimate.effective_samples <= one.islands.states


def test_rounds_add_up_whatever_their_size() -> None:
    one, two = record(np.log([1e-9, 4e-9, 2e-9])), record(np.log([3e-9, 1e-9]), 5, seed=1)
    both = one.joined(two)
    z = np.exp(np.concatenate([one.islands.log_z, two.islands.log_z]))
    means = np.concatenate([one.islands.means, two.islands.means])
    mean = both.estimate.mean_gen_loss
    assert mean == pytest.approx(z @ means / z.sum())
    assert both.weights @ both.draws.gen_loss == pytest.approx(mean)
    assert both.islands.states == one.islands.states + two.islands.states
    assert set(both.island) == {0, 1, 2, 3, 4}


def test_error_bars_have_the_freedom_of_the_islands_that_came_first() -> None:
    """By what these say it was decided how many more to send (Stein 1945)."""
    rng = np.random.default_rng(4)
    gen = rng.standard_exponential((48, 50))
    first, later = (
        Islands(np.zeros(len(part)), part.mean(axis=1), np.sqrt((part**2).mean(axis=1)), part.size)
        for part in (gen[:16], gen[16:])
    )
    both, ever = first.joined(later), first.joined(later).joined(later)
    assert (first.first, both.first, ever.first) == (None, 16, 16)
    spread = both.means.std(ddof=1) / np.sqrt(48)
    assert both.estimate.stderr == pytest.approx(spread * t.ppf(0.975, 15) / 1.959964, rel=1e-6)


@pytest.mark.slow
def test_intervals_of_two_rounds_cover_as_often_as_they_say() -> None:
    """Rounds end as soon as the error seems small enough, which makes it seem too small."""
    rng, runs, covered = np.random.default_rng(5), 4000, 0
    for _ in range(runs):
        known = _of_means(rng.standard_normal(16))
        while known.estimate.stderr > 1 / np.sqrt(24):
            known = known.joined(_of_means(rng.standard_normal(8)))
        covered += abs(known.estimate.mean_gen_loss) < 1.96 * known.estimate.stderr
    # Without the freedom of the first ones 0.934; four standard errors are 0.014.
    assert covered / runs == pytest.approx(0.95, abs=0.014)


def _of_means(means: np.ndarray) -> Islands:
    return Islands(np.zeros(len(means)), means, np.sqrt(means**2 + 1), 100 * len(means))


def test_effective_samples_are_variance_over_squared_error() -> None:
    """Islands of independent draws are worth about as many draws as they have."""
    rng = np.random.default_rng(2)
    islands, each = 400, 50
    gen = rng.standard_exponential((islands, each))
    roots = np.sqrt((gen**2).mean(axis=1))
    found = Islands(np.zeros(islands), gen.mean(axis=1), roots, gen.size)
    assert found.estimate.effective_samples == pytest.approx(islands * each, rel=0.25)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("unit", [1e-300, 1e-160, 1e160, 1e300])
def test_losses_of_any_size_have_their_error(unit: float) -> None:
    rng = np.random.default_rng(3)
    gen, log_z = rng.standard_exponential((40, 50)), 0.1 * rng.standard_normal(40)
    means, roots = gen.mean(axis=1), np.sqrt((gen**2).mean(axis=1))
    one = Islands(log_z, means, roots, gen.size).estimate
    found = Islands(log_z, means * unit, roots * unit, gen.size).estimate
    assert found.mean_gen_loss == pytest.approx(one.mean_gen_loss * unit, rel=1e-9)
    assert found.stderr == pytest.approx(one.stderr * unit, rel=1e-9)
    assert found.effective_samples == pytest.approx(one.effective_samples, rel=1e-9)
