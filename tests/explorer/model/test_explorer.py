"""The explorer's state, without widgets: runs, cancels, supersedes, fails in words."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

import gncviz as gv
from gncviz.descent.settings import DescentSettings
from gncviz.experiment.run import Experiment
from gncviz.experiment.settings import ExperimentSettings
from gncviz.explorer.model import explorer as model_module
from gncviz.explorer.model.explorer import ExplorerModel
from gncviz.explorer.model.runner import Phase
from gncviz.posterior.settings import GuessAndCheckSettings

QUICK = ExperimentSettings(
    guess_and_check=GuessAndCheckSettings(epsilon=0.2, samples=50, draws=10**5),
    descent=DescentSettings(trials=2, epochs=20),
)
ENDLESS = QUICK.replace(
    guess_and_check=GuessAndCheckSettings(epsilon=0.01, samples=10**6, draws=10**14)
)


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def test_a_run_goes_through_all_steps() -> None:
    model = ExplorerModel(QUICK)
    phases: list[Phase] = []
    steps: list[int] = []
    model.observe(lambda change: phases.append(change["new"]), "phase")
    model.observe(lambda change: steps.append(change["new"].number), "step")
    model.run()
    model.join()
    assert phases == [Phase.RUNNING, Phase.DONE]
    assert steps == sorted(steps)
    assert {1, 2, 3} <= set(steps)
    found = model.experiment
    assert isinstance(found, Experiment)
    assert found.settings == QUICK
    assert found.post is not None
    assert found.descent is not None
    assert found.spectra is not None
    assert len(found.post.gen_loss) == 50
    assert found.descent.epochs == 20


def test_the_same_settings_give_the_same_numbers() -> None:
    means = []
    for _ in range(2):
        model = ExplorerModel(QUICK)
        model.run()
        model.join()
        assert model.experiment is not None
        assert model.experiment.post is not None
        means.append(model.experiment.post.mean_gen_loss)
    assert means[0] == means[1]


def test_cancel_returns_at_once_and_nothing_is_painted_afterwards() -> None:
    model = ExplorerModel(ENDLESS)
    model.run()
    wait_for(lambda: model.experiment is not None)
    start = time.perf_counter()
    model.cancel()
    assert time.perf_counter() - start < 0.1
    assert model.phase is Phase.CANCELLED
    model.join(timeout=10)
    painted: list[object] = []
    model.observe(painted.append, ["experiment", "step", "phase"])
    time.sleep(0.3)
    assert painted == []
    assert model.experiment is not None


def test_a_new_run_supersedes_the_one_before() -> None:
    model = ExplorerModel(ENDLESS)
    model.run()
    wait_for(lambda: model.experiment is not None)
    model.settings = QUICK
    model.run()
    seen: list[ExperimentSettings] = []
    model.observe(lambda change: seen.append(change["new"].settings), "experiment")
    wait_for(lambda: model.phase is Phase.DONE)
    assert seen
    assert all(settings == QUICK for settings in seen)


def test_a_run_ends_when_nobody_is_there() -> None:
    gone = threading.Event()
    model = ExplorerModel(ENDLESS, abandoned=gone.is_set)
    model.run()
    wait_for(lambda: model.experiment is not None)
    gone.set()
    model.join(timeout=10)
    assert model.phase is Phase.CANCELLED


def test_a_machine_without_the_device_is_said_in_a_sentence() -> None:
    settings = QUICK.replace(guess_and_check=GuessAndCheckSettings(epsilon=0.2, device="cuda:99"))
    model = ExplorerModel(settings)
    model.run()
    model.join()
    assert model.phase is Phase.FAILED
    assert "cuda:99" in model.error
    assert "allowed are" in model.error


def test_an_unforeseen_failure_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Experiment:
        raise RuntimeError("out of ink")

    monkeypatch.setattr(model_module, "run_experiment", broken)
    model = ExplorerModel(QUICK)
    model.run()
    model.join()
    assert model.phase is Phase.FAILED
    assert model.error == "The run failed (RuntimeError). The server's log says more."
    monkeypatch.undo()
    model.run()
    model.join()
    assert model.phase is Phase.DONE
    assert model.error == ""


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"task": gv.Task.completion(np.eye(4), held_out=0.3).recipe},
            "task should be TaskSettings",
        ),
        (
            {"network": gv.Network(activation=gv.Activation("cube", lambda x: x**3))},
            "activation should be one that the page offers",
        ),
    ],
)
def test_what_the_page_cannot_show_is_refused_and_nothing_changes(
    change: dict, sentence: str
) -> None:
    model = ExplorerModel()
    before = model.settings
    with pytest.raises(gv.SettingsError, match=sentence):
        model.settings = before.replace(**change)
    assert model.settings is before
    assert not model.history.can_undo
