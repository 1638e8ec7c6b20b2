"""Gradient descent keeps its time and hears Cancel, whatever the size of the network."""

from __future__ import annotations

import math
import threading
import time
from typing import Any

import numpy as np
import pytest
import torch

from gncviz import figures
from gncviz.descent import DescentSettings, TrialStatus, gradient_descent
from gncviz.descent.run import Descent
from gncviz.descent.step import initial_weights
from gncviz.network import Network
from gncviz.prior import Prior
from gncviz.progress import Progress
from gncviz.task import Task

TASK = Task.random(seed=0)
#: What the machine may add to half a second, for it has other things to do as well.
PATIENCE = 1.0


@pytest.mark.parametrize("width", [5, 100, 1000])
@pytest.mark.parametrize("depth", [2, 10, 30])
def test_seconds_are_kept(width: int, depth: int) -> None:
    start = time.perf_counter()
    gd = gradient_descent(
        TASK,
        Network(width=width, depth=depth),
        epochs=10**8,
        seconds=0.5,
        tolerance=0,
        device="cpu",
    )
    assert time.perf_counter() - start < 1.0 + PATIENCE
    assert gd.status == (TrialStatus.TIME_SPENT,) * 8
    assert math.isfinite(gd.mean_gen_loss) == bool(gd.known.any())


def test_a_thousand_million_epochs_are_begun_at_once() -> None:
    start = time.perf_counter()
    gd = gradient_descent(TASK, Network(), epochs=10**9, tolerance=0, seconds=0.3, device="cpu")
    assert time.perf_counter() - start < 0.8 + PATIENCE
    assert gd.epochs > 0


def test_cancel_is_heard_in_the_middle_of_a_long_epoch() -> None:
    event, stopped = threading.Event(), [0.0]

    def stop() -> None:
        stopped[0] = time.perf_counter()
        event.set()

    threading.Timer(1.0, stop).start()
    gd = gradient_descent(TASK, Network(width=1000, depth=20), cancel=event, device="cpu")
    assert time.perf_counter() - stopped[0] < 0.3 + PATIENCE
    assert gd.status == (TrialStatus.CANCELLED,) * 8


@pytest.mark.parametrize("init", ["uniform", Prior(), Prior(normalize=True)])
def test_trials_that_never_began_are_no_numbers(init: str | Prior) -> None:
    event = threading.Event()
    event.set()
    gd = gradient_descent(TASK, Network(), trials=3, init=init, cancel=event)
    assert gd.status == (TrialStatus.CANCELLED,) * 3
    assert not gd.known.any()
    assert not gd.diverged.any()
    assert np.isnan(gd.outputs).all()
    assert math.isnan(gd.mean_gen_loss)
    assert gd.history.empty
    assert list(gd.history.columns[:4]) == ["epoch", "trial", "train_loss", "gen_loss"]
    assert "3 stopped before the end; 0 epochs" in gd.message
    figures.learning_curves(gd)


def test_batches_of_trials_are_the_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other where they are large, and to the same end."""
    asked: dict[str, Any] = {"trials": 5, "epochs": 300, "lr": 1e-3, "tolerance": 1e-3}
    network = Network(width=20)
    together = gradient_descent(TASK, network, **asked)
    monkeypatch.setattr("gncviz.descent.run._BATCH_WEIGHTS", 400)
    reports: list[Progress] = []
    run = Descent([TASK] * 5, network, DescentSettings(trials=5), torch.device("cpu"))
    assert len(run.batches) == 3
    apart = gradient_descent(TASK, network, progress=reports.append, **asked)
    np.testing.assert_allclose(apart.outputs, together.outputs, rtol=1e-9)
    assert apart.status == together.status
    np.testing.assert_array_equal(apart.history["epoch"], together.history["epoch"])
    np.testing.assert_array_equal(apart.history["trial"], together.history["trial"])
    fractions = [report.fraction for report in reports]
    assert fractions == sorted(fractions)


def test_a_part_of_the_trials_starts_where_they_do_in_all() -> None:
    settings = DescentSettings(trials=4, seed=3)
    whole = initial_weights(TASK, Network(), settings)
    np.testing.assert_array_equal(initial_weights(TASK, Network(), settings, [1, 3]), whole[[1, 3]])


@pytest.mark.parametrize("init", ["uniform", Prior("uniform")])
def test_first_weights_made_in_pieces_are_the_same(
    init: str | Prior, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = DescentSettings(trials=2, init=init)
    whole = initial_weights(TASK, Network(), settings)
    monkeypatch.setattr("gncviz.descent.step._PIECE", 7)
    np.testing.assert_array_equal(initial_weights(TASK, Network(), settings), whole)


def test_trials_go_in_halves_where_memory_runs_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what the whole batch recorded before it ran out is forgotten."""
    asked: dict[str, Any] = {"trials": 5, "epochs": 300, "lr": 1e-3, "device": "cpu"}
    together, most = gradient_descent(TASK, Network(), **asked), []
    retire = Descent._retire

    def short(self: Descent, *given: Any) -> None:
        most.append(len(self.trials))
        if len(self.trials) > 2 and self.epoch >= 100:
            raise torch.cuda.OutOfMemoryError
        retire(self, *given)

    monkeypatch.setattr(Descent, "_retire", short)
    apart = gradient_descent(TASK, Network(), **asked)
    assert 5 in most
    assert 3 in most
    np.testing.assert_allclose(apart.outputs, together.outputs, rtol=1e-9)
    np.testing.assert_array_equal(apart.trial_epochs, together.trial_epochs)
    key = ["epoch", "trial"]
    for one, other in zip(
        *(gd.history.sort_values(key).to_numpy() for gd in (apart, together)), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-7)
    assert apart.warnings == ()


def test_a_full_gpu_is_left_for_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "gncviz.devices.resolve_device",
        lambda name: torch.device("cuda" if name == "auto" else name),
    )
    monkeypatch.setattr("gncviz.descent.run._GPU_WEIGHTS", 1)
    init, asked = Descent.__init__, {"trials": 2, "epochs": 100}

    def full(self: Descent, *given: Any) -> None:
        if given[-1].type == "cuda":
            raise torch.cuda.OutOfMemoryError
        init(self, *given)

    monkeypatch.setattr(Descent, "__init__", full)
    gd = gradient_descent(TASK, Network(), **asked)
    assert gd.device == "cpu"
    assert "memory of cuda ran short" in gd.warnings[0]
    usual = gradient_descent(TASK, Network(), **asked, device="cpu")
    np.testing.assert_array_equal(gd.outputs, usual.outputs)
