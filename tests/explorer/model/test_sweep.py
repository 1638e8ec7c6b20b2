"""A sweep on the page, without widgets: stored panels at once, own sweeps point by point."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from gncviz.experiment.settings import ExperimentSettings
from gncviz.explorer.model.runner import Phase
from gncviz.explorer.model.sweep import MOST_SAMPLES, SweepModel, own_sweep
from gncviz.paper import panel_settings
from gncviz.settings import SettingsError

QUICK = ExperimentSettings(
    guess_and_check={"epsilon": 0.2, "samples": 50, "device": "cpu"},
    descent={"epochs": 20},
    task={"seed": 3},
)
ENDLESS = ExperimentSettings(
    guess_and_check={"epsilon": 0.001, "method": "plain", "draws": 10**12, "device": "cpu"},
    descent={"epochs": 20},
)


def wait_for(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_a_panel_of_the_paper_is_there_at_once() -> None:
    model = SweepModel()
    model.choose(panel_settings(2, "tanh"))
    assert model.phase is Phase.IDLE
    assert model.result is not None
    assert model.result.complete


def test_an_own_sweep_takes_the_settings_of_the_page() -> None:
    settings = QUICK.replace(guess_and_check={"epsilon": 0.2, "samples": 10**6})
    sweep = own_sweep(settings, "depth", (2.0, 4.0), seeds=3)
    assert sweep.seeds == (3, 4, 5)
    assert sweep.axes[0].values == (2, 4)
    assert sweep.sampling.epsilon == 0.2
    assert sweep.sampling.samples == MOST_SAMPLES
    assert sweep.descent is not None
    assert sweep.descent.epochs == QUICK.descent.epochs
    with pytest.raises(SettingsError, match="whole numbers"):
        own_sweep(settings, "depth", (2.5,), seeds=3)


def test_an_own_sweep_fills_in_and_is_known_afterwards() -> None:
    model = SweepModel()
    settings = own_sweep(QUICK, "width", (5.0, 6.0), seeds=2)
    model.choose(settings)
    assert model.result is not None
    assert model.result.found == 0
    counts: list[int] = []
    model.observe(lambda change: counts.append(change["new"].found), "result")
    model.run()
    model.join(60)
    assert model.phase is Phase.DONE, model.error
    assert model.result.complete
    assert counts == sorted(counts)
    other = SweepModel()
    other.choose(settings)
    assert other.result is not None
    assert other.result.complete


def test_cancel_answers_at_once_and_frees_the_workers() -> None:
    model = SweepModel()
    model.choose(own_sweep(ENDLESS, "width", (5.0, 6.0), seeds=2))
    model.run()
    wait_for(lambda: model.progress is not None)
    start = time.monotonic()
    model.cancel()
    assert time.monotonic() - start < 0.3
    assert model.phase is Phase.CANCELLED
    model.join(10)
    assert not model._thread.is_alive()  # type: ignore[union-attr]


def test_choosing_another_sweep_ends_the_run_and_its_paint() -> None:
    model = SweepModel()
    model.choose(own_sweep(ENDLESS, "width", (5.0, 6.0), seeds=2))
    model.run()
    wait_for(lambda: model.progress is not None)
    panel = panel_settings(1, "linear")
    model.choose(panel)
    model.join(10)
    assert model.phase is Phase.IDLE
    assert model.result is not None
    assert model.result.settings == panel


def test_a_failure_is_a_sentence() -> None:
    model = SweepModel()
    settings = QUICK.replace(guess_and_check={"epsilon": 0.2, "device": "cuda:99"})
    model.choose(own_sweep(settings, "width", (5.0,), seeds=1))
    model.run()
    model.join(60)
    assert model.phase is Phase.FAILED
    assert "cuda:99" in model.error


def test_a_page_that_is_gone_ends_its_sweep() -> None:
    gone = threading.Event()
    model = SweepModel(abandoned=gone.is_set)
    model.choose(own_sweep(ENDLESS, "width", (5.0, 6.0), seeds=2))
    gone.set()
    model.run()
    model.join(60)
    assert model.phase is Phase.CANCELLED
