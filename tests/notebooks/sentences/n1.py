"""1 · Guess & Check."""

from __future__ import annotations

from typing import Any

import numpy as np

import gncviz as gv
from tests.sentences.held import Said

A_YEAR = 365.25 * 24 * 3600


def see_losses(said: Said, n: Any) -> None:
    said.has("Almost all guesses are far right of the threshold")
    assert n.fits.mean() < 0.01


def see_generalize(said: Said, n: Any) -> None:
    said.has("about two fifths lower")
    assert abs(n.fitting.mean() / n.prior.mean() - 3 / 5) < 0.05


def agree_text(said: Said, n: Any) -> None:
    said.has("agree within their errors")
    assert abs(n.apart) < 2


def see_descent(said: Said, n: Any) -> None:
    said.has("Every trial of gradient descent", "far left of both histograms", "nearly rank one")
    assert n.gd.gen_loss.max() < n.post.gen_loss.min()
    values = np.linalg.svd(n.gd.matrices, compute_uv=False)
    assert (values[:, 1] < 0.1 * values[:, 0]).all()


def see_rare(said: Said, n: Any) -> None:
    """Its numbers are those that notebook 5's method finds on this task."""
    rare = gv.guess_and_check(n.task, n.network, epsilon=1e-4, samples=200)
    draws = 10**-rare.log10_acceptance
    assert 0.5 < draws / 4e20 < 2, "one guess in 4e20, in order of magnitude"
    said.has(r"one guess in $4 \cdot 10^{20}$ would fit", "twelve million years")
    assert abs(4e20 / 1e6 / A_YEAR / 1e6 - 12) < 1
    said.has(r"up to $\varepsilon^{n/2} = \varepsilon^{7.5}$")
    slopes = np.diff(np.log(n.shares)) / np.diff(np.log(n.thresholds))
    assert slopes[0] > slopes[len(slopes) // 2] > slopes[-1]
    assert slopes[0] < 7.5


def solution_1(said: Said, n: Any) -> None:
    said.has("It falls steadily")
    means = [n.gen_loss(n.guesses[n.losses < t]).mean() for t in (0.3, 0.2, 0.1, 0.07, 0.05, 0.04)]
    assert (np.diff(means) < 0).all()


def solution_2(said: Said, n: Any) -> None:
    said.has("What fits is smaller than most guesses", "W = 0 would be better still")
    norms = np.linalg.norm(n.guesses[::10], axis=(1, 2))
    assert np.median(np.linalg.norm(n.guesses[n.fits], axis=(1, 2))) < np.quantile(norms, 0.1)
    said.has("a smaller W has a smaller loss on average")
    smaller = norms < np.median(norms)
    assert n.prior[::10][smaller].mean() < n.prior[::10][~smaller].mean()
    assert n.zero < n.fitting.mean()


def solution_3(said: Said, n: Any) -> None:
    said.has("In completion, too, a fit helps, and too little")
    assert n.kind == "completion"
    assert 0.1 < n.found.mean_gen_loss < 0.8 * n.found.prior_mean_gen_loss
