"""The figures in words: what is drawn is said."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from gncviz import paper
from gncviz.experiment.run import run_experiment
from gncviz.experiment.settings import ExperimentSettings, assemble
from gncviz.explorer.words import summaries
from gncviz.sweeps import Axis, SweepResult, SweepSettings
from gncviz.words import estimate, scientific


class Never:
    """Not cancelled."""

    def is_set(self) -> bool:
        return False


@pytest.fixture(scope="module")
def found():
    settings = ExperimentSettings(
        guess_and_check={"epsilon": 0.1, "samples": 50, "device": "cpu"},
        descent={"trials": 2, "epochs": 20},
    )
    return run_experiment(settings, lambda *_: None, Never())


def test_losses_are_those_of_the_run(found) -> None:
    said = summaries.losses(found)
    assert said.startswith("Generalization loss. linear, width 5, depth 2")
    assert f"mean {estimate(found.post.mean_gen_loss, found.post.stderr)}" in said
    assert "gradient descent: mean" in said


def test_a_path_and_spectra_have_their_ends(found) -> None:
    assert f"at {found.post.path['epsilon'].iloc[0]:.2g} loss" in summaries.path(found)
    assert "depth 1: " in summaries.spectra(found)
    assert "depth 10: " in summaries.spectra(found)
    assert "5 by 5 entries" in summaries.matrices(found)


def test_mechanisms_are_said_width_by_width_and_depth_by_depth(found) -> None:
    table = found.mechanism.dependence
    said = summaries.dependence(table)
    for row in table.itertuples():
        assert f"width {row.width}: {row.rank_correlation:.2f}" in said
    said = summaries.collapse(pd.DataFrame({"depth": [2, 80], "q50": [0.125, math.nan]}))
    assert "depth 2: 12 %; depth 80: too small to be told from zero." in said


def test_a_sweep_is_said_value_by_value() -> None:
    said = summaries.sweep(paper.panel(figure=2, activation="tanh"))
    medians = paper.panel(figure=2, activation="tanh").summary().set_index(["depth", "method"])
    deepest = medians.loc[(10, "guess_and_check"), "median"]
    assert f"depth 10: Guess and Check {scientific(deepest)}" in said
    assert said.count("prior") == 9


def test_nothing_is_said_of_a_sweep_without_points() -> None:
    settings = SweepSettings(axes=(Axis(name="width", values=(5,)),), seeds=(0,))
    assert summaries.sweep(SweepResult(settings)) == ""


def test_a_prior_that_was_not_drawn_is_said() -> None:
    """The run ended before the first draw of a very large network."""
    asked = {"network.width": 1000, "network.depth": 30, "network.activation": "tanh"}
    found = run_experiment(assemble({**asked, "guess_and_check.seconds": 1e-3}), parts=("post",))
    assert "prior not drawn yet" in summaries.losses(found)
