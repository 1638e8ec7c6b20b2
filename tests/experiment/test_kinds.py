"""Every way that a matrix' settings can go is open to tensors: parts, files, lines, sweeps."""

from __future__ import annotations

import ast
import json
import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gncviz as gv
from gncviz import figures
from gncviz.cli import main
from gncviz.experiment import (
    Experiment,
    ExperimentSettings,
    assemble,
    read_experiment,
    run_experiment,
    write_experiment,
)
from gncviz.experiment.export import files, read_settings, write_settings
from gncviz.experiment.parts import theorems_of
from gncviz.experiment.snippet import python_lines
from gncviz.models import MODELS, FixedTask, Model
from gncviz.models.tensor.recipes import TensorTaskSettings
from gncviz.settings import SettingsError
from gncviz.sweeps import Axis, SweepSettings
from gncviz.sweeps.points import GuessAndCheckPoint, recipe_of
from gncviz.theory import silence
from tests.models.toy import ToyNetwork, ToyRecipe, ToyTask

SETTINGS = assemble(
    {
        "task.model": "tensor",
        "task.shape": (2, 3, 2),
        "task.measurements": 5,
        "task.seed": 3,
        "network.width": 4,
        "guess_and_check.epsilon": 0.1,
        "guess_and_check.samples": 60,
        "guess_and_check.device": "cpu",
        "descent.trials": 2,
        "descent.epochs": 30,
        "descent.device": "cpu",
    }
)
OWN = gv.TensorTask(np.ones((2, 2, 2)), np.eye(8)[:3].reshape(3, 2, 2, 2))


@pytest.fixture(scope="module")
def found() -> Experiment:
    return run_experiment(SETTINGS)


def test_all_parts_are_there(found: Experiment) -> None:
    assert found.post is not None
    assert found.post.outputs.shape[1:] == (2, 3, 2)
    # Of the balanced unfolding, 2 × 6.
    assert found.spectra is not None
    assert found.spectra.ratios[1].shape[1] == 2
    assert found.descent is not None
    assert "singular_value_2" in found.descent.history
    assert found.mechanism is not None
    assert found.mechanism.collapse["theory"].isna().all()
    assert (found.mechanism.dependence["draws"] > 100).all()


def test_every_figure_that_is_not_of_matrices_shows_them(found: Experiment) -> None:
    post, gd, spectra, mechanism = found.post, found.descent, found.spectra, found.mechanism
    assert post is not None
    assert spectra is not None
    assert mechanism is not None
    own = {"mine": post.outputs[:3]}
    shown = [
        figures.prior_vs_posterior(post, gd, own=own),
        figures.epsilon_path(post, gd),
        figures.learning_curves(gd),
        figures.spectra(spectra.table, post, gd, network=post.network, prior=post.prior),
        figures.spectrum_at(spectra, post, gd),
        figures.effective_ranks(spectra, post, gd),
        figures.dependence(post, mechanism.dependence),
        figures.collapse(mechanism.collapse, post, gd),
    ]
    assert all(len(figure.data) for figure in shown)
    assert any("mine" in str(trace.name) for trace in shown[0].data)
    with pytest.raises(ValueError, match="of a task of matrices"):
        figures.matrices(post, gd)


def test_spectra_of_every_unfolding() -> None:
    task, network = gv.TensorTask.random(shape=(2, 3, 4), measurements=5), gv.TensorNetwork(width=3)
    singular = {
        name: gv.spectrum.prior_spectra(
            network, gv.Prior(), task=task, unfolding=name, depths=[1, 2], draws=50
        )["index"].max()
        for name in task.unfoldings(np.zeros(task.output_shape))
    }
    assert singular == {"balanced": 4, "mode 1": 2, "mode 2": 3, "mode 3": 4}
    with pytest.raises(SettingsError, match="unfolding should be one of balanced, mode 1, mode 2"):
        gv.spectrum.prior_spectra(network, gv.Prior(), task=task, unfolding="mode 4")


def test_no_theorem_speaks_about_them(found: Experiment) -> None:
    assert found.post is not None
    assert theorems_of(SETTINGS) == ()
    assert "they are about matrices" in silence(found.post.task)
    assert silence(gv.Task.random()) == ""


