"""Guess & Check to the letter: budgets, exactness, closed forms, and the naive loop as a judge."""

from __future__ import annotations

import math
import subprocess
import sys
import threading
import time
from typing import Any

import numpy as np
import pytest
import scipy.integrate
import scipy.stats
import torch

from gncviz.network import Network
from gncviz.posterior import GuessAndCheckResult, Status, guess_and_check, problem
from gncviz.posterior.estimate import acceptance_interval
from gncviz.posterior.rejection.screen import TorchScreen
from gncviz.prior import Prior
from gncviz.progress import Progress
from gncviz.task import Task
from tests import reference
from tests.pressed import AfterLooks

TASK = Task.random(rows=3, cols=4, measurements=4, seed=1)


def run(task: Task = TASK, network: Network | None = None, **settings: Any) -> GuessAndCheckResult:
    """Plain Guess & Check with small budgets."""
    asked = {"epsilon": 0.05, "samples": 10**7, "draws": 50_000, "seed": 1, "device": "cpu"}
    return guess_and_check(task, network or Network(), method="plain", **{**asked, **settings})


def assert_same(one: GuessAndCheckResult, other: GuessAndCheckResult) -> None:
    """The same draws, up to the last digits of float64."""
    assert (one.draws, one.status, len(one.weights)) == (
        other.draws,
        other.status,
        len(other.weights),
    )
    np.testing.assert_allclose(one.matrices, other.matrices, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(one.prior_matrices, other.prior_matrices, rtol=1e-9, atol=1e-12)


# --- budgets and status


@pytest.mark.parametrize("draws", [1, 1000, 16_384, 16_385, 100_003])
def test_exactly_the_draws_asked_for_when_nothing_fits(draws: int) -> None:
    post = run(epsilon=1e-30, draws=draws)
    assert post.draws == draws
    assert post.status is Status.NO_ACCEPTANCE
    assert math.isnan(post.mean_gen_loss)
    assert math.isnan(post.stderr)
    assert post.matrices.shape == (0, 3, 4)
    assert (post.acceptance, post.log10_acceptance, post.effective_samples) == (0, -math.inf, 0)
    assert post.acceptance_interval[0] == 0
    assert post.acceptance_interval[1] == pytest.approx(1 - 0.025 ** (1 / draws))
    assert post.message.startswith("none of ")
    assert "raise ε" in post.message
    assert len(post.prior_gen_loss) == 10_000


def test_draw_budget_is_spent_to_the_last() -> None:
    post = run(draws=50_001)
    assert post.draws == 50_001
    assert post.status is Status.BUDGET_EXHAUSTED
    assert 0 < len(post.weights) < 10**7
    assert post.acceptance == pytest.approx(len(post.weights) / post.draws)
    assert f"of {10**7:,} wanted".replace(",", " ") in post.message


def test_sample_budget_stops_at_the_draw_that_fills_it() -> None:
    everything = run(draws=60_000)
    for samples in (1, 7, len(everything.weights) - 1):
        post = run(draws=60_000, samples=samples)
        assert post.status is Status.OK
        assert len(post.weights) == samples
        np.testing.assert_allclose(post.matrices, everything.matrices[:samples], rtol=1e-9)
        # One draw less would have been one accepted draw less.
        short = run(draws=post.draws - 1, samples=samples)
        assert len(short.weights) == samples - 1
        exact = run(draws=post.draws, samples=samples)
        assert (exact.status, exact.draws) == (Status.OK, post.draws)


def test_time_budget() -> None:
    post = run(epsilon=1e-30, draws=10**12, seconds=0.2)
    assert post.status is Status.NO_ACCEPTANCE
    assert 0 < post.draws < 10**12
    assert post.draws % problem.Problem.prepare(TASK, Network(), Prior(), post.settings).block == 0
    assert post.seconds < 5


@pytest.mark.parametrize("epsilon", [0.05, 1e-30])
def test_cancelled_run_returns_what_it_has(epsilon: float) -> None:
    post = run(epsilon=epsilon, draws=10**9, cancel=AfterLooks(3))
    assert post.status is Status.CANCELLED
    assert 0 < post.draws <= 5 * 16_384
    np.testing.assert_array_equal(len(post.matrices) > 0, epsilon == 0.05)
    words = "then stopped" if epsilon == 0.05 else "draws so far fits"
    assert words in post.message
    same = run(epsilon=epsilon, draws=post.draws)
    np.testing.assert_allclose(post.matrices, same.matrices, rtol=1e-9)


def test_cancel_takes_effect_at_once() -> None:
    """From the press to the result, at a width where blocks are heavy; 0.1 s on an idle machine."""
    event, pressed = threading.Event(), [math.inf]

    def press(report: Progress) -> None:
        assert report.partial is not None
        report.partial()
        pressed[0] = min(pressed[0], time.perf_counter())
        event.set()

    wide = Network(width=160, activation="tanh")
    post = run(network=wide, draws=10**12, seconds=20, cancel=event, progress=press)
    assert post.status is Status.CANCELLED
    assert time.perf_counter() - pressed[0] < 1.0


def test_progress_carries_partial_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gncviz.progress._INTERVAL", 0.0)
    reports: list[Progress] = []
    partials: list[GuessAndCheckResult] = []

    def watch(report: Progress) -> None:
        reports.append(report)
        assert report.partial is not None
        partials.append(report.partial())

    post = run(draws=100_000, progress=watch)
    assert len(reports) == 1 + 7 + 1  # the prior, every block, and the end
    fractions = [report.fraction for report in reports]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    counts = [len(partial.weights) for partial in partials]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1] == len(post.weights)
    assert partials[0].draws == counts[0] == 0
    np.testing.assert_array_equal(partials[0].prior_gen_loss, post.prior_gen_loss)
    assert math.isnan(partials[0].mean_gen_loss)
    assert partials[1].draws == 16_384
    np.testing.assert_array_equal(partials[2].matrices, post.matrices[: counts[2]])
    assert partials[-1] is post
    assert "draws fit" in reports[1].message


