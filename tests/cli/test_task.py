"""``--task``: a person's own data on the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gncviz.cli import main
from gncviz.cli.output import Exit
from gncviz.experiment import read_experiment
from gncviz.experiment.export import read_settings
from gncviz.task import Rescaling, Task

QUICK = ["--epsilon", "0.01", "--samples", "50", "--epochs", "50", "--device", "cpu"]
TABLE = "item,a,b,c\nx,10,20,\ny,11,,33\nz,9,21,30\nw,,18,29\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(TABLE)
    return path


def test_a_table_is_completed(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--task", str(table), "--rescale", "norm", *QUICK]) == Exit.DONE
    text = capsys.readouterr().out
    scale = Rescaling.of(Task.load(table))
    assert text.startswith(f"{scale}\nmean held-out loss\n")
    assert "generalization" not in text


def test_what_was_made_of_it_is_in_the_json_and_the_files(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    line = ["run", "--task", str(table), "--held-out", "0.4", "--seed", "3", "--rescale", "centre"]
    assert main([*line, *QUICK, "--json", "--out", str(out)]) == Exit.DONE
    found = json.loads(capsys.readouterr().out)
    task = Task.load(table, held_out=0.4, seed=3)
    scale = Rescaling.of(task, centre=True)
    assert found["task"]["rescaled"] == scale.model_dump()
    assert found["task"]["generalization"] == "held-out loss"
    again = read_experiment(out / "experiment.parquet")
    for same in (Task.load(out / "task.npz"), again.post.task):
        np.testing.assert_array_equal(same.labels, scale.apply(task).labels)
        np.testing.assert_array_equal(same.entries, task.entries)
    assert read_settings((out / "settings.json").read_bytes()) == again.settings
    assert again.post.mean_gen_loss == found["guess_and_check"]["mean_gen_loss"]


def test_the_lines_of_python_make_the_same(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    line = ["run", "--task", str(table), "--rescale", "norm", *QUICK, "--out", str(out)]
    assert main(line) == Exit.DONE
    mean = pd.read_csv(out / "summary.csv").set_index("origin")["mean_gen_loss"]
    script = (out / "run.py").read_text() + "print(post.mean_gen_loss)\n"
    made = subprocess.run(
        [sys.executable, "-c", script],
        cwd=out,
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ,
    )
    assert made.returncode == 0, made.stderr
    assert float(made.stdout.split()[-1]) == pytest.approx(mean["guess_and_check"])


def test_measurements_and_labels_from_an_npz_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    np.savez(
        tmp_path / "mine.npz",
        measurements=rng.standard_normal((12, 3, 4)),
        labels=rng.standard_normal(12),
    )
    line = ["run", "--task", str(tmp_path / "mine.npz"), "--no-descent", "--json", *QUICK[:-6]]
    assert main([*line, "--epsilon", "1", "--samples", "50"]) == Exit.DONE
    found = json.loads(capsys.readouterr().out)
    assert found["task"]["task"] == "Task(3×4, n=10, held out 2)"


def test_a_sweep_has_one_task_for_all_seeds(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["sweep", "--task", str(table), "--rescale", "norm", *QUICK, "--no-descent"]
    line += ["--over", "width", "--values", "4", "6", "--seeds", "2", "--workers", "1", "--json"]
    assert main([*line, "--out", str(tmp_path / "out")]) == Exit.DONE
    found = json.loads(capsys.readouterr().out)
    matrix = found["settings"]["task"]["matrix"]
    scale = Rescaling.of(Task.load(table))
    np.testing.assert_allclose(matrix[0][:2], np.array([10, 20]) / scale.unit)
    assert matrix[0][2] is None
    assert len(found["results"]) == 2 * 2 * 2
    assert len(list((tmp_path / "out" / "points").glob("*/*.parquet"))) == 4
    assert main([*line, "--out", str(tmp_path / "out")]) == Exit.DONE


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (["--task", "nowhere.csv"], "task file nowhere.csv cannot be read: No such file"),
        (["--task", "table.txt"], "task should be a file .csv or .npz; got table.txt."),
        (["--task", "TABLE", "--rank", "2"], "rank is of a random task; with --task, the file"),
        (["--task", "TABLE", "--kind", "sensing"], "kind is of a random task"),
        (["--task", "TABLE", "--held-out", "2"], "held_out should be a share between 0 and 1"),
        (["--task", "TABLE", "--held-out", "x"], "held_out should be a number; got 'x'."),
        (["--task", "TABLE", "--rescale", "x"], "rescale should be one of no, norm, centre; got"),
        (["--held-out", "0.5"], "held_out goes with --task, a file of your own."),
        (["--rescale", "norm"], "rescale goes with --task, a file of your own."),
    ],
)
@pytest.mark.parametrize("command", [["run"], ["sweep", "--over", "width", "--values", "5"]])
def test_what_is_wrong_is_said_in_a_sentence(
    table: Path,
    command: list[str],
    line: list[str],
    sentence: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = [str(table) if word == "TABLE" else word for word in line]
    assert main([*command, *given]) == Exit.BAD_SETTINGS
    printed = capsys.readouterr()
    assert printed.out == ""
    assert sentence in printed.err


def test_a_file_of_options_may_name_it(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(f'task = "{table}"\nheld-out = 0.4\nrescale = "norm"\nno-descent = true\n')
    assert main(["run", "--settings", str(file), *QUICK]) == Exit.DONE
    assert "held-out" in capsys.readouterr().out
