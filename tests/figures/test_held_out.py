"""Figures of tasks without a ground truth say "held out", and show what is known only."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

import gncviz as gv
from gncviz import figures
from tests.figures.test_matrices import dots, maps, text

NETWORK = gv.Network(width=4)
RNG = np.random.default_rng(0)
TABLE = np.outer([0.3, 0.5, -0.4], [0.5, -0.2, 0.4, 0.6])
TABLE[[0, 2], [3, 1]] = np.nan
TASKS = {
    "table": gv.Task.completion(TABLE, held_out=0.3, seed=1),
    "sensing": gv.Task.sensing(RNG.standard_normal((9, 3, 4)), RNG.standard_normal(9)),
}


@pytest.fixture(scope="module", params=TASKS)
def run(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    task = TASKS[request.param]
    post = gv.guess_and_check(task, NETWORK, epsilon=0.5, samples=60, device="cpu")
    return post, gv.gradient_descent(task, NETWORK, trials=3, epochs=200, init_scale=0.3)


def said(figure: go.Figure) -> str:
    return figure.to_json()


def test_losses_are_called_what_they_are(run: tuple[Any, Any]) -> None:
    post, gd = run
    table = gv.mechanism.loss_dependence(post.task, NETWORK, gv.Prior(), widths=[4], draws=200)
    for figure in (
        figures.loss_distributions(post, gd),
        figures.prior_vs_posterior(post, gd),
        figures.epsilon_path(post, gd),
        figures.learning_curves(gd),
        figures.dependence(post, table),
        figures.matrices(post, gd),
    ):
        assert "held-out" in said(figure)
        assert "generalization" not in said(figure)
    for result in (post, gd):
        assert "mean held-out loss" in repr(result)


def test_a_sweep_s_axis_too() -> None:
    with ThreadPoolExecutor(1) as pool:
        found = gv.sweep(
            "width",
            [4, 5],
            task=TASKS["table"],
            epsilon=0.5,
            seeds=2,
            descent=False,
            guess_and_check={"samples": 30},
            executor=pool,
        )
    assert found.complete
    for figure in (figures.sweep(found), figures.family({"mine": found})):
        assert figure.layout.yaxis.title.text == "mean held-out loss"


@pytest.mark.parametrize("run", ["table"], indirect=True)
def test_of_a_table_the_known_entries_are_shown_and_the_errors_on_them(
    run: tuple[Any, Any],
) -> None:
    post, gd = run
    figure = figures.matrices(post, gd)
    known, *found = maps(figure)
    np.testing.assert_array_equal(known, TABLE)
    trained = np.unravel_index(post.task.entries, (3, 4))
    assert dots(figure)[0] == {(int(i) + 1, int(j) + 1) for i, j in zip(*trained, strict=True)}
    for matrix, seen, unseen in (found[:3], found[3:]):
        assert np.nanmean(seen**2) == pytest.approx(post.task.train_loss(matrix))
        assert np.nanmean(unseen**2) == pytest.approx(post.task.gen_loss(matrix))
        np.testing.assert_array_equal(np.isnan(seen) & np.isnan(unseen), np.isnan(TABLE))
    for part in ("7 trained on (dots)", "3 held out", "held-out entries", "‖W‖"):
        assert part in text(figure)
    assert "W*" not in text(figure)


@pytest.mark.parametrize("run", ["sensing"], indirect=True)
def test_of_measurements_no_truth_and_no_error_is_shown(run: tuple[Any, Any]) -> None:
    post, gd = run
    figure = figures.matrices(post, gd)
    known, *found = maps(figure)
    assert np.isnan(known).all()
    for matrix, seen, unseen in (found[:3], found[3:]):
        assert np.isfinite(matrix).all()
        assert np.isnan([seen, unseen]).all()
    assert "No ground truth" in text(figure)
    assert "not known" in text(figure)


def test_trials_of_another_hold_out_do_not_count(run: tuple[Any, Any]) -> None:
    post, _ = run
    other = gv.Task.completion(TABLE, held_out=0.3, seed=2)
    gd = gv.gradient_descent(other, NETWORK, trials=2, epochs=5)
    with pytest.raises(ValueError, match="gd should have a trial of the task"):
        figures.matrices(post, gd)
    again = gv.Task.from_dict(post.task.to_dict())
    gd = gv.gradient_descent(again, NETWORK, trials=2, epochs=5)
    figures.matrices(post, gd)
