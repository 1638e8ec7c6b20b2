"""No number is made up: where an error cannot be told it is NaN, and a probability is at most 1."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gncviz.network import Network
from gncviz.posterior import Status, guess_and_check
from gncviz.posterior.estimate import NOTHING, Estimate, acceptance_interval, counted, weighted
from gncviz.prior import Prior
from gncviz.settings import SettingsError
from gncviz.task import Task


def checked(found: Estimate) -> None:
    """What holds of any estimate."""
    low, high = found.acceptance_interval
    assert 0 <= low <= high <= 1
    if math.isfinite(found.log10_acceptance):
        assert found.log10_acceptance <= 0
        assert low <= found.acceptance * (1 + 1e-9)
        assert found.acceptance <= high * (1 + 1e-9)
        assert math.isfinite(found.mean_gen_loss)


@settings(deadline=None, max_examples=100)
@given(logs=arrays(float, st.integers(1, 20), elements=st.floats(-1e9, 2.0)))
def test_any_weighted_draws(logs: np.ndarray) -> None:
    found = weighted(logs, np.arange(len(logs), dtype=float))
    checked(found)
    if found.effective_samples <= 1.5:
        assert math.isnan(found.stderr)
        assert math.isnan(found.log10_acceptance_stderr)
        assert found.acceptance_interval == (0.0, 1.0)


@settings(deadline=None, max_examples=50)
@given(count=st.integers(0, 5), missed=st.integers(0, 5))
def test_any_counted_draws(count: int, missed: int) -> None:
    if count + missed:
        checked(counted(np.arange(count, dtype=float), count + missed))
    checked(NOTHING)


def test_one_draw_tells_no_error() -> None:
    found = counted(np.array([0.25]), 1)
    assert (found.mean_gen_loss, found.acceptance) == (0.25, 1.0)
    assert math.isnan(found.stderr)
    assert math.isnan(found.log10_acceptance_stderr)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("unit", [1e-300, 1e-160, 1.0, 1e200, 1e300])
def test_losses_of_any_size_have_their_error(unit: float) -> None:
    logs, losses = np.log([0.1, 0.2, 0.3, 0.4]), np.array([1.0, 2.0, 3.0, 5.0])
    one, scaled = weighted(logs, losses), weighted(logs, losses * unit)
    assert scaled.mean_gen_loss == pytest.approx(one.mean_gen_loss * unit, rel=1e-12)
    assert scaled.stderr == pytest.approx(one.stderr * unit, rel=1e-12)


def test_one_draw_that_carries_all_weight_tells_no_error() -> None:
    """A ground truth that nothing of the prior comes near."""
    task = Task(1e30 * np.ones((3, 3)), 1e-30 * np.eye(9)[:3].reshape(3, 3, 3))
    post = guess_and_check(task, Network(width=3), epsilon=0.5, method="collapsed", samples=20)
    assert len(post.weights) == 0 or math.isnan(post.stderr)
    assert post.acceptance_interval == (0.0, 1.0)
    assert post.warnings or math.isnan(post.mean_gen_loss)


@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_measurements_of_very_different_size(activation: str) -> None:
    """One in a unit of 1e10, beside others of one: its direction is known to 1e-10, not theirs."""
    rng = np.random.default_rng(0)
    truth, units = rng.normal(size=(3, 3)), np.array([1e10, 1, 1])[:, None, None]
    task = Task(truth, rng.normal(size=(3, 3, 3)) * units)
    network = Network(width=3, depth=3, activation=activation)
    with pytest.raises(SettingsError, match="measurements of comparable size"):
        guess_and_check(task, network, epsilon=0.5, method="collapsed")
    post = guess_and_check(task, network, epsilon=0.5, samples=200, draws=3_000_000)
    assert post.method == "splitting"
    assert (post.train_loss < 0.5).all()
    # What is left of one direction is a slab of ±√(n ε)/1e10, across a density of order one.
    assert -14 < post.log10_acceptance < -10


def test_a_measurement_of_no_size_changes_nothing_else() -> None:
    """Beside others of one, one of 1e-20 only counts in n."""
    rng = np.random.default_rng(0)
    truth, both = rng.normal(size=(3, 3)), rng.normal(size=(2, 3, 3))
    tiny = Task(truth, np.concatenate([1e-20 * rng.normal(size=(1, 3, 3)), both]))
    for method in ("collapsed", "plain"):
        asked = {"method": method, "samples": 300, "seed": 1}
        with_it = guess_and_check(tiny, Network(), Prior(), 0.5, **asked)  # type: ignore[arg-type]
        without = guess_and_check(
            Task(truth, both),
            Network(),
            Prior(),
            0.75,
            **asked,  # type: ignore[arg-type]
        )
        assert with_it.acceptance == pytest.approx(without.acceptance, rel=0.3)


def test_a_plain_run_above_its_own_epsilon_counts_the_priors_draws() -> None:
    post = guess_and_check(Task.random(seed=0), Network(), epsilon=1e-8, method="plain", draws=1000)
    above = post.at(float(post.path["epsilon"].max()))
    assert above.draws == len(post.prior_gen_loss)
    assert len(above.weights) <= above.draws
    assert above.acceptance == pytest.approx(len(above.weights) / above.draws)


@pytest.mark.parametrize("method", ["plain", "splitting"])
def test_no_number_of_draws_makes_certain_that_all_fit(method: str) -> None:
    """Of N draws that all fit, the exact interval begins at 0.025^(1/N)."""
    asked = {"epsilon": 1e3, "method": method, "samples": 50, "draws": 100_000, "seed": 1}
    post = guess_and_check(Task.random(seed=0), Network(), device="cpu", **asked)  # type: ignore[arg-type]
    for found in (post, post.at(float(post.path["epsilon"].max()))):
        assert found.acceptance == 1
        low, high = found.acceptance_interval
        assert high == 1
        assert low == pytest.approx(0.025 ** (1 / found.effective_samples), rel=1e-3)
        assert low < 1


@settings(deadline=None, max_examples=100)
@given(count=st.integers(1, 10_000), missed=st.integers(0, 3))
def test_a_few_misses_leave_no_more_certainty_than_none(count: int, missed: int) -> None:
    low, _ = counted(np.ones(count), count + missed).acceptance_interval
    exact, _ = acceptance_interval(count, count, stopped_by_count=False)
    assert low <= exact * (1 + 1e-12)


def test_a_plain_run_has_the_exact_interval_at_any_epsilon() -> None:
    task = Task.random(seed=0)
    post = guess_and_check(task, Network(), epsilon=0.1, method="plain", samples=300, device="cpu")
    assert post.at(0.1).acceptance_interval == pytest.approx(post.acceptance_interval)
    below = post.at(0.06)
    assert below.acceptance_interval == acceptance_interval(len(below.fits), post.draws, False)
    above = post.at(0.15)
    drawn = len(post.prior_gen_loss)
    assert above.acceptance_interval == acceptance_interval(len(above.fits), drawn, False)


def test_one_threshold_after_the_other_is_the_last_one() -> None:
    """Nothing of the run is lost on the way there and back."""
    task = Task.random(seed=0)
    post = guess_and_check(task, Network(), epsilon=0.1, method="plain", samples=300, device="cpu")
    back = post.at(0.15).at(0.1)
    assert (back.draws, back.status, back.message) == (post.draws, post.status, post.message)
    np.testing.assert_array_equal(back.gen_loss, post.gen_loss)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("size", [1e20, 1e80, 1e140])
def test_losses_of_any_size_have_their_error_by_splitting_too(size: float) -> None:
    """L_gen, and its square, leave float32's range, and float64's."""
    rng = np.random.default_rng(0)
    task = Task(size * rng.standard_normal((3, 3)), rng.standard_normal((4, 3, 3)))
    epsilon = 1.1 * float(task.train_loss(np.zeros((3, 3))))
    asked = {"method": "splitting", "samples": 100, "draws": 300_000, "device": "cpu"}
    post = guess_and_check(task, Network(), epsilon=epsilon, **asked)  # type: ignore[arg-type]
    assert post.status is Status.OK
    assert post.mean_gen_loss == pytest.approx(float(task.gen_loss(np.zeros((3, 3)))))
    assert np.isfinite(post.path.to_numpy()).all()


@pytest.mark.parametrize("method", ["plain", "splitting", "collapsed"])
def test_at_its_own_epsilon_a_result_is_itself(method: str) -> None:
    asked = {"epsilon": 0.1, "method": method, "samples": 50, "draws": 300_000}
    post = guess_and_check(Task.random(seed=0), Network(), device="cpu", **asked)  # type: ignore[arg-type]
    assert post.at(0.1) is post
    assert post.at(0.15).at(0.1) is post


@pytest.mark.parametrize("epsilon", [0, -1.0, math.nan, math.inf, "0.1", None])
def test_what_is_no_threshold_is_refused(epsilon: object) -> None:
    post = guess_and_check(Task.random(seed=0), Network(), epsilon=0.3, samples=30, device="cpu")
    for ask in (post.at, post.reaches):
        with pytest.raises(SettingsError, match="epsilon should be greater than 0"):
            ask(epsilon)  # type: ignore[arg-type]
