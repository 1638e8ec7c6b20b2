"""Figures of the mechanisms show the tables, and keep their traces whatever is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

import gncviz as gv
from gncviz import figures, mechanism
from gncviz.descent import GradientDescentResult
from gncviz.figures.mechanism import _spread_out
from gncviz.posterior import GuessAndCheckResult
from tests.figures.small import NETWORK, PRIOR, the


def test_dependence_shows_draws_with_both_losses(post: GuessAndCheckResult) -> None:
    figure = figures.dependence(post)
    prior, posterior = the(figure, "Prior"), the(figure, "Guess & Check")
    assert len(prior.x) + len(posterior.x) <= 1500
    np.testing.assert_array_equal(prior.x, post.prior_train_loss[: len(prior.x)])
    np.testing.assert_array_equal(prior.y, post.prior_gen_loss[: len(prior.x)])
    pairs = set(zip(post.train_loss, post.gen_loss, strict=True))
    assert set(zip(posterior.x, posterior.y, strict=True)) <= pairs
    assert len(set(posterior.x)) == len(posterior.x) == 500
    rho, _ = mechanism.rank_correlation(post.prior_train_loss, post.prior_gen_loss)
    assert prior.name == f"Prior: rank correlation {rho:.2f}".replace("-", "−")
    assert any("ε = 0.03" in note.text for note in figure.layout.annotations)
    low, high = (10.0**end for end in figure.layout.xaxis.range)
    assert low < min(posterior.x)
    assert max(prior.x) < high


def test_dependence_shows_the_table_and_marks_the_width(
    task: gv.Task, post: GuessAndCheckResult
) -> None:
    table = mechanism.loss_dependence(task, NETWORK, PRIOR, [5, 20, 100], draws=300)
    figure = figures.dependence(post, table)
    line, here = figure.data[2:]
    np.testing.assert_array_equal(line.x, table.width)
    np.testing.assert_allclose(line.y, table.rank_correlation)
    np.testing.assert_allclose(line.error_y.array, 1.96 * table.stderr)
    rho, stderr = mechanism.rank_correlation(post.prior_train_loss, post.prior_gen_loss)
    assert (list(here.x), list(here.y)) == ([5], [rho])
    assert here.error_y.array[0] == pytest.approx(1.96 * stderr)
    low, high = figure.layout.yaxis2.range
    assert low < min(0, *(line.y - line.error_y.array))
    assert high > max(0, *(line.y + line.error_y.array))
    (zero,) = (shape for shape in figure.layout.shapes if shape.y0 == shape.y1)
    assert (zero.y0, zero.yref) == (0, "y2")


def test_unknown_correlations_are_left_out(task: gv.Task, post: GuessAndCheckResult) -> None:
    table = mechanism.loss_dependence(task, NETWORK, PRIOR, [5, 20], draws=300)
    table.loc[0, ["rank_correlation", "stderr"]] = math.nan
    figure = figures.dependence(post, table)
    assert list(figure.data[2].x) == [20]
    assert np.isfinite(figure.layout.yaxis2.range).all()


def test_draws_are_spread_by_weight() -> None:
    weights = np.array([0.0, 0.5, 0.0, 0.25, 0.25])
    assert _spread_out(weights, 100).tolist() == [1, 3, 4]
    assert _spread_out(np.full(1024, 2.0**-10), 8).tolist() == list(range(63, 1024, 128))
    assert _spread_out(np.full(3, 1 / 3), 10).tolist() == [0, 1, 2]
    assert _spread_out(np.empty(0), 10).tolist() == []


def test_collapse_shows_bands_theory_and_what_was_run(
    post: GuessAndCheckResult, gd: GradientDescentResult
) -> None:
    table = mechanism.collapse(NETWORK, PRIOR, depths=(1, 3, 6), draws=300)
    figure = figures.collapse(table, post, gd)
    np.testing.assert_allclose(the(figure, "Prior").y, table.q50)
    np.testing.assert_allclose(the(figure, "theory").y, table.theory)
    assert the(figure, "theory").line.dash == "dot"
    for band, (low, high) in zip(figure.data, (("q5", "q95"), ("q25", "q75")), strict=False):
        np.testing.assert_allclose(band.y, [*table[high], *table[low][::-1]])
    mark = the(figure, "Guess & Check")
    distance = np.sort(mechanism.rank_one_distance(post.matrices))
    assert mark.y[0] == distance[299]
    assert mark.y[0] + mark.error_y.array[0] == pytest.approx(distance[569])
    assert abs(mark.x[0] - 3) < 0.5
    descent = the(figure, "Gradient descent")
    assert descent.customdata[0] == np.median(mechanism.rank_one_distance(gd.matrices))
    low, high = (10.0**end for end in figure.layout.yaxis.range)
    assert low < min(table.q5)
    assert high > 1
    assert low < descent.y[0] < high


def test_descent_far_below_stands_at_the_end_of_the_axis(
    task: gv.Task, post: GuessAndCheckResult
) -> None:
    gd = gv.gradient_descent(task, gv.Network(depth=3), trials=2, init_scale=1e-3, epochs=1)
    near = np.outer(np.arange(1.0, 6), np.ones(5))
    matrices = np.stack([near + 1e-7 * np.eye(5)] * 2)
    object.__setattr__(gd, "outputs", matrices)
    table = mechanism.collapse(NETWORK, PRIOR, depths=(1, 3), draws=200)
    figure = figures.collapse(table, post, gd)
    mark = the(figure, "Gradient descent")
    assert mark.marker.symbol == "triangle-down"
    assert mark.name.endswith(", below")
    assert mark.customdata[0] == pytest.approx(mechanism.rank_one_distance(matrices[0]))
    assert mark.y[0] > 10.0 ** figure.layout.yaxis.range[0]
    assert mark.y[0] > 1000 * mark.customdata[0]


def test_traces_are_the_same_whatever_is_known(
    task: gv.Task,
    post: GuessAndCheckResult,
    nothing: GuessAndCheckResult,
    gd: GradientDescentResult,
) -> None:
    dependence = mechanism.loss_dependence(task, NETWORK, PRIOR, [5, 10], draws=200)
    collapse = mechanism.collapse(NETWORK, PRIOR, depths=(1, 2), draws=100)
    tanh = mechanism.collapse(gv.Network(activation="tanh"), PRIOR, depths=(1, 2), draws=100)
    groups = [
        [
            figures.dependence(p, t, theme=theme)
            for p in (post, nothing)
            for t in (dependence, dependence[:0], None)
            for theme in (figures.LIGHT, figures.DARK)
        ],
        [
            figures.collapse(t, p, g)
            for t in (collapse, tanh, collapse[:0])
            for p in (post, nothing, None)
            for g in (gd, None)
        ],
    ]
    for group in groups:
        assert len({tuple(trace.type for trace in figure.data) for figure in group}) == 1
        for figure in group:
            figure.to_json()
    assert the(groups[0][-1], "Guess & Check").name == "Guess & Check: no draw fits"
    assert the(groups[1][-1], "Guess & Check").showlegend is False


def test_diverged_descent_is_left_out(task: gv.Task) -> None:
    gd = gv.gradient_descent(task, NETWORK, trials=2, lr=1e3, init_scale=1.0, step_rule="fixed")
    assert gd.diverged.all()
    table = mechanism.collapse(NETWORK, PRIOR, depths=(1, 3), draws=100)
    mark = the(figures.collapse(table, None, gd), "Gradient descent")
    assert len(mark.x) == 0
    assert mark.showlegend is False
