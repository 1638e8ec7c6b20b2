"""2 · Width."""

from __future__ import annotations

from typing import Any

import numpy as np

import gncviz as gv
from tests.limits import limit_share
from tests.sentences.held import Said


def see_entries(said: Said, n: Any) -> None:
    said.has("sharp peak and heavy tails", "The sum of 160 of them cannot be told from a normal")
    entries = {width: n.matrices[width].ravel() for width in (1, 160)}
    kurtosis = {w: np.mean(e**4) / np.mean(e**2) ** 2 - 3 for w, e in entries.items()}
    assert kurtosis[1] > 4
    assert abs(kurtosis[160]) < 0.1


def see_moments(said: Said, n: Any) -> None:
    said.has("Both fall like $1/k$", "20 000 draws")
    assert len(n.matrices[5]) == 20_000
    np.testing.assert_allclose(n.kurtosis[:4], 6 / n.widths[:4], rtol=0.25)
    np.testing.assert_allclose(n.squares[:3], 1 / (n.widths[:3] + 3), rtol=0.25)


def see_dependence(said: Said, n: Any) -> None:
    said.has("from width 100 on hardly anything is left of it")
    table = n.table.set_index("width")
    assert table.loc[5, "rank_correlation"] > 0.3
    assert (table.loc[100:, "rank_correlation"].abs() < 3 * table.loc[100:, "stderr"]).all()


def see_sweep(said: Said, n: Any) -> None:
    said.has("at width 160, drawing until it fits is hardly better than drawing once")
    post, gd = n.runs[160]
    error = np.hypot(post.stderr, post.prior_stderr)
    assert abs(post.mean_gen_loss - post.prior_mean_gen_loss) < 0.1 * post.prior_mean_gen_loss
    assert error < 0.05 * post.prior_mean_gen_loss
    said.has("Gradient descent, on the same networks, stays near zero")
    assert all(gd.mean_gen_loss < 0.01 for _, gd in n.runs.values())
    theorems = {
        theorem.name: theorem
        for theorem in gv.theory.theorems(
            n.task, n.wide, n.prior, epsilon=0.02, descent=gd.settings
        )
    }
    said.has("Theorem 1 of the paper", "Its conditions are met here")
    assert theorems["Theorem 1"].applies
    said.has("nearly isometric on matrices of rank two, which these fifteen are not")
    unmet = [c.text for c in theorems["Proposition 1"].conditions if c.met is False]
    assert "RIP" in unmet


def solution_1(said: Said, n: Any) -> None:
    said.has("stays at the prior's level")
    assert abs(n.wide.mean_gen_loss / n.wide.prior_mean_gen_loss - 1) < 0.1
    assert n.wide.log10_acceptance < -20


def solution_2(said: Said, n: Any) -> None:
    said.has("with uniform weights hardly any dependence is left at width 5 already")
    assert n.family == "uniform"
    assert n.found["rank_correlation"].iloc[0] < 0.1


def solution_3(said: Said, n: Any) -> None:
    said.has("more than twice that of the ground truth", "Narrow networks are sometimes small")
    norms = {width: np.linalg.norm(n.matrices[width], axis=(1, 2)) for width in (5, 160)}
    assert np.median(norms[160]) > 2
    assert (norms[5] < 1.2).mean() > 10 * (norms[160] < 1.2).mean()
    assert norms[160].std() < 0.75 * norms[5].std()


def solution_4(said: Said, n: Any) -> None:
    limit, error = limit_share(n.other, "relu", 0.02)
    said.says("ReLU stops at about {} on this task", limit, error=0.002)
    assert abs(n.limit.ratio - limit) < 4 * np.hypot(error, n.limit.ratio_stderr)
    share, error = n.shares["relu", 640]
    assert abs(share - limit) < 3 * error
    share, error = n.shares["linear", 640]
    assert abs(share - 1) < 3 * error
    said.has("On others its limit is nearer to 1, or above")
    others = [limit_share(gv.Task.random(seed=seed), "relu", 0.02)[0] for seed in (4, 5)]
    assert limit < others[0] < 1 < others[1]
