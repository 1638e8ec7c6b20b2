"""Samples in files: what a table has to be, how it is split, and what comes back from arrays."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import gncviz as gv
from gncviz.experiment import ExperimentSettings
from gncviz.experiment.export import read_settings, write_settings
from gncviz.models.data.recipes import TableData
from gncviz.models.data.tables import Table
from gncviz.settings import SettingsError

RNG = np.random.default_rng(0)
#: Columns of very different size, one of them the same all through; the label is a word.
ROWS = [
    f"{1000 * x:.3f},7,{y:.3f},{'up' if y > 0 else 'down'}"
    for x, y in RNG.standard_normal((40, 2)).tolist()
]
TEXT = "\n".join(["weight,constant,height,side", *ROWS])


def written(folder: Path, text: str, name: str = "mine.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_is_split_and_brought_to_one_scale(tmp_path: Path) -> None:
    task = gv.DataTask.read(written(tmp_path, TEXT), train=25, seed=3)
    assert (task.count, len(task.x_test)) == (25, 15)
    assert task.classes == ("down", "up")
    np.testing.assert_allclose(task.x_train.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(task.x_train.std(axis=0), [1, 0, 1], atol=1e-12)
    given = np.array([row.split(",")[:3] for row in ROWS], dtype=float)
    found = np.concatenate([task.x_train, task.x_test])
    assert len(np.unique(found, axis=0)) == len(np.unique(given, axis=0))
    assert (np.sign(task.x_train[:, 2]) == 1).any()
    other = gv.DataTask.read(tmp_path / "mine.csv", train=25, seed=4)
    assert not np.array_equal(task.x_train, other.x_train)
    assert repr(task) == "DataTask(mine.csv, n=25, test 15, 3 inputs, loss='errors', seed=3)"


def test_labels_go_with_their_samples(tmp_path: Path) -> None:
    """The label says whether the third input is above zero: so it does after the split."""
    task = gv.DataTask.read(written(tmp_path, TEXT))
    assert task.count == 32
    for x, y in ((task.x_train, task.y_train), (task.x_test, task.y_test)):
        assert x[y == "up", 2].min() > x[y == "down", 2].max()


def test_any_column_can_be_the_label_and_the_test_can_be_small(tmp_path: Path) -> None:
    lines = [f"{'ab'[i % 2]};{i};{i * i}" for i in range(20)]
    path = written(tmp_path, "\n".join(lines))
    task = gv.DataTask.read(path, label="column 1", held_out=0.5, test=4)
    assert (task.count, len(task.x_test), task.x_train.shape[1]) == (10, 4, 2)
    assert task.classes == ("a", "b")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "two columns or more, inputs and a label, and two rows or more; got 0 by 0"),
        ("a\n1\n2", "two columns or more"),
        ("x,y\n1,a\n2", "each row should have 2 cells, as the first one has; row 3 has 1"),
        ("x,x,y\n1,2,a\n2,1,b", "differ in their names; 'x' is there twice"),
        ("x,y\n1,a\nlong,a\n2,b\n3,b", "in row 3 of 'x' 'long' is none"),
        ("x,y\n1,a\n,a\n2,b\n3,b", "in row 3 of 'x' one is missing"),
        ("x,y\n1,a\ninf,a\n2,b\n3,b", "in row 3 of 'x' 'inf' is none"),
        ("x,y\n1,a\n2,\n3,b", "each row should have a label; that of row 3 is missing"),
        ("x,y\n1,a\n2,a", "'y', should have 2 to 20 classes; it has 1 different values"),
        (
            "x,y\n" + "\n".join(f"{i},{i}" for i in range(30)),
            "should have 2 to 20 classes; it has 30",
        ),
        ("x,y\n1,a\n2,a\n3,b", "each class should have two samples or more.*'b' has one"),
    ],
)
def test_what_is_no_table_of_samples_says_where(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says) as caught:
        gv.DataTask.read(written(tmp_path, text))
    ((name, sentence),) = caught.value.problems
    assert name == "task"
    assert sentence.startswith("mine.csv: ")
    assert len(sentence) < 160


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\r\n\xff\xfe")
    with pytest.raises(SettingsError, match=r"picture\.csv: it is no CSV file"):
        gv.DataTask.read(tmp_path / "picture.csv")
    with pytest.raises(SettingsError, match=r"\.csv or \.npz"):
        gv.DataTask.read(tmp_path / "table.xlsx")
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        gv.DataTask.read(tmp_path / "nowhere.csv")
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    with pytest.raises(SettingsError, match="its arrays should be x_train, y_train"):
        gv.DataTask.read(tmp_path / "other.npz")


def test_as_many_are_held_out_as_was_asked(tmp_path: Path) -> None:
    path = written(tmp_path, TEXT)
    with pytest.raises(SettingsError, match="train should be at most 32 of the 40 samples, as 20"):
        gv.DataTask.read(path, train=33)
    with pytest.raises(SettingsError, match="label should be one of its columns, 'weight'"):
        gv.DataTask.read(path, label="colour")


def test_arrays_come_back_from_their_file(tmp_path: Path) -> None:
    task = gv.DataTask.read(written(tmp_path, TEXT), train=10)
    task.save(tmp_path / "task.npz")
    again = gv.DataTask.read(tmp_path / "task.npz")
    for name in ("x_train", "y_train", "x_test", "y_test"):
        np.testing.assert_array_equal(getattr(again, name), getattr(task, name))
    assert again.loss == task.loss
    with pytest.raises(SettingsError, match=r"should end with \.npz"):
        task.save(tmp_path / "task.csv")


def test_a_table_goes_into_settings_and_comes_back() -> None:
    recipe = TableData.of(Table.of(TEXT.encode(), "mine.csv"), train=20, seed=5)
    settings = ExperimentSettings(task=recipe, network={"width": 8})
    assert read_settings(write_settings(settings)) == settings
    assert json.loads(write_settings(settings))["settings"]["task"]["file"] == "mine.csv"
    task = gv.DataTask.from_recipe(recipe)
    assert task.recipe == recipe
    assert not np.array_equal(gv.DataTask.from_recipe(recipe.seeded(6)).x_train, task.x_train)