@pytest.mark.parametrize("task", [SETTINGS.task, FixedTask(recipe=SETTINGS.task), OWN.recipe])
def test_settings_go_to_json_and_back(task) -> None:
    settings = SETTINGS.replace(task=task)
    assert ExperimentSettings.model_validate_json(settings.model_dump_json()) == settings
    assert read_settings(write_settings(settings)) == settings
    assert json.loads(settings.model_dump_json())["task"] != task.model_dump(exclude={"model"})
    swept = SweepSettings.of(settings, [Axis(name="width", values=(2, 3))], range(2))
    assert SweepSettings.model_validate_json(swept.model_dump_json()) == swept


def test_a_matrix_is_written_as_it_always_was() -> None:
    assert "model" not in ExperimentSettings().model_dump()["task"]


def test_it_is_stored_and_read_again(found: Experiment, tmp_path: Path) -> None:
    write_experiment(tmp_path / "found.parquet", found)
    again = read_experiment(tmp_path / "found.parquet")
    assert again.settings == SETTINGS
    assert again.post is not None
    assert found.post is not None
    assert again.post.network == found.post.network
    np.testing.assert_array_equal(again.post.outputs, found.post.outputs)
    np.testing.assert_array_equal(again.post.task.measurements, found.post.task.measurements)


def test_tables_have_its_entries(found: Experiment) -> None:
    by_name = {file.name: file for file in files(found, prefix="")}
    frame = pd.read_csv(pd.io.common.BytesIO(by_name["draws.csv"].content()))
    assert [name for name in frame if name.startswith("w_")][:3] == [
        "w_1_1_1",
        "w_1_1_2",
        "w_1_2_1",
    ]
    assert found.post is not None
    fits = frame[frame["origin"] == "guess_and_check"].filter(like="w_").to_numpy()
    np.testing.assert_allclose(fits, found.post.outputs.reshape(len(fits), -1))
    assert "task.npz" not in by_name


def test_lines_of_python_make_the_same(found: Experiment) -> None:
    lines = python_lines(SETTINGS)
    assert "gv.TensorTask.random(shape=(2, 3, 2), measurements=5, seed=3)" in lines
    assert "network = gv.TensorNetwork(width=4)" in lines
    told: dict[str, object] = {}
    made = [node for node in ast.parse(lines).body if isinstance(node, (ast.Import, ast.Assign))]
    exec(compile(ast.Module(made, []), "run.py", "exec"), told)
    assert found.post is not None
    assert told["post"].mean_gen_loss == found.post.mean_gen_loss  # type: ignore[attr-defined]


def test_own_arrays_go_along_as_a_file() -> None:
    settings = SETTINGS.replace(task=OWN.recipe)
    assert 'task = gv.TensorTask.load("task.npz")' in python_lines(settings)
    (file,) = (one for one in files(Experiment(settings), "") if one.name == "task.npz")
    assert "gncviz.TensorTask.load" in file.about
    assert file.content()


# --- sweeps


