"""How `gncviz app` starts its server."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from gncviz.cli import main
from gncviz.explorer.browser import served

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(os.name != "posix", reason="elsewhere the server is a process of its own")
def test_what_voila_is_told_not_to_load_is_so_without_its_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _, line: lines.append(line))
    monkeypatch.setattr("subprocess.run", lambda *_, **__: None)
    prepared: list[bool] = []
    monkeypatch.setattr(served, "prepare", lambda: prepared.append(True))
    main(["app", "--no-browser"])
    settings = json.loads((ROOT / "voila.json").read_text(encoding="utf-8"))
    for name in settings["VoilaConfiguration"]["extension_denylist"]:
        assert f"--VoilaConfiguration.extension_denylist={name}" in lines[0]
    assert prepared, "plotly.js is among the files that the server has"
