"""The spectrum at one depth: histograms of the rank, and the singular values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gncviz as gv
from gncviz import figures
from gncviz.descent import GradientDescentResult
from gncviz.posterior import GuessAndCheckResult
from gncviz.spectrum import PriorSpectra, prior_spectra_draws
from tests.figures.small import NETWORK, PRIOR, the

EITHER = pytest.mark.parametrize("draw", [figures.effective_ranks, figures.spectrum_at])


@pytest.fixture(scope="module")
def draws() -> PriorSpectra:
    return prior_spectra_draws(NETWORK, PRIOR, depths=(1, 3, 8), draws=300)


def entropy_rank(matrix: np.ndarray) -> float:
    """The effective rank, of the eigenvalues of WᵀW."""
    values = np.sqrt(np.linalg.eigvalsh(matrix.T @ matrix).clip(0))
    shares = values[values > 1e-12] / values.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


def test_histograms_are_those_of_the_draws(
    draws: PriorSpectra, post: GuessAndCheckResult, gd: GradientDescentResult
) -> None:
    figure = figures.effective_ranks(draws, post, gd, depth=8)
    for trace, ranks in (
        (the(figure, "Prior, depth 8"), draws.effective_ranks[8]),
        (the(figure, "Guess & Check, depth 3"), [entropy_rank(w) for w in post.matrices]),
    ):
        edges, heights = np.asarray(trace.x), np.asarray(trace.y)[:-1]
        assert (edges[0], edges[-1]) == (1, 5)
        expected = np.histogram(ranks, edges)[0] / len(ranks)
        np.testing.assert_allclose(heights, expected, atol=1e-9)
        assert heights.sum() == pytest.approx(1)
    trials = the(figure, "Gradient descent, depth 3")
    np.testing.assert_allclose(trials.customdata, [entropy_rank(w) for w in gd.matrices], rtol=1e-6)


def test_the_rank_axis_stays_and_the_prior_moves_with_depth(
    draws: PriorSpectra, post: GuessAndCheckResult
) -> None:
    near, far = (figures.effective_ranks(draws, post, depth=depth) for depth in (1, 8))
    assert near.layout.xaxis.range == far.layout.xaxis.range
    middle = [
        np.average(np.asarray(trace.x)[:-1], weights=np.asarray(trace.y)[:-1])
        for trace in (the(near, "Prior"), the(far, "Prior"))
    ]
    assert middle[0] > 3 > 2 > middle[1]
    assert the(near, "Guess & Check").y == pytest.approx(the(far, "Guess & Check").y)


def test_singular_values_are_the_quantiles_at_that_depth(
    draws: PriorSpectra, post: GuessAndCheckResult, gd: GradientDescentResult
) -> None:
    figure = figures.spectrum_at(draws, post, gd, depth=3)
    ratios = draws.ratios[3]
    line = the(figure, "Prior, depth 3")
    # A weighted quantile of 300 draws is the 150th one, NumPy's the middle of two.
    np.testing.assert_allclose(line.y, np.sort(ratios, axis=0)[149])
    assert list(line.x) == [1, 2, 3, 4, 5]
    single = the(figure, "single draws")
    np.testing.assert_allclose([v for v in single.y if v is not None], ratios[:10].ravel())
    values = np.linalg.svd(post.matrices, compute_uv=False)
    found = the(figure, "Guess & Check")
    middle = np.sort(values[:, 1:] / values[:, :1], axis=0)[len(values) // 2 - 1]
    np.testing.assert_allclose(found.y, middle)
    assert list(found.customdata) == [2, 3, 4, 5]
    assert (np.asarray(found.y) - found.error_y.arrayminus > 0).all()
    low, high = (10**end for end in figure.layout.yaxis.range)
    shown = [trace.y for trace in (line, found, the(figure, "Gradient descent"))]
    assert low < min(map(min, shown))
    assert high > 1


def test_what_was_run_is_there_at_its_own_depth_only(
    draws: PriorSpectra, post: GuessAndCheckResult, gd: GradientDescentResult
) -> None:
    here, elsewhere = (figures.spectrum_at(draws, post, gd, depth=depth) for depth in (3, 8))
    for name in ("Guess & Check, depth 3", "Gradient descent, depth 3"):
        assert len(the(here, name).y) == 4
        assert the(elsewhere, name).y == (None,)
        assert the(elsewhere, name).showlegend
    assert here.layout.yaxis.range == elsewhere.layout.yaxis.range


@EITHER
def test_depth_is_the_networks_by_default(
    draw: Any, draws: PriorSpectra, post: GuessAndCheckResult, gd: GradientDescentResult
) -> None:
    for results in ((post, gd), (post, None), (None, gd)):
        the(draw(draws, *results), "Prior, depth 3")
    the(draw(draws), "Prior, depth 8")


@EITHER
@pytest.mark.parametrize("depth", [2, 0])
def test_a_depth_that_was_not_drawn_is_refused(draw: Any, draws: PriorSpectra, depth: int) -> None:
    sentence = rf"depth should be one of those drawn \(1, 3, 8\); got {depth}"
    with pytest.raises(gv.SettingsError, match=sentence):
        draw(draws, depth=depth)


@EITHER
def test_traces_are_the_same_whatever_is_known(
    draw: Any,
    task: gv.Task,
    draws: PriorSpectra,
    post: GuessAndCheckResult,
    gd: GradientDescentResult,
) -> None:
    nothing = gv.guess_and_check(task, NETWORK, PRIOR, epsilon=1e-9, draws=1000, method="plain")
    lost = gv.gradient_descent(task, NETWORK, trials=2, lr=1e3, init_scale=1.0, step_rule="fixed")
    none = prior_spectra_draws(NETWORK, PRIOR, depths=())
    early = prior_spectra_draws(NETWORK, PRIOR, depths=(1,), draws=50)
    thin = prior_spectra_draws(NETWORK, PRIOR, 1, 4, depths=(1, 2), draws=50)
    deep = prior_spectra_draws(NETWORK, PRIOR, depths=(150,), draws=50)
    wanted = [
        *(draw(draws, p, g) for p in (post, nothing, None) for g in (gd, lost, None)),
        *(draw(spectra) for spectra in (none, early, thin, deep)),
        *(draw(spectra, post, gd, theme=figures.DARK) for spectra in (none, early)),
        draw(draws, post, gd, depth=8),
    ]
    for figure in wanted:
        # The same traces in the same places: what is drawn anew on the screen moves, nothing jumps.
        assert [trace.type for trace in figure.data] == ["scatter"] * len(wanted[0].data)
        assert np.isfinite(figure.layout.xaxis.range).all()
        figure.to_json()
    assert len(the(draw(none, post), "Prior").x) == 0
    assert len(the(draw(none, post), "Guess & Check").x) > 0


def test_zero_matrices_have_no_rank() -> None:
    dead = gv.Network(width=1, depth=6, activation="relu")
    draws = prior_spectra_draws(dead, PRIOR, 3, 3, depths=(6,), draws=200)
    trace = the(figures.effective_ranks(draws), "Prior")
    assert 0 < len(draws.effective_ranks[6]) < 200
    assert sum(trace.y[:-1]) == pytest.approx(1)
    assert trace.y[0] == pytest.approx(1), "of one unit, rank one"


def test_a_depth_is_marked_among_all() -> None:
    draws = prior_spectra_draws(NETWORK, PRIOR, depths=(1, 2, 4), draws=50)
    plain, marked = figures.spectra(draws.table), figures.spectra(draws.table, depth=4)
    assert len(plain.data) == len(marked.data)
    ((off,), (on,)) = plain.layout.shapes, marked.layout.shapes
    assert (off.visible, on.visible) == (False, True)
    assert (on.x0, on.x1, on.xref) == (4, 4, "x")
