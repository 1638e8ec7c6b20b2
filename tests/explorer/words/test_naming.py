"""Runs are called by what tells them apart."""

from __future__ import annotations

import pytest

import gncviz as gv
from gncviz.experiment.run import Experiment
from gncviz.experiment.settings import ExperimentSettings
from gncviz.explorer.model.runner import Phase
from gncviz.explorer.words.naming import setting_in_words, what_differs, whose

USUAL = ExperimentSettings()


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"network": gv.Network(width=7)}, "width 7"),
        ({"network": gv.Network(width=7, depth=3, activation="tanh")}, "tanh, width 7, depth 3"),
        ({"prior": gv.Prior(normalize="product")}, "product normalized"),
        ({"prior": gv.Prior("uniform", scaling="fan_out")}, "uniform prior, fan-out"),
        ({"guess_and_check": {"epsilon": 0.5}}, "ε = 0.5"),
        ({"task": {"kind": "completion", "seed": 3}}, "completion, seed 3"),
        ({"task": {"rows": 6, "rank": 2, "norm": 1.5}}, "6 × 5, rank 2, norm 1.5"),
    ],
)
def test_a_run_is_called_by_what_differs(change: dict[str, object], name: str) -> None:
    assert what_differs(ExperimentSettings(**change), USUAL) == name


def test_what_no_name_tells_apart_is_called_in_full() -> None:
    slower = Experiment(ExperimentSettings(descent={"lr": 0.1}))
    assert what_differs(slower.settings, USUAL) == ""
    assert setting_in_words(USUAL) == "linear, width 5, depth 2, seed 0"
    assert setting_in_words(USUAL) in whose(slower, USUAL, Phase.DONE)


def test_whose_is_said_only_of_another_run() -> None:
    wide = ExperimentSettings(network=gv.Network(width=40))
    assert whose(None, USUAL, Phase.RUNNING) == ""
    assert whose(Experiment(USUAL), USUAL, Phase.RUNNING) == ""
    assert whose(Experiment(wide), USUAL, Phase.DONE) == "From the run before (width 40)"
    assert "nothing to show yet" in whose(Experiment(wide), USUAL, Phase.RUNNING)
