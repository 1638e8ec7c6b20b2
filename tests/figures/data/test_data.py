"""Figures of networks on data: what is drawn is what the results say."""

from __future__ import annotations

import numpy as np
import pytest

import gncviz as gv
from gncviz import figures
from gncviz.figures.data.regions import regions_of
from gncviz.models.data.plane import Plane
from tests.figures.small import named, the

NETWORK = gv.Network(width=8, activation="relu")
TASK = gv.DataTask.load("moons", train=5, test=50, seed=0)


def descend(task: gv.DataTask) -> gv.GradientDescentResult:
    return gv.gradient_descent(task, NETWORK, trials=3, init=gv.Prior(), init_scale=1.0, lr=0.03)


def test_the_learning_curve_is_the_table_s() -> None:
    curve = gv.learning_curve(TASK, NETWORK, samples=50, device="cpu")
    results = {count: descend(TASK.first(count)) for count in (4, 5)}
    figure = figures.learning_curve(curve, {"first zero error": results})
    single = named(figure, "Guess & Check, single")[-1]
    np.testing.assert_array_equal(single.y, curve.table["gen_error"])
    average = named(figure, "average of their outputs")[-1]
    np.testing.assert_array_equal(average.y, curve.table["bayes_error"])
    marks = the(figure, "gradient descent, first zero error")
    assert list(marks.x) == [4, 5]
    np.testing.assert_allclose(marks.y, [results[n].gen_loss.mean() for n in (4, 5)])
    np.testing.assert_array_equal(the(figure, "acceptance").y, curve.table["log10_acceptance"])
    with pytest.raises(gv.SettingsError, match=r"curve should be from gncviz\.learning_curve"):
        figures.learning_curve(curve.posterior)


@pytest.mark.parametrize("classes", [2, 3])
def test_regions_are_the_sides_that_outputs_are_on(classes: int) -> None:
    labels = np.arange(5) % classes
    task = gv.DataTask(TASK.x_train, labels, TASK.x_test, np.zeros(50, int), "errors")
    task = task.over_grid(20)
    assert len(task.x_test) == 400
    post = gv.guess_and_check(task, NETWORK, epsilon=0.1, samples=20, device="cpu")
    figure = figures.regions(post, descend(task), singles=2)
    titles = [note.text for note in figure.layout.annotations]
    assert titles == ["guess 1", "guess 2", "average of all guesses", "gradient descent"]
    first = the(figure, "guess 1")
    outputs = post.outputs[0][:, 5:]
    sides = outputs.argmax(axis=0) if classes == 3 else (outputs[0] > 0).astype(int)
    np.testing.assert_array_equal(np.asarray(first.z).ravel(), sides)
    # Every sample is in a region of its own class: the grid's nearest point shows it or borders.
    for x, label in zip(task.x_train, labels, strict=True):
        at = np.abs(first.x - x[0]).argmin(), np.abs(first.y - x[1]).argmin()
        around = np.asarray(first.z)[max(at[1] - 1, 0) : at[1] + 2, max(at[0] - 1, 0) : at[0] + 2]
        assert label in around


def test_panels_without_regions_yet_have_the_samples_and_say_so() -> None:
    plane = Plane.of(TASK.over_grid(10))
    known = plane.with_regions({"guess 1": np.zeros((10, 10), np.uint8)})
    figure = regions_of(known, panels=("guess 1", "guess 2"))
    notes = [note for note in figure.layout.annotations if note.text == "not known yet"]
    assert [note.xref for note in notes] == ["x2 domain"]
    assert len(named(figure, "training samples")) == 2


def test_what_has_no_regions_says_so() -> None:
    post = gv.guess_and_check(TASK, NETWORK, epsilon=0.1, samples=5, device="cpu")
    with pytest.raises(gv.SettingsError, match=r"task\.over_grid\(\)"):
        figures.regions(post)
    parity = gv.DataTask.load("parity", train=8, dim=4)
    with pytest.raises(gv.SettingsError, match="two inputs and classes"):
        parity.over_grid()
