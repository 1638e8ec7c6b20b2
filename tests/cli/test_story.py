"""`gncviz story`: one file, or one sentence why there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from gncviz.cli import main
from gncviz.explorer import alone


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alone, "story_html", lambda: "<p>ε</p>")


def test_the_file_is_written_whole(quick: None, tmp_path: Path) -> None:
    path = tmp_path / "new" / "story.html"
    assert main(["story", "--html", str(path)]) == 0
    assert path.read_text(encoding="utf-8") == "<p>ε</p>"
    assert [one.name for one in path.parent.iterdir()] == ["story.html"]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ([], "html should be a file's name, such as story.html."),
        (["--html", "{folder}"], "is a folder."),
        (["--html", "{folder}/file/story.html"], "is a file."),
    ],
)
def test_what_is_no_place_for_it_is_said_before_anything_is_made(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    line: list[str],
    sentence: str,
) -> None:
    monkeypatch.setattr(alone, "story_html", lambda: pytest.fail("too early"))
    (tmp_path / "file").touch()
    assert main(["story", *(part.format(folder=tmp_path) for part in line)]) == 2
    assert sentence in capsys.readouterr().err
