"""Budgets are kept: no more draws than allowed, no more time, and Cancel is heard at once."""

from __future__ import annotations

import math
import threading
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gncviz.models.matrix.losses import LinearLosses
from gncviz.network import Network
from gncviz.posterior import GuessAndCheckResult, Status, guess_and_check
from gncviz.prior import Prior
from gncviz.settings import SettingsError
from gncviz.sweeps.findings import GuessAndCheckFinding
from gncviz.task import Task
from tests.pressed import AfterLooks

TASK = Task.random(seed=0)
METHODS = ["auto", "plain", "splitting", "collapsed"]
#: What the machine may add to half a second, for it has other things to do as well.
PATIENCE = 1.0


def run(
    network: Network | None = None, prior: Prior | None = None, **asked: Any
) -> GuessAndCheckResult:
    """A run on the CPU, at a threshold that few draws meet."""
    wanted = {"epsilon": 0.01, "samples": 200, "device": "cpu", **asked}
    return guess_and_check(
        wanted.pop("task", TASK), network or Network(), prior or Prior(), **wanted
    )


def checked(post: GuessAndCheckResult) -> None:
    """What holds of any result, however it was cut short."""
    assert len(post.weights) == len(post.gen_loss) == len(post.matrices)
    assert (post.train_loss < post.settings.epsilon).all()
    assert len(post.prior_gen_loss) >= 1
    if len(post.weights):
        assert math.isfinite(post.mean_gen_loss)
        assert post.weights.sum() == pytest.approx(1)
    else:
        assert math.isnan(post.mean_gen_loss)
        assert post.status is not Status.OK
    assert post.message
    repr(post)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("draws", [1, 30, 1000, 70_000, 300_000])
def test_draws_are_a_hard_limit(method: str, draws: int) -> None:
    post = run(method=method, draws=draws)
    assert post.draws <= draws
    checked(post)
    if post.status is Status.OK:
        assert post.effective_samples >= 200 - 1e-6
    else:
        assert post.status in (Status.BUDGET_EXHAUSTED, Status.NO_ACCEPTANCE)


