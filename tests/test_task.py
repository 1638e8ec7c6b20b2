"""Tasks: both losses against Eq. 2 and 3 term by term, and every way a task comes about."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gncviz.settings import SettingsError
from gncviz.task import Task, TaskSettings
from tests import reference
from tests.test_settings import task_settings

Array = NDArray[np.float64]
repeatable = settings(derandomize=True, deadline=None, max_examples=40)


def user_task(rows: int = 3, cols: int = 4, count: int = 5, seed: int = 0) -> Task:
    """A task of a user's own arrays: not normalised, not orthogonal, linearly dependent."""
    rng = np.random.default_rng(seed)
    measurements = rng.standard_normal((count, rows, cols)) * 10.0 ** rng.uniform(
        -1, 1, (count, 1, 1)
    )
    measurements[-1] = 2 * measurements[0] - 0.5 * measurements[1]
    return Task(rng.standard_normal((rows, cols)), measurements)


TASKS = {
    "the paper's": Task.random(seed=3),
    "completion": Task.random(kind="completion", seed=4),
    "rank 2, n = 22": Task.random(rank=2, measurements=22, seed=5),
    "wide": Task.random(rows=3, cols=6, measurements=7, seed=6),
    "tall": Task.random(rows=6, cols=2, measurements=5, norm=3.0, seed=7),
    "one measurement": Task.random(measurements=1, seed=8),
    "one unmeasured": Task.random(measurements=24, seed=9),
    "one row": Task.random(rows=1, cols=4, measurements=2, seed=10),
    "user's": user_task(),
}
each_task = pytest.mark.parametrize("task", TASKS.values(), ids=TASKS.keys())


def some_matrices(task: Task, count: int = 4, seed: int = 0) -> Array:
    """Matrices of the task's shape."""
    return np.random.default_rng(seed).standard_normal((count, task.rows, task.cols))


@each_task
def test_losses_are_equations_2_and_3(task: Task) -> None:
    matrices = some_matrices(task)
    basis = reference.complement(task.measurements)
    assert len(basis) == task.unmeasured
    train = [reference.train_loss(w, task.ground_truth, task.measurements) for w in matrices]
    gen = [reference.gen_loss(w, task.ground_truth, basis) for w in matrices]
    np.testing.assert_allclose(task.train_loss(matrices), train, rtol=1e-10)
    np.testing.assert_allclose(task.gen_loss(matrices), gen, rtol=1e-10)


@each_task
def test_losses_are_zero_at_the_ground_truth_only(task: Task) -> None:
    assert task.train_loss(task.ground_truth) < 1e-28
    assert task.gen_loss(task.ground_truth) < 1e-28
    unseen = task.ground_truth + 0.5 * task.complement[0]
    np.testing.assert_allclose(task.train_loss(unseen), 0, atol=1e-28)
    np.testing.assert_allclose(task.gen_loss(unseen), 0.25 / task.unmeasured, rtol=1e-12)


@each_task
def test_complement_is_an_orthonormal_basis_of_what_is_unmeasured(task: Task) -> None:
    basis = task.complement.reshape(task.unmeasured, -1)
    np.testing.assert_allclose(basis @ basis.T, np.eye(task.unmeasured), atol=1e-12)
    seen = task.measurements.reshape(len(task.measurements), -1) @ basis.T
    np.testing.assert_allclose(seen, 0, atol=1e-10)


@each_task
def test_gen_loss_does_not_depend_on_the_basis(task: Task) -> None:
    rng = np.random.default_rng(1)
    matrix = some_matrices(task)[0]
    for _ in range(3):
        rotation, _ = np.linalg.qr(rng.standard_normal((task.unmeasured, task.unmeasured)))
        turned = np.tensordot(rotation, task.complement, axes=1)
        expected = reference.gen_loss(matrix, task.ground_truth, turned)
        np.testing.assert_allclose(task.gen_loss(matrix), expected, rtol=1e-10)


@each_task
def test_leading_axes_and_torch(task: Task) -> None:
    matrices = some_matrices(task, 6)
    stacked = matrices.reshape(2, 3, task.rows, task.cols)
    for loss in (task.train_loss, task.gen_loss):
        np.testing.assert_allclose(loss(stacked), loss(matrices).reshape(2, 3), rtol=1e-12)
        np.testing.assert_allclose(loss(torch.tensor(matrices)), loss(matrices), rtol=1e-12)
        assert loss(matrices[0]).shape == ()
        assert loss(matrices[:0]).shape == (0,)


