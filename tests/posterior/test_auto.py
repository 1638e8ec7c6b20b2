"""The choice of a method: its reasons, its honesty, and the ε-path of every method."""

from __future__ import annotations

import math
import threading
from typing import Any

import numpy as np
import pytest

from gncviz.network import Network
from gncviz.posterior import GuessAndCheckResult, Status, guess_and_check
from gncviz.posterior.auto import choose
from gncviz.posterior.problem import Problem
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.prior import Prior
from gncviz.progress import Progress
from gncviz.settings import SettingsError
from gncviz.task import Task

SENSING = Task.random(seed=0)
ANY = GuessAndCheckSettings(device="cpu")


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


def test_the_prior_is_there_at_once_and_cancel_is_heard_while_a_method_is_looked_for() -> None:
    event = threading.Event()
    reports: list[Progress] = []

    def watch(report: Progress) -> None:
        reports.append(report)
        event.set()

    post = run(Network(depth=10), Prior(normalize=True), 0.001, progress=watch, cancel=event)
    assert post.status is Status.CANCELLED
    assert reports[0].partial is not None
    early = reports[0].partial()
    assert early.status is Status.RUNNING
    assert len(early.prior_gen_loss) > 1000
    assert len(early.gen_loss) == 0
    assert early.without_draws == "no draw fits yet"
    assert post.seconds < 2


def test_hopeless_draws_are_given_up_early(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = 0
    law = type(Problem.prepare(SENSING, Network(), Prior(normalize=True), ANY).law)
    draw = law.draw

    def counting(self: object, count: int, rng: object, run: object = None) -> object:
        nonlocal drawn
        drawn += count
        return draw(self, count, rng, run)

    monkeypatch.setattr(law, "draw", counting)
    asked = GuessAndCheckSettings(epsilon=1e-3, samples=1000, device="cpu")
    problem = Problem.prepare(SENSING, Network(depth=5), Prior(normalize=True), asked)
    assert choose(problem)[0] == "splitting"
    assert drawn < 100_000


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
        post.at(2e-12)


def test_messages() -> None:
    assert "draws fit: acceptance" in run(method="plain", epsilon=0.1).message
    post = run(method="splitting", epsilon=0.05)
    assert post.message.startswith(f"splitting, {post.levels} levels: acceptance ")
    assert "mean loss 0." in post.message
    assert "±" in post.message
    assert np.isfinite(post.log10_acceptance_stderr)
