"""Kept runs are called by what tells them from the present one."""

from __future__ import annotations

import numpy as np
import pytest

import gncviz as gv
from gncviz.figures.look.names import pin_name
from gncviz.posterior import GuessAndCheckResult


def posterior(width: int = 5, epsilon: float = 0.3, seed: int = 0) -> GuessAndCheckResult:
    task = gv.Task.random(seed=seed)
    return gv.guess_and_check(task, gv.Network(width=width), epsilon=epsilon, samples=20)


@pytest.fixture(scope="module")
def post() -> GuessAndCheckResult:
    return posterior()


def test_the_name_is_the_difference(post: GuessAndCheckResult) -> None:
    assert pin_name("A", posterior(width=7), post) == "width 7"
    assert pin_name("A", posterior(width=7, epsilon=0.2), post) == "width 7, ε = 0.2"
    assert pin_name("A", posterior(seed=3), post) == "seed 3"
    assert pin_name("A", post, post) == "A"


def test_a_task_of_own_arrays_has_no_recipe_to_differ_in(post: GuessAndCheckResult) -> None:
    own = gv.Task(np.eye(3), np.random.default_rng(0).normal(size=(4, 3, 3)))
    found = gv.guess_and_check(own, gv.Network(width=7), epsilon=1.0, samples=20)
    assert pin_name("B", found, post) == "width 7, ε = 1"


def test_figures_call_pins_by_their_names(post: GuessAndCheckResult) -> None:
    pinned = {"B": posterior(width=7)}
    outlines = gv.figures.prior_vs_posterior(post, pinned=pinned).data[3:]
    shown = [trace.name for trace in outlines if trace.showlegend]
    assert len(shown) == 1
    assert shown[0].startswith("width 7: mean")
    lines = [trace.name for trace in gv.figures.epsilon_path(post, pinned=pinned).data]
    assert "width 7" in lines
