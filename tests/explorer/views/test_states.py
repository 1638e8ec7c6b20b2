"""What is seen while a run is under way, stopped, failed or without result: never nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

import gncviz as gv
from gncviz.experiment.run import Experiment, Step
from gncviz.experiment.settings import PRESETS, ExperimentSettings
from gncviz.explorer.browser.download import Downloader
from gncviz.explorer.browser.plot import FigureView
from gncviz.explorer.browser.probe import PageProbe
from gncviz.explorer.model import explorer as model_module
from gncviz.explorer.model.live import Settled
from gncviz.posterior.outcome import Status
from gncviz.progress import Progress
from gncviz.settings import SettingsError
from tests.explorer.driver import Page


@pytest.fixture
def page() -> Iterator[Page]:
    """A page that has run once, and on which nothing runs by itself."""
    page = Page(gv.Explorer(PRESETS[0].settings, live=False)).quicken().run()
    yield page
    page.leave()


class Puppet:
    """Takes the place of a run, and does one thing at a time when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._go, self._done = threading.Semaphore(0), threading.Semaphore(0)
        self._next: Callable[[], object] | None = None
        self.settings: ExperimentSettings
        self._report: Callable[[Experiment, Step], None]
        monkeypatch.setattr(model_module, "run_experiment", self._run)

    def _run(self, settings, report, cancel, before=None, parts=()) -> Experiment:
        self.settings, self._report = settings, report
        found = Experiment(settings)
        while self._go.acquire():
            if self._next is None:
                return found
            found = self._next() or found
            self._done.release()
        raise AssertionError

    def do(self, action: Callable[[], object]) -> None:
        """Has the run's thread do something, and waits until it is painted."""
        self._next = action
        self._go.release()
        assert self._done.acquire(timeout=20)

    def tell(self, **parts: object) -> None:
        """Reports what the run has found so far."""
        # A report that counts as the last of its part is painted in any case.
        step = Step(1, Progress(1.0, "looking for levels", 1.0))

        def report() -> Experiment:
            found = Experiment(self.settings, **parts)
            self._report(found, step)
            return found

        self.do(report)

    def fail(self, error: Exception) -> None:
        def broken() -> None:
            raise error

        self._next = broken
        self._go.release()

    def end(self) -> None:
        self._next = None
        self._go.release()


@pytest.fixture
def puppet(page: Page, monkeypatch: pytest.MonkeyPatch) -> Puppet:
    return Puppet(monkeypatch)


def without_draws(page: Page, status: Status) -> gv.GuessAndCheckResult:
    """The posterior of the page's run as it was before its first draw."""
    post = page.explorer.model.shown.post
    return replace(post, fits=post.fits[:0], weights=np.empty(0), status=status)


def test_a_figure_stays_until_the_new_run_has_its_first_fit(page: Page, puppet: Puppet) -> None:
    post = page.explorer.model.shown.post
    before, card = tuple(page.figure.data[1].y), page.card("Guess & Check")
    page.set("Width", "40").click("Run")
    for parts in ({}, {"post": without_draws(page, Status.RUNNING)}):
        puppet.tell(**parts)
        assert tuple(page.figure.data[1].y) == before
        assert page.card("Guess & Check") == card
        assert page.says("From the run before (width 5): the new one has nothing to show yet")
    fits = replace(post.fits, gen_loss=post.gen_loss / 2)
    half = replace(post.estimate, mean_gen_loss=post.mean_gen_loss / 2)
    puppet.tell(post=replace(post, fits=fits, estimate=half))
    assert tuple(page.figure.data[1].y) != before
    assert page.card("Guess & Check") != card
    assert not page.says("From the run before")
    puppet.end()
    page.finish()


@pytest.mark.parametrize("title", ["Generalization", "ε-path", "Matrices", "Learning curves"])
def test_a_tab_opened_while_a_run_looks_for_levels_shows_the_run_before(
    page: Page, puppet: Puppet, title: str
) -> None:
    page.set("Width", "40").click("Run")
    puppet.tell()
    page.tab(title)
    assert page.figure is not None
    assert page.says("From the run before (width 5)")
    puppet.end()