def test_span_alone_decides_the_gen_loss() -> None:
    task = TASKS["the paper's"]
    rng = np.random.default_rng(2)
    mixed = np.tensordot(rng.standard_normal((20, 15)), task.measurements, axes=1)
    other = Task(task.ground_truth, mixed)
    assert other.unmeasured == task.unmeasured == 10
    matrices = some_matrices(task)
    np.testing.assert_allclose(other.gen_loss(matrices), task.gen_loss(matrices), rtol=1e-9)


def test_dependent_measurements_leave_more_unmeasured() -> None:
    assert user_task().unmeasured == 12 - 4
    repeated = Task(np.eye(2), [np.eye(2)] * 7)
    assert repeated.unmeasured == 3
    assert Task(np.eye(2), np.zeros((1, 2, 2))).unmeasured == 4


@pytest.mark.parametrize("kind", ["sensing", "completion"])
@pytest.mark.parametrize(("rows", "cols", "rank", "norm"), [(5, 5, 1, 1.0), (4, 7, 3, 2.5)])
def test_ground_truth_has_the_rank_and_norm_asked_for(
    kind: str, rows: int, cols: int, rank: int, norm: float
) -> None:
    task = Task.random(rows=rows, cols=cols, rank=rank, norm=norm, kind=kind, seed=1)
    assert task.ground_truth.shape == (rows, cols)
    assert np.linalg.matrix_rank(task.ground_truth) == rank
    assert np.linalg.norm(task.ground_truth) == pytest.approx(norm)
    assert task.measurements.shape == (15, rows, cols)
    np.testing.assert_allclose(np.linalg.norm(task.measurements, axis=(1, 2)), 1)
    labels = [reference.inner(a, task.ground_truth) for a in task.measurements]
    np.testing.assert_allclose(task.labels, labels, rtol=1e-12)


def test_completion_observes_distinct_entries() -> None:
    task = Task.random(rows=4, cols=6, kind="completion", measurements=11, seed=2)
    observed = task.measurements.sum(axis=0)
    assert set(np.unique(task.measurements)) == {0.0, 1.0}
    assert set(np.unique(observed)) == {0.0, 1.0}
    assert observed.sum() == 11
    error = some_matrices(task) - task.ground_truth
    np.testing.assert_allclose(
        task.gen_loss(some_matrices(task)), (error[:, observed == 0] ** 2).mean(axis=1)
    )
    np.testing.assert_allclose(
        task.train_loss(some_matrices(task)), (error[:, observed == 1] ** 2).mean(axis=1)
    )


def test_completion_observes_all_entries_alike() -> None:
    """Each entry is observed with probability 1/4; a false alarm in 1e-6 (Bonferroni)."""
    from scipy.stats import binom

    repeats = 1000
    seen = sum(
        Task.random(rows=2, cols=4, measurements=2, kind="completion", seed=s).measurements.sum(0)
        for s in range(repeats)
    )
    low, high = binom.ppf([1e-6 / 16, 1 - 1e-6 / 16], repeats, 1 / 4)
    assert (low <= seen).all()
    assert (seen <= high).all()


def test_sensing_directions_are_uniform_on_the_sphere() -> None:
    """Entries of a uniform direction in R^6, squared, are Beta(1/2, 5/2); a false alarm in 1e-6."""
    from scipy.stats import kstest

    measurements = Task.random(rows=30, cols=30, measurements=899, seed=1).measurements
    small = np.stack(
        [Task.random(rows=2, cols=3, measurements=2, seed=s).measurements[1] for s in range(1500)]
    )
    assert kstest(small[:, 1, 2] ** 2, "beta", args=(0.5, 2.5)).pvalue > 1e-6 / 2
    assert abs((small[:, 1, 2] > 0).sum() - 750) < 5 * np.sqrt(1500) / 2
    inner = measurements.reshape(899, -1) @ measurements.reshape(899, -1).T
    assert abs(inner[np.triu_indices(899, 1)].mean()) < 5 / 30 / np.sqrt(899 * 898 / 2)


