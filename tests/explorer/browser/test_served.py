"""plotly.js among the template's files: there once it is prepared, and of the present version."""

from __future__ import annotations

from pathlib import Path

import jinja2
import plotly
import pytest

from gncviz.explorer.browser import served
from gncviz.explorer.browser.plotlyjs import packed

TEMPLATE = Path(__file__).parents[3] / "share/jupyter/voila/templates/gncviz/index.html.j2"


def test_file_and_head_are_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert served.prepare(tmp_path)
    assert (tmp_path / served.FILE).read_bytes() == packed()
    monkeypatch.setattr(served, "packed", lambda: pytest.fail("it is there"))
    assert served.prepare(tmp_path)


def test_another_plotly_is_packed_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "packed", lambda: b"old")
    monkeypatch.setattr(plotly, "__version__", "1.0")
    served.prepare(tmp_path)
    monkeypatch.undo()
    assert served.prepare(tmp_path)
    assert (tmp_path / served.FILE).read_bytes() == packed()
    assert plotly.__version__ in (tmp_path / served.HEAD).read_text()


def test_where_nobody_may_write_it_is_left_to_the_kernel(tmp_path: Path) -> None:
    (tmp_path / "static").write_text("in the way")
    assert not served.prepare(tmp_path)


def test_the_head_fetches_the_file_under_any_base_address(tmp_path: Path) -> None:
    served.prepare(tmp_path)
    loader = jinja2.FileSystemLoader(tmp_path)
    head = jinja2.Environment(loader=loader).get_template(served.HEAD)
    resources = {"include_url": "/course/voila/templates/gncviz/{}".format}
    text = head.render(resources=resources)
    assert f'gncvizPlotly.fetch("/course/voila/templates/gncviz/{served.FILE}",' in text
    assert "{%" not in text
    assert served.HEAD in TEMPLATE.read_text(), "the template includes it"
