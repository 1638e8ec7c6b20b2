"""Multilevel splitting: against plain Guess & Check, a closed form, and its own promises."""

from __future__ import annotations

import math
import threading
from typing import Any

import numpy as np
import pytest
import scipy.stats
import torch

from gncviz.network import Network
from gncviz.posterior import GuessAndCheckResult, Status, guess_and_check
from gncviz.posterior.splitting import rounds, work
from gncviz.posterior.splitting.schedule import next_level
from gncviz.posterior.splitting.shape import Shape
from gncviz.posterior.splitting.smc import ancestors
from gncviz.prior import Prior
from gncviz.progress import Progress
from gncviz.settings import SettingsError
from gncviz.task import Task

SENSING = Task.random(seed=0)


def run(
    task: Task = SENSING,
    network: Network | None = None,
    prior: Prior | None = None,
    epsilon: float = 0.02,
    **settings: Any,
) -> GuessAndCheckResult:
    asked = {"method": "splitting", "samples": 1000, "seed": 1, "device": "cpu", **settings}
    return guess_and_check(task, network or Network(), prior or Prior(), epsilon, **asked)


# --- the same posterior as plain Guess & Check

# (task, network, prior, ε): activations, priors, normalizations, depths, shapes and tasks.
SETTINGS = {
    "linear": (SENSING, Network(), Prior(), 0.04),
    "tanh, deep": (SENSING, Network(depth=4, activation="tanh"), Prior(normalize=True), 0.02),
    "Leaky ReLU": (SENSING, Network(activation="leaky_relu"), Prior(), 0.03),
    "ReLU": (SENSING, Network(activation="relu"), Prior(), 0.03),
    "uniform": (SENSING, Network(width=8), Prior("uniform"), 0.03),
    "normalized": (SENSING, Network(depth=3), Prior(normalize=True), 0.02),
    "wide, reduced": (SENSING, Network(width=40, depth=3), Prior(normalize=True), 0.02),
    "product": (
        SENSING,
        Network(activation="tanh"),
        Prior(normalize="product", scaling="fan_out"),
        0.02,
    ),
    "rank 2": (Task.random(rank=2, measurements=22, seed=3), Network(), Prior(), 0.04),
    "completion": (
        Task.random(kind="completion", seed=2),
        Network(depth=3),
        Prior(normalize=True),
        0.02,
    ),
    "tall": (
        Task.random(rows=6, cols=3, measurements=10, seed=1),
        Network(width=7, activation="tanh"),
        Prior(),
        0.03,
    ),
    "flat": (Task.random(rows=2, cols=6, measurements=7, seed=4), Network(width=3), Prior(), 0.02),
}
REDUCED = ["Leaky ReLU", "uniform", "wide, reduced", "completion", "tall"]


def effective_rank(post: GuessAndCheckResult) -> tuple[float, float]:
    values = np.linalg.svd(post.matrices, compute_uv=False)
    shares = values / values.sum(axis=1, keepdims=True)
    ranks = np.exp(-(shares * np.log(np.maximum(shares, 1e-300))).sum(axis=1))
    mean = post.weights @ ranks
    return float(mean), math.sqrt(float(post.weights @ (ranks - mean) ** 2))


def assert_agrees(fast: GuessAndCheckResult, plain: GuessAndCheckResult) -> None:
    """Within 4 standard errors: a false alarm once in 15 000 comparisons."""
    assert fast.status is Status.OK
    assert not fast.warnings
    error = math.hypot(fast.stderr, plain.stderr)
    assert abs(fast.mean_gen_loss - plain.mean_gen_loss) < 4 * error
    error = math.hypot(fast.log10_acceptance_stderr, plain.log10_acceptance_stderr)
    assert abs(fast.log10_acceptance - plain.log10_acceptance) < 4 * error
    (rank, spread), (plain_rank, plain_spread) = effective_rank(fast), effective_rank(plain)
    error = math.hypot(
        spread / math.sqrt(fast.effective_samples / 2),
        plain_spread / math.sqrt(plain.effective_samples),
    )
    assert abs(rank - plain_rank) < 4 * error