@pytest.mark.parametrize("title", ["Singular values", "Theory"])
def test_parts_that_are_known_wait_for_the_posterior_beside_them(
    page: Page, puppet: Puppet, title: str
) -> None:
    shown = page.tab(title).explorer.model.shown
    page.set("Fits wanted", "60").click("Run")
    puppet.tell(spectra=shown.spectra, mechanism=shown.mechanism, descent=shown.descent)
    assert page.figure is not None
    assert page.says("From the run before")
    puppet.end()


def test_a_stopped_run_without_a_fit_leaves_the_one_before(page: Page, puppet: Puppet) -> None:
    before = tuple(page.figure.data[1].y)
    page.set("Width", "40").click("Run")
    puppet.tell(post=without_draws(page, Status.CANCELLED))
    page.click("Cancel")
    assert tuple(page.figure.data[1].y) == before
    assert page.says("From the run before (width 5)")
    assert not page.says("nothing to show yet"), "no run is under way"
    puppet.end()


def test_a_saved_figure_is_called_by_its_own_run(page: Page, puppet: Puppet) -> None:
    sent: list[bytes] = []
    page.part(Downloader).send = lambda name, content, mime: sent.append(content)
    page.set("Width", "40").click("Run")
    puppet.tell()
    page.click("Save …").click("HTML")
    assert b"<title>Generalization: linear, width 5, depth 2, seed 0</title>" in sent[0]
    puppet.end()


def test_settings_that_were_not_run_are_told_from_those_that_were(page: Page) -> None:
    page.set("Depth", "3")
    assert page.says("From the run before (depth 2)")
    page.set("Depth", "2")
    assert not page.says("From the run before")


def test_words_in_place_of_a_figure_follow_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page(gv.Explorer(PRESETS[0].settings, live=False)).tab("Learning curves")
    puppet = Puppet(monkeypatch)
    assert page.says("Nothing here yet. Press Run")
    page.click("Run")
    assert page.says("Gradient descent comes after Guess & Check.")
    assert page.tab("Theory").says("The mechanisms come last.")
    assert not page.says("Press Run")
    page.click("Cancel")
    assert page.says("Stopped before there was anything to show here.")
    puppet.end()
    page.click("Run")
    puppet.fail(SettingsError([("device", "there is none.")]))
    page.wait(lambda: page.says("The run failed before there was anything to show here."))
    assert page.alert == "there is none."
    page.click("Run")
    puppet.end()
    page.finish()
    assert page.says("This run has nothing to show here.")
    assert not page.says("Press Run")


def test_no_fit_is_said_with_a_way_on_that_works(page: Page) -> None:
    page.set("Method", "plain").set("Threshold ε", "0.004").set("Draws at most", "1000").run()
    assert page.says("No draw fits.")
    assert page.figure is not None, "the prior is seen, for this run knows that there is no more"
    page.click("Use the automatic method").finish(60)
    assert page.explorer.settings.guess_and_check.method == "auto"
    assert not page.has_button("Use the automatic method")


def test_two_threads_are_never_inside_one_figure(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, most, shown = 0, 0, FigureView.show

    def show(view: FigureView, *figure: object) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        shown(view, *figure)
        inside -= 1

    monkeypatch.setattr(FigureView, "show", show)
    probe = page.part(PageProbe)
    page.set("Method", "plain").set("Draws at most", "1e13").set("Fits wanted", "1e6").click("Run")
    for title in ("Generalization", "Both losses", "ε-path") * 3:
        page.tab(title)
        probe.dark = not probe.dark
    page.click("Cancel")
    assert most == 1


def test_settings_that_are_set_move_the_controls(page: Page) -> None:
    model = page.explorer.model
    model.settings = model.settings.replace(network=gv.Network(width=77))
    assert page.control("Width").value == "77"
    page.run()
    assert model.shown.settings.network.width == 77


def test_a_picture_that_could_not_be_taken_is_said(page: Page) -> None:
    downloader = page.part(Downloader)
    downloader.trouble = "There is no figure to be seen here."
    assert page.alert == "There is no figure to be seen here."
    downloader.trouble = ""
    assert page.alert == ""


def test_a_control_that_fails_says_so(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Settled) -> None:
        raise RuntimeError("no clock")

    monkeypatch.setattr(Settled, "changed", broken)
    page.set("Width", "6")
    assert page.alert == "Something went wrong here: no clock"
