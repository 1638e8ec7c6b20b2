"""Runs that are kept to compare with, settings before, and things to take away."""

from __future__ import annotations

import pytest

from gncviz.explorer.browser.download import Downloader
from gncviz.explorer.model import history
from tests.explorer.driver import Page


def test_pinned_runs_are_drawn_and_listed_until_they_are_removed(page: Page) -> None:
    page.quicken()
    assert page.button("Pin").disabled
    page.run()
    page.click("Pin")
    page.click("Pin")
    assert [pin.letter for pin in page.explorer.model.pins] == ["A"], "the same run only once"
    pinned = page.explorer.model.shown
    page.set("Width", "40")
    page.run()
    outline = page.figure.data[3]
    assert outline.name.startswith("width 5: mean")
    assert sum(outline.y[:-1]) == pytest.approx(1.0)
    assert page.says("linear, width 5, depth 2")
    assert page.says("linear, width 40, depth 2")
    page.click("Restore A")
    assert page.explorer.settings == pinned.settings
    page.click("Remove A")
    assert page.explorer.model.pins == ()
    assert len(page.figure.data[3].x or ()) == 0
    assert not page.has_button("Remove A")
    assert not page.says("Mean generalization loss of the runs that are kept")


def test_undo_and_redo_go_through_the_settings(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "_ONE_MOVE", 0.0)
    assert page.button("Undo").disabled
    assert page.button("Redo").disabled
    page.set("Width", "6")
    page.set("Width", "7")
    page.click("Undo")
    assert page.control("Width").value == "6"
    page.click("Undo")
    assert page.explorer.settings.network.width == 5
    assert page.button("Undo").disabled
    page.click("Redo")
    assert page.explorer.settings.network.width == 6
    page.set("Depth", "3")
    assert page.button("Redo").disabled, "what was undone is gone"


def test_saving_offers_what_there_is(page: Page) -> None:
    sent: list[tuple[str, bytes]] = []
    page.part(Downloader).send = lambda name, content, mime: sent.append((name, content))
    page.click("Save …")
    assert "gv.guess_and_check" in page.control("Python").value
    page.quicken()
    assert "epsilon=0.2" in page.control("Python").value
    page.run()
    for name in ("draws.csv", "settings.json", "run.py"):
        page.click(name)
    names = [name for name, _ in sent]
    assert names == ["gncviz-draws.csv", "gncviz-settings.json", "gncviz-run.py"]
    assert all(content for _, content in sent)
    page.click("Save …")
    assert not page.has_control("Python")