def compare(name: str, samples: int, accepted: int) -> None:
    task, network, prior, epsilon = SETTINGS[name]
    fast = run(task, network, prior, epsilon, samples=samples)
    plain = run(
        task, network, prior, epsilon, method="plain", samples=accepted, draws=10**9, seed=2
    )
    assert plain.status is Status.OK
    assert_agrees(fast, plain)


@pytest.mark.parametrize("name", REDUCED)
def test_agrees_with_plain(name: str) -> None:
    compare(name, samples=1000, accepted=300)


@pytest.mark.slow
@pytest.mark.parametrize("name", SETTINGS)
def test_agrees_with_plain_closely(name: str) -> None:
    compare(name, samples=8000, accepted=2000)


# --- a closed form: one layer, W ~ N(0, I/m'), so that n·L_train·m' is a noncentral χ²


def test_one_layer_has_a_noncentral_chi_square_acceptance() -> None:
    task = Task.random(rows=4, cols=3, measurements=8, kind="completion", seed=5)
    post = run(task, Network(depth=1), epsilon=1e-3, samples=2000)
    center = task.cols * float((task.labels**2).sum())
    truth = scipy.stats.ncx2.logcdf(8 * 1e-3 * task.cols, 8, center) / math.log(10)
    assert truth < -7
    assert abs(post.log10_acceptance - truth) < 4 * post.log10_acceptance_stderr
    assert post.log10_acceptance_stderr < 0.1
    # What is not measured keeps its prior law: L_gen averages 1/m' + mean of the squared truth.
    unseen = (task.ground_truth**2).sum() - (task.labels**2).sum()
    mean = 1 / task.cols + unseen / task.unmeasured
    assert abs(post.mean_gen_loss - mean) < 4 * post.stderr


def test_reaches_thresholds_far_out_of_reach() -> None:
    task = Task.random(rows=4, cols=4, measurements=15, kind="completion", seed=5)
    post = run(task, Network(depth=1), epsilon=1e-10, samples=100)
    center = task.cols * float((task.labels**2).sum())
    # At this ε the density is constant over the ball: its volume times the density.
    log_volume = 7.5 * math.log(math.pi * 15 * 1e-10) - math.lgamma(8.5)
    truth = (log_volume + 7.5 * math.log(task.cols / (2 * math.pi)) - center / 2) / math.log(10)
    assert truth < -60
    assert abs(post.log10_acceptance - truth) < 4 * post.log10_acceptance_stderr


# --- the error bars


def coverage(runs: int, samples: int, truly: int) -> tuple[float, float]:
    task = Task.random(rows=3, cols=3, measurements=4, seed=1)
    network, prior = Network(width=3), Prior()
    truth = run(task, network, prior, 0.01, method="plain", samples=truly, draws=10**9, seed=9)
    posts = [run(task, network, prior, 0.01, samples=samples, seed=100 + i) for i in range(runs)]
    mean = [
        abs(p.mean_gen_loss - truth.mean_gen_loss) < 1.96 * math.hypot(p.stderr, truth.stderr)
        for p in posts
    ]
    acceptance = [
        p.acceptance_interval[0] * 0.99 < truth.acceptance < p.acceptance_interval[1] * 1.01
        for p in posts
    ]
    return float(np.mean(mean)), float(np.mean(acceptance))


def test_intervals_cover() -> None:
    """Of 30 intervals at 95 %, 24 or fewer cover once in 500 times."""
    mean, acceptance = coverage(runs=30, samples=200, truly=10_000)
    assert mean > 0.8
    assert acceptance > 0.8


@pytest.mark.slow
def test_intervals_cover_as_often_as_they_say() -> None:
    mean, acceptance = coverage(runs=200, samples=500, truly=40_000)
    assert 0.90 <= mean <= 0.99
    assert 0.90 <= acceptance <= 0.99


