"""Changes that run by themselves after a first run."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

import gncviz as gv
from gncviz.experiment.settings import PRESETS
from gncviz.explorer.model.runner import Phase
from tests.explorer.driver import Page


@pytest.fixture
def live() -> Iterator[Page]:
    page = Page(gv.Explorer(PRESETS[0].settings))
    page.quicken()
    yield page
    page.leave()


def test_nothing_runs_by_itself_before_the_first_run(live: Page) -> None:
    live.set("Width", "6")
    time.sleep(0.6)
    assert live.explorer.model.phase is Phase.IDLE
    assert live.explorer.model.experiment is None


def test_after_a_run_a_change_runs_by_itself(live: Page) -> None:
    live.run()
    live.set("Width", "6")
    live.wait(lambda: live.explorer.model.shown.post.network.width == 6)
    live.finish()
    assert live.explorer.model.shown.settings == live.explorer.settings


def test_what_a_change_does_not_touch_is_not_run_again(live: Page) -> None:
    live.run()
    before = live.explorer.model.experiment
    live.set("Epochs at most", "30")
    live.wait(lambda: live.explorer.model.shown.descent.epochs == 30)
    live.finish()
    after = live.explorer.model.experiment
    assert after.post is before.post
    assert after.spectra is before.spectra
    assert after.mechanism is before.mechanism


def test_a_threshold_on_the_path_needs_no_run(live: Page) -> None:
    live.run()
    before = live.explorer.model.experiment
    live.set("Threshold ε", "0.15")
    time.sleep(0.6)
    assert live.explorer.model.experiment is before
    assert live.explorer.model.shown.post.settings.epsilon == 0.15


def test_without_live_a_change_waits_for_run(live: Page) -> None:
    live.set("Live", False)
    live.run()
    before = live.explorer.model.experiment
    live.set("Width", "6")
    time.sleep(0.6)
    assert live.explorer.model.experiment is before
