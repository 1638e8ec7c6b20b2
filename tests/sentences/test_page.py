"""What the page's story and its tabs say, against the stored results of the same settings."""

from __future__ import annotations

import pytest

import gncviz as gv
from gncviz.activation import ACTIVATIONS
from gncviz.experiment import PRESETS
from gncviz.explorer.model.story import Story
from gncviz.explorer.tabs import sweep as sweep_tab
from gncviz.explorer.words import story
from gncviz.lattice import EPSILONS, Place, lattice
from tests.explorer.driver import plain
from tests.sentences.results import losses, panel, shares, study, wide

SEED_OF_THE_PAGE = 0


def said(step: int) -> str:
    """What a step says once its answer may be seen."""
    told = Story()
    told.go(step)
    if told.scene.start.asks:
        told.answer("same")
    words = story.told(told)
    return plain(f"{words.text} {words.why}")


def test_wider_is_worse_until_fitting_tells_next_to_nothing() -> None:
    assert said(3).startswith("Worse.")
    assert "next to nothing about the rest" in said(3)
    share = shares(panel(1, "linear")).loc[SEED_OF_THE_PAGE]
    assert share[160] > 0.95
    assert share[5] < 0.6


def test_deeper_is_better() -> None:
    assert said(4).startswith("Better.")
    found = losses(panel(2, "linear")).loc[SEED_OF_THE_PAGE]
    assert found[2] / found[10] > 3


def test_the_closer_the_fit_the_better_if_the_network_is_deep() -> None:
    assert "the better it generalizes, if the network is deep" in said(5)
    fall = {}
    for depth in (2, 10):
        found = losses(study("thresholds")[f"depth {depth}"]).loc[SEED_OF_THE_PAGE]
        fall[depth] = found[1e-2] / found[1e-3]
    assert fall[10] > 4 * fall[2]


def test_draws_that_fit_are_as_rare_as_the_story_says() -> None:
    deep = wide(study("thresholds")["depth 10"], "guess_and_check", "log10_acceptance")
    stored = lattice().at(Place("depth", 5, 10, "linear"))
    told = stored.log10_acceptance[EPSILONS.index(1e-3)]
    assert told == pytest.approx(deep.loc[SEED_OF_THE_PAGE, 1e-3], abs=0.15)


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