def test_islands_that_disagree_are_sent_again_with_more_chains(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rank 2 in depth, the posterior in pieces; what is compared with is in 4 % by a longer run."""
    # As many chains as there are do not disagree here.
    few, kept = 8, work._KEPT
    monkeypatch.setattr(work, "_CHAINS", few)
    task = Task.random(rank=2, measurements=22, seed=1)
    asked = {"samples": 50, "draws": 9_000_000, "seed": 0}
    post = run(task, Network(depth=10), Prior(normalize=True), 1e-4, **asked)
    assert len(post.gen_loss) > 1.9 * rounds._ISLANDS_AGAIN * few * kept
    # The larger islands have draws to be seen at every level, as the first ones had.
    assert min(len(piece.draws) for piece in post.slices) > 100
    assert post.draws <= 9_000_000
    assert abs(post.mean_gen_loss - 0.00142) < 4 * post.stderr
    assert post.stderr < 0.25 * post.mean_gen_loss


# --- promises of every result


def test_every_draw_fits_strictly_and_weights_add_up() -> None:
    for epsilon in (0.05, 1e-4):
        post = run(epsilon=epsilon, samples=200)
        assert post.status is Status.OK
        assert (post.train_loss < epsilon).all()
        np.testing.assert_allclose(SENSING.train_loss(post.matrices), post.train_loss)
        np.testing.assert_allclose(SENSING.gen_loss(post.matrices), post.gen_loss)
        assert post.weights.sum() == pytest.approx(1)
        assert post.mean_gen_loss == pytest.approx(post.weights @ post.gen_loss)
        assert len(post.weights) >= 200
        assert 0 < post.effective_samples <= len(post.weights)
        low, high = post.acceptance_interval
        assert low < post.acceptance < high


def test_a_seed_fixes_the_result() -> None:
    one, same, other = (run(samples=200, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one.matrices, same.matrices)
    np.testing.assert_array_equal(one.weights, same.weights)
    assert one.log10_acceptance == same.log10_acceptance
    assert not np.array_equal(one.matrices, other.matrices)


def test_the_number_of_threads_changes_nothing() -> None:
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        one = run(samples=100)
        torch.set_num_threads(4)
        assert run(samples=100).log10_acceptance == one.log10_acceptance
    finally:
        torch.set_num_threads(threads)


def test_the_path_agrees_with_runs_at_its_thresholds() -> None:
    post = run(epsilon=0.01, samples=2000)
    assert list(post.path["epsilon"]) == sorted(post.path["epsilon"], reverse=True)
    assert post.path["epsilon"].iloc[-1] == 0.01
    assert post.path["log10_acceptance"].iloc[-1] == pytest.approx(post.log10_acceptance)
    row = post.path.iloc[len(post.path) // 2]
    single = run(epsilon=float(row["epsilon"]), samples=2000, seed=8)
    error = math.hypot(row["stderr"], single.stderr)
    assert abs(row["mean_gen_loss"] - single.mean_gen_loss) < 4 * error
    error = math.hypot(row["log10_acceptance_stderr"], single.log10_acceptance_stderr)
    assert abs(row["log10_acceptance"] - single.log10_acceptance) < 4 * error
    at = post.at(float(row["epsilon"]))
    assert at.mean_gen_loss == pytest.approx(row["mean_gen_loss"])
    with pytest.raises(SettingsError, match="within the path"):
        post.at(1e-9)


def test_cancel_between_moves_keeps_what_is_known() -> None:
    event = threading.Event()
    partials: list[GuessAndCheckResult] = []

    def watch(report: Progress) -> None:
        # The first report has the prior only.
        if report.message.startswith("level") and not event.is_set():
            assert report.partial is not None
            partials.append(report.partial())
            event.set()

    post = run(epsilon=1e-4, samples=500, progress=watch, cancel=event)
    assert post.status is Status.CANCELLED
    assert len(post.weights) == 0
    assert math.isnan(post.mean_gen_loss)
    assert len(post.path) >= 1
    assert "stopped" in post.message
    partial = partials[0]
    assert partial.status is Status.RUNNING
    assert partial.settings.epsilon > 1e-4
    assert (partial.train_loss < partial.settings.epsilon).all()
    assert len(partial.weights) > 0


def test_time_budget() -> None:
    post = run(epsilon=1e-7, seconds=0.05)
    assert post.status is Status.BUDGET_EXHAUSTED
    assert post.seconds < 5


def test_a_plateau_is_extinct_and_not_a_crash() -> None:
    """One dead unit: W = 0 half of the time and never much closer to the truth."""
    task = Task([[1.0, -1.0]], [[[1.0, 0.0]]])
    post = run(task, Network(width=1, activation="relu"), epsilon=1e-3, samples=50)
    assert post.status in (Status.OK, Status.EXTINCT)
    impossible = Task([[-1.0, 1.0], [1.0, -1.0]], np.eye(4)[:3].reshape(3, 2, 2))
    post = run(impossible, Network(width=1, activation="linear"), epsilon=1e-3, samples=50)
    assert post.status is Status.OK
    # The rows of a rank one matrix are parallel: nothing fits entries that ask for rank two.
    rank_two = Task(np.eye(3), np.eye(9)[[0, 1, 3, 4, 8]].reshape(5, 3, 3))
    post = run(rank_two, Network(width=1), epsilon=1e-3, samples=50, seconds=30)
    assert post.status is Status.EXTINCT
    assert len(post.weights) == 0
    assert math.isnan(post.mean_gen_loss)
    assert "no way further down" in post.message
    assert post.acceptance_interval[0] == 0


# --- levels and ancestors


def test_levels_are_strict_and_pass_ties() -> None:
    losses = torch.linspace(0, 1, 101)
    assert next_level(losses, math.inf, 0.0) == pytest.approx(0.15)
    assert next_level(losses, math.inf, 0.5) == 0.5
    tied = torch.cat([torch.full((60,), 0.5), torch.linspace(0.6, 1, 40)])
    assert next_level(tied, math.inf, 0.0) == pytest.approx(0.6)
    few_below = torch.cat([torch.full((10,), 0.1), torch.full((90,), 0.5)])
    assert next_level(few_below, math.inf, 0.0) == pytest.approx(0.5, rel=1e-4)
    assert next_level(torch.full((10,), 0.5), math.inf, 0.0) is None


def test_ancestors_come_from_below_the_level_and_their_own_island() -> None:
    generator = torch.Generator().manual_seed(0)
    shape = Shape(islands=3, chains=4, length=5)
    losses = torch.rand(5, 12, generator=generator)
    losses[:, 8:] = 1.0
    losses[2, 9] = 0.1
    place, column, survivors = ancestors(losses, 0.4, shape, generator)
    assert survivors.tolist() == [int((losses[:, 4 * i : 4 * i + 4] < 0.4).sum()) for i in range(3)]
    assert (losses[place, column] < 0.4).all()
    assert (column // 4).tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert place[8:].tolist() == [2] * 4
    chosen = list(zip(place[:4].tolist(), column[:4].tolist(), strict=True))
    assert len(set(chosen)) == min(4, int(survivors[0]))


def test_an_island_without_survivors_goes_on_from_states_that_are_there() -> None:
    """Of those that no level is for, only the last of each chain is written."""
    losses = torch.full((5, 8), 1.0)
    losses[:, :4] = 0.1
    shape = Shape(islands=2, chains=6, length=5)
    place, column, survivors = ancestors(losses, 0.4, shape, torch.Generator().manual_seed(0))
    assert survivors.tolist() == [20, 0]
    assert place[6:].tolist() == [4] * 6
    assert column[6:].tolist() == [4, 5, 6, 7, 4, 5]
