"""Tasks of data: labels as they come, losses against their definitions, sets, refusals."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
import torch

import gncviz as gv
from gncviz.models import drawn
from gncviz.models.data import datasets
from gncviz.models.data.recipes import DataSettings

X, X_TEST = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 1.0]]), np.array([[1.0, 1.0], [0.0, 0.0]])


def binary(loss: str = "errors") -> gv.DataTask:
    return gv.DataTask(X, ["b", "a", "b"], X_TEST, ["a", "b"], loss)


def three(loss: str = "errors") -> gv.DataTask:
    return gv.DataTask(X, [5, 9, 7], X_TEST, [7, 5], loss)


def test_two_classes_are_the_sign_of_one_output() -> None:
    task = binary()
    assert task.output_shape == (1, 5)
    assert task.classes == ("a", "b")
    np.testing.assert_array_equal(task.targets, [[1, -1, 1, -1, 1]])
    np.testing.assert_array_equal(task.y_train, ["b", "a", "b"])
    outputs = np.array([[0.1, -0.1, -2.0, 3.0, 1.0], [0.0, 0.0, 0.0, 0.0, 0.0]])[:, None]
    # An output of exactly zero says nothing, and is wrong.
    np.testing.assert_allclose(task.train_loss(outputs), [1 / 3, 1])
    np.testing.assert_allclose(task.gen_loss(outputs), [1 / 2, 1])


def test_more_classes_are_the_largest_output() -> None:
    task = three()
    assert task.output_shape == (3, 5)
    np.testing.assert_array_equal(task.y_test, [7, 5])
    outputs = np.zeros((3, 5))
    outputs[[0, 2, 0, 1, 2], range(5)] = 1.0
    assert task.train_loss(outputs) == pytest.approx(1 / 3)
    assert task.gen_loss(outputs) == pytest.approx(1 / 2)
    assert task.train_loss(np.full((3, 5), np.nan)) == 1


@pytest.mark.parametrize("make", [binary, three])
def test_logistic_loss_is_torch_s_and_measured_by_errors(make) -> None:
    task = make("logistic")
    outputs = np.random.default_rng(0).standard_normal((4, *task.output_shape))
    seen = torch.tensor(outputs[..., :3])
    if make is binary:
        target = torch.tensor([1.0, 0.0, 1.0], dtype=torch.float64).expand(4, 1, 3)
        found = torch.nn.functional.binary_cross_entropy_with_logits(seen, target, reduction="none")
        expected = found.mean(dim=(1, 2))
    else:
        places = torch.tensor([0, 2, 1]).expand(4, 3)
        found = torch.nn.functional.cross_entropy(seen, places, reduction="none")
        expected = found.mean(dim=1)
    np.testing.assert_allclose(task.train_loss(outputs), expected)
    np.testing.assert_array_equal(task.gen_loss(outputs), make().gen_loss(outputs))


def test_squared_loss_of_several_outputs_is_a_ball() -> None:
    y, y_test = np.arange(6.0).reshape(3, 2), np.ones((2, 2))
    task = gv.DataTask(X, y, X_TEST, y_test)
    assert task.output_shape == (2, 5)
    outputs = np.random.default_rng(0).standard_normal((4, 2, 5))
    expected = ((outputs[:, :, :3] - y.T) ** 2).mean(axis=(1, 2))
    np.testing.assert_allclose(task.train_loss(outputs), expected)
    gen = ((outputs[:, :, 3:] - y_test.T) ** 2).mean(axis=(1, 2))
    np.testing.assert_allclose(task.gen_loss(outputs), gen)
    distance = ((outputs.reshape(4, -1) @ task.ball.directions.T - task.ball.center) ** 2).sum(1)
    np.testing.assert_allclose(distance / task.ball.count, expected)


@pytest.mark.parametrize("loss", ["squared", "logistic"])
@pytest.mark.parametrize("classes", [2, 3])
def test_slopes_are_derivatives(loss: str, classes: int) -> None:
    labels = np.arange(6) % classes
    x = np.random.default_rng(1).standard_normal((6, 2))
    task = gv.DataTask(x, labels, x, labels, loss)
    losses = task.losses(torch.device("cpu"), torch.float64)
    outputs = torch.randn(task.targets.size, 4, dtype=torch.float64, requires_grad=True)
    (expected,) = torch.autograd.grad(losses.train(outputs).sum(), outputs)
    torch.testing.assert_close(losses.slope(outputs.detach()), expected)


def test_frames_series_tensors_and_words_are_taken() -> None:
    frame, test = pd.DataFrame(X, columns=["u", "v"]), pd.DataFrame(X_TEST, columns=["u", "v"])
    labels = pd.Series([True, False, True])
    task = gv.DataTask(frame, labels, test, [False, True], "errors")
    np.testing.assert_array_equal(task.x_train, X)
    assert task.classes == (False, True)
    other = gv.DataTask(torch.tensor(X), torch.tensor([1, 0, 1]), X_TEST, [[0], [1]], "errors")
    np.testing.assert_array_equal(other.targets, task.targets)


@pytest.mark.parametrize(
    ("change", "name", "sentence"),
    [
        ({"x_train": [[0.0, np.nan], [1, 0], [2, 1]]}, "x_train", "1 is missing"),
        ({"x_train": [[0.0, np.inf], [1, 0], [2, 1]]}, "x_train", "must be finite"),
        ({"x_train": X[:2]}, "y_train", "each of the 2 rows of x_train; it has 3"),
        ({"x_test": X_TEST[:, :1]}, "x_test", "the 2 columns of x_train; got 1"),
        ({"x_test": X_TEST[0]}, "x_test", r"shape \(samples, inputs\)"),
        ({"y_train": ["a", "a", "a"]}, "y_train", "two classes or more; all labels are 'a'"),
        ({"y_train": ["a", None, "b"]}, "y_train", "1 are missing, the first at 1"),
        ({"y_test": ["a", "c"]}, "y_test", "'c' is none of them"),
        ({"y_train": [["a", "b"]] * 3}, "y_train", "one class a sample"),
        ({"loss": "hinge"}, "loss", "'squared', 'logistic', 'errors'; got 'hinge'"),
        ({"loss": "squared"}, "y_train", "an array of numbers"),
        (
            {"x_train": pd.DataFrame(X, columns=["u", "v"]), "x_test": pd.DataFrame(X_TEST)},
            "x_test",
            "the columns of x_train, in the same order; look at 'u'",
        ),
        (
            {"x_train": np.broadcast_to(np.float32(0), (2**15, 2**15))},
            "x_train",
            "32768 × 32768 numbers, which take 9 GB",
        ),
    ],
)
def test_what_does_not_fit_is_refused(change, name: str, sentence: str) -> None:
    given = {"x_train": X, "y_train": ["b", "a", "b"], "x_test": X_TEST, "y_test": ["a", "b"]}
    with pytest.raises(gv.SettingsError, match=sentence) as caught:
        gv.DataTask(**{**given, "loss": "errors", **change})
    assert [field for field, _ in caught.value.problems] == [name]


def test_a_task_does_not_change_and_copies_are_the_same() -> None:
    for task in (binary(), gv.DataTask.load("moons", train=6, seed=3)):
        again = pickle.loads(pickle.dumps(task))
        np.testing.assert_array_equal(again.inputs, task.inputs)
        np.testing.assert_array_equal(again.targets, task.targets)
        told = drawn(type(task.recipe).model_validate_json(task.recipe.model_dump_json()))
        np.testing.assert_array_equal(told.inputs, task.inputs)
        np.testing.assert_array_equal(told.y_train, task.y_train)
        with pytest.raises(AttributeError, match="immutable"):
            task.loss = "squared"
        with pytest.raises(ValueError, match="read-only"):
            task.x_train[0] = 0


def test_parts_of_a_task() -> None:
    task = gv.DataTask.load("moons", train=8, seed=0)
    assert task.first(5).count == 5
    np.testing.assert_array_equal(task.first(5).x_train, task.x_train[:5])
    assert task.seen.output_shape == (1, 9)
    assert task.with_loss("logistic").recipe == task.recipe.replace(loss="logistic")
    with pytest.raises(gv.SettingsError, match="between 1 and 8"):
        task.first(9)


@pytest.mark.parametrize("name", datasets.MADE)
def test_sets_that_are_made(name: str) -> None:
    task = gv.DataTask.load(name, train=64, seed=2)
    assert task.count == 64
    assert len(task.x_test) == 1000
    assert 0.3 < (task.targets > 0).mean() < 0.7
    assert 0.3 < (task.inputs**2).mean() < 3
    again = gv.DataTask.load(name, train=64, seed=2)
    np.testing.assert_array_equal(task.inputs, again.inputs)
    other = gv.DataTask.load(name, train=64, seed=3)
    assert (task.inputs != other.inputs).any()
    assert gv.DataTask.load(name, train=20, loss="squared").y_train.dtype == float


@pytest.mark.parametrize("seed", range(8))
def test_every_class_has_a_sample(seed: int) -> None:
    task = gv.DataTask.load("moons", train=2, seed=seed)
    assert set(task.y_train) == {0, 1}


def test_what_made_labels_mean() -> None:
    parity = gv.DataTask.load("parity", train=50, dim=4)
    np.testing.assert_array_equal(parity.y_train, parity.x_train[:, :3].prod(axis=1) > 0)
    turned = gv.DataTask.load("parity", train=900, noise=0.3)
    share = (turned.y_train == (turned.x_train[:, :3].prod(axis=1) > 0)).mean()
    assert share == pytest.approx(0.7, abs=0.07)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"name": "mnist"}, "name should be 'digits', .* or 'parity'; got 'mnist'"),
        ({"name": "moons", "train": 1}, "train"),
        ({"name": "parity", "dim": 2}, "at least 3 for a parity; got 2"),
        ({"name": "parity", "noise": 2.0}, "share of labels"),
    ],
)
def test_recipes_refuse(settings, sentence: str) -> None:
    with pytest.raises(gv.SettingsError, match=sentence):
        DataSettings(**settings).arrays()


class TestScikitLearn:
    @pytest.fixture(autouse=True)
    def _installed(self) -> None:
        pytest.importorskip("sklearn")

    def test_pairs_and_groups(self) -> None:
        task = gv.DataTask.load("digits", classes=(3, 8), train=32)
        assert task.classes == (3, 8)
        assert task.count + len(task.x_test) == 357
        halves = ((0, 2, 4, 6, 8), (1, 3, 5, 7, 9))
        task = gv.DataTask.load("digits", classes=halves, train=32, test=100)
        assert task.classes == (0, 1)
        assert len(task.x_test) == 100
        assert gv.DataTask.load("iris", train=60).output_shape == (3, 150)
        numbers = gv.DataTask.load("digits", classes=(3, 8), train=32, loss="squared")
        assert set(numbers.y_train) == {-1.0, 1.0}

    @pytest.mark.parametrize("name", ["digits", "breast_cancer", "wine", "iris"])
    def test_inputs_are_of_size_one(self, name: str) -> None:
        task = gv.DataTask.load(name, train=100)
        assert 0.5 < (task.inputs**2).mean() < 1.5

    @pytest.mark.parametrize(
        ("settings", "sentence"),
        [
            ({"classes": (3, 11)}, "some of 0 to 9; got 11"),
            ({"classes": (3, 3)}, "two or more, each named once"),
            ({"classes": (3,)}, "two or more"),
            ({"train": 1797}, "leave samples to test on: at most 1 796 of 1 797; got 1797"),
            ({"train": 9}, "each class has a sample; got 9"),
            ({"noise": 0.1}, "for sets that are made, not digits"),
        ],
    )
    def test_refusals(self, settings, sentence: str) -> None:
        with pytest.raises(gv.SettingsError, match=sentence):
            gv.DataTask.load("digits", **settings)


def test_without_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sklearn", None)
    with pytest.raises(gv.SettingsError, match=r"not installed: install it, or .*gncviz\[data\]"):
        gv.DataTask.load("digits")


# --- networks on them


def test_plain_draws_and_splitting_agree_on_a_soft_loss() -> None:
    task = gv.DataTask.load("moons", train=8, test=20, loss="logistic", seed=1)
    network = gv.Network(width=6, activation="tanh")
    posts = [
        gv.guess_and_check(
            task, network, epsilon=0.58, method=method, samples=300, seed=1, device="cpu"
        )
        for method in ("plain", "splitting")
    ]
    for post in posts:
        assert post.status == "ok"
        assert (post.train_loss < 0.58).all()
    error = np.hypot(posts[0].log10_acceptance_stderr, posts[1].log10_acceptance_stderr)
    assert abs(posts[0].log10_acceptance - posts[1].log10_acceptance) < 4 * error
    error = np.hypot(posts[0].stderr, posts[1].stderr)
    assert abs(posts[0].mean_gen_loss - posts[1].mean_gen_loss) < 4 * error


def test_the_last_layer_is_integrated_out_for_the_squared_loss() -> None:
    task = gv.DataTask.load("teacher_student", train=4, test=10, dim=3, loss="squared")
    network = gv.Network(width=30, activation="relu")
    posts = [
        gv.guess_and_check(
            task, network, epsilon=0.1, method=method, samples=400, seed=1, device="cpu"
        )
        for method in ("plain", "collapsed")
    ]
    error = np.hypot(posts[0].stderr, posts[1].stderr)
    assert abs(posts[0].mean_gen_loss - posts[1].mean_gen_loss) < 4 * error
    error = np.hypot(posts[0].log10_acceptance_stderr, posts[1].log10_acceptance_stderr)
    assert abs(posts[0].log10_acceptance - posts[1].log10_acceptance) < 4 * error


def test_descent_ends_at_the_first_epoch_without_errors() -> None:
    task = gv.DataTask.load("moons", train=12, test=100, seed=0)
    asked = {"trials": 6, "init": gv.Prior(), "init_scale": 1.0, "lr": 0.03}
    network = gv.Network(width=16, activation="relu")
    gd = gv.gradient_descent(task, network, **asked)
    assert set(gd.status) == {"converged"}
    assert (gd.train_loss == 0).all()
    before = gv.gradient_descent(task, network, **asked, epochs=int(gd.trial_epochs.max()) - 1)
    last = gd.trial_epochs.argmax()
    assert before.train_loss[last] > 0
    low = gv.gradient_descent(task.with_loss("logistic"), network, **asked, tolerance=0.01)
    assert (low.train_loss < 0.01).all()
    # Both go the same way, one farther along it.
    assert (low.trial_epochs > gd.trial_epochs).all()
