"""The edges of what can be asked: very deep, very large, very small, no threshold at all."""

from __future__ import annotations

import math

import numpy as np
import pytest

import gncviz as gv
from gncviz.posterior import Status

TASK = gv.Task.random(rows=3, cols=3, measurements=4, seed=1)


@pytest.mark.parametrize("epsilon", [0.0, -0.0, math.inf, math.nan, -1.0])
def test_a_threshold_that_is_none_is_refused(epsilon: float) -> None:
    with pytest.raises(gv.SettingsError, match="epsilon should be"):
        gv.guess_and_check(TASK, gv.Network(width=3), epsilon=epsilon)


@pytest.mark.parametrize("method", ["plain", "splitting", "auto"])
@pytest.mark.parametrize("activation", ["linear", "tanh", "relu"])
def test_a_hundred_layers_are_sampled_or_said_not_to_be(method: str, activation: str) -> None:
    network = gv.Network(width=3, depth=100, activation=activation)
    prior = gv.Prior(normalize=True)
    found = gv.guess_and_check(
        TASK, network, prior, epsilon=0.2, method=method, samples=50, draws=100_000, device="cpu"
    )
    assert found.status in set(Status) - {Status.RUNNING, Status.CANCELLED}
    if len(found.gen_loss):
        assert np.isfinite(found.gen_loss).all()
        assert math.isfinite(found.mean_gen_loss)
    else:
        assert math.isnan(found.mean_gen_loss)


@pytest.mark.parametrize("unit", [1e-20, 1e20])
@pytest.mark.parametrize("method", ["plain", "splitting", "collapsed"])
def test_the_unit_of_the_measurements_changes_nothing(method: str, unit: float) -> None:
    """Acceptance and loss are those of the same task in units of one, within their errors."""

    def sampled(scale: float) -> gv.GuessAndCheckResult:
        task = gv.Task(TASK.ground_truth, scale * TASK.measurements)
        asked = {"epsilon": 0.05 * scale**2, "method": method, "samples": 200, "seed": 3}
        return gv.guess_and_check(task, gv.Network(width=4), device="cpu", **asked)

    one, other = sampled(1.0), sampled(unit)
    spread = math.hypot(one.stderr, other.stderr)
    assert abs(one.mean_gen_loss - other.mean_gen_loss) < 4 * spread
    spread = math.hypot(one.log10_acceptance_stderr, other.log10_acceptance_stderr)
    assert abs(one.log10_acceptance - other.log10_acceptance) < 4 * spread
