"""The matrices: what is shown is what was found, and its error splits as the losses do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

import gncviz as gv
from gncviz import figures
from gncviz.descent import GradientDescentResult
from gncviz.figures.chosen import error_parts, measured_entries, median_trial, typical_draw
from gncviz.posterior import GuessAndCheckResult

NETWORK = gv.Network(width=5, depth=2)
PRIOR = gv.Prior("gaussian")
KINDS = ("sensing", "completion")


def run(task: gv.Task, epsilon: float = 0.1) -> GuessAndCheckResult:
    return gv.guess_and_check(
        task, NETWORK, PRIOR, epsilon=epsilon, samples=60, draws=10**5, method="plain", device="cpu"
    )


@pytest.fixture(scope="module")
def tasks() -> dict[str, gv.Task]:
    return {kind: gv.Task.random(rows=4, cols=5, measurements=9, kind=kind) for kind in KINDS}


@pytest.fixture(scope="module")
def posts(tasks: dict[str, gv.Task]) -> dict[str, GuessAndCheckResult]:
    return {kind: run(task) for kind, task in tasks.items()}


@pytest.fixture(scope="module")
def descents(tasks: dict[str, gv.Task]) -> dict[str, GradientDescentResult]:
    return {
        kind: gv.gradient_descent(task, NETWORK, trials=4, epochs=300, init_scale=0.3)
        for kind, task in tasks.items()
    }


def maps(figure: go.Figure) -> list[np.ndarray]:
    return [np.asarray(trace.z) for trace in figure.data if trace.type == "heatmap"]


def dots(figure: go.Figure) -> list[set[tuple[int, int]]]:
    """Rows and columns of the dots of each map."""
    found = []
    for heat, dot in zip(figure.data[::2], figure.data[1::2], strict=True):
        row = np.rint((np.asarray(dot.y) - heat.y0) / heat.dy).astype(int) + 1
        col = np.rint((np.asarray(dot.x) - heat.x0) / heat.dx).astype(int) + 1
        found.append(set(zip(row.tolist(), col.tolist(), strict=True)))
    return found


def text(figure: go.Figure) -> str:
    return " | ".join(note.text for note in figure.layout.annotations)


@pytest.mark.parametrize("kind", KINDS)
def test_errors_add_up_and_their_norms_are_the_losses(
    kind: str, posts: dict[str, Any], descents: dict[str, Any]
) -> None:
    post, gd = posts[kind], descents[kind]
    truth, *found = maps(figures.matrices(post, gd))
    task = post.task
    np.testing.assert_array_equal(truth, task.ground_truth)
    assert len(found) == 6
    for matrix, seen, unseen in (found[:3], found[3:]):
        both = np.nan_to_num(seen) + np.nan_to_num(unseen)
        np.testing.assert_allclose(truth + both, matrix, atol=1e-12)
        labels = np.einsum("nij,ij->n", task.measurements, np.nan_to_num(seen))
        assert (labels**2).mean() == pytest.approx(task.train_loss(matrix).item())
        assert np.einsum("nij,ij->n", task.measurements, np.nan_to_num(unseen)) == pytest.approx(0)
        assert np.nansum(unseen**2) / 11 == pytest.approx(task.gen_loss(matrix).item())


def test_completion_shows_each_entry_in_one_part_and_dots_the_measured(
    posts: dict[str, Any], descents: dict[str, Any]
) -> None:
    figure = figures.matrices(posts["completion"], descents["completion"])
    entries = {(i + 1, j + 1) for _, i, j in np.argwhere(posts["completion"].task.measurements)}
    assert dots(figure) == [entries] * 7
    seen, unseen = maps(figure)[2:4]
    assert {(i + 1, j + 1) for i, j in np.argwhere(np.isfinite(seen))} == entries
    np.testing.assert_array_equal(np.isfinite(unseen), ~np.isfinite(seen))
    sensing = figures.matrices(posts["sensing"], descents["sensing"])
    assert dots(sensing) == [set()] * 7
    assert "dots" in text(figure)
    assert "dots" not in text(sensing)


def test_entries_are_recognized_however_they_were_measured() -> None:
    one, two = np.zeros((2, 2, 2))
    one[0, 1], two[1, 0] = 1.0, 1.0
    expected = [[False, True], [True, False]]
    mixed = gv.Task(np.eye(2), [3 * one + two, one - two, 2 * one])
    np.testing.assert_array_equal(measured_entries(mixed), expected)
    assert measured_entries(gv.Task(np.eye(2), [one + two])) is None


def test_the_typical_draw_is_the_weighted_median(posts: dict[str, Any]) -> None:
    post = posts["sensing"]
    order = np.argsort(post.gen_loss)
    assert typical_draw(post).gen_loss == post.gen_loss[order[29]], "of 60 draws"
    # All but 1 % of the weight on the draw with the largest loss.
    weights = np.full(60, 0.01 / 59)
    weights[order[-1]] = 0.99
    heavy = typical_draw(replace(post, weights=weights))
    assert heavy.gen_loss == post.gen_loss.max()
    np.testing.assert_array_equal(heavy.matrix, post.matrices[order[-1]])
    assert heavy.train_loss == post.train_loss[order[-1]]


def test_the_median_trial_leaves_out_what_diverged(descents: dict[str, Any]) -> None:
    gd = descents["sensing"]
    losses = np.sort(gd.gen_loss)
    assert median_trial(gd, gd.tasks[0]).gen_loss == losses[1], "the lower one of two"
    matrices = gd.matrices.copy()
    matrices[gd.gen_loss == losses[0]] = np.nan
    assert median_trial(replace(gd, outputs=matrices), gd.tasks[0]).gen_loss == losses[2]
    gone = median_trial(replace(gd, outputs=np.full_like(matrices, np.nan)), gd.tasks[0])
    assert (gone.matrix, gone.which) == (None, "diverged")


def test_trials_of_other_tasks_do_not_count(
    tasks: dict[str, gv.Task], posts: dict[str, Any], descents: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="trial of the task"):
        figures.matrices(posts["sensing"], descents["completion"])
    gd = descents["sensing"]
    again = gv.Task(tasks["sensing"].ground_truth, tasks["sensing"].measurements)
    best = int(gd.gen_loss.argmin())
    mixed = [again if trial == best else tasks["completion"] for trial in range(4)]
    assert median_trial(replace(gd, tasks=tuple(mixed)), gd.tasks[0]).gen_loss == gd.gen_loss.min()


def test_titles_say_the_numbers(posts: dict[str, Any], descents: dict[str, Any]) -> None:
    figure = figures.matrices(posts["sensing"], descents["sensing"])
    found = typical_draw(posts["sensing"])
    assert found.matrix is not None
    error = np.linalg.norm(found.matrix - posts["sensing"].task.ground_truth)
    assert "a typical draw" in text(figure)
    assert f"‖error‖ = {error:.2g}" in text(figure)
    assert f"generalization<br>loss {found.gen_loss:.2g}" in text(figure)
    assert "Gradient descent<br>the median trial" in text(figure)


def test_an_empty_panel_says_why(tasks: dict[str, gv.Task], posts: dict[str, Any]) -> None:
    nothing = run(tasks["completion"], epsilon=1e-12)
    figure = figures.matrices(nothing)
    assert "Guess & Check<br>no draw fits" in text(figure)
    assert "Gradient descent<br>has not run" in text(figure)
    truth, *others = maps(figure)
    assert np.isnan(others).all()
    assert [len(part) for part in dots(figure)] == [9] + [0] * 6
    assert figure.layout.coloraxis.cmax == np.abs(truth).max()
    matrix, *_ = error_parts(None, tasks["sensing"], None)
    assert np.isnan(matrix).all()


@pytest.mark.parametrize("theme", [figures.LIGHT, figures.DARK])
def test_one_scale_with_zero_in_the_middle(
    theme: figures.Theme, posts: dict[str, Any], descents: dict[str, Any]
) -> None:
    figure = figures.matrices(posts["sensing"], descents["sensing"], theme=theme)
    axis = figure.layout.coloraxis
    assert axis.cmin == -axis.cmax
    assert axis.cmax == pytest.approx(np.nanmax(np.abs(maps(figure))))
    middle = axis.colorscale[len(axis.colorscale) // 2]
    assert middle == (0.5, theme.ground)
    assert {trace.coloraxis for trace in figure.data if trace.type == "heatmap"} == {"coloraxis"}


def test_a_figure_on_the_screen_becomes_any_other(
    tasks: dict[str, gv.Task], posts: dict[str, Any], descents: dict[str, Any]
) -> None:
    wide = gv.Task.random(rows=3, cols=8, measurements=12)
    wanted = [
        figures.matrices(posts["sensing"], descents["sensing"]),
        figures.matrices(posts["completion"]),
        figures.matrices(run(tasks["sensing"], epsilon=1e-12), theme=figures.DARK),
        figures.matrices(run(wide, epsilon=1.0)),
        figures.matrices(posts["completion"], descents["completion"]),
    ]
    for figure in wanted[1:]:
        assert [one.type for one in figure.data] == [one.type for one in wanted[0].data]
        # In the browser, axes that are tied to one another keep the ranges they have.
        assert figure.layout.yaxis9.range == wanted[0].layout.yaxis9.range


@pytest.mark.parametrize(("rows", "cols"), [(3, 8), (8, 3), (1, 4), (4, 1)])
def test_cells_are_square_inside_the_frame_with_row_one_on_top(rows: int, cols: int) -> None:
    task = gv.Task.random(rows=rows, cols=cols, measurements=2, kind="completion")
    figure = figures.matrices(run(task, epsilon=1.0))
    heat, dot = figure.data[:2]
    assert heat.dx == heat.dy == pytest.approx(1 / max(rows, cols))
    frame = figure.layout.shapes[0]
    assert (heat.x0 - heat.dx / 2, heat.y0 - heat.dy / 2) == pytest.approx((frame.x0, frame.y0))
    assert frame.x0 + cols * heat.dx == pytest.approx(frame.x1)
    assert frame.y0 + rows * heat.dy == pytest.approx(frame.y1)
    assert frame.x0 + frame.x1 == pytest.approx(1), "in the middle"
    np.testing.assert_array_equal(heat.customdata[rows - 1, 0], [rows, 1])
    np.testing.assert_array_equal(heat.customdata[0, cols - 1], [1, cols])
    entries = np.argwhere(task.measurements.sum(axis=0))
    np.testing.assert_allclose(dot.y, heat.y0 + heat.dy * entries[:, 0])
    np.testing.assert_allclose(dot.x, heat.x0 + heat.dx * entries[:, 1])
    for number in ("", "2", "3", "5", "6", "8", "9"):
        x, y = figure.layout[f"xaxis{number}"], figure.layout[f"yaxis{number}"]
        assert y.range[0] > 1 > 0 > y.range[1], "downwards"
        assert y.scaleanchor == f"x{number}"
        assert (x.constrain, y.constrain) == ("domain", "domain")


#: What is left of linear RGB without one kind of cones (Machado, Oliveira and Fernandes 2009).
BLIND = {
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritanopia": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}


def linear(colour: str) -> np.ndarray:
    parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear RGB, white D65."""
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    relative = (to_xyz @ rgb.clip(0, 1)) / to_xyz.sum(axis=1)
    x, y, z = np.where(relative > 216 / 24389, np.cbrt(relative), relative * 841 / 108 + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("theme", [figures.LIGHT, figures.DARK])
@pytest.mark.parametrize("blindness", [None, *BLIND])
def test_signs_stay_apart_for_the_colour_blind(theme: figures.Theme, blindness: str | None) -> None:
    seeing = np.eye(3) if blindness is None else np.array(BLIND[blindness])
    scale = np.array([lab(seeing @ linear(colour)) for colour in theme.diverging])
    middle = len(scale) // 2
    away = np.abs(scale[:, 0] - scale[middle, 0])
    assert (np.diff(away[middle:]) > 3).all(), "further from zero, further from the ground"
    assert (np.diff(away[: middle + 1]) < -3).all()
    # 2.3 is just noticeable; signs are told apart by hue from a third of the scale on.
    for step in range(1, middle + 1):
        apart = np.linalg.norm(scale[middle + step] - scale[middle - step])
        assert apart > 10, (step, apart)
