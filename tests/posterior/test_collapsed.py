"""The collapsed sampler: against plain Guess & Check, scipy's noncentral χ², degenerate cases."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.stats
import torch

from gncviz.network import Network
from gncviz.posterior import GuessAndCheckResult, Status, guess_and_check
from gncviz.posterior.conditional import Proposals, Spectrum, covariance_with_outputs
from gncviz.posterior.estimate import weighted
from gncviz.posterior.weights import tail_index
from gncviz.prior import Prior
from gncviz.settings import SettingsError
from gncviz.task import Task

SENSING = Task.random(seed=0)


def skewed_task() -> Task:
    """Measurements of different lengths, not orthogonal, one twice and one a sum of others."""
    rng = np.random.default_rng(3)
    a = rng.standard_normal((5, 3, 4)) * np.array([0.3, 1.0, 2.0, 0.7, 1.5])[:, None, None]
    measurements = np.concatenate([a, a[:1], a[1:2] - 0.5 * a[2:3]])
    return Task(rng.standard_normal((3, 4)) / 2, measurements)


def run(
    task: Task = SENSING, network: Network | None = None, epsilon: float = 0.02, **settings: Any
) -> GuessAndCheckResult:
    asked = {"method": "collapsed", "samples": 1000, "seed": 1, "device": "cpu", **settings}
    prior = asked.pop("prior", Prior())
    return guess_and_check(task, network or Network(width=40), prior, epsilon, **asked)


SETTINGS = {
    "linear": (SENSING, Network(width=20), 0.05),
    "tanh": (SENSING, Network(width=40, depth=3, activation="tanh"), 0.06),
    "Leaky ReLU": (SENSING, Network(width=5, activation="leaky_relu"), 0.04),
    "skewed": (skewed_task(), Network(width=15), 0.3),
    "narrow": (skewed_task(), Network(width=3, activation="sin"), 0.4),
    "dead units": (
        Task.random(rows=3, cols=3, measurements=3, seed=1),
        Network(width=4, activation="relu"),
        0.03,
    ),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_agrees_with_plain(name: str) -> None:
    """Within 4 standard errors: a false alarm once in 15 000 comparisons."""
    task, network, epsilon = SETTINGS[name]
    fast = run(task, network, epsilon)
    plain = run(task, network, epsilon, method="plain", samples=600, seed=2)
    assert plain.status is Status.OK
    for ours, theirs, error in (
        (
            fast.mean_gen_loss,
            plain.mean_gen_loss,
            math.hypot(fast.stderr, plain.stderr),
        ),
        (
            fast.log10_acceptance,
            plain.log10_acceptance,
            math.hypot(fast.log10_acceptance_stderr, plain.log10_acceptance_stderr),
        ),
    ):
        assert abs(ours - theirs) < 4 * error
    # Largest singular value: the draws themselves, not only their losses.
    top, plain_top = (
        np.linalg.svd(post.matrices, compute_uv=False)[:, 0] for post in (fast, plain)
    )
    error = plain_top.std() * math.sqrt(1 / fast.effective_samples + 1 / len(plain_top))
    assert abs(fast.weights @ top - plain_top.mean()) < 4 * error


def test_given_the_hidden_layers_the_weight_is_a_noncentral_chi_square() -> None:
    """H is an identity: W ~ N(0, I/k), whose acceptance scipy knows."""
    task = Task.random(rows=4, cols=4, measurements=9, kind="completion", seed=2)
    ball = task.ball
    assert ball is not None
    generator = torch.Generator().manual_seed(0)
    directions = torch.tensor(ball.directions)
    gram = 0.25 * torch.eye(4, dtype=torch.float64)[None]
    covariance = covariance_with_outputs(gram.expand(20_000, -1, -1), directions) @ directions.T
    spectrum = Spectrum.of(covariance)
    center = spectrum.turned(torch.tensor(ball.center).expand(20_000, -1))
    proposals = Proposals.draw(center, spectrum.variances, generator)
    _, log_weights = proposals.within(ball.radius(1e-3))
    weights = log_weights.exp()
    center = 4 * float((task.labels**2).sum())
    truth = scipy.stats.ncx2.cdf(4 * 9 * 1e-3, 9, center)
    assert abs(weights.mean() - truth) < 4 * weights.std() / math.sqrt(len(weights))


def test_every_draw_fits_strictly_however_small_epsilon() -> None:
    for epsilon in (0.02, 1e-6, 1e-20):
        post = run(skewed_task(), Network(width=20, activation="tanh"), epsilon, samples=300)
        assert post.status is Status.OK
        assert (post.train_loss < epsilon).all()
        assert post.weights.sum() == pytest.approx(1)
        np.testing.assert_allclose(skewed_task().train_loss(post.matrices), post.train_loss)
    assert post.log10_acceptance < -40


def test_acceptance_far_below_what_floats_can_hold() -> None:
    task = Task.random(rows=9, cols=9, measurements=75, seed=1)
    post = run(task, Network(width=100), 1e-12, samples=20)
    assert post.log10_acceptance < -310
    assert post.acceptance == 0
    assert math.isfinite(post.log10_acceptance_stderr)
    assert "e-" in post.message


def test_the_path_is_what_runs_at_its_thresholds_find() -> None:
    post = run()
    assert (np.diff(post.path["epsilon"]) < 0).all()
    here = post.path[np.isclose(post.path["epsilon"], 0.02)].iloc[0]
    assert here["mean_gen_loss"] == pytest.approx(post.mean_gen_loss, rel=1e-6)
    assert here["log10_acceptance"] == pytest.approx(post.log10_acceptance, abs=1e-6)
    for row in (post.path.iloc[2], post.path.iloc[-3]):
        single = run(epsilon=float(row["epsilon"]), seed=5)
        error = math.hypot(row["stderr"], single.stderr)
        assert abs(row["mean_gen_loss"] - single.mean_gen_loss) < 4 * error
        error = math.hypot(row["log10_acceptance_stderr"], single.log10_acceptance_stderr)
        assert abs(row["log10_acceptance"] - single.log10_acceptance) < 4 * error


def test_a_seed_fixes_the_result_whatever_the_threads() -> None:
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        one = run(samples=300)
        torch.set_num_threads(3)
        same = run(samples=300)
    finally:
        torch.set_num_threads(threads)
    np.testing.assert_allclose(one.matrices, same.matrices, rtol=1e-9)
    assert run(samples=300, seed=9).log10_acceptance != one.log10_acceptance


def test_doubtful_weights_are_said_to_be() -> None:
    post = run(SENSING, Network(width=5, activation="leaky_relu"), 1e-4, samples=100)
    assert post.warnings
    assert "splitting" in post.warnings[0]
    dead = run(SENSING, Network(width=2, activation="relu"), 1e-4, samples=100)
    assert dead.warnings or dead.status is Status.NO_ACCEPTANCE


@pytest.mark.parametrize(
    ("prior", "depth", "words"),
    [
        (Prior("uniform"), 2, "Gaussian"),
        (Prior(normalize=True), 2, "normalize"),
        (Prior(), 1, "depth 1"),
    ],
)
def test_where_it_cannot_be_used(prior: Prior, depth: int, words: str) -> None:
    with pytest.raises(SettingsError, match=words) as caught:
        run(network=Network(depth=depth), prior=prior)
    assert caught.value.problems[0][0] == "method"
    assert "use method" in str(caught.value)


def test_weighted_estimates() -> None:
    rng = np.random.default_rng(0)
    values, logs = rng.standard_normal(5000), np.log(rng.uniform(0.5, 1.5, 5000)) - 2000
    found = weighted(logs, values)
    assert abs(found.mean_gen_loss) < 4 * found.stderr
    assert found.stderr == pytest.approx(1 / math.sqrt(found.effective_samples), rel=0.05)
    assert found.log10_acceptance == pytest.approx(-2000 / math.log(10), abs=0.01)
    nothing = weighted(np.full(5, -math.inf), np.zeros(5))
    assert math.isnan(nothing.mean_gen_loss)
    assert nothing.effective_samples == 0


def test_tail_index_knows_light_from_heavy() -> None:
    rng = np.random.default_rng(0)
    assert tail_index(np.log(rng.uniform(0.5, 1.5, 10_000))) < 0.3
    assert tail_index(np.log(rng.pareto(1 / 0.4, 20_000) + 1)) == pytest.approx(0.4, abs=0.15)
    assert tail_index(np.log(rng.pareto(1.0, 20_000) + 1)) > 0.7
    assert tail_index(np.zeros(3)) == math.inf


def test_the_path_of_a_completion_is_that_of_its_one_hot_matrices() -> None:
    places = Task.random(kind="completion", seed=3)
    matrices = Task(places.ground_truth, places.measurements)
    paths = [
        guess_and_check(
            task, Network(width=40), epsilon=0.01, method="collapsed", samples=300, device="cpu"
        ).path
        for task in (places, matrices)
    ]
    assert len(paths[0]) > 3
    pd.testing.assert_frame_equal(*paths, rtol=1e-6)
