"""Tasks of a person's own data: matrices with holes, and measurements with their labels."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

import gncviz as gv
from gncviz.models import drawn
from gncviz.settings import SettingsError
from gncviz.task import Rescaling, Task

RNG = np.random.default_rng(0)
TABLE = np.outer([1.0, 2, 3, 4], [2.0, 1, -1, 3, 1]) + 0.01 * RNG.standard_normal((4, 5))
HOLES = np.zeros((4, 5), dtype=bool)
HOLES[[0, 1, 3, 3], [2, 4, 0, 1]] = True
WITH_HOLES = np.where(HOLES, np.nan, TABLE)
#: The same numbers in everything that people have them in.
FORMS: dict[str, Any] = {
    "array": WITH_HOLES,
    "float32": WITH_HOLES.astype(np.float32).astype(float),
    "masked": np.ma.masked_array(TABLE, mask=HOLES),
    "frame": pd.DataFrame(WITH_HOLES),
    "nullable frame": pd.DataFrame(WITH_HOLES).convert_dtypes(),
    "lists": [[None if x != x else x for x in row] for row in WITH_HOLES.tolist()],
    "torch": torch.tensor(WITH_HOLES),
}
MEASUREMENTS = RNG.standard_normal((20, 3, 4))
TRUTH = np.outer([1.0, -1, 2], [1.0, 2, 0, 1])
LABELS = np.einsum("nij,ij->n", MEASUREMENTS, TRUTH)


def mask_of(task: Task) -> np.ndarray:
    """The entries that are trained on."""
    mask = np.zeros(task.size, dtype=bool)
    mask[task.entries] = True
    return mask.reshape(task.output_shape)


@pytest.mark.parametrize("form", FORMS)
def test_a_matrix_with_holes_in_any_form(form: str) -> None:
    task = Task.completion(FORMS[form], held_out=0.25, seed=3)
    assert task.ground_truth is None
    assert task.output_shape == (4, 5)
    assert (task.count, task.held_out.span.count) == (12, 4)
    assert not (mask_of(task) & HOLES).any()
    np.testing.assert_allclose(task.labels, TABLE[mask_of(task)], rtol=1e-6)
    np.testing.assert_array_equal(np.isnan(task.table), HOLES)


def test_losses_are_those_of_the_trained_and_the_held_out_entries() -> None:
    task = Task.completion(WITH_HOLES, held_out=0.25, seed=3)
    trained = mask_of(task)
    held_out = ~HOLES & ~trained
    matrices = RNG.standard_normal((6, 4, 5))
    errors = (matrices - TABLE) ** 2
    np.testing.assert_allclose(task.train_loss(matrices), errors[:, trained].mean(axis=1))
    np.testing.assert_allclose(task.gen_loss(matrices), errors[:, held_out].mean(axis=1))
    assert task.gen_label == "held-out loss"


def test_the_seed_chooses_what_is_held_out() -> None:
    one, same, other = (Task.completion(WITH_HOLES, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.entries, same.entries)
    assert not np.array_equal(one.entries, other.entries)


def test_each_known_entry_is_held_out_alike() -> None:
    """With probability 1/4; a false alarm in 1e-6 (Bonferroni)."""
    from scipy.stats import binom

    repeats = 400
    out = sum(~mask_of(Task.completion(WITH_HOLES, held_out=0.25, seed=s)) for s in range(repeats))
    low, high = binom.ppf([1e-6 / 32, 1 - 1e-6 / 32], repeats, 1 / 4)
    assert ((low <= out[~HOLES]) & (out[~HOLES] <= high)).all()


def test_a_mask_of_one_s_own() -> None:
    mask = np.zeros((4, 5), dtype=bool)
    mask[2, 2:] = True
    for given in (mask, pd.DataFrame(mask), mask.tolist(), mask.astype(int)):
        task = Task.completion(WITH_HOLES, held_out=given)
        np.testing.assert_array_equal(mask_of(task), ~HOLES & ~mask)


@pytest.mark.parametrize(
    ("matrix", "held_out", "sentence"),
    [
        (WITH_HOLES, 0, "held_out should be a share between 0 and 1, or a mask"),
        (WITH_HOLES, 1.0, "held_out should be a share between 0 and 1"),
        (WITH_HOLES, True, "held_out should be a share"),
        (WITH_HOLES, "some", "held_out should be a share"),
        (WITH_HOLES, HOLES, r"held_out must name known entries; \(0, 2\) is missing"),
        (WITH_HOLES, ~HOLES, "it names every one"),
        (WITH_HOLES, HOLES & ~HOLES, "it names no one"),
        (WITH_HOLES, HOLES.T, r"held_out must be a share, or True and False with shape \(4, 5\)"),
        (WITH_HOLES, 0.5 * ~HOLES, "True and False"),
        ([[1.0, None], [None, None]], 0.2, "two known entries or more; it has 1"),
        ([1.0, 2.0], 0.2, r"matrix must have shape \(rows, cols\)"),
        ([[1.0, np.inf], [2.0, None]], 0.2, r"matrix must be finite; it holds inf at \(0, 1\)"),
        ([[1.0, "x"], [2.0, None]], 0.2, "matrix must be an array of numbers"),
        (
            pd.DataFrame({"a": [1.0, 2], "film": ["x", None]}),
            0.2,
            "the column 'film' has words: make it the index",
        ),
    ],
)
def test_what_cannot_be_completed_is_refused_in_words(
    matrix: Any, held_out: Any, sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence):
        Task.completion(matrix, held_out=held_out)


def test_measurements_and_labels_without_a_ground_truth() -> None:
    task = Task(
        measurements=MEASUREMENTS[:12],
        labels=LABELS[:12] + 0.5,
        held_out_measurements=MEASUREMENTS[12:],
        held_out_labels=LABELS[12:],
    )
    np.testing.assert_allclose(task.train_loss(TRUTH), 0.25)
    np.testing.assert_allclose(task.gen_loss(TRUTH), 0, atol=1e-20)
    matrices = RNG.standard_normal((5, 3, 4))
    off = np.einsum("nij,cij->cn", MEASUREMENTS[12:], matrices) - LABELS[12:]
    np.testing.assert_allclose(task.gen_loss(matrices), (off**2).mean(axis=1))


def test_sensing_holds_out_by_itself() -> None:
    task = Task.sensing(MEASUREMENTS, LABELS, held_out=0.3, seed=1)
    assert (task.count, task.held_out.span.count) == (14, 6)
    both = np.concatenate([task.labels, task.held_out.labels])
    np.testing.assert_array_equal(np.sort(both), np.sort(LABELS))
    mask = np.arange(20) < 5
    task = Task.sensing(MEASUREMENTS, LABELS, held_out=mask)
    np.testing.assert_array_equal(task.held_out.labels, LABELS[:5])


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"measurements": MEASUREMENTS, "labels": LABELS}, "held_out_measurements", "Task.sensing"),
        ({"labels": LABELS}, "measurements", "measurements should be given"),
        ({"ground_truth": TRUTH}, "measurements", "measurements are required"),
        (
            {"ground_truth": TRUTH, "measurements": MEASUREMENTS[:3], "held_out_labels": [1.0]},
            "held_out_labels",
            "should be left out",
        ),
        (
            {"ground_truth": TRUTH, "measurements": MEASUREMENTS[:3], "labels": LABELS},
            "labels",
            "labels must be 3, one a measurement; got 20",
        ),
        (
            {
                "measurements": MEASUREMENTS,
                "labels": LABELS,
                "held_out_measurements": np.ones((2, 4, 3)),
                "held_out_labels": [1, 2],
            },
            "held_out_measurements",
            r"shape \(n, 3, 4\) to fit the measurements; got \(2, 4, 3\)",
        ),
    ],
)
def test_arrays_that_do_not_fit_are_refused_in_words(
    given: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence) as caught:
        Task(**given)
    assert [name for name, _ in caught.value.problems] == [field]


def noisy(count: int = 30) -> Task:
    """More measurements of a 3 × 4 matrix than it has entries: no W explains the noise."""
    rng = np.random.default_rng(4)
    given = rng.standard_normal((count + 5, 3, 4))
    labels = np.einsum("nij,ij->n", given, TRUTH / 5) + 0.7 * rng.standard_normal(count + 5)
    return Task.sensing(given, labels, held_out=np.arange(count + 5) >= count)


def test_the_smallest_loss_of_noisy_labels_is_known_and_epsilon_held_to_it() -> None:
    task = noisy()
    stacked = task.measurements.reshape(30, -1)
    best, *_ = np.linalg.lstsq(stacked, task.labels, rcond=None)
    least = float(((stacked @ best - task.labels) ** 2).mean())
    assert task.ball.least == pytest.approx(least)
    assert least > 0.1
    outputs = RNG.standard_normal((7, 3, 4))
    seen = outputs.reshape(7, -1) @ task.ball.directions.T - task.ball.center
    inside = (seen**2).sum(axis=1) / task.count + least
    np.testing.assert_allclose(inside, task.train_loss(outputs))
    assert task.ball.radius(least / 2) == 0
    with pytest.raises(SettingsError, match="labels contradict each other, as with noise"):
        gv.guess_and_check(task, gv.Network(), epsilon=least)


def test_all_methods_agree_on_noisy_labels() -> None:
    task, epsilon = noisy(), 0.8
    assert task.ball.least > epsilon / 6
    found = {
        method: gv.guess_and_check(
            task, gv.Network(width=6), epsilon=epsilon, samples=2000, method=method, device="cpu"
        )
        for method in ("plain", "splitting", "collapsed")
    }
    truth = found.pop("plain")
    assert truth.status == "ok"
    for post in found.values():
        assert (post.train_loss < epsilon).all()
        error = np.hypot(post.stderr, truth.stderr)
        assert abs(post.mean_gen_loss - truth.mean_gen_loss) < 5 * error
        off = post.log10_acceptance - truth.log10_acceptance
        assert abs(off) < 5 * np.hypot(post.log10_acceptance_stderr, truth.log10_acceptance_stderr)


def test_gradient_descent_goes_down_to_the_smallest_loss_of_noisy_labels() -> None:
    task = noisy()
    gd = gv.gradient_descent(task, gv.Network(width=6), trials=2, lr=1e-3, init_scale=0.1)
    np.testing.assert_allclose(gd.train_loss, task.ball.least, rtol=1e-4)
    losses = task.trial_losses([task, task], torch.device("cpu"))
    columns = torch.tensor(gd.outputs.reshape(2, -1).T.copy())
    np.testing.assert_allclose(losses.train(columns).numpy(), gd.train_loss)


def test_labels_with_noise_beside_a_ground_truth() -> None:
    labels = LABELS[:6] + 0.2
    task = Task(TRUTH, MEASUREMENTS[:6], labels=labels)
    assert task.train_loss(TRUTH) == pytest.approx(0.04)
    assert task.gen_loss(TRUTH) == pytest.approx(0, abs=1e-20)
    assert task.ball.least == 0
    assert task.gen_label == "generalization loss"
    assert Task.from_dict(task.to_dict()).train_loss(TRUTH) == pytest.approx(0.04)


OWN = {
    "table": Task.completion(WITH_HOLES, seed=1),
    "held out": Task.sensing(MEASUREMENTS, LABELS, seed=1),
    "noisy truth": Task(TRUTH, MEASUREMENTS[:6], labels=LABELS[:6] + 0.2),
    "truth": Task(TRUTH, MEASUREMENTS[:6]),
}
each_own = pytest.mark.parametrize("task", OWN.values(), ids=OWN.keys())


def assert_same(one: Task, other: Task) -> None:
    matrices = np.random.default_rng(1).standard_normal((5, *one.output_shape))
    assert other.output_shape == one.output_shape
    assert (other.ground_truth is None) == (one.ground_truth is None)
    np.testing.assert_array_equal(other.train_loss(matrices), one.train_loss(matrices))
    np.testing.assert_array_equal(other.gen_loss(matrices), one.gen_loss(matrices))


@each_own
def test_a_task_goes_through_json_pickle_copies_and_files(task: Task, tmp_path: Path) -> None:
    assert_same(task, Task.from_dict(json.loads(json.dumps(task.to_dict()))))
    assert_same(task, drawn(task.recipe))
    assert_same(task, drawn(type(task.recipe).model_validate_json(task.recipe.model_dump_json())))
    assert_same(task, copy.deepcopy(task))
    again = pickle.loads(pickle.dumps(task))
    assert_same(task, again)
    assert not again.labels.flags.writeable
    task.save(tmp_path / "new" / "mine.npz")
    assert_same(task, Task.load(tmp_path / "new" / "mine.npz"))


@each_own
def test_a_recipe_knows_shape_and_words(task: Task) -> None:
    assert task.recipe.outline.output_shape == task.output_shape
    assert task.recipe.gen_label == task.gen_label
    recipe = task.recipe
    assert recipe.seeded(7) is recipe


@pytest.mark.parametrize("centre", [False, True])
@each_own
def test_a_rescaling_can_be_undone(task: Task, centre: bool) -> None:
    scale = Rescaling.of(task, centre=centre)
    small = scale.apply(task)
    matrices = RNG.standard_normal((4, *task.output_shape))
    ours = scale.undo(matrices)
    np.testing.assert_allclose(task.train_loss(ours), scale.unit**2 * small.train_loss(matrices))
    np.testing.assert_allclose(task.gen_loss(ours), scale.unit**2 * small.gen_loss(matrices))
    again = Rescaling.of(small, centre=centre)
    assert again.unit == pytest.approx(1)
    assert again.centre == pytest.approx(0, abs=1e-12)


def test_a_rescaling_is_of_what_is_trained_on_and_says_what_it_does() -> None:
    table = np.array([[110.0, 120, np.nan], [100, 90, 1e6]])
    mask = table == 1e6
    task = Task.completion(table, held_out=mask)
    scale = Rescaling.of(task, centre=True)
    assert scale.centre == 105
    # The root mean square of the others is that of the four; W has six entries and norm one.
    assert scale.unit == pytest.approx(np.sqrt(6 * 125))
    assert str(scale) == ("W = (X − 105) / 27.3861; a loss of 0.01 in W is an error of 2.739 in X")
    assert scale.error(scale.loss(3.0)) == pytest.approx(3)
    assert str(Rescaling(unit=2)).startswith("W = X / 2;")
    assert Rescaling.of(task, norm=2.0).unit == pytest.approx(Rescaling.of(task).unit / 2)


@pytest.mark.parametrize("centre", [False, True])
def test_what_has_no_size_cannot_be_rescaled(centre: bool) -> None:
    constant = Task.completion(np.full((3, 3), 5.0 * centre), held_out=0.3)
    with pytest.raises(SettingsError, match="labels that differ"):
        Rescaling.of(constant, centre=centre)


CSV = {
    "bare": "1,2,\n3,,4\n5,6,7\n",
    "names": "item,a,b,c\nx,1,2,\ny,3,NA,4\nz,5,6,7\n",
    "columns": "a,b,c\n1,2,nan\n3,,4\n5,6,7\n",
    "rows": "x,1,2,\ny,3,,4\nz,5,6,7\n",
    "spaces": "\ufeff1, 2, \n3,n/a,4\n\n5,6,7\n",
}


@pytest.mark.parametrize("text", CSV.values(), ids=CSV.keys())
def test_a_table_in_a_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "mine.csv").write_text(text, encoding="utf-8")
    task = Task.load(tmp_path / "mine.csv", held_out=0.3)
    np.testing.assert_array_equal(task.table, [[1, 2, np.nan], [3, np.nan, 4], [5, 6, 7]])
    assert task.held_out.span.count == 2


def test_arrays_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.npz"
    np.savez(path, measurements=MEASUREMENTS, labels=LABELS)
    assert_same(
        Task.load(path, held_out=0.3, seed=1),
        Task.sensing(MEASUREMENTS, LABELS, held_out=0.3, seed=1),
    )
    np.savez(path, matrix=WITH_HOLES)
    assert_same(Task.load(path, seed=1), Task.completion(WITH_HOLES, seed=1))
    mask = ~HOLES & (np.arange(5) == 3)
    np.savez(path, matrix=WITH_HOLES, held_out=mask)
    assert_same(Task.load(path), Task.completion(WITH_HOLES, held_out=mask))


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("mine.txt", "1,2", "task should be a file .csv or .npz; got mine.txt."),
        ("mine.csv", None, "mine.csv cannot be read: No such file"),
        ("mine.csv", "1,2\n3,x\n", "mine.csv: 'x', in row 2 and column 2 of its numbers, is none"),
        ("mine.csv", "1,2\n3\n", "same number of cells; some have 1 and 2"),
        ("mine.csv", "", "some have none"),
        ("mine.npz", "no zip", "it is no npz file of numbers"),
        ("mine.npz", {"colour": [1]}, "the file has colour; its arrays should be some of matrix"),
        ("mine.npz", {"matrix": [[1, 2]], "labels": [1]}, "a matrix goes with held_out"),
        ("mine.npz", {"measurements": MEASUREMENTS, "labels": [1]}, "labels must have shape"),
    ],
)
def test_a_bad_file_is_named_with_what_is_wrong(
    tmp_path: Path, name: str, content: Any, sentence: str
) -> None:
    if isinstance(content, dict):
        np.savez(tmp_path / name, **content)
    elif content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(SettingsError) as caught:
        Task.load(tmp_path / name)
    assert sentence in str(caught.value)
    assert name in str(caught.value)


@pytest.mark.parametrize("kind", ["table", "held out"])
def test_losses_on_columns_are_the_task_s(kind: str) -> None:
    task = OWN[kind]
    matrices = RNG.standard_normal((50, *task.output_shape))
    losses = task.losses(torch.device("cpu"), torch.float64)
    columns = torch.tensor(matrices.reshape(50, -1).T.copy())
    np.testing.assert_allclose(losses.train(columns) * losses.unit, task.train_loss(matrices))
    np.testing.assert_allclose(losses.gen(columns), task.gen_loss(matrices))


@pytest.mark.parametrize("ragged", [[[1, 2], [3]], [[True], []], ((0.5,), 0.5)])
def test_lists_of_different_lengths_are_refused(ragged: Any) -> None:
    with pytest.raises(SettingsError, match="held_out"):
        Task.completion(np.ones((3, 3)), held_out=ragged)
    with pytest.raises(SettingsError, match="y_train"):
        gv.DataTask(np.ones((2, 2)), ragged, np.ones((2, 2)), [0, 1])
