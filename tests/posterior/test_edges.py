"""Right answers at the edges: any unit, ties, tasks that are degenerate but legal."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gncviz.network import Network
from gncviz.posterior import GuessAndCheckResult, Status, guess_and_check
from gncviz.prior import Prior
from gncviz.settings import SettingsError
from gncviz.task import Task

METHODS = ["plain", "splitting", "collapsed", "auto"]


def run(
    task: Task, network: Network | None = None, prior: Prior | None = None, **asked: Any
) -> GuessAndCheckResult:
    """A run on the CPU."""
    wanted = {"samples": 400, "device": "cpu", "seed": 1, **asked}
    return guess_and_check(task, network or Network(), prior or Prior(), **wanted)


def agree(one: GuessAndCheckResult, other: GuessAndCheckResult) -> None:
    """Within 4.5 standard errors: a false alarm once in 150 000 comparisons."""
    assert one.status is Status.OK
    assert other.status is Status.OK
    for name, stderr in (
        ("mean_gen_loss", "stderr"),
        ("log10_acceptance", "log10_acceptance_stderr"),
    ):
        error = math.hypot(getattr(one, stderr), getattr(other, stderr))
        assert abs(getattr(one, name) - getattr(other, name)) <= 4.5 * error + 1e-12, name


def agreeing(task: Task, network: Network, epsilon: float, methods: list[str] = METHODS) -> None:
    """Several methods hold against ten times as many plain draws."""
    plain = run(task, network, epsilon=epsilon, method="plain", samples=4000, draws=10**8)
    for method in methods:
        agree(run(task, network, epsilon=epsilon, method=method, seed=2), plain)


# --- units

SMALL = Task.random(rows=3, cols=3, measurements=4, seed=0)


UNITS = [1e-140, 1e20, *(pytest.param(u, marks=pytest.mark.slow) for u in (1e-20, 7.0, 1e140))]


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize(
    ("prior", "method"),
    [
        *((Prior(), method) for method in METHODS),
        *((Prior("uniform", normalize=True), method) for method in ("plain", "splitting", "auto")),
    ],
)
def test_the_unit_of_the_measurements_changes_nothing(
    unit: float, method: str, prior: Prior
) -> None:
    scaled = Task(SMALL.ground_truth, SMALL.measurements * unit)
    usual, other = (
        run(task, prior=prior, epsilon=epsilon, method=method)
        for task, epsilon in ((SMALL, 0.02), (scaled, 0.02 * unit**2))
    )
    assert (usual.status, usual.method) == (other.status, other.method)
    agree(usual, other)
    assert other.mean_gen_loss == pytest.approx(usual.mean_gen_loss, rel=0.05)
    if len(usual.path):
        np.testing.assert_allclose(
            other.path["epsilon"].min(), usual.path["epsilon"].min() * unit**2
        )


@pytest.mark.parametrize("method", METHODS)
def test_a_threshold_below_float64_s_rounding_is_refused(method: str) -> None:
    for task, epsilon in (
        (SMALL, 1e-310),
        (Task(SMALL.ground_truth, SMALL.measurements * 1e9), 1e-20),
    ):
        with pytest.raises(SettingsError, match="rounding errors") as caught:
            run(task, epsilon=epsilon, method=method)
        assert caught.value.problems[0][0] == "epsilon"


@pytest.mark.parametrize("name", ["ground_truth", "measurements"])
@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_where_float64_ends_there_is_one_clear_error(name: str, size: float) -> None:
    arrays = {"ground_truth": np.eye(2), "measurements": np.ones((1, 2, 2))}
    arrays[name] = arrays[name] * size
    with pytest.raises(SettingsError, match="largest entry") as caught:
        Task(**arrays)
    assert [field for field, _ in caught.value.problems] == [name]


# --- ties

DEAD = Network(width=1, depth=4, activation="relu")


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("side", ["below", "at", "just above", "above"])
def test_both_sides_of_a_tie(seed: int, side: str) -> None:
    """Most of these networks are dead and give W = 0, whose loss is within a rounding of ε."""
    task = Task.random(rows=3, cols=3, measurements=4, seed=seed)
    tie = float(task.train_loss(np.zeros((3, 3))))
    epsilon = {
        "below": tie * 0.999,
        "at": tie,
        "just above": math.nextafter(tie, 1),
        "above": tie * 1.001,
    }[side]
    plain = run(task, DEAD, epsilon=epsilon, method="plain", samples=5000, draws=10**8)
    fits = "above" in side
    assert (plain.acceptance > 0.5) == fits
    for method in ("splitting", "collapsed", "auto"):
        post = run(task, DEAD, epsilon=epsilon, method=method, seed=3)
        assert (post.acceptance > 0.5) == fits, method
        assert post.mean_gen_loss == pytest.approx(plain.mean_gen_loss, rel=0.1), method


# --- no numbers made up


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("activation", ["linear", "tanh"])
def test_what_a_network_cannot_do_is_no_number(method: str, activation: str) -> None:
    """A network of width one has rank one: no output fits entries that ask for rank two."""
    task = Task(3 * np.eye(3), np.eye(9)[[0, 1, 3, 4]].reshape(4, 3, 3))
    network = Network(width=1, activation=activation)
    post = run(task, network, epsilon=1e-3, method=method, draws=100_000, samples=50)
    assert post.status in (Status.NO_ACCEPTANCE, Status.EXTINCT, Status.BUDGET_EXHAUSTED)
    assert len(post.weights) == 0
    assert math.isnan(post.mean_gen_loss)
    assert not post.log10_acceptance > -20 or math.isnan(post.log10_acceptance)
    assert post.message


def test_a_narrow_network_s_draws_have_its_rank() -> None:
    """Width one, and a threshold that rank one can meet: collapsed draws are of rank one."""
    task = Task.random(rows=3, cols=3, measurements=2, seed=3)
    agreeing(task, Network(width=1), 0.05, ["collapsed", "splitting"])
    post = run(task, Network(width=1), epsilon=0.05, method="collapsed")
    assert (np.linalg.matrix_rank(post.matrices, tol=1e-6) == 1).all()


# --- degenerate but legal

RNG = np.random.default_rng(0)
DEGENERATE = {
    "one zero measurement": (Task(np.eye(2), np.zeros((1, 2, 2))), 1e-3),
    "a zero measurement among others": (
        Task(np.eye(2) / 2, np.stack([np.zeros((2, 2)), RNG.standard_normal((2, 2))])),
        0.05,
    ),
    "1 × 1": (Task([[0.5]], [[[0.0]]]), 1e-3),
    "1 × N": (Task([[0.5, -0.2, 0.1]], [[[1.0, 0.0, 0.0]]]), 0.01),
    "N × 1": (Task([[0.5], [-0.2], [0.1]], [[[1.0], [0.0], [0.0]]]), 0.01),
    "zero ground truth": (Task(np.zeros((3, 3)), SMALL.measurements), 0.02),
    "duplicated": (Task(SMALL.ground_truth, np.concatenate([SMALL.measurements] * 3)), 0.02),
    "n = m·m', one twice": (
        Task(
            np.eye(2) / 2, np.stack([*np.eye(4)[:3].reshape(3, 2, 2), np.eye(4)[0].reshape(2, 2)])
        ),
        0.05,
    ),
    "all but one entry": (
        Task.random(rows=2, cols=2, measurements=3, kind="completion", seed=1),
        0.05,
    ),
}


@pytest.mark.parametrize("name", DEGENERATE)
@pytest.mark.parametrize(
    "network", [Network(width=3), Network(width=4, depth=3, activation="tanh")]
)
def test_all_methods_agree_on(name: str, network: Network) -> None:
    task, epsilon = DEGENERATE[name]
    seen = len(task.measured_basis) > 0
    agreeing(task, network, epsilon, [m for m in METHODS if seen or m != "collapsed"])


def test_nothing_measured_is_nothing_to_integrate_out() -> None:
    task, epsilon = DEGENERATE["one zero measurement"]
    with pytest.raises(SettingsError, match="all zero"):
        run(task, epsilon=epsilon, method="collapsed")


@settings(max_examples=30, deadline=None)
@given(
    rows=st.integers(1, 3),
    cols=st.integers(1, 3),
    count=st.integers(1, 4),
    unit=st.sampled_from([1e-30, 1.0, 1e30]),
    seed=st.integers(0, 99),
    zero=st.booleans(),
)
def test_any_small_task(
    rows: int, cols: int, count: int, unit: float, seed: int, zero: bool
) -> None:
    """Splitting against plain draws, or one clear error when the task is made."""
    rng = np.random.default_rng(seed)
    measurements = rng.integers(-1, 2, (count, rows, cols)) * unit
    truth = np.zeros((rows, cols)) if zero else rng.standard_normal((rows, cols)) / 2
    if np.linalg.matrix_rank(measurements.reshape(count, -1)) == rows * cols:
        with pytest.raises(SettingsError, match="span all"):
            Task(truth, measurements)
        return
    task = Task(truth, measurements)
    epsilon = float(np.quantile(task.train_loss(rng.standard_normal((400, rows, cols))), 0.1))
    epsilon = max(epsilon, 1e-3 * unit**2)
    network = Network(width=3)
    plain = run(task, network, epsilon=epsilon, method="plain", samples=2000, draws=10**6)
    if plain.status is Status.OK:
        agree(run(task, network, epsilon=epsilon, method="splitting", samples=200), plain)


# --- scale and size


def test_the_deepest_networks_give_numbers() -> None:
    """Leaky ReLU at depth 1 000: without normalization W vanishes, and is a number all the same."""
    network = Network(depth=1000, activation="leaky_relu")
    for prior in (Prior(), Prior(normalize=True)):
        post = run(
            Task.random(seed=0), network, prior, epsilon=1.0, samples=5, draws=64, seconds=20
        )
        for values in (post.prior_gen_loss, post.prior_train_loss, post.gen_loss):
            assert np.isfinite(values).all()


def test_a_completion_keeps_places_and_not_matrices() -> None:
    task = Task.random(rows=1000, cols=1000, measurements=600_000, kind="completion", seed=0)
    assert task.entries is not None
    assert task.entries.nbytes < 5_000_000
    post = run(task, Network(width=5, activation="tanh"), epsilon=1e-3, samples=3, seconds=1)
    assert post.matrices.shape[1:] == (1000, 1000)
    assert post.prior_gen_loss.size >= 1
    for too_large in (lambda: task.measurements, lambda: task.measured_basis):
        with pytest.raises(SettingsError, match="GB"):
            too_large()
    with pytest.raises(SettingsError, match="samples would be"):
        run(task, epsilon=1e-3, samples=2000)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rows": 1000, "cols": 1000, "measurements": 600_000}, "measurements"),
        ({"rows": 400, "cols": 400, "measurements": 90_000}, "measurements"),
    ],
)
def test_what_would_not_fit_is_refused_with_its_size(changes: dict[str, int], field: str) -> None:
    with pytest.raises(SettingsError, match=r"GB; at most \d+ GB") as caught:
        Task.random(**changes)
    assert caught.value.problems[0][0] == field


@pytest.mark.parametrize(
    ("normalize", "method"), list(itertools.product([False, True], ["splitting"]))
)
def test_populations_that_do_not_fit_are_refused(normalize: bool, method: str) -> None:
    network = Network(width=1000, depth=30, activation="tanh")
    with pytest.raises(SettingsError, match="GB") as caught:
        run(SMALL, network, Prior(normalize=normalize), epsilon=0.1, method=method, seconds=1)
    assert caught.value.problems[0][0] == "method"


@pytest.mark.parametrize("method", ["plain", "splitting", "collapsed", "auto"])
def test_the_largest_threshold_there_is(method: str) -> None:
    largest = np.finfo(float).max
    post = guess_and_check(
        Task.random(), Network(), epsilon=largest, samples=20, method=method, device="cpu"
    )
    assert post.mean_gen_loss > 0
    assert abs(post.log10_acceptance) < 4 * (post.log10_acceptance_stderr or 1e-9)
