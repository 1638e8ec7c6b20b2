"""A figure to take away needs nothing else, and the browser gets what it is sent."""

from __future__ import annotations

import re
from typing import Any

import pytest

import gncviz as gv
from gncviz.explorer.browser.download import Downloader
from gncviz.explorer.words.takeaway import figure_html
from gncviz.figures.look.style import HEIGHT


@pytest.mark.parametrize("theme", [gv.figures.LIGHT, gv.figures.DARK])
def test_the_figure_is_one_page_that_needs_nothing_else(theme: gv.figures.Theme) -> None:
    post = gv.guess_and_check(
        gv.Task.random(), gv.Network(), epsilon=0.15, samples=50, method="plain"
    )
    figure = gv.figures.prior_vs_posterior(post, theme=theme)
    page = figure_html(figure, "ε < 0.15 & <more>", theme=theme).decode()
    assert page.startswith("<!doctype html>")
    assert "<title>ε &lt; 0.15 &amp; &lt;more&gt;</title>" in page
    assert f"background: {theme.ground}" in page
    assert f'"paper_bgcolor":"{theme.ground}"' in page
    assert len(page) > 2_000_000, "plotly comes with it"
    assert not re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=[^>]*>", page)
    assert figure.layout.paper_bgcolor == "rgba(0,0,0,0)", "the page's own figure is left as it is"
    figure.layout.height = None
    assert f'"height":{HEIGHT}' in figure_html(figure, "", theme=theme).decode()


def test_the_downloader_sends_bytes_and_forgets_old_trouble(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[tuple[Any, Any]] = []
    downloader = Downloader()
    monkeypatch.setattr(
        downloader, "_send", lambda said, buffers=None: sent.append((said, buffers))
    )
    downloader.trouble = "no figure"
    sent.clear()
    downloader.send("gncviz-draws.csv", b"a,b\n", "text/csv")
    downloader.picture("svg", "gncviz-figure")
    assert downloader.trouble == ""
    custom = [(said["content"], buffers) for said, buffers in sent if said["method"] == "custom"]
    assert custom == [
        ({"kind": "file", "name": "gncviz-draws.csv", "mime": "text/csv"}, [b"a,b\n"]),
        ({"kind": "picture", "format": "svg", "name": "gncviz-figure"}, None),
    ]
