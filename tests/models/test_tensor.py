"""Tensors: the task, the network, and that order two is the matrix model of today."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

import gncviz as gv
from gncviz.models.tensor.recipes import GivenTensor, TensorTaskSettings
from gncviz.posterior import Status

TASK = gv.TensorTask.random(shape=(2, 3, 2), measurements=6, seed=1)
NETWORK = gv.TensorNetwork(width=4)
NULL = 1 / 12


# --- the task


def test_a_random_task_is_what_it_says() -> None:
    task = gv.TensorTask.random(shape=(2, 3, 4), rank=2, norm=3.0, measurements=10, seed=5)
    assert task.output_shape == (2, 3, 4)
    assert task.order == 3
    assert (task.size, task.count, task.unmeasured) == (24, 10, 14)
    assert np.linalg.norm(task.ground_truth) == pytest.approx(3)
    np.testing.assert_allclose(np.linalg.norm(task.measurements.reshape(10, -1), axis=1), 1)
    ranks = {
        name: np.linalg.matrix_rank(part)
        for name, part in task.unfoldings(task.ground_truth).items()
    }
    assert ranks == {"balanced": 2, "mode 1": 2, "mode 2": 2, "mode 3": 2}


def test_losses_are_those_of_the_entries() -> None:
    """Eq. 2 and 3 on vec(W), by an explicit basis of what is not measured."""
    tensors = np.random.default_rng(0).standard_normal((7, *TASK.output_shape))
    residual = np.tensordot(tensors, TASK.measurements, ([1, 2, 3], [1, 2, 3])) - TASK.labels
    np.testing.assert_allclose(TASK.train_loss(tensors), (residual**2).mean(axis=1))
    error = np.tensordot(tensors - TASK.ground_truth, TASK.complement, ([1, 2, 3], [1, 2, 3]))
    np.testing.assert_allclose(TASK.gen_loss(tensors), (error**2).mean(axis=1))
    assert TASK.train_loss(np.zeros(TASK.output_shape)) == pytest.approx(
        (TASK.labels**2).mean().item()
    )


def test_completion_observes_single_entries() -> None:
    task = gv.TensorTask.random(shape=(3, 2, 2), kind="completion", measurements=5)
    assert task.entries is not None
    np.testing.assert_array_equal(task.labels, task.ground_truth.ravel()[task.entries])
    assert np.isin(task.measurements, (0, 1)).all()


def test_order_two_is_the_matrix_task_of_the_same_seed() -> None:
    matrix = gv.Task.random(rows=4, cols=3, rank=2, measurements=5, seed=7)
    tensor = gv.TensorTask.random(shape=(4, 3), rank=2, measurements=5, seed=7)
    np.testing.assert_allclose(tensor.ground_truth, matrix.ground_truth, rtol=1e-14)
    np.testing.assert_allclose(tensor.measurements, matrix.measurements, rtol=1e-14)


@pytest.mark.parametrize(
    ("shape", "balanced"), [((4, 4, 4), (4, 16)), ((2, 2, 2, 2), (4, 4)), ((2, 3, 7), (6, 7))]
)
def test_the_balanced_unfolding_is_as_square_as_it_can_be(
    shape: tuple[int, ...], balanced: tuple[int, int]
) -> None:
    task = gv.TensorTask.random(shape=shape, measurements=3)
    found = task.unfoldings(np.zeros((5, *shape)))
    assert found["balanced"].shape == (5, *balanced)
    assert [found[f"mode {n + 1}"].shape[1] for n in range(len(shape))] == list(shape)


def test_own_arrays_go_to_settings_to_files_and_back(tmp_path) -> None:
    own = gv.TensorTask(TASK.ground_truth, TASK.measurements, labels=TASK.labels + 0.1)
    assert isinstance(own.recipe, GivenTensor)
    own.save(tmp_path / "task.npz")
    others = (
        gv.TensorTask.from_dict(own.to_dict()),
        gv.TensorTask.load(tmp_path / "task.npz"),
        copy.deepcopy(own),
    )
    for other in others:
        np.testing.assert_array_equal(other.labels, own.labels)
        np.testing.assert_array_equal(other.measurements, own.measurements)
        assert other.recipe == own.recipe
    assert gv.TensorTask.from_dict(TASK.to_dict()).recipe == TASK.recipe


def test_without_a_ground_truth_held_out_measurements_tell() -> None:
    given, labels = TASK.measurements, TASK.labels
    task = gv.TensorTask(
        measurements=given[:4],
        labels=labels[:4],
        held_out_measurements=given[4:],
        held_out_labels=labels[4:],
    )
    assert task.ground_truth is None
    assert task.gen_loss(TASK.ground_truth) < 1e-25
    assert task.gen_label == "held-out loss"
    assert task.recipe.outline.output_shape == TASK.output_shape


def test_some_of_own_measurements_are_held_out(tmp_path) -> None:
    task = gv.TensorTask.sensing(TASK.measurements, TASK.labels, held_out=0.5, seed=1)
    assert task.held_out is not None
    assert (task.count, task.held_out.span.count) == (3, 3)
    np.savez(tmp_path / "mine.npz", measurements=TASK.measurements, labels=TASK.labels)
    again = gv.TensorTask.load(tmp_path / "mine.npz", held_out=0.5, seed=1)
    np.testing.assert_array_equal(again.measurements, task.measurements)
    task.save(tmp_path / "whole.npz")
    with pytest.raises(gv.SettingsError, match="held_out is for files that leave it open"):
        gv.TensorTask.load(tmp_path / "whole.npz", held_out=0.5)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: gv.TensorTask.random(shape=(4,)), "shape "),
        (lambda: gv.TensorTask.random(shape=(2, 0)), "shape should be greater than or equal to 1"),
        (
            lambda: gv.TensorTask.random(shape=(2, 2, 2), measurements=8),
            "measurements must be fewer than the 2 × 2 × 2 = 8 entries, or nothing is left to "
            "generalize to; got 8.",
        ),
        (
            lambda: gv.TensorTask.random(shape=(2, 2, 2), rank=5, measurements=3),
            "rank must be at most 4, as of any tensor; got 5.",
        ),
        (
            lambda: gv.TensorTask([1.0, 2.0], [[1.0, 0.0]]),
            r"ground_truth must have shape \(d_1, …, d_N\), N two or more; got \(2,\).",
        ),
        (
            lambda: gv.TensorTask(np.ones((2, 2, 2)), np.ones((1, 2, 2))),
            r"measurements must have shape \(n, d_1, d_2, d_3\)",
        ),
        (
            lambda: gv.TensorTask(np.ones((2, 2, 2)), np.ones((1, 2, 2, 3))),
            r"measurements must have shape \(n, 2, 2, 2\) to fit the ground truth",
        ),
        (lambda: TASK.train_loss(np.ones((3, 2, 2))), r"tensors must have shape \(..., 2, 3, 2\)"),
        (lambda: gv.TensorTask(), "measurements should be given where ground_truth is not"),
        (lambda: gv.TensorNetwork(form="tucker"), "form should be 'cp'; got 'tucker'."),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(make, sentence: str) -> None:
    with pytest.raises(gv.SettingsError, match=sentence):
        make()


def test_a_task_is_immutable() -> None:
    with pytest.raises(AttributeError, match="a TensorTask is immutable"):
        TASK.settings = None
    with pytest.raises(ValueError, match="read-only"):
        TASK.ground_truth[0] = 1


# --- the network


def test_a_forward_pass_is_a_sum_of_products() -> None:
    network = gv.TensorNetwork(width=3, depth=2)
    blocks = network.blocks(TASK)
    assert blocks == [(3, 2), (3, 3), (3, 3), (3, 3), (3, 3), (2, 3)]
    rng = np.random.default_rng(0)
    weights = [rng.standard_normal((*shape, 5)) for shape in blocks]
    factors = [
        np.einsum("abC,bcC->acC", weights[1], weights[0]),
        np.einsum("abC,bcC->acC", weights[3], weights[2]),
        np.einsum("abC,bcC->acC", weights[5], weights[4]),
    ]
    wanted = np.einsum("riC,rjC,krC->ijkC", *factors)
    given = [torch.tensor(one) for one in weights]
    np.testing.assert_allclose(network.forward(given).numpy(), wanted, rtol=1e-12)
    hidden = network.hidden(given[:-1]).numpy()
    found = np.einsum("krC,rpC->pkC", weights[-1], hidden)
    np.testing.assert_allclose(found.reshape(wanted.shape), wanted, rtol=1e-12)


@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("normalize", [False, True, "product"])
@pytest.mark.parametrize("scaling", ["fan_in", "fan_out"])
def test_order_two_is_the_matrix_law(depth: int, normalize: bool, scaling: str) -> None:
    """The same random numbers give the same W, transposed: the last mode is the output."""
    prior = gv.Prior(normalize=normalize, scaling=scaling)
    matrix = gv.Task.random(rows=3, cols=4, measurements=5)
    tensor = gv.TensorTask.random(shape=(4, 3), measurements=5)
    of_matrix = gv.Network(width=7, depth=2 * depth).laws(matrix, prior)[0]
    of_tensor = gv.TensorNetwork(width=7, depth=depth).laws(tensor, prior)[0]
    entries = torch.randn(of_matrix.size, 6, generator=torch.Generator().manual_seed(0))
    entries = entries.double()
    wanted = of_matrix.outputs(entries).reshape(3, 4, 6).swapaxes(0, 1).reshape(12, 6)
    torch.testing.assert_close(of_tensor.outputs(entries), wanted, rtol=1e-12, atol=0)


@pytest.mark.parametrize("depth", [1, 2, 60])
def test_normalized_tensors_have_norm_one(depth: int) -> None:
    law = gv.TensorNetwork(width=2, depth=depth).laws(TASK, gv.Prior("uniform", normalize=True))[0]
    entries = law.draw(50, torch.Generator().manual_seed(0))
    assert entries.dtype == torch.float32
    torch.testing.assert_close(law.outputs(entries).norm(dim=0), torch.ones(50))


def test_the_prior_has_one_size_at_every_width() -> None:
    """E‖W‖² = d_N."""
    for width in (2, 50):
        law = gv.TensorNetwork(width=width).laws(TASK, gv.Prior())[0]
        squares = law.outputs(law.draw(20_000, torch.Generator().manual_seed(0))).square().sum(0)
        error = squares.std() / len(squares) ** 0.5
        assert abs(squares.mean() - 2) < 4 * error


# --- sampling and descent


def test_all_methods_agree() -> None:
    """Plain, splitting with its refits, collapsed and what is chosen: within 4 standard errors."""
    posts = [
        gv.guess_and_check(
            TASK, NETWORK, epsilon=NULL, method=method, samples=1000, seed=2, device="cpu"
        )
        for method in ("plain", "splitting", "collapsed", "auto")
    ]
    for post in posts:
        assert post.status is Status.OK
        assert post.outputs.shape[1:] == (2, 3, 2)
        assert (TASK.train_loss(post.outputs) < NULL).all()
        error = np.hypot(post.stderr, posts[0].stderr)
        assert abs(post.mean_gen_loss - posts[0].mean_gen_loss) < 4 * error
        error = np.hypot(post.log10_acceptance_stderr, posts[0].log10_acceptance_stderr)
        assert abs(post.log10_acceptance - posts[0].log10_acceptance) < 4 * error


def test_order_two_samples_as_the_matrix_model_does() -> None:
    tensor = gv.TensorTask.random(shape=(3, 3), measurements=5, seed=3)
    matrix = gv.Task(tensor.ground_truth.T, tensor.measurements.swapaxes(1, 2))
    asked = {"epsilon": 0.02, "samples": 2000, "seed": 4, "device": "cpu"}
    for method in ("splitting", "collapsed"):
        one = gv.guess_and_check(tensor, gv.TensorNetwork(width=5), method=method, **asked)
        other = gv.guess_and_check(matrix, gv.Network(width=5, depth=2), method=method, **asked)
        error = np.hypot(one.stderr, other.stderr)
        assert abs(one.mean_gen_loss - other.mean_gen_loss) < 4 * error


@pytest.mark.parametrize("prior", [gv.Prior("uniform"), gv.Prior(normalize=True)])
def test_the_last_factor_is_only_integrated_out_where_it_is_gaussian(prior: gv.Prior) -> None:
    post = gv.guess_and_check(TASK, NETWORK, prior, epsilon=2 * NULL, samples=50, device="cpu")
    assert post.status is Status.OK
    with pytest.raises(gv.SettingsError, match="method 'collapsed' needs a"):
        gv.guess_and_check(TASK, NETWORK, prior, epsilon=2 * NULL, method="collapsed", device="cpu")


def test_products_that_would_not_fit_are_refused_before_they_are_made() -> None:
    large = {"shape": (800, 800, 2), "measurements": 3, "kind": "completion"}
    task, network = gv.TensorTask.random(**large), gv.TensorNetwork(width=1000)
    with pytest.raises(gv.SettingsError, match="width would be that of 1000 products of 800 × 800"):
        gv.guess_and_check(task, network, epsilon=1.0, samples=10)


def test_gradient_descent_fits() -> None:
    asked = {"lr": 3e-3, "init_scale": 0.5, "epochs": 2000, "tolerance": 1e-5}
    gd = gv.gradient_descent(TASK, gv.TensorNetwork(width=4, depth=2), trials=3, **asked)
    assert gd.outputs.shape == (3, 2, 3, 2)
    assert set(gd.status) == {"converged"}
    assert gd.history["singular_value_2"].notna().all()


def test_a_recipe_of_another_seed() -> None:
    recipe = TensorTaskSettings(shape=(2, 2, 2), measurements=4)
    assert recipe.seeded(3) == recipe.replace(seed=3)
