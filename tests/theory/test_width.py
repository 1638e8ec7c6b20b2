"""Guess & Check in the limit of width, against drawing at large widths."""

from __future__ import annotations

import time

import numpy as np
import pytest

import gncviz as gv
from gncviz.theory import WidthLimit, infinite_width
from tests.limits import limit_share

EPSILON = 0.02
HOLES = np.where(np.eye(5) > 0, np.nan, gv.Task.random(seed=3).ground_truth)
HELD_OUT = gv.Task.completion(HOLES, held_out=0.3)


def limit(task: gv.Task, activation: object = "relu", depth: int = 2, **more: object) -> WidthLimit:
    prior = gv.Prior(more.pop("family", "gaussian"), scaling=more.pop("scaling", "fan_in"))
    epsilon = more.pop("epsilon", EPSILON)
    return infinite_width(
        task, gv.Network(activation=activation, depth=depth), prior, epsilon, **more
    )


def test_relu_is_left_with_less_than_the_prior() -> None:
    found = limit(gv.Task.random(seed=6))
    assert found.ratio == pytest.approx(0.776, abs=0.001)
    assert found.ratio_stderr < 3e-4
    assert found.effective_samples > 1000


@pytest.mark.parametrize("activation", ["linear", "tanh", "sin", "softsign"])
@pytest.mark.parametrize("family", ["gaussian", "uniform"])
@pytest.mark.parametrize("depth", [2, 5])
def test_theorem_1(activation: str, family: str, depth: int) -> None:
    """What is measured tells nothing of the rest: to rounding, whatever is drawn."""
    found = limit(gv.Task.random(), activation, depth, family=family, draws=100)
    assert found.ratio == pytest.approx(1.0, abs=1e-12)
    assert found.ratio_stderr < 1e-12


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
@pytest.mark.parametrize(
    "recipe",
    [{"seed": 0}, {"rows": 3, "cols": 6, "measurements": 9, "kind": "completion", "rank": 2}],
)
@pytest.mark.parametrize("epsilon", [0.5, 0.02, 1e-6])
def test_the_same_written_down_once_more(
    recipe: dict[str, object], activation: str, epsilon: float
) -> None:
    task = gv.Task.random(**recipe)
    share, error = limit_share(task, activation, epsilon)
    found = limit(task, activation, epsilon=epsilon)
    assert abs(found.ratio - share) < 4 * np.hypot(error, found.ratio_stderr)


def test_all_draws_fit_a_large_epsilon() -> None:
    found = limit(gv.Task.random(), epsilon=1e4)
    assert abs(found.ratio - 1) < 4 * found.ratio_stderr
    assert found.log10_acceptance == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize(
    ("task", "activation", "depth", "prior"),
    [
        (gv.Task.random(seed=6), "relu", 2, {}),
        (gv.Task.random(seed=1, kind="completion"), "leaky_relu", 3, {}),
        (
            gv.Task.random(seed=2, rows=4, cols=7, measurements=12),
            "relu",
            2,
            {"scaling": "fan_out"},
        ),
        (HELD_OUT, "relu", 3, {}),
    ],
    ids=["sensing", "completion", "fan-out", "held out"],
)
def test_wide_networks_come_near(
    task: gv.Task, activation: str, depth: int, prior: dict[str, str]
) -> None:
    network = gv.Network(width=200, activation=activation, depth=depth)
    found = limit(task, activation, depth, **prior)
    post = gv.guess_and_check(
        task,
        network,
        gv.Prior(**prior),
        epsilon=EPSILON,
        method="collapsed",
        samples=150,
    )
    # A little for the width, which is not infinite.
    assert abs(post.mean_gen_loss / found.mean_gen_loss - 1) < (
        4 * post.stderr / post.mean_gen_loss + 0.03
    )
    assert post.log10_acceptance == pytest.approx(found.log10_acceptance, abs=0.1)


