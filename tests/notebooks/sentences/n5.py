"""5 · ε → 0."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gncviz as gv
from tests.notebooks.sentences.n1 import A_YEAR
from tests.sentences.held import Said
from tests.sentences.results import descended, losses


def rare(said: Said, n: Any) -> None:
    said.has(r"proportional to $\varepsilon^{n/2}$", "thirty million times fewer fits")
    assert abs(10**7.5 / 3e7 - 1) < 0.1


def idea(said: Said, n: Any) -> None:
    said.has(r"$10^{22}$ draws take three hundred million years")
    assert round(n.expected) == -22
    assert abs(1e22 / 1e6 / A_YEAR / 3e8 - 1) < 0.1


def see_try(said: Said, n: Any) -> None:
    said.has(r"One draw in $4 \cdot 10^{20}$", "about thirteen million years")
    assert 0.7 < 1 / n.acceptance / 4e20 < 1.4
    assert abs(4e20 / 1e6 / A_YEAR / 1e6 - 13) < 1
    said.has("does not fall as steeply yet")
    assert np.log10(n.acceptance) > n.expected + 0.5


def agree_text(said: Said, n: Any) -> None:
    said.has("The runs scatter around the right number")
    assert min(n.ours) < n.plain.acceptance < max(n.ours)


def see_path(said: Said, n: Any) -> None:
    said.has("from $\\varepsilon = 10^{-3}$ to $10^{-4}$ it loses less than a fifth")
    path = n.post.path.sort_values("epsilon")
    at = np.interp(np.log([1e-4, 1e-3]), np.log(path["epsilon"]), path["mean_gen_loss"])
    assert 0.8 < at[0] / at[1] < 1


def see_deep(said: Said, n: Any) -> None:
    said.has("the loss falls along with $\\varepsilon$ with ten layers; with two it lags behind")
    fall = {}
    for depth, run in n.runs.items():
        path = run.path.sort_values("epsilon")
        high = np.interp(np.log(1e-2), np.log(path["epsilon"]), path["mean_gen_loss"])
        fall[depth] = high / path["mean_gen_loss"].iloc[0]
    assert fall[10] > 7
    assert fall[2] < 3


def limit(said: Said, n: Any) -> None:
    said.has("Its four runs train at all these depths")
    for depth in (2, 5, 10):
        result = gv.paper.study("thresholds")[f"depth {depth}"]
        trained = descended(result, "train_loss").iloc[:, 0]
        assert len(trained) == 4
        assert (trained < 1e-4).all()


def see_study(said: Said, n: Any) -> None:
    study = gv.paper.study("thresholds")
    shallow = losses(study["depth 2"]).median()
    said.says("levelled off at {}, eighty-one times", shallow[1e-6])
    times = shallow[1e-6] / descended(study["depth 2"]).median().iloc[0]
    assert times == pytest.approx(81, rel=0.01)
    assert shallow[1e-5] / shallow[1e-6] < 1.1
    ratios = [
        loss / epsilon
        for depth in (10, 30)
        for epsilon, loss in losses(study[f"depth {depth}"]).median().items()
        if epsilon <= 0.01
    ]
    said.says(r"the loss is {} to {} times $\varepsilon$", min(ratios), max(ratios))
    said.has("which these fifteen do miss")
    assert gv.theory.rip_constant(n.task, 2) >= 1
    said.has("At depths 5 and 10 gradient descent is far below Guess & Check")
    for depth in (5, 10):
        result = study[f"depth {depth}"]
        assert (descended(result).median() < 1e-3 * losses(result).median()).all()


def solution_1(said: Said, n: Any) -> None:
    said.has("Close to 7.5")
    assert abs(n.slope - 7.5) < 0.3


def solution_2(said: Said, n: Any) -> None:
    """What runs disagree by, with one move and with thirty: 20 of each, to tell it apart."""
    said.has("With few moves, copies stay near each other")
    spread = {}
    for moves in (1, 30):
        found = [np.log10(n.split(0.02, particles=500, moves=moves)[1]) for _ in range(20)]
        spread[moves] = np.std(found)
    assert spread[1] > 1.3 * spread[30]


def solution_3(said: Said, n: Any) -> None:
    said.has("The same within the errors", "collapsed draws are much cheaper")
    assert n.method == "collapsed"
    other = gv.guess_and_check(
        n.task, gv.Network(width=40), n.prior, epsilon=1e-4, method="splitting", samples=60
    )
    error = np.hypot(other.stderr, n.wide.stderr)
    assert abs(other.mean_gen_loss - n.wide.mean_gen_loss) < 3.5 * error
    assert other.seconds > 2 * n.wide.seconds
