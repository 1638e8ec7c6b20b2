"""The choice of a method: its reasons, its honesty, and the ε-path of every method."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from gncviz.network import Network
from gncviz.posterior import GuessAndCheckResult, Status, guess_and_check
from gncviz.prior import Prior
from gncviz.settings import SettingsError
from gncviz.task import Task

SENSING = Task.random(seed=0)


def run(
    network: Network | None = None,
    prior: Prior | None = None,
    epsilon: float = 0.02,
    **settings: Any,
) -> GuessAndCheckResult:
    asked = {"samples": 300, "seed": 1, "device": "cpu", **settings}
    return guess_and_check(SENSING, network or Network(), prior or Prior(), epsilon, **asked)


@pytest.mark.parametrize(
    ("network", "prior", "epsilon", "method"),
    [
        (Network(), Prior(), 0.05, "plain"),
        (Network(width=80, activation="tanh"), Prior(), 1e-3, "collapsed"),
        (Network(depth=4), Prior(normalize=True), 0.0035, "splitting"),
        (Network(activation="relu"), Prior(), 0.005, "splitting"),
        (Network(width=8), Prior("uniform"), 0.005, "splitting"),
    ],
)
def test_picks_what_fits_and_says_why(
    network: Network, prior: Prior, epsilon: float, method: str
) -> None:
    post = run(network, prior, epsilon)
    assert post.method == method
    assert post.reason.startswith(method)
    assert post.status is Status.OK
    assert (post.train_loss < epsilon).all()
    again = run(network, prior, epsilon)
    assert again.method == method
    assert again.log10_acceptance == post.log10_acceptance


def test_a_method_asked_for_needs_no_reason() -> None:
    assert run(method="plain", epsilon=0.1).reason == ""


def test_an_unknown_method_is_named() -> None:
    with pytest.raises(SettingsError, match="method"):
        run(method="magic")


def test_plain_knows_its_path_below_epsilon() -> None:
    post = run(method="plain", epsilon=0.1, samples=3000)
    first = post.path[post.path["epsilon"] == 0.1].iloc[0]
    assert first["mean_gen_loss"] == pytest.approx(post.mean_gen_loss)
    assert first["log10_acceptance"] == pytest.approx(post.log10_acceptance)
    assert first["log10_acceptance_stderr"] == pytest.approx(post.log10_acceptance_stderr)
    half = post.path[post.path["epsilon"] < 0.05].iloc[0]
    fits = post.train_loss < half["epsilon"]
    assert half["mean_gen_loss"] == pytest.approx(post.gen_loss[fits].mean())
    assert half["effective_samples"] == fits.sum()


def test_above_epsilon_the_path_is_the_priors_draws() -> None:
    post = run(method="plain", epsilon=0.1, samples=3000)
    row = post.path.iloc[0]
    fits = post.prior_train_loss < row["epsilon"]
    assert row["epsilon"] > 0.15
    assert row["mean_gen_loss"] == pytest.approx(post.prior_gen_loss[fits].mean())
    assert 10 ** row["log10_acceptance"] == pytest.approx(fits.mean())


@pytest.mark.parametrize("method", ["plain", "splitting", "collapsed"])
def test_at_another_threshold_there_are_draws_that_fit_it(method: str) -> None:
    """All within 5 standard errors of a run at that threshold: no false alarm in a lifetime."""
    post = run(Network(width=8), epsilon=0.05, method=method, samples=2000, draws=10**8)
    for epsilon in (0.08, 0.055, 0.05, 0.04):
        if not post.reaches(epsilon):
            assert method == "splitting"
            assert epsilon < 0.05
            continue
        there = post.at(epsilon)
        direct = run(Network(width=8), epsilon=epsilon, method="plain", samples=1500, seed=5)
        assert there.settings.epsilon == epsilon
        assert there.status is Status.OK
        assert len(there.weights) >= 50
        assert (there.train_loss < epsilon).all()
        assert there.weights.sum() == pytest.approx(1)
        np.testing.assert_allclose(SENSING.gen_loss(there.matrices), there.gen_loss)
        error = math.hypot(there.stderr, direct.stderr)
        assert abs(there.mean_gen_loss - direct.mean_gen_loss) < 5 * error
        error = math.hypot(there.log10_acceptance_stderr, direct.log10_acceptance_stderr)
        assert abs(there.log10_acceptance - direct.log10_acceptance) < 5 * error + 0.01
        # The draws are for pictures; of splitting, whole chains of them are much alike.
        spread = 10 * there.gen_loss.std() / math.sqrt(len(there.weights))
        assert abs(there.weights @ there.gen_loss - direct.mean_gen_loss) < spread


def test_between_rows_the_path_is_interpolated() -> None:
    post = run(method="plain", epsilon=0.1, samples=3000)
    rows = post.path[post.path["epsilon"] <= 0.1]
    upper, lower = rows.iloc[0], rows.iloc[1]
    between = post.at(math.sqrt(upper["epsilon"] * lower["epsilon"]))
    expected = math.sqrt(upper["mean_gen_loss"] * lower["mean_gen_loss"])
    assert between.mean_gen_loss == pytest.approx(expected)
    middle = (upper["log10_acceptance"] + lower["log10_acceptance"]) / 2
    assert between.log10_acceptance == pytest.approx(middle)
    assert between.acceptance == pytest.approx(10**middle)


def test_no_acceptance_has_no_path() -> None:
    post = run(method="plain", epsilon=1e-12, draws=1000)
    assert post.status is Status.NO_ACCEPTANCE
    assert len(post.path) == 0
    with pytest.raises(SettingsError, match="epsilon"):
        post.at(1e-12)


def test_messages() -> None:
    assert "draws fit: acceptance" in run(method="plain", epsilon=0.1).message
    post = run(method="splitting", epsilon=0.05)
    assert post.message.startswith(f"splitting, {post.levels} levels: acceptance ")
    assert "mean loss 0." in post.message
    assert "±" in post.message
    assert np.isfinite(post.log10_acceptance_stderr)