def test_a_wide_network_with_a_uniform_prior_comes_near() -> None:
    """Plain draws at an ε that many reach."""
    task, prior = gv.Task.random(seed=6, measurements=5), gv.Prior("uniform")
    network = gv.Network(width=200, activation="relu")
    found = infinite_width(task, network, prior, 0.06)
    post = gv.guess_and_check(
        task, network, prior, epsilon=0.06, method="plain", samples=1000, draws=50_000
    )
    assert abs(post.mean_gen_loss / found.mean_gen_loss - 1) < (
        4 * post.stderr / post.mean_gen_loss + 0.01
    )
    error = 4 * post.log10_acceptance_stderr + 0.01
    assert abs(post.log10_acceptance - found.log10_acceptance) < error


def test_a_seed_fixes_the_numbers() -> None:
    task = gv.Task.random()
    first, again, other = (limit(task, draws=1000, seed=seed) for seed in (0, 0, 1))
    assert first.mean_gen_loss == again.mean_gen_loss != other.mean_gen_loss


def test_the_error_is_what_seeds_differ_by() -> None:
    task = gv.Task.random(seed=6)
    found = [limit(task, draws=2000, seed=seed) for seed in range(60)]
    spread = np.std([one.mean_gen_loss for one in found], ddof=1)
    assert np.mean([one.stderr for one in found]) == pytest.approx(spread, rel=0.35)


def test_under_a_second() -> None:
    limit(gv.Task.random())
    start = time.process_time()
    limit(gv.Task.random(seed=1))
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"epsilon": 0}, "epsilon should be greater than 0"),
        ({"draws": 1}, "draws"),
        ({"seed": -1}, "seed"),
        ({"network": gv.Network(depth=1)}, "at least 2"),
        ({"prior": gv.Prior(normalize=True)}, "without normalization"),
        ({"task": "mine"}, "task should be a task"),
        ({"task": gv.Task(np.eye(2), np.zeros((1, 2, 2)))}, "these are all zero"),
    ],
)
def test_what_is_not_allowed_is_refused(changes: dict[str, object], said: str) -> None:
    given = {
        "task": gv.Task.random(),
        "network": gv.Network(activation="relu"),
        "prior": gv.Prior(),
        "epsilon": EPSILON,
        **changes,
    }
    with pytest.raises(gv.SettingsError, match=said):
        infinite_width(**given)


def test_labels_that_contradict_each_other_bound_epsilon() -> None:
    twice = np.stack([np.eye(2), np.eye(2)])
    task = gv.Task(np.eye(2), twice, labels=[0.0, 1.0])
    with pytest.raises(gv.SettingsError, match="smallest training loss"):
        limit(task, epsilon=0.2)
    assert limit(task, epsilon=0.3).log10_acceptance < 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
def test_collapsed_draws_agree_at_width_1280(activation: str, seed: int) -> None:
    task, network = gv.Task.random(seed=seed), gv.Network(width=1280, activation=activation)
    found = limit(task, activation)
    for samples in (8_000, 20_000):
        settings = {"epsilon": EPSILON, "method": "collapsed", "samples": samples}
        post = gv.guess_and_check(task, network, **settings)
        error = np.hypot(post.stderr, found.stderr)
        if error < 0.005 * found.mean_gen_loss:
            break
    print(f"{activation} {seed}: {post.mean_gen_loss:.5f} {found.mean_gen_loss:.5f} ± {error:.5f}")
    assert error / found.mean_gen_loss < 0.005
    assert abs(post.mean_gen_loss - found.mean_gen_loss) < 3 * error


@pytest.mark.slow
def test_two_hundred_tasks_in_two_minutes() -> None:
    start = time.process_time()
    ratios = [limit(gv.Task.random(seed=seed)).ratio for seed in range(200)]
    assert time.process_time() - start < 120
    assert 0.5 < min(ratios) < 1 < max(ratios) < 1.5


@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_where_all_draws_fit_it_is_the_prior(activation: str) -> None:
    found = [
        gv.theory.infinite_width(
            gv.Task.random(), gv.Network(activation=activation), gv.Prior(), epsilon
        )
        for epsilon in (1e6, 1e200, 1.79e308)
    ]
    for one in found:
        assert abs(one.mean_gen_loss - one.prior_mean_gen_loss) < 4 * one.stderr + 1e-12
        assert abs(one.log10_acceptance) < 4 * one.log10_acceptance_stderr
