"""3 · Depth."""

from __future__ import annotations

from typing import Any

import numpy as np

import gncviz as gv
from tests.sentences.held import Said
from tests.sentences.results import losses


def see_values(said: Said, n: Any) -> None:
    said.has("the second is typically a few hundredths of the first")
    shares = np.exp(n.logs[20] - n.logs[20][0])
    assert 0.02 < shares[1] < 0.09
    said.has("the fifth less than a millionth of a millionth")
    assert 1e-13 < shares[4] < 1e-12


def gap(said: Said, n: Any) -> None:
    value = n.theory[0] - n.theory[1]
    said.says(r"\lambda_1 - \lambda_2 = {}$ is an exponent", value)
    said.says(r"a factor of $e^{-0.140} = {}$", np.exp(-value))
    said.has("Five layers halve the distance")
    assert abs(np.exp(-5 * value) - 0.5) < 0.01


def see_rank(said: Said, n: Any) -> None:
    table = n.draws.table
    ranks = table[table["quantity"] == "effective_rank"].set_index("depth")["q50"]
    said.says("from almost {} at one layer to {} at ten", round(ranks[1]), ranks[10])
    assert 3.8 < ranks[1] < 4
    said.has("bands hold nine draws in ten")
    assert {"q5", "q95"} <= set(table.columns)


def see_rank_one(said: Said, n: Any) -> None:
    ratios = {}
    for threshold in (0.05, 0.03, 0.02, 0.01):
        fits = n.task.train_loss(n.guesses) < threshold
        ratios[threshold] = n.task.gen_loss(n.guesses[fits]).mean() / threshold
    said.has("A loose fit is worth nothing")
    assert ratios[0.05] * 0.05 > n.task.gen_loss(n.guesses).mean()
    said.says("is {} to {} times as large", ratios[0.03], ratios[0.01])


def see_sweep(said: Said, n: Any) -> None:
    assert all(abs(run.log10_acceptance + 7) < 1.5 for run in n.runs.values()), "cell depth"
    said.has("about five times better than two")
    assert 4.5 <= n.runs[2].mean_gen_loss / n.runs[10].mean_gen_loss <= 5.5
    said.says(r"about ${}\,\varepsilon$", n.runs[10].mean_gen_loss / n.epsilon, error=0.05)
    said.has("The prior's own loss hardly changes")
    priors = [run.prior_mean_gen_loss for run in n.runs.values()]
    assert max(priors) / min(priors) < 1.1
    said.has("`gv.theory` finds one that they miss")
    assert gv.theory.rip_constant(n.task, 2) >= 1


def honest(said: Said, n: Any) -> None:
    stored = [result.settings for result in gv.paper.study("ranks").values()]
    said.has("rank 1, 2 and 3", "0.01$, eight seeds")
    assert [one.task.rank for one in stored] == [1, 2, 3]
    assert {(one.sampling.epsilon, len(one.seeds)) for one in stored} == {(0.01, 8)}
    (measurements,) = {one.task.measurements for one in stored}
    said.says("stored ({} measurements", measurements)


def see_ranks(said: Said, n: Any) -> None:
    falls = {}
    for name, result in gv.paper.study("ranks").items():
        median = losses(result).median()
        falls[name] = 100 * (1 - median[10] / median[2])
    said.says("falls by {} % at rank 1, by {} % at rank 3", falls["rank 1"], falls["rank 3"])
    said.has("less the higher the rank is")
    assert falls["rank 1"] > falls["rank 2"] > falls["rank 3"] > 0


def solution_1(said: Said, n: Any) -> None:
    said.has("The gap falls like 1/(2k)", "twenty to thirty times as many")
    gaps = {width: -np.diff(gv.spectrum.lyapunov_exponents(width, 2))[0] for width in (5, 100)}
    assert abs(100 * gaps[100] - 0.5) < 0.05
    assert 20 < gaps[5] / gaps[100] < 30


def solution_2(said: Said, n: Any) -> None:
    said.has("All of them do, ReLU fastest", "leans towards the vector of ones")
    assert n.activation == "relu"
    linear = gv.spectrum.prior_spectra(gv.Network(width=5, depth=10), n.prior, depths=[2, 5, 10])
    linear = linear[linear["quantity"] == "effective_rank"]["q50"].to_numpy()
    assert (n.ranks["q50"].to_numpy() < linear).all()
    assert n.cosine > 0.6, "of two directions at random it is 0.35 in the median"


def solution_3(said: Said, n: Any) -> None:
    said.has("more even: without it, two layers do worse; at ten layers there is little difference")
    found = {name: losses(result).median() for name, result in n.study.items()}
    normalized, plain = found["normalized"], found["not normalized"]
    assert plain[10] / plain[2] < normalized[10] / normalized[2] < 1
    assert plain[2] > 2 * normalized[2]
    assert abs(plain[10] / normalized[10] - 1) < 0.1
