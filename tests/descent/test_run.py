"""Gradient descent against the naive loop, step by step, and on tasks whose answer is known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from gncviz.activation import ACTIVATIONS
from gncviz.descent import (
    DescentSettings,
    GradientDescentResult,
    TrialStatus,
    gradient_descent,
)
from gncviz.descent.step import initial_weights
from gncviz.network import Network
from gncviz.prior import Prior
from gncviz.progress import Progress
from gncviz.settings import SettingsError
from gncviz.task import Task
from tests import reference
from tests.pressed import AfterLooks

TASK = Task.random(rows=3, cols=4, measurements=6, seed=1)


def run(
    task: Task | list[Task] = TASK, network: Network | None = None, **settings: Any
) -> GradientDescentResult:
    """Gradient descent from a start that moves at once."""
    asked = {"init_scale": 0.7, "seed": 3, "tolerance": 0.0, "device": "cpu"}
    return gradient_descent(task, network or Network(width=4), **{**asked, **settings})


def starts(gd: GradientDescentResult) -> list[list[np.ndarray]]:
    """The weights of each trial at epoch 0, layer by layer."""
    tasks = list(gd.tasks)
    shapes = gd.network.layer_shapes(tasks[0].rows, tasks[0].cols)
    edges = np.cumsum([r * c for r, c in shapes])[:-1]
    flat = initial_weights(tasks[0], gd.network, gd.settings)
    return [
        [part.reshape(s) for part, s in zip(np.split(row, edges), shapes, strict=True)]
        for row in flat
    ]


def naive(gd: GradientDescentResult, trial: int, epochs: int) -> np.ndarray:
    """The path of one trial by autograd, with shape (epochs + 1, m, m')."""
    settings, task = gd.settings, gd.tasks[trial]
    path = reference.gradient_descent(
        starts(gd)[trial],
        task.ground_truth,
        task.measurements,
        gd.network.activation,
        lr=settings.lr,
        epochs=epochs,
        momentum=settings.momentum,
        step_rule=settings.step_rule,
        slope=gd.network.negative_slope,
    )
    return np.stack(path)


# --- the naive loop


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
@pytest.mark.parametrize("step_rule", ["adaptive", "fixed"])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_every_step_is_the_naive_step(name: str, step_rule: str, momentum: float) -> None:
    network = Network(width=4, depth=3, activation=name)
    gd = run(
        [TASK, Task.random(rows=3, cols=4, measurements=2, seed=2)],
        network,
        lr=0.01 if step_rule == "adaptive" else 0.05,
        epochs=60,
        step_rule=step_rule,
        momentum=momentum,
    )
    epochs = np.array([epoch for epoch, _, _ in gd.recorded])
    np.testing.assert_array_equal(epochs, np.arange(61))
    path = np.stack([matrices for _, _, matrices in gd.recorded])
    for trial in range(2):
        expected = naive(gd, trial, 60)
        np.testing.assert_allclose(path[:, trial], expected, rtol=1e-8, atol=1e-11)
        assert np.abs(expected[-1] - expected[0]).max() > 0.01


@pytest.mark.parametrize("depth", [1, 2, 5])
@pytest.mark.parametrize(("rows", "cols"), [(1, 4), (5, 2), (4, 4)])
def test_other_depths_and_shapes(depth: int, rows: int, cols: int) -> None:
    task = Task.random(rows=rows, cols=cols, measurements=3, seed=4)
    gd = run(task, Network(width=3, depth=depth), trials=2, lr=0.02, epochs=150)
    for trial in range(2):
        expected = naive(gd, trial, 150)[-1]
        np.testing.assert_allclose(gd.matrices[trial], expected, rtol=1e-7, atol=1e-10)


def test_momentum_acts() -> None:
    plain, heavy = (run(trials=1, epochs=50, lr=1e-3, momentum=m) for m in (0.0, 0.9))
    np.testing.assert_allclose(plain.recorded[1][2], heavy.recorded[1][2], rtol=1e-12)
    moved = [np.linalg.norm(gd.matrices - gd.recorded[0][2]) for gd in (plain, heavy)]
    assert moved[1] > 3 * moved[0]
    assert heavy.train_loss[0] < plain.train_loss[0]


def test_adaptive_rule_changes_lengths_only() -> None:
    """The first step has length lr · ‖g‖/(‖g‖ + 1e-6) and the direction of the gradient."""
    adaptive = run(trials=1, epochs=1, lr=1e-3, step_rule="adaptive", network=Network(depth=1))
    fixed = run(trials=1, epochs=1, lr=1e-3, step_rule="fixed", network=Network(depth=1))
    moves = [(gd.matrices - gd.recorded[0][2]).ravel() for gd in (adaptive, fixed)]
    assert np.linalg.norm(moves[0]) == pytest.approx(1e-3, rel=1e-4)
    cosine = moves[0] @ moves[1] / np.linalg.norm(moves[0]) / np.linalg.norm(moves[1])
    assert cosine == pytest.approx(1.0, abs=1e-12)


# --- known answers


@pytest.mark.parametrize("momentum", [0.0, 0.8])
def test_one_layer_ends_at_the_nearest_fit(momentum: float) -> None:
    """Least squares: W_0 + A⁺(y − A W_0), the fit that is closest to the start."""
    gd = run(
        TASK,
        Network(depth=1),
        trials=3,
        lr=1.0,
        epochs=4000,
        step_rule="fixed",
        momentum=momentum,
    )
    a = TASK.measurements.reshape(6, -1)
    for trial, (start,) in enumerate(starts(gd)):
        correction = np.linalg.pinv(a) @ (TASK.labels - a @ start.ravel())
        np.testing.assert_allclose(
            gd.matrices[trial].ravel(), start.ravel() + correction, rtol=0, atol=1e-9
        )


def test_rank_one_is_recovered_from_all_but_one_direction() -> None:
    """Prop. 1's setting, nearly everything measured: W* itself, from a small start."""
    task = Task.random(measurements=24, seed=5)
    gd = run(task, Network(), trials=4, lr=1e-3, init_scale=1e-3, epochs=20_000, tolerance=1e-7)
    assert all(status is TrialStatus.CONVERGED for status in gd.status)
    np.testing.assert_allclose(
        gd.matrices, np.broadcast_to(task.ground_truth, (4, 5, 5)), atol=5e-3
    )
    assert (gd.gen_loss < 1e-4).all()


def test_small_start_generalizes_and_a_large_one_does_not() -> None:
    task = Task.random(seed=6)
    small, large = (
        run(task, Network(width=20), init_scale=scale, lr=3e-3, epochs=20_000, tolerance=1e-8)
        for scale in (1e-3, 3.0)
    )
    assert (small.train_loss < 1e-8).all()
    assert (large.train_loss < 1e-8).all()
    assert small.gen_loss.max() < 0.2 * large.gen_loss.min()


def test_starts_are_uniform_within_the_scaled_bound() -> None:
    """±init_scale/√fan_in, filled evenly (Kolmogorov-Smirnov, a false alarm in 1e-6)."""
    from scipy.stats import kstest

    network, settings = Network(width=9, depth=3), DescentSettings(trials=300, init_scale=0.5)
    flat = initial_weights(TASK, network, settings)
    sizes = [r * c for r, c in network.layer_shapes(3, 4)]
    for part, fan_in in zip(np.split(flat, np.cumsum(sizes)[:-1], axis=1), (4, 9, 9), strict=True):
        bound = 0.5 / math.sqrt(fan_in)
        assert abs(part).max() <= bound
        assert kstest(part.ravel(), "uniform", args=(-bound, 2 * bound)).pvalue > 1e-6 / 3


@pytest.mark.parametrize("prior", [Prior(), Prior("uniform", scaling="fan_out")])
@pytest.mark.parametrize("depth", [1, 3])
def test_a_start_from_the_prior_has_the_priors_law(prior: Prior, depth: int) -> None:
    """Layer by layer (Kolmogorov-Smirnov, a false alarm in 1e-6)."""
    from scipy.stats import kstest

    network = Network(width=9, depth=depth)
    settings = DescentSettings(trials=300, init=prior, init_scale=0.5)
    flat = initial_weights(TASK, network, settings)
    shapes = network.layer_shapes(3, 4)
    edges = np.cumsum([r * c for r, c in shapes])[:-1]
    law = ("norm",) if prior.q.gaussian else ("uniform", (-1, 2))
    for part, shape in zip(np.split(flat, edges, axis=1), shapes, strict=True):
        entries = part.ravel() / (0.5 * prior.layer_scale(shape))
        assert kstest(entries, *law).pvalue > 1e-6 / 3


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_a_normalized_start_divides_every_layer(activation: str) -> None:
    """By ‖W‖^{1/d} (Definition 3): W has norm one where σ is positively homogeneous."""
    network = Network(width=4, depth=3, activation=activation)
    plain, normalized = (
        starts(run(trials=3, network=network, epochs=1, init=prior, init_scale=1.0))
        for prior in (Prior(), Prior(normalize=True))
    )
    for before, after in zip(plain, normalized, strict=True):
        norm = np.linalg.norm(reference.matrix(before, activation))
        for one, other in zip(before, after, strict=True):
            np.testing.assert_allclose(other, one / norm ** (1 / 3), rtol=1e-12)


@pytest.mark.parametrize(
    ("init", "field"), [("normal", "init"), (Prior(normalize="product"), "init.normalize")]
)
def test_what_is_no_law_of_a_start_is_refused(init: object, field: str) -> None:
    with pytest.raises(SettingsError) as caught:
        DescentSettings(init=init)
    ((name, sentence),) = caught.value.problems
    assert name == field
    assert "should be" in sentence


@pytest.mark.parametrize("init", ["uniform", Prior("uniform")])
def test_the_law_of_the_start_is_kept_in_stored_settings(init: object) -> None:
    settings = DescentSettings(init=init)
    assert DescentSettings.model_validate_json(settings.model_dump_json()) == settings


# --- when it ends


def test_tolerance_zero_runs_every_epoch() -> None:
    """Also long after the fit is exact, where the rounding of the loss decides nothing."""
    gd = run(TASK, Network(depth=1), trials=2, lr=1.0, step_rule="fixed", epochs=5000)
    assert gd.train_loss.max() < 1e-25
    assert gd.epochs == 5000
    assert gd.status == (TrialStatus.EPOCHS_SPENT,) * 2
    assert "2 of 2 trials used every epoch" in gd.message


def test_stops_early_once_every_trial_has_converged() -> None:
    gd = run(lr=0.01, epochs=50_000, trials=5, tolerance=1e-6)
    assert gd.status == (TrialStatus.CONVERGED,) * 5
    assert (gd.train_loss < 1e-6).all()
    assert gd.epochs == gd.trial_epochs.max() < 10_000
    assert "5 of 5 trials converged" in gd.message
    for trial in range(5):
        rows = gd.history[gd.history.trial == trial]
        assert rows.epoch.iloc[-1] == gd.trial_epochs[trial]
        assert rows.train_loss.iloc[-1] == pytest.approx(gd.train_loss[trial])
        assert (rows.train_loss.iloc[:-1] >= 1e-6).all()


def test_trials_do_not_depend_on_their_company() -> None:
    tasks = [Task.random(rows=3, cols=4, measurements=n, seed=n) for n in (1, 8, 3, 5)]
    settings = {"lr": 0.01, "epochs": 3000, "tolerance": 1e-5, "momentum": 0.5}
    together = run(tasks, **settings)
    assert len(set(together.trial_epochs)) > 1
    for count in (1, 2):
        fewer = run(tasks[:count], **settings)
        np.testing.assert_array_equal(fewer.trial_epochs, together.trial_epochs[:count])
        np.testing.assert_allclose(fewer.matrices, together.matrices[:count], rtol=1e-6, atol=1e-9)
    for trial, task in enumerate(tasks):
        matrix = together.matrices[trial]
        train = reference.train_loss(matrix, task.ground_truth, task.measurements)
        gen = reference.gen_loss(matrix, task.ground_truth, reference.complement(task.measurements))
        assert together.train_loss[trial] == pytest.approx(train, rel=1e-6, abs=1e-15)
        assert together.gen_loss[trial] == pytest.approx(gen, rel=1e-8)


def test_seed_decides() -> None:
    one, same, other = (run(epochs=10, trials=2, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.matrices, same.matrices)
    assert not np.isclose(one.matrices, other.matrices).any()
    assert not np.isclose(one.matrices[0], one.matrices[1]).any()


def test_diverged_trial_is_no_number_and_harms_no_other() -> None:
    calm = Task.random(rows=3, cols=4, measurements=6, seed=1)
    wild = Task.random(rows=3, cols=4, measurements=6, norm=1e4, seed=1)
    settings = {"lr": 0.1, "epochs": 2000, "step_rule": "fixed", "tolerance": 1e-3}
    gd = run([calm, wild, calm], **settings)
    assert gd.status[1] is TrialStatus.DIVERGED
    assert gd.status[0] is gd.status[2] is TrialStatus.CONVERGED
    np.testing.assert_array_equal(gd.diverged, [False, True, False])
    assert np.isnan(gd.matrices[1]).all()
    assert np.isnan([gd.train_loss[1], gd.gen_loss[1]]).all()
    assert gd.mean_gen_loss == pytest.approx(gd.gen_loss[[0, 2]].mean())
    assert "1 diverged" in gd.message
    assert np.isfinite(gd.history.to_numpy(dtype=float)).all()
    assert (gd.history.trial == 1).any()
    alone = run([calm], **settings)
    np.testing.assert_allclose(alone.matrices[0], gd.matrices[0], rtol=1e-8)


def test_all_diverged_says_so() -> None:
    gd = run(trials=2, lr=1e6, epochs=500, step_rule="fixed")
    assert gd.status == (TrialStatus.DIVERGED,) * 2
    assert math.isnan(gd.mean_gen_loss)
    assert "All 2 trials diverged" in gd.message
    assert "Lower the learning rate" in gd.message
    assert np.isfinite(gd.history.to_numpy(dtype=float)).all()
    assert "nan" in repr(gd)


def test_cancelled_run_returns_what_it_has() -> None:
    gd = run(epochs=10**6, trials=2, lr=1e-6, cancel=AfterLooks(10))
    assert gd.status == (TrialStatus.CANCELLED,) * 2
    assert 0 < gd.epochs < 10**6
    same = run(epochs=gd.epochs, trials=2, lr=1e-6)
    np.testing.assert_allclose(gd.matrices, same.matrices, rtol=1e-12)
    assert "2 stopped" in gd.message
    assert gd.history.epoch.max() <= gd.epochs


# --- what is reported


def test_history() -> None:
    gd = run(epochs=12_345, trials=3, lr=1e-4)
    history = gd.history
    names = [f"singular_value_{i}" for i in (1, 2, 3)]
    assert list(history.columns) == ["epoch", "trial", "train_loss", "gen_loss", *names]
    epochs = history.epoch.unique()
    assert (epochs[0], epochs[-1]) == (0, 12_345)
    assert 100 < len(epochs) < 260
    assert (np.diff(epochs) > 0).all()
    last = history[history.epoch == 12_345]
    np.testing.assert_array_equal(last.trial, [0, 1, 2])
    np.testing.assert_allclose(last.train_loss, gd.train_loss)
    np.testing.assert_allclose(last.gen_loss, gd.gen_loss)
    values = np.linalg.svd(gd.matrices, compute_uv=False)
    np.testing.assert_allclose(last[names], values)
    first = np.stack([w[1] @ w[0] for w in starts(gd)])
    np.testing.assert_allclose(
        history[history.epoch == 0].train_loss, TASK.train_loss(first), rtol=1e-10
    )


def test_progress_and_partial_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gncviz.progress._INTERVAL", 0.0)
    reports: list[Progress] = []
    gd = run(epochs=100_000, trials=2, progress=reports.append)
    fractions = [report.fraction for report in reports]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    partials = [report.partial() for report in reports if report.partial is not None]
    assert len(partials) == len(reports)
    assert partials[-1] is gd
    middle = partials[len(partials) // 2]
    assert 0 < middle.epochs < 100_000
    assert middle.status == (TrialStatus.CANCELLED,) * 2
    assert 0 < middle.history.epoch.max() <= middle.epochs
    assert "training loss at most" in reports[0].message


def test_result_keeps_settings_and_provenance() -> None:
    gd = run([TASK, TASK], epochs=5)
    assert gd.settings.trials == 2
    assert gd.tasks == (TASK, TASK)
    assert gd.device == "cpu"
    assert set(gd.versions) == {"gncviz", "torch", "numpy", "python"}
    assert gd.seconds > 0


@pytest.mark.parametrize(
    ("task", "settings", "sentence"),
    [
        ([TASK, TASK], {"trials": 3}, "trials should be 2, one for each task given; got 3"),
        ([TASK, Task.random(seed=0)], {}, "task must be of one shape"),
        (TASK, {"lr": -1.0}, "lr should be greater than 0; got -1.0"),
        (TASK, {"momentum": 1.0}, "momentum should be less than 1"),
        (TASK, {"steps": 3}, "steps is not a setting of DescentSettings"),
        ([], {}, "trials should be greater than or equal to 1; got 0"),
    ],
)
def test_bad_settings_are_refused_in_words(
    task: Task | list[Task], settings: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence):
        run(task, **settings)


def test_threads_are_given_back() -> None:
    import torch

    before = torch.get_num_threads()
    run(epochs=5, trials=1)
    assert torch.get_num_threads() == before


def test_a_loss_on_its_way_to_infinity_counts_as_diverged() -> None:
    task = Task.random(seed=0)
    gd = gradient_descent(
        task, Network(width=5), trials=2, lr=30.0, init_scale=1.0, step_rule="fixed", epochs=5
    )
    assert gd.diverged.all()
    assert np.isnan(gd.gen_loss).all()
    assert "Lower the learning rate" in gd.message
