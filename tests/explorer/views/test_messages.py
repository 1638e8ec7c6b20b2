"""Messages on the page: each is there as long as it is true, and no longer."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from gncviz.experiment.run import Experiment
from gncviz.explorer.browser.address_bar import AddressBar
from gncviz.explorer.browser.download import Downloader
from gncviz.explorer.model import explorer as model_module
from gncviz.explorer.model.runner import Phase
from gncviz.posterior.outcome import Status
from gncviz.settings import SettingsError
from tests.explorer.driver import Page

FAILED = "there is no such device."


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every run fails."""

    def run(*_: object, **__: object) -> Experiment:
        raise SettingsError([("device", FAILED)])

    monkeypatch.setattr(model_module, "run_experiment", run)


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every run goes on until it is cancelled, and finds nothing."""

    def run(settings, report, cancel, before=None) -> Experiment:
        while not cancel.is_set():
            threading.Event().wait(0.01)
        return Experiment(settings)

    monkeypatch.setattr(model_module, "run_experiment", run)


@pytest.fixture
def failed(page: Page, failing: None) -> Page:
    """A page whose run has failed."""
    return page.run().wait(lambda: page.alert == FAILED)


def open_at(page: Page, query: str) -> AddressBar:
    address = page.part(AddressBar)
    address.query, address.ready = query, True
    return address


def test_a_failed_run_is_said_until_the_next_one_begins(
    failed: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed.set("Width", "0")
    assert FAILED in failed.alert
    failed.set("Width", "6")
    assert failed.alert == FAILED, "a setting that is right again says nothing about the run"
    assert failed.status == "The run failed."
    monkeypatch.undo()
    failed.quicken().run()
    assert failed.alert == ""


def test_the_same_setting_explored_anew_takes_the_failure_back(
    failed: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    failed.set("Width", "0").quicken()
    failed.explorer.explore(failed.explorer.settings)
    assert failed.alert == ""
    assert failed.control("Width").value == "5", "what is run stands in the box"
    assert failed.complaint("Width") == ""


def test_a_run_s_failure_is_not_said_beside_the_story(failed: Page) -> None:
    assert failed.view("Story").alert == ""
    assert failed.view("Explore").alert == FAILED


def test_a_bad_address_is_said_until_there_is_another(page: Page, endless: None) -> None:
    open_at(page, "?gv=1&gv.width=none")
    said = page.alert
    assert "address of this page" in said
    page.tab("ε-path").set("Width", "0")
    page.click("Save …").click("Save …")
    page.tab("ε-path")
    assert said not in page.alert, "a tab is part of the address, which has been written anew"


def test_a_bad_address_outlasts_what_does_not_write_one(page: Page) -> None:
    open_at(page, "?gv=1&gv.width=none")
    said = page.alert
    page.set("Width", "0")
    assert said in page.alert
    page.set("Width", "5")
    page.click("Save …").click("Save …")
    assert page.alert == said


def test_a_download_s_trouble_goes_with_the_next_one(page: Page) -> None:
    page.click("Save …").click("HTML")
    assert "press Run first" in page.alert
    page.set("Width", "0")
    page.set("Width", "5")
    assert "press Run first" in page.alert, "controls know nothing of downloads"
    page.click("settings.json")
    assert page.alert == ""


def test_that_there_is_no_figure_to_save_is_said_until_there_is_one(page: Page) -> None:
    page.click("Save …").click("HTML").quicken().run()
    assert page.alert == ""


def test_a_download_s_trouble_goes_with_the_panel(page: Page) -> None:
    page.click("Save …").click("HTML").click("Save …")
    assert page.alert == ""
    assert page.part(Downloader).trouble == ""


def test_a_mistake_in_a_box_outlasts_everything_but_its_correction(
    page: Page, endless: None
) -> None:
    page.set("Rank", "9")
    wrong = page.alert
    assert wrong
    page.click("Save …").click("HTML").click("Save …")
    assert page.alert == wrong
    page.explorer.model.run()
    assert page.alert == wrong, "a run that goes on says nothing about what is typed"
    page.click("Cancel")
    assert page.alert == wrong
    page.set("Rank", "1")
    assert page.alert == ""


def test_what_failed_is_forgotten_when_a_person_does_something_else(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("no paper")

    monkeypatch.setattr(page.explorer.model, "run", broken)
    page.click("Run")
    assert "no paper" in page.alert
    page.click("Save …")
    assert page.alert == ""


def test_doubts_stay_with_the_numbers_that_they_are_about(
    page: Page, monkeypatch: pytest.MonkeyPatch, endless: None
) -> None:
    monkeypatch.undo()
    page.quicken().run()
    found = page.explorer.model.experiment
    doubtful = replace(found, post=replace(found.post, warnings=("Few islands agree.",)))
    page.explorer.model.experiment = doubtful
    assert page.says("Few islands agree.")
    monkeypatch.setattr(model_module, "run_experiment", lambda settings, *_: Experiment(settings))
    page.set("Width", "6").click("Run").finish()
    assert page.says("From the run before (width 5)")
    assert page.says("Few islands agree."), "its numbers are still there"


def test_a_way_on_is_offered_for_the_present_setting_only(page: Page) -> None:
    page.quicken().run()
    found = page.explorer.model.experiment
    without = replace(
        found.post, fits=found.post.fits[:0], weights=np.empty(0), status=Status.EXTINCT
    )
    page.explorer.model.experiment = replace(found, post=without)
    assert page.says("No draw fits")
    page.set("Width", "6")
    assert not page.says("No draw fits: the run came down"), "of the width before"


@pytest.mark.parametrize("ended", [Phase.CANCELLED, Phase.FAILED])
def test_results_of_the_run_before_are_not_called_this_one_s(
    page: Page, monkeypatch: pytest.MonkeyPatch, ended: Phase
) -> None:
    def run(settings, report, cancel, before=None) -> Experiment:
        if ended is Phase.CANCELLED:
            page.explorer.model.cancel()
        raise SettingsError([("device", FAILED)])

    page.quicken().run()
    monkeypatch.setattr(model_module, "run_experiment", run)
    page.set("Width", "6").click("Run").wait(lambda: page.explorer.model.phase is ended)
    assert "; the run before: Guess & Check: " in page.status
    assert "so far" not in page.status