@repeatable
@given(task_settings())
def test_to_dict_goes_through_json(recipe: TaskSettings) -> None:
    task = Task.from_settings(recipe)
    again = Task.from_dict(json.loads(json.dumps(task.to_dict())))
    assert again.settings == recipe
    np.testing.assert_array_equal(again.ground_truth, task.ground_truth)
    np.testing.assert_array_equal(again.measurements, task.measurements)
    assert np.isclose(np.linalg.norm(task.ground_truth), recipe.norm)
    assert task.unmeasured == recipe.rows * recipe.cols - recipe.measurements


@repeatable
@given(st.integers(0, 2**32))
def test_to_dict_keeps_users_arrays_to_the_bit(seed: int) -> None:
    task = user_task(seed=seed)
    again = Task.from_dict(json.loads(json.dumps(task.to_dict())))
    assert again.settings is None
    np.testing.assert_array_equal(again.ground_truth, task.ground_truth)
    np.testing.assert_array_equal(again.measurements, task.measurements)


def test_seed_fixes_the_task() -> None:
    one, same, other = (Task.random(seed=s) for s in (5, 5, 6))
    np.testing.assert_array_equal(one.ground_truth, same.ground_truth)
    np.testing.assert_array_equal(one.measurements, same.measurements)
    assert not np.allclose(one.ground_truth, other.ground_truth)
    assert not np.allclose(one.measurements, other.measurements)


@pytest.mark.parametrize(
    "name", ["ground_truth", "measurements", "labels", "measured_basis", "complement"]
)
def test_arrays_cannot_be_written(name: str) -> None:
    array = getattr(Task.random(seed=0), name)
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 7.0


def test_users_arrays_are_copied() -> None:
    truth, measurements = np.eye(2), np.eye(2)[None].copy()
    task = Task(truth, measurements)
    truth[0, 0] = measurements[0, 0, 0] = 9.0
    assert task.ground_truth[0, 0] == 1.0
    assert task.measurements[0, 0, 0] == 1.0
    assert truth.flags.writeable


def test_lists_and_torch_are_welcome() -> None:
    from_lists = Task([[1, 0], [0, 2]], [[[1, 0], [0, 0]]])
    with_gradient = torch.tensor([[1.0, 0], [0, 2]], requires_grad=True)
    from_torch = Task(with_gradient, torch.tensor([[[1.0, 0], [0, 0]]]))
    np.testing.assert_array_equal(from_lists.ground_truth, from_torch.ground_truth)
    assert from_torch.ground_truth.dtype == np.float64


EYE = np.eye(2)


@pytest.mark.parametrize(
    ("truth", "measurements", "field", "sentence"),
    [
        (EYE, EYE, "measurements", r"shape \(n, rows, cols\)"),
        (EYE, np.ones((1, 3, 2)), "measurements", r"shape \(n, 2, 2\) .* got \(1, 3, 2\)"),
        (EYE, np.eye(4).reshape(4, 2, 2), "measurements", "these 4 span all"),
        (EYE, np.empty((0, 2, 2)), "measurements", "none of it 0"),
        (
            EYE,
            [np.full((2, 2), np.nan)],
            "measurements",
            r"4 are missing, the first at \(0, 0, 0\)",
        ),
        (EYE[0], [EYE], "ground_truth", r"shape \(rows, cols\).* got \(2,\)"),
        ([[np.inf, 0], [0, 1]], [EYE], "ground_truth", "finite"),
        ([["a", "b"]], [EYE], "ground_truth", "array of numbers"),
        ([[1, 2], [3]], [EYE], "ground_truth", "array of numbers"),
    ],
)
def test_bad_arrays_are_refused_in_words(
    truth: Array, measurements: Array, field: str, sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence) as caught:
        Task(truth, measurements)
    assert [name for name, _ in caught.value.problems] == [field]
    assert str(caught.value).startswith(field)


def test_more_dependent_measurements_than_entries_are_fine() -> None:
    rng = np.random.default_rng(0)
    flat = np.outer(rng.standard_normal(9), rng.standard_normal(4)).reshape(9, 2, 2)
    assert Task(EYE, flat).unmeasured == 3


@pytest.mark.parametrize("task", [Task.random(seed=1), user_task()])
def test_repr_is_short(task: Task) -> None:
    assert f"{task.rows}×{task.cols}, n={len(task.measurements)}" in repr(task)
    assert len(repr(task)) < 200
