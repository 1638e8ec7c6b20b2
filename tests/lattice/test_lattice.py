"""The stored runs of the story: how they are recorded, and whether they are right."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import gncviz as gv
from gncviz.lattice import EPSILONS, WORLDS, Place, lattice, places, settings_of
from gncviz.lattice.guesses import GUESSED, MANY
from gncviz.lattice.record import EDGES, QUARTILES, ratios, recorded, shares
from gncviz.lattice.stored import Lattice
from gncviz.words import scientific
from tests.sentences.results import panel, wide

#: How many standard errors two estimates may be apart: of the 45 comparisons here, one is farther
#: in 0.01 % of cases.
_APART = 4.6


def test_every_place_is_stored_with_what_made_it() -> None:
    found = lattice()
    for place in places():
        assert found.at(place).place == place
    assert len(found.made["commit"]) >= 40
    assert found.made["machine"]


def test_reading_it_needs_no_torch() -> None:
    code = "import sys, gncviz.lattice as found; found.lattice(); sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_runs_come_down_to_the_threshold_of_the_story() -> None:
    """What a step begins with, and what its slider reaches, has draws that fit."""
    found = lattice()
    for world in WORLDS.values():
        for place in places():
            if place.world == world.name and place.activation == "linear":
                run = found.at(place)
                assert run.epsilons[-1] <= 0.02, place
                assert set(run.epsilons) <= set(EPSILONS)


def compared(figure: int, name: str, epsilon: float) -> list[tuple[Place, float]]:
    """Differences from the paper's panels, seed 0, in standard errors."""
    world = {"width": "width", "depth": "depth"}[name]
    apart = []
    for activation in ("linear", "tanh", "leaky_relu"):
        table = panel(figure, activation)
        means = wide(table, "guess_and_check", "mean_gen_loss").loc[0]
        errors = wide(table, "guess_and_check", "stderr").loc[0]
        for value in means.index:
            fields = {"width": 5, "depth": 2, name: int(value)}
            place = Place(world, fields["width"], fields["depth"], activation)
            if place not in set(places()):
                continue
            run, at = lattice().at(place), EPSILONS.index(epsilon)
            if run.warnings or not np.isfinite(run.fit_mean[at]):
                continue
            noise = np.hypot(errors[value], run.fit_stderr[at])
            apart.append((place, float((run.fit_mean[at] - means[value]) / noise)))
    return apart


@pytest.mark.parametrize(("figure", "name", "epsilon"), [(1, "width", 0.02), (2, "depth", 0.0035)])
def test_it_agrees_with_the_papers_panels(figure: int, name: str, epsilon: float) -> None:
    apart = compared(figure, name, epsilon)
    assert len(apart) >= 12
    assert [one for one in apart if abs(one[1]) > _APART] == []


def test_the_guesses_are_those_of_their_setting() -> None:
    """What fits of a million is what the sampler says, within three of its standard deviations."""
    guesses, run = lattice().guesses, lattice().at(GUESSED)
    hits = len(guesses["hit_train"])
    expected = MANY * 10.0 ** float(run.log10_acceptance[EPSILONS.index(0.02)])
    assert abs(hits - expected) < 3 * np.sqrt(expected) + 0.2 * expected
    truth = guesses["truth"]
    assert np.linalg.matrix_rank(truth) == 1
    task = gv.Task.random(seed=0)
    losses = task.train_loss(guesses["guess_matrices"])
    seen = len(losses)
    assert losses == pytest.approx(guesses["guess_train"][:seen], rel=1e-4)


def test_a_run_is_recorded_as_it_is() -> None:
    place = Place("width", 5, 2, "linear")
    settings = settings_of(place, 0.1)
    task = gv.Task.from_settings(settings.task)
    post = gv.guess_and_check(
        task, settings.network, settings.prior, epsilon=0.1, method="plain", samples=200, seed=3
    )
    descent = gv.gradient_descent(task, settings.network, trials=2, epochs=5)
    found = recorded(post, descent)
    at = EPSILONS.index(0.1)
    assert found["fit_mean"][at] == pytest.approx(post.mean_gen_loss)
    assert found["log10_acceptance"][at] == pytest.approx(post.log10_acceptance)
    assert np.isnan(found["fit_mean"][at + 1 :]).all()
    assert found["fit_shares"][at].sum() == pytest.approx(1)
    middles = 10.0 ** ((EDGES[1:] + EDGES[:-1]) / 2)
    assert found["prior_shares"] @ middles == pytest.approx(post.prior_mean_gen_loss, rel=0.1)
    assert list(found["descent_gen"]) == list(descent.gen_loss)


def test_shares_take_in_what_is_beyond_the_bins() -> None:
    found = shares(np.array([0.0, 1e-12, 1e9]))
    assert found[0] == pytest.approx(2 / 3)
    assert found[-1] == pytest.approx(1 / 3)
    assert np.isnan(shares(np.empty(0))).all()


def test_ratios_are_weighted_quartiles() -> None:
    ratio = np.linspace(0.01, 1, 100)
    matrices = np.zeros((100, 2, 2))
    matrices[:, 0, 0], matrices[:, 1, 1] = 1, ratio
    assert ratios(matrices) == pytest.approx(QUARTILES, abs=0.011)
    weights = (ratio <= 0.5).astype(float)
    assert ratios(matrices, weights)[1] == pytest.approx(0.25, abs=0.011)
    assert np.isnan(ratios(np.empty((0, 2, 2)))).all()


def test_what_is_not_stored_is_no_place() -> None:
    found: Lattice = lattice()
    with pytest.raises(KeyError):
        found.at(Place("width", 6, 2, "linear"))
    assert scientific(found.at(GUESSED).prior_mean) == "0.24"


def test_every_mean_has_draws_to_be_seen_beside_it() -> None:
    for place in places():
        run = lattice().at(place)
        known = np.isfinite(run.fit_mean)
        assert run.fit_shares[known].sum(axis=1) == pytest.approx(1, abs=1e-4), place
        assert np.isfinite(run.fit_ratio[known]).all(), place
