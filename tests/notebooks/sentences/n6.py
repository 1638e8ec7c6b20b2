"""6 · Your own task."""

from __future__ import annotations

from typing import Any

import numpy as np

import gncviz as gv
from tests.sentences.held import Said
from tests.sentences.results import losses
from tests.sentences.test_reproduction import relu_in_depth


def medians(off: dict[str, Any]) -> dict[str, float]:
    return {name: float(np.median(values)) for name, values in off.items()}


def see_descent(said: Said, n: Any) -> None:
    off = medians(n.off)
    said.has("does as well as the rank-one fit", "less than half as badly as the additive model")
    wins = (n.off["gradient descent"] < n.off["rank one"]).mean()
    assert abs(wins - 0.5) < 0.15
    assert off["gradient descent"] < 1.1 * off["rank one"]
    assert off["gradient descent"] < 0.5 * off["additive"]
    said.has("does well on a part of the masks only")
    low, high = np.quantile(n.off["soft-impute"], (0.25, 0.75))
    assert low < off["rank one"]
    assert high > off["additive"]


def see_lives(said: Said, n: Any) -> None:
    off = medians(n.off_lives)
    said.has("nearer to rank one than the other", "the additive model does best")
    second = [np.linalg.svd(one, compute_uv=False)[1] for one in (n.lives, n.truth)]
    assert second[0] < second[1]
    assert off["additive"] == min(off.values())
    better = n.off_lives["additive"] < n.off_lives["gradient descent"]
    assert better.mean() > 0.6
    said.has("a matrix of rank two", "eleven numbers are enough")
    fitted = n.additive(n.lives, n.masks[:1])[0]
    assert np.linalg.matrix_rank(fitted, tol=1e-9) == 2
    assert np.linalg.matrix_rank(n.effects) == 11


def about_luck(said: Said, n: Any) -> None:
    said.has("right to within 750 dollars")
    assert abs(n.scale * np.sqrt(2e-4) - 750) < 10


def see_errors(said: Said, n: Any) -> None:
    two, ten = (np.array(n.lucky[f"{depth} layers by luck"]) for depth in (2, 10))
    said.has("about 3 900 dollars", "better than the additive model", "Ten layers halve that")
    assert abs(two.mean() - 3900) < 300
    assert (two < n.off["additive"][:3]).all()
    assert abs(ten.mean() / two.mean() - 0.5) < 0.08
    said.has("come near the low-rank methods", "Which method is best differs")
    rivals = np.array([n.off[name][:3] for name in ("rank one", "gradient descent")])
    assert ten.mean() < 1.5 * rivals.mean()
    assert len(set(np.argmin(np.vstack([ten, rivals]), axis=0))) > 1


def see_matrices(said: Said, n: Any) -> None:
    said.has("hidden entries only", "both err")
    for one in n.wrong.values():
        np.testing.assert_array_equal(np.isnan(one), n.masks[0])
        assert 500 < np.nanmax(np.abs(one)) <= n.largest


def see_theory(said: Said, n: Any) -> None:
    said.has("Here depth helped all the same")
    found = gv.theory.theorems(n.gd.tasks[0], gv.Network(width=6, depth=10), n.prior, epsilon=2e-4)
    assert not any(theorem.applies for theorem in found)


def see_activations(said: Said, n: Any) -> None:
    least, _, most, worse = relu_in_depth()
    said.says(
        "by {} to {} %, and rises by {} % in the fourth",
        100 * (1 - most),
        100 * (1 - least),
        100 * (worse - 1),
    )
    said.has("gain from depth as linear networks do")
    linear = losses(gv.paper.panel(2, "linear")).median()
    for name in ("sine", "softsign"):
        median = losses(gv.paper.study("activations-depth")[name]).median()
        assert median[10] / median[2] < 1.1 * linear[10] / linear[2]


def solution_1(said: Said, n: Any) -> None:
    third, half = medians(n.off), medians(n.harder)
    growth = {name: half[name] / third[name] for name in half}
    order = sorted(growth, key=growth.__getitem__)
    said.has("Gradient descent and soft-impute suffer most; means and additive model least")
    assert set(order[-2:]) == {"gradient descent", "soft-impute"}
    assert set(order[:2]) == {"means", "additive"}
    said.has("Rank one, with the fewest numbers to find, is best")
    assert half["rank one"] == min(half.values())


def solution_2(said: Said, n: Any) -> None:
    off = medians(n.off_logs)
    said.has("Nearer to rank one", "no longer ahead of the additive model")
    assert np.linalg.svd(n.logs, compute_uv=False)[1] < np.linalg.svd(n.truth)[1][1]
    assert off["gradient descent"] > off["additive"]


def solution_3(said: Said, n: Any) -> None:
    said.has("It learns nothing there")
    learned = n.length * np.sqrt(n.learned.mean_gen_loss)
    assert abs(learned / n.zero - 1) < 0.05
    said.has("of a matrix u vᵀ it leaves the rank as it is")
    zigzag = np.array([1, -1, 1, -1, 1, -1])
    added = np.outer(n.lives[:, 0], n.lives[0] + 0.3 * zigzag)
    assert np.linalg.matrix_rank(added) == 1
    np.testing.assert_allclose(
        n.averages.reshape(30, 36) @ np.outer(n.lives[:, 0], zigzag).ravel(), 0, atol=1e-12
    )
