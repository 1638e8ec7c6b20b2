"""How `gncviz app` starts its server."""

from __future__ import annotations

import ast
import json
import os
from pathlib import Path
from typing import Any

import pytest

from gncviz.cli import main
from gncviz.cli.output import Exit
from gncviz.experiment.limits import VARIABLE, Limits
from gncviz.explorer.browser import served

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(
    os.name != "posix", reason="elsewhere the server is a process of its own"
)


class Started:
    """What the server's process is, and is told."""

    def __init__(self) -> None:
        self.line: list[str] = []
        self.environment: dict[str, str] = {}
        self.prepared = False

    def prepare(self) -> None:
        self.prepared = True

    def __call__(self, _: str, line: list[str], environment: dict[str, str]) -> None:
        self.line, self.environment = line, environment

    def option(self, name: str) -> str:
        """The value of one of its options."""
        (value,) = (word.partition("=")[2] for word in self.line if word.startswith(f"--{name}="))
        return value

    @property
    def limits(self) -> Limits:
        return Limits.of_server(self.environment)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    found = Started()
    monkeypatch.setattr(os, "execve", found)
    monkeypatch.setattr("subprocess.run", lambda *_, **__: None)
    monkeypatch.setattr(served, "prepare", found.prepare)
    return found


def test_the_server_has_plotly_among_its_files(started: Started) -> None:
    main(["app", "--no-browser"])
    assert started.prepared


def test_what_voila_is_told_not_to_load_is_so_without_its_file(started: Started) -> None:
    main(["app", "--no-browser"])
    settings = json.loads((ROOT / "voila.json").read_text(encoding="utf-8"))
    for name in settings["VoilaConfiguration"]["extension_denylist"]:
        assert f"--VoilaConfiguration.extension_denylist={name}" in started.line


def test_kernels_come_and_go_as_with_its_file(started: Started) -> None:
    main(["app", "--no-browser", "--hosted"])
    settings = json.loads((ROOT / "voila.json").read_text(encoding="utf-8"))
    for section in ("MappingKernelManager", "MultiKernelManager", "VoilaKernelManager"):
        for name, value in settings[section].items():
            assert started.option(f"{section}.{name}") == str(value)


def test_templates_are_kept_as_with_its_file(started: Started) -> None:
    main(["app", "--no-browser"])
    settings = json.loads((ROOT / "voila.json").read_text(encoding="utf-8"))
    (name,) = settings["VoilaExporter"]["preprocessors"]
    assert started.option("VoilaExporter.preprocessors") == name


def test_a_person_s_own_page_asks_for_no_token_and_sets_no_limits(started: Started) -> None:
    main(["app", "--no-browser"])
    assert not [word for word in started.line if "token" in word or "tornado" in word]
    assert started.limits == Limits()


def test_a_hosted_page_is_told_what_visitors_need(started: Started) -> None:
    main(["app", "--hosted", "--no-browser"])
    assert started.option("Voila.auto_token") == "True"
    assert started.option("VoilaConfiguration.file_allowlist") == "[]"
    assert started.option("preheat_kernel") == "True"
    headers = tornado(started)["headers"]
    assert "object-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("hosted", [[], ["--hosted"]])
def test_sources_and_tracebacks_stay_here(started: Started, hosted: list[str]) -> None:
    main(["app", "--no-browser", *hosted])
    assert started.option("strip_sources") == "True"
    assert started.option("show_tracebacks") == "False"


def tornado(started: Started) -> dict[str, Any]:
    found: dict[str, Any] = ast.literal_eval(started.option("Voila.tornado_settings"))
    return found


def test_limits_as_pairs_are_handed_down(started: Started) -> None:
    main(["app", "--limits", "draws=1e6", "seconds=30", "workers=1", "megabytes=2"])
    assert started.limits == Limits(draws=10**6, seconds=30, workers=1, megabytes=2)
    assert started.environment["OMP_NUM_THREADS"] == "1"
    assert tornado(started) == {"websocket_max_message_size": 2_000_000}


@pytest.mark.parametrize(
    ("name", "text"), [("limits.toml", "draws = 1000\n"), ("limits.json", '{"draws": 1000}')]
)
def test_limits_of_a_file(started: Started, tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    main(["app", "--limits", str(tmp_path / name)])
    assert started.limits == Limits(draws=1000)


def test_limits_in_the_file_of_all_options(started: Started, tmp_path: Path) -> None:
    path = tmp_path / "app.toml"
    path.write_text("hosted = true\n[limits]\nside = 8\n", encoding="utf-8")
    main(["app", "--settings", str(path)])
    assert started.limits == Limits(side=8)
    assert started.option("Voila.auto_token") == "True"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["draws=0"], "draws should be greater than or equal to 1; got 0."),
        (["draws=many"], "draws should be a valid integer"),
        (["draw=1"], "draw is not a setting of Limits; allowed are draws,"),
        (["nowhere.toml"], "limits file nowhere.toml cannot be read"),
        (["draws=1", "again"], "again is not a setting of Limits"),
    ],
)
def test_what_is_no_limit_is_refused(
    started: Started, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    assert main(["app", "--limits", *words]) == Exit.BAD_SETTINGS
    assert sentence in capsys.readouterr().err
    assert started.line == []


def test_limits_that_are_none_are_said_where_the_page_begins() -> None:
    from gncviz.settings import SettingsError

    with pytest.raises(SettingsError, match="GNCVIZ_LIMITS should be limits as JSON"):
        Limits.of_server({VARIABLE: '{"draws": -1}'})
