"""The way on from a run without draws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import gncviz as gv
from gncviz.experiment.run import Experiment
from gncviz.experiment.settings import ExperimentSettings
from gncviz.explorer.words.remedy import remedy
from gncviz.posterior.outcome import Status


@pytest.fixture(scope="module")
def post() -> gv.GuessAndCheckResult:
    task = gv.Task.random(seed=0)
    found = gv.guess_and_check(
        task, gv.Network(), epsilon=1e-9, samples=10, draws=500, method="plain"
    )
    assert found.status is Status.NO_ACCEPTANCE
    return found


def experiment(post: gv.GuessAndCheckResult, method: str, **changes: object) -> Experiment:
    settings = ExperimentSettings(guess_and_check={"method": method, "epsilon": 1e-9})
    return Experiment(settings, post=replace(post, **changes))


def test_a_chosen_method_is_left_to_the_automatic_choice(post: gv.GuessAndCheckResult) -> None:
    found = remedy(experiment(post, "plain"))
    assert found.button == "Use the automatic method"
    assert found.settings.guess_and_check.method == "auto"
    assert found.settings.guess_and_check.epsilon == 1e-9


@pytest.mark.parametrize(("lowest", "raised"), [(3.21e-4, 3.3e-4), (0.02, 0.02), (0.0999, 0.1)])
def test_the_threshold_is_raised_to_where_the_run_came(
    post: gv.GuessAndCheckResult, lowest: float, raised: float
) -> None:
    path = pd.DataFrame({"epsilon": [1.0, lowest]})
    found = remedy(experiment(post, "auto", status=Status.EXTINCT, path=path))
    assert found.settings.guess_and_check.epsilon == raised
    assert found.button.startswith("Raise ε to")


def test_where_nothing_is_known_nothing_is_promised(post: gv.GuessAndCheckResult) -> None:
    assert remedy(None) is None
    assert remedy(Experiment(ExperimentSettings())) is None
    nowhere = pd.DataFrame({"epsilon": np.empty(0)})
    assert remedy(experiment(post, "auto", path=nowhere)) is None
    for status in (Status.RUNNING, Status.CANCELLED):
        assert remedy(experiment(post, "plain", status=status)) is None
    fits = gv.guess_and_check(post.task, post.network, epsilon=0.3, samples=10)
    assert remedy(Experiment(ExperimentSettings(), post=fits)) is None
