"""The command line: what it prints, what it writes, and how it refuses."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pandas as pd
import pytest

from gncviz.cli import main
from gncviz.experiment import read_experiment
from tests.conftest import hear_ctrl_c

QUICK = ["--epsilon", "0.2", "--samples", "50", "--epochs", "30", "--device", "cpu"]


def test_run_prints_the_three_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", *QUICK]) == 0
    text = capsys.readouterr().out
    for name in ("prior", "Guess & Check", "gradient descent", "acceptance"):
        assert name in text


def test_run_gives_json_and_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", *QUICK, "--json", "--out", str(tmp_path / "new" / "folder")]) == 0
    printed = json.loads(capsys.readouterr().out)
    written = json.loads((tmp_path / "new" / "folder" / "result.json").read_text())
    assert printed == written
    assert printed["guess_and_check"]["settings"]["epsilon"] == 0.2
    assert len(printed["gradient_descent"]["gen_loss"]) == 8
    path = pd.read_csv(tmp_path / "new" / "folder" / "path.csv")
    assert path["epsilon"].is_monotonic_decreasing
    assert (tmp_path / "new" / "folder" / "prior_vs_posterior.html").stat().st_size > 1000
    again = read_experiment(tmp_path / "new" / "folder" / "experiment.parquet")
    assert again.post is not None
    assert again.post.mean_gen_loss == printed["guess_and_check"]["mean_gen_loss"]
    names = {file.name for file in (tmp_path / "new" / "folder").iterdir()}
    assert names >= {"draws.csv", "summary.csv", "curves.csv", "settings.json", "run.py"}


@pytest.mark.parametrize("suffix", ["toml", "json"])
def test_every_option_can_stand_in_a_file(
    tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    values = {"width": 7, "depth": 3, "normalize": "factors", "epsilon": 0.3, "samples": 50}
    values |= {"no-descent": True, "seed": 3}
    file = tmp_path / f"mine.{suffix}"
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    file.write_text(json.dumps(values) if suffix == "json" else "\n".join(lines))
    assert main(["run", "--settings", str(file), "--json", "--epsilon", "0.25"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["network"]["width"] == 7
    assert found["prior"]["normalize"] is True
    assert found["guess_and_check"]["settings"]["epsilon"] == 0.25
    assert found["task"]["settings"]["seed"] == 3
    assert "gradient_descent" not in found


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (["run", "--width", "0"], "width should be greater than or equal to 1; got 0."),
        (
            ["run", "--normalize", "maybe"],
            "normalize should be one of no, factors, product; got 'maybe'.",
        ),
        (["run", "--seed", "-1"], "gncviz: seed should be greater than or equal to 0; got -1.\n"),
        (["run", "--settings", "nowhere.toml"], "settings file nowhere.toml cannot be read"),
        (["sweep"], "over and values are required"),
        (["sweep", "--over", "colour", "--values", "1"], "over should be one of width, depth"),
        (
            ["sweep", "--over", "width", "--values", "5", "--over-too", "hue", "--values-too", "1"],
            "over_too should be one of width, depth, epsilon, measurements, train; got hue.",
        ),
        (["sweep", "--over", "width", "--values", "5", "--values-too", "5"], "over_too should be"),
        (["sweep", "--over", "width", "--values", "5", "x"], "values should be numbers"),
        (["sweep", "--over", "width", "--values", "5", "--workers", "0"], "workers should be"),
        (["app", "--port", "99999"], "port should be at most 65535; got 99999."),
        (["paper"], "figure or all is required"),
        (["paper", "--figure", "12"], "figure should be 1 to 11; got 12."),
        (["paper", "--figure", "1.5"], "figure should be 1 to 11; got 1.5."),
        (["paper", "--claims", "--figure", "nan"], "figure should be 1 to 11; got nan."),
        (["paper", "--claims", "--activation", "relu"], "activation should be one of linear"),
        (["paper", "--figure", "1", "--json"], "json goes with claims"),
        (["paper", "--figure", "1", "--activation", "relu"], "activation should be one of"),
        (["paper", "--claims", "--out", "nowhere"], "out should be a folder with results"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    line: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert sentence in printed.err
    assert "Traceback" not in printed.err


@pytest.mark.parametrize("text", ["width = ", "[1, 2", "colour = 3"])
def test_a_bad_settings_file_is_named(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / ("bad.json" if text.startswith("[") else "bad.toml")
    file.write_text(text)
    assert main(["run", "--settings", str(file)]) == 2
    assert file.name in capsys.readouterr().err


def test_a_switch_in_a_file_is_true_or_false(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('over = "width"\nvalues = [5]\nno-descent = "no"\n')
    assert main(["sweep", "--settings", str(file)]) == 2
    assert "no_descent should be true or false in a settings file" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["app", "run", "sweep", "paper"])
def test_help_has_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert f"examples:\n  gncviz {command}" in text
    assert "--settings" in text


def test_a_sweep_writes_long_and_wide_tables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["sweep", "--over", "width", "--values", "5", "6", "--seeds", "2", *QUICK]
    assert main([*line, "--out", str(tmp_path)]) == 0
    assert "guess_and_check" in capsys.readouterr().out
    long, wide = (pd.read_csv(tmp_path / f"sweep{end}.csv") for end in ("", "-wide"))
    assert len(long) == 2 * 2 * 3
    assert wide["width"].tolist() == [5, 6]
    value = long[(long["width"] == 6) & (long["seed"] == 1) & (long["method"] == "prior")]
    assert wide["prior_seed_1"][1] == pytest.approx(value["mean_gen_loss"].item())
    assert (tmp_path / "sweep.html").exists()
    before = {file: file.stat().st_mtime_ns for file in tmp_path.glob("points/*/*.parquet")}
    assert len(before) == 2 * 2 * 2
    assert main([*line, "--out", str(tmp_path)]) == 0
    assert before == {file: file.stat().st_mtime_ns for file in before}


@pytest.mark.parametrize("in_a_file", [False, True])
def test_a_sweep_over_samples_has_curves(
    in_a_file: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = {"model": "data", "classes": "3,8", "test": 50, "width": 4, "samples": 50, "seeds": 1}
    asked |= {"over": "train", "values": [2, 4], "init": "gaussian-fan-in", "epochs": 5}
    if in_a_file:
        file = tmp_path / "curves.json"
        file.write_text(json.dumps({**asked, "curves": True}))
        line = ["--settings", str(file)]
    else:
        values = {name: one if isinstance(one, list) else [one] for name, one in asked.items()}
        line = [part for name, one in values.items() for part in (f"--{name}", *map(str, one))]
        line.append("--curves")
    assert main(["sweep", *line, "--json", "--workers", "1"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["settings"]["curves"] is True
    found = pd.DataFrame(printed["results"])
    assert set(found["train"]) == {2, 4}
    methods = {"gradient_descent", "prior", "guess_and_check", "average"}
    assert set(found["method"]) == methods
    # One run serves both.
    assert found.query("method == 'guess_and_check'")["seconds"].nunique() == 1


def test_ctrl_c_leaves_what_is_done_and_the_same_command_goes_on(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "gncviz", "sweep", "--over", "width", "--values", "5", "6", "7"]
    line += ["--seeds", "2", *QUICK[:-4], "--epochs", "30", "--no-descent", "--workers", "1"]
    line += ["--out", str(tmp_path)]
    slow = [*line, "--method", "plain", "--epsilon", "0.02", "--samples", "300"]
    slow += ["--draws", "1000000000"]
    process = subprocess.Popen(
        slow,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=hear_ctrl_c,
    )
    deadline = time.monotonic() + 90
    while not list(tmp_path.glob("points/*/*.parquet")):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    assert f"What is done is in {tmp_path}; the same command goes on from there." in out
    assert "Traceback" not in err
    done = len(list(tmp_path.glob("points/*/*.parquet")))
    assert 1 <= done < 6
    assert not list(tmp_path.glob("points/*/.*"))


def test_claims_come_from_the_results_that_are_shipped(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["paper", "--claims", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {(claim["figure"], claim["activation"]) for claim in found} == {
        (figure, name) for figure in range(1, 12) for name in ("linear", "tanh", "leaky_relu")
    }
    for claim in found:
        assert set(claim) >= {"figure", "activation", "claim", "holds", "numbers"}
        assert isinstance(claim["holds"], bool)
        assert all(isinstance(value, float) for value in claim["numbers"].values())
    assert main(["paper", "--claims"]) == 0
    text = capsys.readouterr().out
    assert f"{sum(claim['holds'] for claim in found)} of {len(found)} claims hold." in text


def test_claims_of_an_empty_folder_are_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["paper", "--claims", "--json", "--out", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_the_page_is_served_until_it_is_stopped(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    line = [sys.executable, "-m", "gncviz", "app", "--no-browser", "--port", str(port)]
    log = tmp_path / "log.txt"
    with log.open("w") as output:
        process = subprocess.Popen(
            line, stdout=output, stderr=output, cwd=tmp_path, preexec_fn=hear_ctrl_c
        )
        try:
            wait_until_served(f"http://127.0.0.1:{port}/voila/static/voila.js", process)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=30) == 0
        finally:
            process.kill()
    assert f"http://127.0.0.1:{port}/" in log.read_text()


def wait_until_served(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            assert time.monotonic() < deadline, "the server did not start"
            assert process.poll() is None, "the server ended"
            time.sleep(0.3)
        else:
            return
