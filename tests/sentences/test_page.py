"""What the page's story and its tabs say, against the stored results of the same settings."""

from __future__ import annotations

import pytest

import gncviz as gv
from gncviz.activation import ACTIVATIONS
from gncviz.experiment import PRESETS
from gncviz.explorer import sweep_tab
from gncviz.explorer.story import STORY
from tests.sentences.results import losses, panel, shares, study, wide

SEED_OF_THE_PAGE = STORY[0].settings.task.seed


def said(title: str) -> str:
    (step,) = (step for step in STORY if step.title == title)
    return step.see


def test_width_hurts() -> None:
    """ "does hardly better on the rest": a share of the prior's loss near one at width 160."""
    assert "hardly better" in said("Width hurts")
    share = shares(panel(1, "linear")).loc[SEED_OF_THE_PAGE]
    assert share[160] > 0.95
    assert share[5] < 0.6


def test_depth_helps() -> None:
    assert "several times better" in said("Depth helps")
    found = losses(panel(2, "linear")).loc[SEED_OF_THE_PAGE]
    assert found[2] / found[10] > 3


def test_draws_that_fit_are_as_rare_as_the_story_says() -> None:
    assert "one in hundreds of millions" in said("ε → 0")
    deep = wide(study("thresholds")["depth 10"], "guess_and_check", "log10_acceptance")
    assert 1e8 < 10 ** -deep.loc[SEED_OF_THE_PAGE, 1e-3] < 1e9


def test_with_two_layers_the_loss_falls_far_less() -> None:
    fall = {}
    for depth in (2, 10):
        found = losses(study("thresholds")[f"depth {depth}"]).loc[SEED_OF_THE_PAGE]
        fall[depth] = found[1e-2] / found[1e-3]
    assert fall[10] > 4 * fall[2]


@pytest.mark.parametrize("name", ["linear", "tanh", "sin", "softsign", "relu", "leaky_relu"])
def test_theorem_1_is_credited_where_it_applies(name: str) -> None:
    theorem, *_ = gv.theory.theorems(
        gv.Task.random(), gv.Network(activation=name), gv.Prior(), epsilon=0.02
    )
    credited, _, left_out = sweep_tab._ABOUT["width"].partition("Theorem 1")
    label = gv.Network(activation=name).sigma.label
    if theorem.applies:
        assert label not in left_out
    else:
        assert label in left_out
        assert label not in credited


def test_theorem_2_is_not_credited_for_the_papers_measurements() -> None:
    assert "measurements that miss no matrix of rank two" in sweep_tab._ABOUT["depth"]
    found = gv.theory.theorems(
        gv.Task.random(), gv.Network(depth=10), gv.Prior(normalize=True), epsilon=0.0035
    )
    (theorem,) = (one for one in found if one.name == "Theorem 2")
    (isometric,) = (one for one in theorem.conditions if one.text.startswith("RIP"))
    assert isometric.met is False


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_preset_says_of_each_activation_what_the_theorem_does(name: str) -> None:
    width, _ = PRESETS
    theorem, *_ = gv.theory.theorems(
        gv.Task.random(), gv.Network(activation=name), gv.Prior(), epsilon=0.02
    )
    credited, _, left_out = width.about.partition("; with ")
    assert (ACTIVATIONS[name].label in credited) == theorem.applies
    assert (ACTIVATIONS[name].label in left_out) == (not theorem.applies)
