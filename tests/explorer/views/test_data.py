"""Data, without a browser: what is seen at once, what a run shows, a file of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest

import gncviz as gv
from gncviz.explorer.browser.address_bar import AddressBar
from gncviz.explorer.browser.download import Downloader
from gncviz.explorer.browser.segments import Segments
from gncviz.explorer.browser.upload import Upload
from gncviz.explorer.model.runner import Phase
from tests.explorer.driver import Page
from tests.explorer.model.test_data import CSV, quick


@pytest.fixture
def page() -> Iterator[Page]:
    page = Page(gv.Explorer()).view("Data")
    yield page
    page.explorer.page.data.cancel()
    page.explorer.page.data.join(60)


def turn(page: Page, title: str) -> Page:
    """Shows another figure."""
    (figures,) = [one for one in page.seen(Segments) if one.label == "Figures"]
    figures.value = title
    return page


def run(page: Page) -> Page:
    data = page.explorer.page.data
    page.click("Run").wait(lambda: data.phase is not Phase.RUNNING)
    data.join(60)
    return page


def test_the_view_is_made_when_somebody_reaches_for_it_and_not_seen_before() -> None:
    page = Page(gv.Explorer())
    views = page.part(Segments)
    before = page.explorer.children[-1].children
    views.near = "Data"
    story, made = page.explorer.children[-1].children
    assert (story,) == before
    assert (story.layout.display, made.layout.display) == (None, "none")
    assert page.explorer.page.view == "Story"
    views.value = "Data"
    assert page.explorer.children[-1].children == (story, made)
    assert (story.layout.display, made.layout.display) == ("none", None)


def test_the_answer_is_seen_at_once(page: Page) -> None:
    titles = [note.text for note in page.figure.layout.annotations]
    assert titles[:4] == ["guess 1", "guess 2", "guess 3", "average of all guesses"]
    assert page.views[0].figure["state"] == "stored"
    assert page.status.startswith("Stored run, seed 0")
    assert page.says("A guess that gets all 16 right gets")
    turn(page, "Learning curve")
    assert page.says("how rare guesses are")
    assert page.figure.layout.xaxis2.title.text == "training samples n"


def test_a_run_changes_words_and_figure(page: Page) -> None:
    page.explorer.page.data.settings = quick()
    assert page.control("Training samples n").value == "6"
    assert page.views[0].figure["state"] == "stale"
    assert page.says("Two moons, n = 16, ReLU, width 16, depth 2, seed 0: press Run")
    run(page)
    assert page.views[0].figure["state"] == "done"
    assert page.status.startswith("Done in")
    assert page.says("A guess that gets all 6 right")
    assert page.alert == ""


def test_a_control_that_is_wrong_says_so_and_nothing_runs(page: Page) -> None:
    for value, says in (("1", "greater than or equal to 2"), ("five", "whole number")):
        page.set("Training samples n", value)
        assert page.complaint("Training samples n").startswith("Training samples n should be")
        page.click("Run")
        assert page.explorer.page.data.phase is Phase.IDLE, says
    page.set("Training samples n", "16")
    assert page.alert == ""


def test_a_file_is_taken_and_its_label_chosen(page: Page) -> None:
    upload = page.part(Upload)
    assert not page.seen(Upload)
    page.set("Samples", "My CSV file")
    assert page.seen(Upload)
    assert page.says("nowhere else")
    upload._receive(upload, {"kind": "file", "name": "mine.csv", "size": len(CSV)}, [CSV])
    assert upload.name == "mine.csv"
    assert page.control("Label").value == "kind"
    assert page.control("Training samples n").value == "16"
    page.set("Label", "weight")
    assert page.explorer.page.data.settings.task.label == "weight"
    page.set("Training samples n", "39")
    assert "train should be at most 32 of the 40 samples" in page.alert.lower().replace(
        "training samples n", "train"
    )


def test_a_file_that_is_refused_says_why_and_the_next_one_is_taken(page: Page) -> None:
    upload = page.part(Upload)
    page.set("Samples", "My CSV file")
    upload._receive(upload, {"kind": "file", "name": "huge.csv", "size": 10**8}, [])
    assert page.alert == (
        "huge.csv: a file should have at most 1 000 000 bytes; it has 100 000 000."
    )
    upload._receive(upload, {"kind": "file", "name": "mine.csv", "size": len(CSV)}, [CSV])
    assert page.alert == ""


def test_the_address_has_the_setting_but_no_file(page: Page) -> None:
    bar = page.part(AddressBar)
    bar.ready = True
    asked = parse_qs(bar.wanted)
    assert (asked["gv.view"], asked["gv.model"], asked["gv.set"]) == (["data"], ["data"], ["moons"])
    turn(page, "Learning curve")
    assert parse_qs(bar.wanted)["gv.tab"] == ["curve"]
    page.part(Upload)._take("secret.csv", len(CSV), CSV)
    assert "secret" not in bar.wanted


@pytest.mark.parametrize(
    ("query", "name", "train"),
    [
        ("?gv=1&gv.view=data", "moons", 16),
        ("?gv=1&gv.model=data&gv.set=spirals&gv.train=5&gv.width=6&gv.draws=1000", "spirals", 5),
    ],
)
def test_an_address_opens_it(query: str, name: str, train: int) -> None:
    explorer = gv.Explorer()
    page = Page(explorer)
    bar = page.part(AddressBar)
    bar.query = query + "&gv.tab=curve"
    bar.ready = True
    data = explorer.page.data
    assert explorer.page.view == "Data"
    assert (data.settings.task.name, data.settings.task.train) == (name, train)
    assert explorer._view("Data").slug == "curve"
    # What is not stored is run at once.
    assert (data.phase is Phase.RUNNING) == (name == "spirals")
    assert data.found is not None
    assert not data.stale, "the samples are seen until there is more"
    data.cancel()
    data.join(60)


def test_an_address_that_is_wrong_says_so() -> None:
    page = Page(gv.Explorer())
    bar = page.part(AddressBar)
    bar.query = "?gv=1&gv.view=data&gv.model=data&gv.set=moons&gv.loss=squared&gv.train=8"
    bar.ready = True
    assert "The address of this page: loss should be errors" in page.alert


def test_what_is_seen_can_be_taken_away(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: dict[str, bytes] = {}
    monkeypatch.setattr(
        Downloader, "send", lambda _, name, content, mime: sent.__setitem__(name, content)
    )
    page.click("Save …")
    for text in ("curve.csv", "descent.csv", "run.py", "HTML"):
        page.click(text)
    assert sent["gncviz-curve.csv"].startswith(b"n,log10_acceptance")
    assert b"gv.learning_curve(" in sent["gncviz-run.py"]
    assert b"Regions: Two moons, n = 16" in sent["gncviz-figure.html"]
    assert page.control("Python").value == sent["gncviz-run.py"].decode()


def test_without_scikit_learn_digits_are_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "gncviz.experiment.learning.starts.importlib.util.find_spec", lambda _: None
    )
    page = Page(gv.Explorer()).view("Data")
    names = [name for name, _ in page.control("Samples").options]
    assert names == ["Two moons", "Two spirals", "My CSV file"]
    assert page.says("Digits need scikit-learn, which is not installed here.")


def test_nothing_of_it_is_made_before_it_is_seen() -> None:
    page = Page(gv.Explorer())
    assert "data" not in page.explorer.page.__dict__
    assert not page.parts(Upload)
    page.view("Data")
    assert len(page.parts(Upload)) == 1
