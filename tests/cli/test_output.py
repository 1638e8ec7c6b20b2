"""What a command gives back: to any terminal, to a pipe, into a folder, and as an exit code."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gncviz
from gncviz.cli import main
from gncviz.cli.output import EXIT_CODES, Exit, as_json
from tests.conftest import hear_ctrl_c

QUICK = ["--epsilon", "0.2", "--samples", "50", "--epochs", "30", "--device", "cpu"]
SWEEP = ["sweep", "--over", "width", "--values", "5", "--seeds", "1", *QUICK, "--no-descent"]
NOTHING = ["--epsilon", "1e-9", "--method", "plain", "--draws", "1000", "--no-descent"]


def gncviz_in(encoding: str, *line: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "gncviz", *line]
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    return subprocess.run(command, env=environment, capture_output=True, timeout=120)


@pytest.mark.parametrize(
    ("encoding", "line"),
    [
        pytest.param("cp1252", ["run", *QUICK], marks=pytest.mark.slow),
        ("ascii", ["run", *QUICK]),
        ("cp1252", SWEEP),
        ("cp1252", ["sweep", "--help"]),
        ("utf-8", ["sweep", "--help"]),
        ("ascii", ["run", "--rank", "9"]),
    ],
)
def test_any_terminal_shows_it(encoding: str, line: list[str]) -> None:
    found = gncviz_in(encoding, *line)
    assert found.returncode == (2 if "--rank" in line else 0)
    text = (found.stdout + found.stderr).decode(encoding)
    assert "Traceback" not in text
    assert "Error" not in text
    if "--help" in line:
        assert ("depth or ε" if encoding == "utf-8" else "depth or epsilon") in text


CLAIMS = pytest.param(["paper", "--claims"], marks=pytest.mark.slow)


@pytest.mark.parametrize("line", [CLAIMS, ["run", *QUICK], ["run", "--help"]])
def test_a_reader_that_has_had_enough_is_no_error(line: list[str]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "gncviz", *line], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read().decode()
    # argparse itself takes no notice of it, but not in every version.
    ends = {Exit.DONE, Exit.NOBODY_READS} if "--help" in line else {Exit.NOBODY_READS}
    assert process.wait(timeout=120) in ends
    assert "BrokenPipe" not in errors
    assert "Traceback" not in errors


def test_files_are_written_though_nobody_reads(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "gncviz", *SWEEP, "--out", str(tmp_path)]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=120) == Exit.NOBODY_READS
    assert (tmp_path / "sweep.csv").exists()


@pytest.mark.parametrize("command", [["run"], SWEEP, ["paper", "--figure", "1"]])
@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_folder_that_is_none_is_refused_before_anything_is_computed(
    tmp_path: Path, command: list[str], place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    before = time.monotonic()
    assert main([*command, "--out", str(tmp_path / place)]) == Exit.BAD_SETTINGS
    assert time.monotonic() - before < 5
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.endswith(f"out should be a folder; {tmp_path / 'file'} is a file.\n")


def test_what_cannot_be_written_after_all_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "result.json").mkdir()
    assert main(["run", *QUICK, "--no-descent", "--out", str(tmp_path)]) == Exit.FAILED
    assert str(tmp_path / "result.json") in capsys.readouterr().err


@pytest.mark.parametrize("line", [["run", *QUICK], SWEEP])
def test_the_users_own_folder_is_at_home(
    tmp_path: Path, line: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    assert main([*line, "--out", "~/mine"]) == Exit.DONE
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    assert list((tmp_path / "home" / "mine").glob("*.csv"))


@pytest.mark.parametrize("line", [["run"], SWEEP])
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_where_nothing_fits_the_exit_code_says_so(
    line: list[str], form: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*line, *NOTHING, *form]) == Exit.NOTHING_FITS
    text = capsys.readouterr().out
    if form:
        assert "null" in text
        json.loads(text, parse_constant=pytest.fail)


def test_a_sweep_gives_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SWEEP, "--json"]) == Exit.DONE
    found = json.loads(capsys.readouterr().out)
    assert found["settings"]["axes"] == [{"name": "width", "values": [5.0]}]
    assert found["versions"]["gncviz"] == gncviz.__version__
    methods = pd.DataFrame(found["results"]).set_index("method")
    assert sorted(methods.index) == ["guess_and_check", "prior"]
    medians = pd.DataFrame(found["summary"]).set_index("method")["median"]
    assert methods["mean_gen_loss"].to_dict() == medians.to_dict()
    assert found["results"][0]["epochs"] is None


def test_ctrl_c_without_a_folder_claims_nothing() -> None:
    line = [sys.executable, "-m", "gncviz", *SWEEP[:-9], "--method", "plain", "--epsilon", "1e-6"]
    line += ["--draws", "1000000000000", "--no-descent", "--workers", "1"]
    process = subprocess.Popen(
        line,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hear_ctrl_c,
    )
    assert process.stderr is not None
    # The bar is there once it runs.
    assert process.stderr.read(1)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=30)
    assert process.returncode == Exit.INTERRUPTED, errors
    assert "stopped; nothing was kept." in out
    assert "goes on" not in out


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"gncviz {gncviz.__version__}\n"


def test_every_exit_code_is_in_the_help_and_the_documentation(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert EXIT_CODES in capsys.readouterr().out
    page = Path(__file__).parents[2] / "docs" / "api" / "command-line.md"
    for code in Exit:
        assert f"\n  {code.value} " in EXIT_CODES
        assert f"| {code.value} |" in page.read_text(encoding="utf-8")


def test_json_has_no_number_that_is_none() -> None:
    data = {"a": math.nan, "b": [np.float64(np.inf), np.int64(3)], "c": np.array([1.5, np.nan])}
    assert json.loads(as_json(data)) == {"a": None, "b": [None, 3], "c": [1.5, None]}