@pytest.mark.parametrize(
    ("over", "values"),
    [("width", [2, 4]), ("depth", [1, 2]), ("epsilon", [0.1, 0.3]), ("measurements", [3, 6])],
)
def test_a_sweep(over: str, values: list[float], tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        found = gv.sweep(
            over,
            values,
            task=TensorTaskSettings(shape=(2, 3, 2), measurements=5),
            network=gv.TensorNetwork(width=3),
            seeds=2,
            epsilon=0.2,
            guess_and_check={"samples": 50, "device": "cpu"},
            descent={"epochs": 20},
            results=tmp_path,
            executor=pool,
        )
    assert found.complete
    table = found.to_frame()
    assert sorted(table[over].unique()) == values
    assert math.isfinite(table.query("method == 'guess_and_check'")["mean_gen_loss"].min())
    if over == "measurements":
        assert table[over].dtype == int
        assert {place.guess_and_check.task.measurements for place in found.settings.places()} == {
            3,
            6,
        }


def test_measurements_of_matrices_are_swept_too() -> None:
    axes = (Axis(name="measurements", values=(10, 15)),)
    places = [*SweepSettings(axes=axes, seeds=(4,)).places()]
    assert [place.guess_and_check.task.measurements for place in places] == [10, 15]
    assert {place.guess_and_check.task.seed for place in places} == {4}


def test_what_a_task_does_not_have_is_not_swept() -> None:
    axes = (Axis(name="train", values=(10, 15)),)
    sentence = "axes should be of what can be swept of the task: cols, .*, seed; got train."
    with pytest.raises(SettingsError, match=sentence):
        SweepSettings(axes=axes, task=recipe_of(gv.Task.random()))


def test_nothing_is_swept_of_arrays() -> None:
    own = gv.Task(np.eye(3), measurements=np.random.default_rng(0).normal(size=(4, 3, 3)))
    axes = (Axis(name="measurements", values=(2, 3)),)
    sentence = "axes should be of what can be swept of the task: nothing; got measurements."
    with pytest.raises(SettingsError, match=sentence):
        SweepSettings(axes=axes, task=recipe_of(own))


def test_a_point_of_another_kind_is_another_point() -> None:
    asked = {"prior": gv.Prior(), "sampling": SETTINGS.guess_and_check}
    tensor = GuessAndCheckPoint(task=TensorTaskSettings(), network=gv.TensorNetwork(), **asked)
    matrix = GuessAndCheckPoint(task=gv.Task.random().recipe, network=gv.Network(), **asked)
    assert tensor.key != matrix.key
    again = GuessAndCheckPoint.model_validate(json.loads(json.dumps(tensor.settings)))
    assert again.key == tensor.key


def test_what_a_kind_has_not_is_not_offered_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    toy = Model((ToyRecipe,), ToyTask, ToyNetwork, "toys", without=frozenset({"spectra"}))
    monkeypatch.setitem(MODELS, "toy", toy)
    asked = ExperimentSettings(
        task=ToyRecipe(), guess_and_check=SETTINGS.guess_and_check, descent=SETTINGS.descent
    )
    assert asked.network == ToyNetwork()
    sentence = "parts of toys should be of post, descent, mechanism; got 'spectra'."
    with pytest.raises(SettingsError, match=sentence):
        run_experiment(asked, parts=("spectra",))
    assert run_experiment(asked, parts=("descent",)).descent is not None


# --- the command line

QUICK = ["--epsilon", "0.2", "--samples", "50", "--epochs", "20", "--device", "cpu"]
TENSOR = ["--model", "tensor", "--shape", "2,3,2", "--measurements", "5", "--width", "3", *QUICK]


def test_a_run_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", *TENSOR, "--json", "--out", str(tmp_path)]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["task"]["settings"]["shape"] == [2, 3, 2]
    assert printed["network"] == {"width": 3, "depth": 1, "form": "cp"}
    again = read_experiment(tmp_path / "experiment.parquet")
    assert again.post is not None
    assert again.post.mean_gen_loss == printed["guess_and_check"]["mean_gen_loss"]


def test_own_measurements_of_a_tensor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    task = gv.TensorTask.random(shape=(2, 2, 2), measurements=6)
    np.savez(tmp_path / "mine.npz", measurements=task.measurements, labels=task.labels)
    line = ["run", "--model", "tensor", "--task", str(tmp_path / "mine.npz"), *QUICK]
    assert main([*line, "--no-descent"]) == 0
    assert "mean held-out loss" in capsys.readouterr().out
    assert main([*line, "--rescale", "norm"]) == 2
    assert "rescale is for matrices, not for tensors." in capsys.readouterr().err
    assert main([*line, "--norm", "2"]) == 2
    assert "norm is of a random task" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (["--activation", "tanh"], "activation is no setting of tensors."),
        (["--rows", "3"], "rows is no setting of tensors."),
        (["--shape", "2;3"], "shape should be whole numbers with commas between them; got '2;3'."),
        (["--model", "graph"], "model should be one of matrix, tensor, data; got 'graph'."),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    line: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", *TENSOR, *line]) == 2
    assert capsys.readouterr().err == f"gncviz: {sentence}\n"


def test_help_says_the_defaults_of_every_kind(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert "(default: 15, 40 with model tensor)" in text
    assert "(default: 4,4,4 with model tensor)" in text
    assert "(default: 5, 8 with model tensor)" in text
