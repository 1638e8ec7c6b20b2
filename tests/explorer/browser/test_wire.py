"""A figure on its way to the browser: nothing lost, few bytes."""

from __future__ import annotations

import json

import numpy as np
import plotly.graph_objects as go
import pytest

import gncviz as gv
from gncviz.explorer.browser.plot import FigureView
from gncviz.explorer.browser.wire import as_json
from gncviz.figures.look.style import HEIGHT, new_figure
from tests.explorer.driver import as_sent


def sent(**trace: object) -> dict:
    (found,) = as_json(go.Figure(go.Scatter(**trace)))["data"]
    return json.loads(json.dumps(found, allow_nan=False))


@pytest.mark.parametrize(
    "values",
    [
        np.linspace(-3, 1e5, 50),
        np.array([1.0, np.nan, 2.0] * 4),
        np.arange(20),
        [0.1, None, 0.3, 4, 5, None, 7, 8.5, 9],
        (1e-300,) * 9,
        [1e250] * 9,
    ],
    ids=["numbers", "not a number", "whole numbers", "gaps", "tiny", "huge"],
)
def test_long_arrays_arrive_as_they_left(values: object) -> None:
    view = FigureView()
    view.show(go.Figure(go.Scatter(y=values)))
    np.testing.assert_allclose(as_sent(view).data[0].y, np.array(values, float), rtol=1e-6)


def test_matrices_keep_their_shape_and_gaps() -> None:
    matrix = np.linspace(0, 1, 20).reshape(4, 5)
    matrix[1, 2] = np.nan
    view = FigureView()
    view.show(go.Figure(go.Heatmap(z=matrix)))
    np.testing.assert_allclose(as_sent(view).data[0].z, matrix, rtol=1e-6)


def test_single_precision_is_used_where_it_is_enough() -> None:
    assert sent(y=np.linspace(0, 1, 50))["y"]["dtype"] == "f4"
    assert sent(y=np.geomspace(1e-80, 1, 50))["y"]["dtype"] == "f8"


def test_what_is_short_or_no_number_stays_a_list() -> None:
    found = sent(
        x=np.array([1.0, np.inf, 3.0]), y=[True] * 9, text=np.array(["a"] * 9), ids=["b"] * 9
    )
    assert found["x"] == [1.0, None, 3.0]
    assert found["y"] == [True] * 9
    assert found["text"] == ["a"] * 9
    assert found["ids"] == ["b"] * 9


def test_the_usual_height_is_the_page_s_to_say_and_the_figure_is_left_alone() -> None:
    assert "height" not in as_json(new_figure())["layout"]
    assert as_json(new_figure(height=HEIGHT + 1))["layout"]["height"] == HEIGHT + 1
    figure = new_figure()
    as_json(figure)
    assert figure.layout.height == HEIGHT


def test_a_figure_of_a_run_is_small() -> None:
    task = gv.Task.random(seed=0)
    post = gv.guess_and_check(
        task,
        gv.Network(width=5, depth=2),
        gv.Prior("gaussian"),
        epsilon=0.1,
        samples=1000,
        draws=10**5,
    )
    drawn = (gv.figures.prior_vs_posterior(post), gv.figures.loss_distributions(post))
    sizes = [len(json.dumps(as_json(figure))) for figure in drawn]
    assert max(sizes) < 20_000, sizes
