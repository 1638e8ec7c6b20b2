"""Results of one's own in the figures, beside prior, posterior and descent."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
import torch

import gncviz as gv
from gncviz import figures
from gncviz.settings import SettingsError
from gncviz.words import estimate
from tests.figures.test_matrices import maps, text

TASK = gv.Task.random(rows=4, cols=5, measurements=9, seed=0)
NETWORK = gv.Network(width=5)
RNG = np.random.default_rng(0)
FEW = TASK.ground_truth + 0.1 * RNG.standard_normal((7, 4, 5))
MANY = TASK.ground_truth + RNG.standard_normal((300, 4, 5))


@pytest.fixture(scope="module")
def post() -> Any:
    return gv.guess_and_check(TASK, NETWORK, epsilon=0.2, samples=80, method="plain", device="cpu")


@pytest.fixture(scope="module")
def gd() -> Any:
    return gv.gradient_descent(TASK, NETWORK, trials=3, epochs=100, init_scale=0.3)


@pytest.fixture(scope="module")
def draws() -> Any:
    return gv.spectrum.prior_spectra_draws(NETWORK, gv.Prior(), 4, 5, [2], draws=50)


def traces(figure: go.Figure, name: str) -> list[Any]:
    return [trace for trace in figure.data if (trace.name or "").startswith(name)]


def test_few_are_marked_one_by_one_and_many_are_a_distribution(post: Any, gd: Any) -> None:
    own = {"Adam": FEW, "random": MANY, "losses": TASK.gen_loss(FEW).tolist()}
    figure = figures.prior_vs_posterior(post, gd, own=own)
    (adam,), (random,), (losses,) = (traces(figure, name) for name in own)
    np.testing.assert_allclose(np.sort(adam.customdata), np.sort(TASK.gen_loss(FEW)))
    np.testing.assert_allclose(adam.customdata, losses.customdata)
    found = TASK.gen_loss(FEW)
    assert adam.name == f"Adam: mean {estimate(found.mean(), found.std(ddof=1) / np.sqrt(7))}"
    assert sum(random.y[:-1]) == pytest.approx(1)
    assert len({trace.line.color or trace.marker.color for trace in (adam, random, losses)}) == 3
    without = figures.prior_vs_posterior(post, gd)
    assert [trace.name for trace in figure.data][: len(without.data)] == [
        trace.name for trace in without.data
    ]


def test_both_losses_of_matrices_and_one_of_losses(post: Any) -> None:
    own = {"Adam": FEW, "losses": [0.01, 0.02, np.nan]}
    figure = figures.loss_distributions(post, own=own)
    train, gen = traces(figure, "Adam")
    np.testing.assert_allclose(train.customdata, TASK.train_loss(FEW))
    np.testing.assert_allclose(gen.customdata, TASK.gen_loss(FEW))
    nothing, losses = traces(figure, "losses")
    assert len(nothing.x) == 0
    assert list(losses.customdata) == [0.01, 0.02]


def test_what_lies_beyond_the_axis_is_marked_at_its_end(post: Any) -> None:
    figure = figures.prior_vs_posterior(post, own={"far": [1e-12, 0.05, 1e9]})
    (far,) = traces(figure, "far")
    low, high = figure.layout.xaxis.range
    if figure.layout.xaxis.type == "log":
        low, high = 10.0**low, 10.0**high
    assert far.x[0] == pytest.approx(max(1e-12, low))
    assert far.x[2] == pytest.approx(high)
    assert far.marker.symbol[2] == "triangle-right"
    assert list(far.customdata) == [1e-12, 0.05, 1e9]


def test_a_level_on_the_path(post: Any) -> None:
    (level,) = traces(figures.epsilon_path(post, own={"Adam": FEW}), "Adam")
    assert level.y[0] == pytest.approx(TASK.gen_loss(FEW).mean())


def test_a_column_of_the_matrices(post: Any, gd: Any) -> None:
    one = torch.tensor(FEW[0])
    figure = figures.matrices(post, gd, own={"mine": one, "Adam": FEW})
    found = maps(figure)
    assert len(found) == 1 + 4 * 3
    np.testing.assert_array_equal(found[7], FEW[0])
    middle = np.argsort(TASK.gen_loss(FEW))[3]
    np.testing.assert_array_equal(found[10], FEW[middle])
    np.testing.assert_allclose(found[8] + found[9], FEW[0] - TASK.ground_truth)
    assert "mine<br>your matrix" in text(figure)
    assert "Adam<br>the median of 7" in text(figure)
    domains = [figure.get_subplot(1, column).xaxis.domain for column in range(1, 6)]
    for left, right in itertools.pairwise(domains):
        assert left[1] < right[0]


def test_ranks_of_matrices(draws: Any, post: Any, gd: Any) -> None:
    figure = figures.effective_ranks(draws, post, gd, own={"Adam": FEW})
    (adam,) = traces(figure, "Adam")
    np.testing.assert_allclose(adam.customdata, gv.spectrum.effective_rank(FEW))


@pytest.mark.parametrize(
    ("own", "sentence"),
    [
        ({"Adam": np.ones((3, 5, 4))}, r"own\['Adam'\] should be outputs with shape \(..., 4, 5\)"),
        ({"Adam": 3.0}, r"or losses with shape \(N,\); got \(\)"),
        ({"Adam": ["a"]}, r"own\['Adam'\] must be an array of numbers"),
        (FEW, r'own should have names, as in \{"Adam": matrices\}; got ndarray'),
    ],
)
def test_what_is_no_result_is_refused_in_words(post: Any, own: Any, sentence: str) -> None:
    for draw in (figures.prior_vs_posterior, figures.loss_distributions, figures.matrices):
        with pytest.raises(SettingsError, match=sentence):
            draw(post, own=own)


def test_a_matrix_is_needed_where_one_is_shown(post: Any) -> None:
    with pytest.raises(SettingsError, match=r"own\['Adam'\] should be matrices here"):
        figures.matrices(post, own={"Adam": [0.1, 0.2]})


FIGURES: dict[str, Callable[..., go.Figure]] = {
    name: getattr(figures, name)
    for name in ("prior_vs_posterior", "loss_distributions", "epsilon_path", "matrices")
}


@pytest.mark.parametrize("name", FIGURES)
def test_an_array_in_the_place_of_a_result_is_told_where_it_goes(name: str, post: Any) -> None:
    with pytest.raises(SettingsError, match=r"gd should be from gncviz.gradient_descent; got nd"):
        FIGURES[name](post, FEW)
    with pytest.raises(SettingsError, match=r"post should be from gncviz.guess_and_check; .* own"):
        FIGURES[name](FEW)


def test_the_figures_of_descent_and_spectra_tell_it_too(draws: Any, post: Any) -> None:
    for draw in (
        lambda: figures.learning_curves(FEW),  # type: ignore[arg-type]
        lambda: figures.spectra(draws.table, post, FEW),  # type: ignore[arg-type]
        lambda: figures.spectrum_at(draws, post, FEW),  # type: ignore[arg-type]
        lambda: figures.effective_ranks(draws, post, FEW),  # type: ignore[arg-type]
    ):
        with pytest.raises(SettingsError, match=r"gd should be from gncviz.gradient_descent"):
            draw()
