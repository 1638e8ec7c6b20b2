"""4 · Gradient descent."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from tests.sentences.held import Said


def see_small(said: Said, n: Any) -> None:
    said.has("One after another: the largest first")
    arrivals = [np.argmax(n.values[:, i] > 0.8 * end) for i, end in enumerate((1.0, 0.6, 0.3))]
    assert 0 < arrivals[0] < arrivals[1] / 2
    assert arrivals[1] < arrivals[2] / 2


def see_scales(said: Said, n: Any) -> None:
    said.has("All of them fit", "From a scale of 0.1 on, the larger the start, the worse")
    assert all(n.task.train_loss(end) < 1e-4 for end in n.ends)
    large = [n.task.gen_loss(end) for end, s in zip(n.ends, n.scales, strict=True) if s >= 0.1]
    assert (np.diff(large) > 0).all()


def see_deep(said: Said, n: Any) -> None:
    said.has("The first singular value of this rank-two truth is found at once")
    said.has("a plateau of thousands of epochs", "at another time in each trial")
    history = n.runs[3].history
    found = {
        index: history[history[f"singular_value_{index}"] > 0.2].groupby("trial")["epoch"].min()
        for index in (1, 2)
    }
    assert len(found[2]) == history["trial"].nunique()
    assert found[1].max() < 300
    assert (found[2] - found[1]).min() > 1500
    assert found[2].max() - found[2].min() > 300


def see_momentum(said: Said, n: Any) -> None:
    said.has("It needs fewer epochs, and ends at nearly the same place")
    assert n.momentum == 0.9
    assert n.gd.epochs < 1000
    assert n.gd.mean_gen_loss < 1e-4


def see_compare(said: Said, n: Any) -> None:
    said.has("keep about four fifths of an arbitrary network's loss")
    share = n.post.mean_gen_loss / n.post.prior_mean_gen_loss
    assert abs(share - 0.8) < 0.06
    said.has("Both fit to one part in a million")
    assert n.post.train_loss.max() < 1e-6
    assert n.gd.train_loss.max() < 1e-6
    assert n.gd.mean_gen_loss < 1e-3


def solution_1(said: Said, n: Any) -> None:
    said.has("The smaller the end value, the slower, and more than in proportion")
    rates = []
    for index in range(3):
        curve = np.log(n.values[:, index])
        start, stop = (np.argmax(curve > np.log(level)) for level in (0.05, 0.15))
        rates.append((curve[stop] - curve[start]) / (stop - start))
    assert (np.diff(rates) < 0).all()
    assert (np.diff(np.array(rates) / (1.0, 0.6, 0.3)) < 0).all()


def solution_2(said: Said, n: Any) -> None:
    said.has("Below 21 the data no longer determine a matrix of rank three")
    assert n.count == 12
    assert n.gd.train_loss.max() < 1e-6
    assert n.gd.mean_gen_loss > 0.01


def solution_3(said: Said, n: Any) -> None:
    """Differences are at least three of their standard errors."""

    def apart(small: Any, large: Any) -> float:
        (first, error), (second, other) = n.ends[small], n.ends[large]
        return float((second - first) / np.hypot(error, other))

    said.has("gradient descent does worse than Guess & Check")
    assert apart(0.02, "prior, 1") > 2
    said.has("even where both fit as closely")
    assert apart(1e-4, "prior, 1") > 3
    said.has("it grows steadily as the scale shrinks")
    scales = [f"prior, {scale:g}" for scale in (1e-3, 0.1, 0.3, 0.5, 1)]
    for small, large in itertools.pairwise(scales):
        assert apart(small, large) > 3


def exercise_3(said: Said, n: Any) -> None:
    """Var U(−b, b) = b²/3, at b = 1/√fan-in against the prior's 1/fan-in."""
    said.has(r"uniform on $\pm 1/\sqrt{\text{fan-in}}$, has a third of its variance")
    draws = np.random.default_rng(0).uniform(-1, 1, 100_000) / np.sqrt(5)
    assert abs(draws.var() / (1 / 5) - 1 / 3) < 0.01
