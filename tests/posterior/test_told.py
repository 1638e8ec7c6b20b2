"""No number is made up: where an error cannot be told it is NaN, and a probability is at most 1."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gncviz.network import Network
from gncviz.posterior import guess_and_check
from gncviz.posterior.estimate import NOTHING, Estimate, counted, weighted
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
