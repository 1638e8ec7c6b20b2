"""Figures of losses of any size: the same picture in another unit, and none that breaks."""

from __future__ import annotations

import dataclasses
import math
import warnings
from collections.abc import Iterator

import numpy as np
import plotly.graph_objects as go
import pytest

import gncviz as gv
from gncviz import figures
from gncviz.descent import GradientDescentResult
from gncviz.figures.look.axes import bin_edges
from gncviz.figures.look.traces import histogram
from gncviz.posterior import GuessAndCheckResult
from gncviz.posterior.draws import Draws

RNG = np.random.default_rng(0)
#: Tasks that are legal and far from what anybody would draw.
TASKS = {
    "a ground truth of zero": gv.Task(np.zeros((3, 3)), RNG.standard_normal((4, 3, 3))),
    "a measurement of zero": gv.Task(RNG.standard_normal((3, 3)), np.zeros((1, 3, 3))),
    "one entry": gv.Task([[2.0]], [[[0.0]]]),
    "one row": gv.Task(RNG.standard_normal((1, 4)), RNG.standard_normal((2, 1, 4))),
    "a large ground truth": gv.Task(
        1e20 * RNG.standard_normal((3, 3)), RNG.standard_normal((4, 3, 3))
    ),
    "a small ground truth": gv.Task(
        1e-20 * RNG.standard_normal((3, 3)), RNG.standard_normal((4, 3, 3))
    ),
}
NETWORKS = (gv.Network(width=3), gv.Network(width=1, depth=4, activation="relu"))


@pytest.fixture(scope="module")
def post() -> GuessAndCheckResult:
    return gv.guess_and_check(
        gv.Task.random(seed=0), gv.Network(), epsilon=0.05, samples=100, method="plain", seed=1
    )


@pytest.fixture(scope="module")
def gd() -> GradientDescentResult:
    return gv.gradient_descent(gv.Task.random(seed=0), gv.Network(), trials=2, epochs=300)


def in_another_unit(post: GuessAndCheckResult, factor: float) -> GuessAndCheckResult:
    """The same result with all losses, and ε, times a factor."""
    path = post.path.copy()
    path[["epsilon", "mean_gen_loss", "stderr"]] *= factor

    def draws(of: Draws) -> Draws:
        return Draws(of.outputs, of.train_loss * factor, of.gen_loss * factor)

    there = {name: getattr(post.estimate, name) * factor for name in ("mean_gen_loss", "stderr")}
    return dataclasses.replace(
        post,
        settings=post.settings.replace(epsilon=post.settings.epsilon * factor),
        path=path,
        fits=draws(post.fits),
        unconditioned=draws(post.unconditioned),
        estimate=dataclasses.replace(post.estimate, **there),
    )


def drawn(post: GuessAndCheckResult, gd: GradientDescentResult | None) -> Iterator[go.Figure]:
    yield figures.loss_distributions(post, gd)
    yield figures.prior_vs_posterior(post, gd, pinned={"A": post})
    yield figures.epsilon_path(post, gd)
    yield figures.dependence(post)
    yield figures.matrices(post, gd)
    if gd is not None:
        yield figures.learning_curves(gd)


def check(figure: go.Figure) -> None:
    """No infinite coordinate, and axes that go from somewhere to somewhere else."""
    for trace in figure.data:
        for values in (trace["x"], trace["y"]):
            numbers = [v for v in np.ravel(values) if isinstance(v, (int, float))]
            assert not np.isinf(numbers).any()
    for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
        if axis.range is not None:
            assert np.isfinite(axis.range).all()
            assert axis.range[0] != axis.range[1]


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.label)
def test_strange_tasks_are_drawn(name: str, network: gv.Network) -> None:
    # Below what float64 tells from zero there is no threshold.
    least = 1e-30 * max(TASKS[name].readings.size ** 2, 1)
    for epsilon in (0.05, 1e3, 1e-12):
        asked = {"epsilon": max(epsilon, least), "samples": 50, "draws": 5000, "method": "plain"}
        post = gv.guess_and_check(TASKS[name], network, **asked)
        gd = gv.gradient_descent(TASKS[name], network, trials=2, epochs=200)
        with warnings.catch_warnings(action="error"):
            for figure in drawn(post, gd):
                check(figure)


@pytest.mark.parametrize("factor", [1e-290, 1e-100, 1e-8, 1e8, 1e100])
def test_another_unit_gives_the_same_picture(post: GuessAndCheckResult, factor: float) -> None:
    """Rounding may carry a draw over the border of its bin."""
    other = in_another_unit(post, factor)
    for one, same in zip(drawn(post, None), drawn(other, None), strict=True):
        check(same)
        for trace, again in zip(one.data, same.data, strict=True):
            if isinstance(trace, go.Scatter) and trace.line.shape == "hv":
                assert abs(len(trace.y) - len(again.y)) <= 1
                difference = np.subtract(*(t.y[: len(trace.y) - 2] for t in (trace, again)))
                assert np.abs(difference).sum() < 0.05


def test_a_loss_of_zero_counts_at_the_end_of_a_logarithmic_axis() -> None:
    values = np.array([0.0, 0.0, 1e-3, 1e-2, 5e-324])
    edges = bin_edges([values], log=True)
    assert edges[-1] == pytest.approx(-2, abs=0.1)
    assert edges[0] > -2 - 33
    trace = histogram(values, None, edges, name="x", colour="#000000", log=True)
    assert trace.y[0] == pytest.approx(0.6)
    assert sum(trace.y[:-1]) == pytest.approx(1.0)


@pytest.mark.parametrize("values", [[0.0, 0.0], [1e-310], [3.0]])
@pytest.mark.parametrize("log", [False, True])
def test_values_that_are_all_the_same_have_a_bin(values: list[float], log: bool) -> None:
    edges = bin_edges([np.array(values)], log=log)
    assert len(edges) >= 2
    trace = histogram(np.array(values), None, edges, name="x", colour="#000000", log=log)
    assert sum(trace.y[:-1]) == pytest.approx(1.0)


@pytest.mark.parametrize("scale", [1e-250, 1e-25, 1.0, 1e25])
def test_learning_curves_go_down_to_rounding_whatever_the_unit(
    gd: GradientDescentResult, scale: float
) -> None:
    """The last record of the first trial is the ground truth itself: a loss of zero."""
    epoch, trials, matrices = gd.recorded[-1]
    right = np.where((trials == 0)[:, None, None], gd.tasks[0].ground_truth, matrices)
    small = gv.Task(gd.tasks[0].ground_truth * math.sqrt(scale), gd.tasks[0].measurements)
    recorded = [
        (e, t, m * math.sqrt(scale)) for e, t, m in (*gd.recorded[:-1], (epoch, trials, right))
    ]
    other = dataclasses.replace(gd, tasks=(small,) * 2, recorded=tuple(recorded))
    (curve,) = (t for t in figures.learning_curves(other).data if t.name == "training loss")
    shown = np.array([y for y in curve.y if y is not None])
    assert shown.min() == pytest.approx(1e-30 * shown.max())
    whole = np.array([y for y in figures.learning_curves(gd).data[0].y if y is not None])
    kept = shown > 1.1 * shown.min()
    np.testing.assert_allclose(shown[kept], scale * whole[kept], rtol=1e-9)