# --- exactness and repeatability

CASES = {
    "linear": (Network(), Prior()),
    "wide, reduced": (Network(width=160), Prior()),
    "wide tanh": (Network(width=40, activation="tanh"), Prior("uniform")),
    "normalized": (Network(depth=4), Prior(normalize=True)),
    "normalized tanh": (Network(depth=3, activation="tanh"), Prior(normalize=True)),
    "authors' tanh": (
        Network(depth=3, activation="tanh"),
        Prior(normalize="product", scaling="fan_out"),
    ),
    "leaky": (Network(depth=3, activation="leaky_relu"), Prior(normalize=True)),
    "relu": (Network(width=8, activation="relu"), Prior("uniform", scaling="fan_out")),
}
each_case = pytest.mark.parametrize(("network", "prior"), CASES.values(), ids=CASES.keys())


@each_case
def test_every_draw_satisfies_the_strict_inequality(
    network: Network, prior: Prior, device: torch.device
) -> None:
    post = run(network=network, prior=prior, epsilon=0.04, draws=40_000, device=str(device))
    basis = reference.complement(TASK.measurements)
    assert len(post.weights) > 20
    for i in range(0, len(post.weights), max(len(post.weights) // 20, 1)):
        loss = reference.train_loss(post.matrices[i], TASK.ground_truth, TASK.measurements)
        assert loss < 0.04
        assert post.train_loss[i] == pytest.approx(loss, rel=1e-9)
        gen = reference.gen_loss(post.matrices[i], TASK.ground_truth, basis)
        assert post.gen_loss[i] == pytest.approx(gen, rel=1e-9)
    np.testing.assert_array_equal(post.train_loss < 0.04, True)
    np.testing.assert_allclose(post.train_loss, TASK.train_loss(post.matrices), rtol=1e-12)
    assert post.mean_gen_loss == pytest.approx(post.gen_loss.mean())
    assert post.stderr == pytest.approx(scipy.stats.sem(post.gen_loss))
    assert post.effective_samples == pytest.approx(len(post.weights))
    assert post.weights.sum() == pytest.approx(1.0)


def test_the_inequality_is_strict_to_the_last_bit() -> None:
    """With ε at a draw's own loss that draw is out; one step of float64 higher it is in."""
    post = run(draws=30_000)
    edge = float(post.train_loss.max())
    below = run(draws=30_000, epsilon=edge)
    assert len(below.weights) == len(post.weights) - 1
    assert below.train_loss.max() < edge
    again = run(draws=30_000, epsilon=math.nextafter(edge, 1))
    np.testing.assert_array_equal(again.train_loss, post.train_loss)


def test_screening_in_float32_loses_no_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the screen (every draw checked in float64) the same draws are accepted."""
    settings = {"epsilon": 0.3, "draws": 30_000}
    screened = run(**settings)
    monkeypatch.setattr(problem.Problem, "screen", math.inf)
    assert_same(screened, run(**settings))
    assert len(screened.weights) > 3000


@pytest.mark.parametrize("factor", [1e-100, 1e-20, 1e-5, 1.0, 1e5, 1e20, 1e100])
def test_units_of_the_measurements_do_not_matter(factor: float) -> None:
    """W* = 0, A_i in any unit and ε in its square: the same draws, and the same care in float32."""
    epsilon, measurements = 1e-3, TASK.measurements[:1, :2, :2]
    usual = run(Task(np.zeros((2, 2)), measurements), epsilon=epsilon, draws=100_000)
    task, scaled = Task(np.zeros((2, 2)), factor * measurements), epsilon * factor**2
    other = run(task, epsilon=scaled, draws=100_000)
    assert len(usual.weights) == len(other.weights) > 1000
    np.testing.assert_allclose(usual.matrices, other.matrices, rtol=1e-9)
    for post in (usual, other):
        made = problem.Problem.prepare(post.task, Network(), Prior(), post.settings)
        assert 1.0001 < math.sqrt(made.screen * made.unit / post.settings.epsilon) < 1.01


@each_case
def test_numbers_do_not_depend_on_how_the_work_is_grouped(
    network: Network, prior: Prior, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"network": network, "prior": prior, "draws": 30_011}
    usual = run(**settings)
    before = torch.get_num_threads()
    try:
        for threads in (1, 3):
            torch.set_num_threads(threads)
            assert_same(usual, run(**settings))
    finally:
        torch.set_num_threads(before)
    # Several blocks at a time, as on a GPU.
    monkeypatch.setattr(TorchScreen, "most", property(lambda self: 3 * self.unit))
    assert_same(usual, run(**settings))


def test_seed_decides() -> None:
    one, same, other = (run(seed=seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(one.matrices, same.matrices)
    np.testing.assert_array_equal(one.prior_matrices, same.prior_matrices)
    assert not np.isin(one.gen_loss, other.gen_loss).any()
    assert not np.isin(one.prior_gen_loss, other.prior_gen_loss).any()


def test_posterior_and_prior_draws_are_different_draws() -> None:
    post = run(epsilon=1e9, draws=20_000)
    assert len(post.weights) == 20_000
    assert not np.isin(post.gen_loss, post.prior_gen_loss).any()


# --- laws


@each_case
def test_agrees_with_the_naive_loop(network: Network, prior: Prior, device: torch.device) -> None:
    """Acceptance (Fisher) and L_gen (Kolmogorov-Smirnov), posterior and prior: 4e-6 a case."""
    epsilon, count = 0.15, 2000
    post = run(network=network, prior=prior, epsilon=epsilon, draws=150_000, device=str(device))
    rng = np.random.default_rng(7)
    basis = reference.complement(TASK.measurements)
    layers = reference.shapes(3, 4, network.width, network.depth)
    form = {"normalize": prior.normalize, "scaling": prior.scaling}
    train, gen = np.empty(count), np.empty(count)
    for i in range(count):
        entries = reference.draw_entries(rng, layers, prior.family)
        w = reference.prior_matrix(entries, network.activation, **form)
        train[i] = reference.train_loss(w, TASK.ground_truth, TASK.measurements)
        gen[i] = reference.gen_loss(w, TASK.ground_truth, basis)
    accepted = int((train < epsilon).sum())
    assert accepted > 20
    counts = [[accepted, count - accepted], [len(post.weights), post.draws - len(post.weights)]]
    assert scipy.stats.fisher_exact(counts).pvalue > 1e-6
    assert scipy.stats.ks_2samp(gen[train < epsilon], post.gen_loss).pvalue > 1e-6
    assert scipy.stats.ks_2samp(gen, post.prior_gen_loss).pvalue > 1e-6
    assert scipy.stats.ks_2samp(train, post.prior_train_loss).pvalue > 1e-6


def orthonormal_task(n: int, seed: int) -> Task:
    """Orthonormal measurements of a 3 × 3 ground truth."""
    rng = np.random.default_rng(seed)
    q, _ = np.linalg.qr(rng.standard_normal((9, n)))
    return Task(rng.standard_normal((3, 3)) / 4, q.T.reshape(n, 3, 3))


@pytest.mark.parametrize("n", [1, 3, 8])
def test_closed_form_of_one_layer(n: int, device: torch.device) -> None:
    """d = 1, Gaussian: n L_train/σ² is noncentral χ²_n, and L_gen is independent of it.

    Exact binomial test of the acceptance and 5 standard errors of both mean losses: 3e-6 a case.
    """
    task = orthonormal_task(n, seed=n)
    epsilon, variance = 0.2, 1 / 3
    labels = task.labels
    probability = scipy.stats.ncx2.cdf(epsilon * n / variance, n, float(labels @ labels) / variance)
    unseen = float(((task.complement * task.ground_truth).sum(axis=(1, 2)) ** 2).mean())
    post = run(task, Network(depth=1), epsilon=epsilon, draws=300_000, device=str(device))
    accepted = len(post.weights)
    assert scipy.stats.binomtest(accepted, 300_000, probability).pvalue > 1e-6
    assert abs(post.mean_gen_loss - (variance + unseen)) < 5 * post.stderr
    assert abs(post.prior_mean_gen_loss - (variance + unseen)) < 5 * post.prior_stderr
    assert post.stderr < 0.05 * post.mean_gen_loss


@pytest.mark.parametrize("width", [2, 5, 60])
@pytest.mark.parametrize("rows", [1, 2])
def test_closed_form_of_two_layers(width: int, rows: int, device: torch.device) -> None:
    """One entry of W seen: given ‖w‖² of its row of W_2 (χ²_k/k) it is N(0, ‖w‖²/m'): 1e-6."""
    truth = np.full((rows, 3), 0.3)
    seen = np.zeros((1, rows, 3))
    seen[0, 0, 0] = 1
    epsilon = 0.01

    def given(s: float) -> float:
        spread = math.sqrt(s / width / 3)
        low, high = (0.3 - math.sqrt(epsilon)) / spread, (0.3 + math.sqrt(epsilon)) / spread
        between = scipy.stats.norm.cdf(high) - scipy.stats.norm.cdf(low)
        return float(between * scipy.stats.chi2.pdf(s, width))

    probability, _ = scipy.integrate.quad(given, 0, 10 * width + 100, limit=500)
    task = Task(truth, seen)
    post = run(task, Network(width=width), epsilon=epsilon, draws=300_000, device=str(device))
    assert scipy.stats.binomtest(len(post.weights), 300_000, probability).pvalue > 1e-6


# --- the interval of the acceptance


@pytest.mark.parametrize("probability", [0.003, 0.05, 0.4])
def test_interval_covers_when_the_draws_are_fixed(probability: float) -> None:
    """Coverage summed over every outcome, no sampling: at least 95 %, and not 99 %."""
    draws = 600
    law = scipy.stats.binom(draws, probability)
    coverage = sum(
        law.pmf(a)
        for a in range(draws + 1)
        if _within(probability, acceptance_interval(a, draws, stopped_by_count=False))
    )
    assert 0.95 <= coverage < 0.99


@pytest.mark.parametrize("probability", [0.02, 0.2])
@pytest.mark.parametrize("accepted", [1, 5, 40])
def test_interval_covers_when_the_count_is_fixed(probability: float, accepted: int) -> None:
    """Draws until a number of accepted ones: coverage summed over the negative binomial law."""
    law = scipy.stats.nbinom(accepted, probability)
    last = int(law.ppf(1 - 1e-9))
    coverage = sum(
        law.pmf(failures)
        for failures in range(last + 1)
        if _within(probability, acceptance_interval(accepted, accepted + failures, True))
    )
    assert 0.95 - 1e-8 <= coverage < 0.99


def _within(value: float, interval: tuple[float, float]) -> bool:
    return interval[0] <= value <= interval[1]


def test_interval_at_the_edges() -> None:
    assert acceptance_interval(0, 1, False) == (0.0, pytest.approx(0.975))
    assert acceptance_interval(10, 10, False)[1] == 1.0
    assert acceptance_interval(10, 10, True)[1] == 1.0
    assert 0 < acceptance_interval(1, 10**15, False)[0] < 1e-15


# --- memory

_MEASURE = """
import re, torch, gncviz as gv
def peak():  # MiB; getrusage would remember the process that started this one
    with open("/proc/self/status") as status:
        return int(re.search(r"VmHWM:\\s+(\\d+)", status.read())[1]) / 1024
task, before = gv.Task.random(seed=0), peak()
network = gv.Network(width=160, depth={depth}, activation="{name}")
found = []
for draws in ({draws}, 16 * {draws}):
    gv.guess_and_check(task, network, epsilon=1e-9, draws=draws, method="plain", device="cpu")
    found.append(peak() - before)
print(*found)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize(
    ("name", "depth", "draws"),
    [
        ("tanh", 2, 5_000),
        pytest.param("linear", 2, 200_000, marks=pytest.mark.slow),
        pytest.param("tanh", 5, 500, marks=pytest.mark.slow),
    ],
)
def test_memory_at_width_160(name: str, depth: int, draws: int) -> None:
    """Peak over import under half a GiB, and sixteen times the draws need no more of it.

    Kept, the random numbers of the further draws would take 480 MB and more; 200 MB are allowed for
    the allocator, which keeps what threads give back.
    """
    script = _MEASURE.format(name=name, depth=depth, draws=draws)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    first, second = map(float, done.stdout.split())
    assert second < 512
    assert second < first + 200
