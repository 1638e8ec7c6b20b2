"""Visitors are held to what the server allows, whatever way settings take to a run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import gncviz as gv
from gncviz.experiment import assemble
from gncviz.experiment.limits import VARIABLE, Limits
from gncviz.experiment.settings import PRESETS
from gncviz.explorer.browser.address_bar import AddressBar
from gncviz.explorer.model.explorer import ExplorerModel
from gncviz.explorer.model.runner import Phase
from gncviz.explorer.model.sweep import own_sweep
from tests.explorer.driver import Page

LIMITS = Limits(draws=5000, seconds=5, samples=50, epochs=20, trials=2, width=8, depth=30, side=5)


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    monkeypatch.setenv(VARIABLE, LIMITS.model_dump_json())
    page = Page(gv.Explorer(PRESETS[0].settings, live=False))
    yield page
    page.leave()


def test_a_run_has_no_more_than_is_allowed(limited: Page) -> None:
    settings = limited.explorer.settings
    assert settings.guess_and_check.draws == 5000
    limited.explorer.model.run()
    limited.finish()
    assert limited.explorer.model.shown.post.draws <= 5000
    assert len(limited.explorer.model.shown.descent.gen_loss) == 2


def test_what_is_typed_is_lowered_where_it_is_seen(limited: Page) -> None:
    for _ in range(2):
        limited.set("Draws at most", "1e9")
        assert limited.explorer.settings.guess_and_check.draws == 5000
        assert limited.control("Draws at most").value == "5000"
    assert "This server allows a run 5 000 draws" in limited.text


def test_a_network_that_is_too_large_is_refused_in_a_sentence(limited: Page) -> None:
    limited.set("Width", "9")
    assert "width should be at most 8 on this server; got 9." in limited.raw()
    assert limited.explorer.settings.network.width == 5


def test_an_address_is_held_to_them(limited: Page) -> None:
    address = limited.part(AddressBar)
    address.query = "?gv=1&gv.width=8&gv.draws=1000000&gv.samples=1000000&gv.epochs=100000"
    address.ready = True
    limited.finish()
    asked = limited.explorer.settings
    assert (asked.guess_and_check.draws, asked.guess_and_check.samples) == (5000, 50)
    assert limited.explorer.model.phase is Phase.DONE
    address.ready = False
    address.query = "?gv=1&gv.width=800"
    address.ready = True
    assert "on this server" in limited.alert
    assert limited.explorer.settings == asked


def test_a_sweep_is_held_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, LIMITS.model_dump_json())
    settings = ExplorerModel(assemble({})).settings
    own_sweep(settings, "width", (5.0, 8.0), 1)
    with pytest.raises(gv.SettingsError, match="on this server"):
        own_sweep(settings, "width", (5.0, 9.0), 1)