@pytest.mark.parametrize("method", METHODS)
def test_networks_that_are_evaluated_are_counted(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All columns that pass the losses, but for those of the prior and what is judged again."""
    seen, train = 0, LinearLosses.train

    def counting(self: LinearLosses, outputs: Any) -> Any:
        nonlocal seen
        seen += outputs.shape[-1]
        return train(self, outputs)

    monkeypatch.setattr(LinearLosses, "train", counting)
    post = run(method=method, draws=200_000)
    assert 0 < post.draws <= 200_000
    # Where chains start, they are evaluated once more: a state is not a draw.
    assert seen <= 1.2 * max(post.draws, 200_000)


SHAPES = [
    pytest.param(5, 2, "linear", marks=pytest.mark.slow),
    (5, 30, "tanh"),
    pytest.param(100, 2, "linear", marks=pytest.mark.slow),
    (100, 10, "tanh"),
    pytest.param(1000, 2, "tanh", marks=pytest.mark.slow),
    (1000, 30, "linear"),
]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("width", "depth", "activation"), SHAPES)
def test_seconds_are_kept(method: str, width: int, depth: int, activation: str) -> None:
    network = Network(width=width, depth=depth, activation=activation)
    start = time.perf_counter()
    post = run(network, method=method, epsilon=1e-5, samples=10**5, draws=10**12, seconds=0.5)
    assert time.perf_counter() - start < 1.0 + PATIENCE
    checked(post)


@pytest.mark.parametrize("method", ["auto", "plain", "collapsed"])
@pytest.mark.parametrize("cancelled", [False, True])
def test_a_run_that_ends_before_the_first_draw_says_so(method: str, cancelled: bool) -> None:
    """Of networks so large that one draw of the prior takes longer than there is time."""
    network = Network(width=1000, depth=30, activation="tanh")
    asked = {"cancel": AfterLooks(3)} if cancelled else {"seconds": 0.02}
    start = time.perf_counter()
    post = run(network, method=method, **asked)
    assert time.perf_counter() - start < 0.5 + PATIENCE
    assert post.status is (Status.CANCELLED if cancelled else Status.BUDGET_EXHAUSTED)
    assert (post.draws, len(post.weights), len(post.prior_gen_loss)) == (0, 0, 0)
    assert math.isnan(post.mean_gen_loss)
    assert math.isnan(post.prior_mean_gen_loss)
    assert math.isnan(post.prior_stderr)
    assert post.acceptance_interval == (0.0, 1.0)
    assert "before any draw" in post.message
    assert math.isnan(GuessAndCheckFinding.of(post).prior_mean_gen_loss)


SLOWLY = [pytest.param(method, marks=pytest.mark.slow) for method in ("plain", "splitting")]


@pytest.mark.parametrize("method", ["auto", "collapsed", *SLOWLY])
def test_what_was_found_in_time_is_returned(method: str) -> None:
    """12 × 12: collapsed draws looked good, then uneven, and splitting has no time to get to ε."""
    task = Task.random(rows=12, cols=12, rank=2, measurements=60, seed=0)
    start = time.perf_counter()
    post = run(Network(width=100), task=task, epsilon=0.02, samples=300, seconds=3, method=method)
    assert time.perf_counter() - start < 3.5 + PATIENCE
    checked(post)
    if method in ("auto", "collapsed"):
        assert len(post.weights) > 20
        assert post.mean_gen_loss == pytest.approx(0.0846, rel=0.2)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("width", "depth", "activation"), SHAPES)
def test_a_cancel_that_is_set_before_the_start(
    method: str, width: int, depth: int, activation: str
) -> None:
    event = threading.Event()
    event.set()
    network = Network(width=width, depth=depth, activation=activation)
    start = time.perf_counter()
    post = run(network, method=method, cancel=event)
    assert time.perf_counter() - start < 0.5 + PATIENCE
    assert post.status is Status.CANCELLED
    checked(post)


@pytest.mark.parametrize("method", ["splitting", "collapsed", "plain"])
@pytest.mark.parametrize("after", [0.2, 0.6])
def test_cancel_is_heard_anywhere(method: str, after: float) -> None:
    """On a 12 × 12 task at width 100, whose pieces of work are large."""
    task = Task.random(rows=12, cols=12, rank=2, measurements=60, seed=0)
    event, stopped = threading.Event(), [0.0]

    def stop() -> None:
        stopped[0] = time.perf_counter()
        event.set()

    threading.Timer(after, stop).start()
    post = run(
        Network(width=100), task=task, epsilon=1e-3, samples=10**5, method=method, cancel=event
    )
    assert time.perf_counter() - stopped[0] < 0.3 + PATIENCE
    assert post.status is Status.CANCELLED
    checked(post)


def test_an_infeasible_task_is_given_up_soon() -> None:
    """Nothing of rank one fits entries that ask for rank two: levels stop above a loss."""
    rank_two = Task(np.eye(3), np.eye(9)[[0, 1, 3, 4, 8]].reshape(5, 3, 3))
    for prior in (Prior("uniform"), Prior(normalize=True)):
        post = run(Network(width=1), prior, task=rank_two, epsilon=1e-3)
        assert post.status is Status.EXTINCT
        assert post.draws < 5_000_000
        checked(post)


@settings(max_examples=25, deadline=None)
@given(
    width=st.sampled_from([1, 3, 5, 20, 60]),
    depth=st.integers(1, 6),
    activation=st.sampled_from(["linear", "relu", "leaky_relu", "tanh"]),
    prior=st.sampled_from([Prior(), Prior("uniform"), Prior(normalize=True)]),
    method=st.sampled_from(METHODS),
    draws=st.integers(1, 40_000),
    epsilon=st.floats(1e-8, 1.0),
)
def test_any_budget_of_draws(
    width: int,
    depth: int,
    activation: str,
    prior: Prior,
    method: str,
    draws: int,
    epsilon: float,
) -> None:
    network = Network(width=width, depth=depth, activation=activation)
    asked = {"method": method, "draws": draws, "epsilon": epsilon, "samples": 50}
    if method == "collapsed" and (prior != Prior() or depth == 1):
        with pytest.raises(SettingsError, match="needs"):
            run(network, prior, **asked)
        return
    post = run(network, prior, **asked)
    assert post.draws <= draws
    checked(post)
