"""Paper: the panels, and sweeps of one's own, without a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import gncviz as gv
from gncviz.experiment.settings import ExperimentSettings
from gncviz.explorer.browser.gallery import Gallery
from gncviz.explorer.words.gallery import key_of
from gncviz.paper import PANELS, known, panel_settings, shipped
from tests.explorer.driver import Page

QUICK = ExperimentSettings(
    guess_and_check={"epsilon": 0.25, "samples": 40}, descent={"epochs": 20, "trials": 2}
)


@pytest.fixture
def page() -> Iterator[Page]:
    page = Page(gv.Explorer(QUICK, live=False)).view("Paper")
    yield page
    page.view("Paper")
    if page.has_button("Stop"):
        page.click("Stop")


def choose(page: Page, figure: int, activation: str) -> Page:
    """Presses one of the small pictures."""
    page.part(Gallery).chosen = key_of(figure, activation)
    return page


@pytest.mark.parametrize(("figure", "values"), [(1, 6), (2, 9)])
def test_a_panel_is_complete_and_has_its_claims(page: Page, figure: int, values: int) -> None:
    choose(page, figure, "tanh")
    # The limit of width is a line from end to end.
    limit = [2] if figure == 1 else [0]
    assert [len(trace.x) for trace in page.figure.data] == [*[values] * 3, *limit]
    assert page.says("8 seeds")
    assert page.says(f"Figure {figure}, tanh")
    assert page.raw().count("<li>") == 3
    assert not page.has_button("Sweep"), "what is stored needs none"


def test_every_panel_of_the_paper_can_be_chosen(page: Page) -> None:
    assert {card["key"] for card in page.part(Gallery).cards} == {key_of(*one) for one in PANELS}
    for number, activation in PANELS:
        result = known(panel_settings(number, activation), shipped())
        assert result.complete, (number, activation)
        wanted = gv.figures.sweep(result).data[2].y
        found = choose(page, number, activation).figure.data[2].y
        assert list(found) == pytest.approx(list(wanted))


def test_the_loss_axis_can_be_logarithmic(page: Page) -> None:
    choose(page, 2, "linear")
    assert page.figure.layout.yaxis.type == "linear"
    page.set("logarithmic loss axis", True)
    assert page.figure.layout.yaxis.type == "log"
    page.set("logarithmic loss axis", False)
    assert page.figure.layout.yaxis.type == "linear"


@pytest.mark.parametrize(
    ("values", "seeds", "sentence"),
    [
        ("5 x", "2", "widths should be whole numbers"),
        ("5.5", "2", "values of width should be whole numbers"),
        ("", "2", "values"),
        ("5 5", "2", "values should differ"),
        ("5 10", "0", "Seeds should be 1 to 100; got 0."),
        ("5 10", "many", "Seeds should be 1 to 100; got many."),
    ],
)
def test_a_mistake_is_said_under_its_field_and_nothing_runs(
    page: Page, values: str, seeds: str, sentence: str
) -> None:
    page.click("Sweep the width of my setting").set("Widths", values).set("Seeds", seeds)
    assert sentence in page.complaint("Widths") + page.complaint("Seeds")
    page.click("Sweep")
    assert page.button("Stop").disabled, "nothing runs"
    page.set("Widths", "5 6").set("Seeds", "1")
    assert page.complaint("Widths") == page.complaint("Seeds") == ""


def test_the_own_setting_is_swept(page: Page) -> None:
    page.click("Sweep the width of my setting").set("Widths", "5 6").set("Seeds", "2")
    assert page.part(Gallery).chosen == ""
    assert page.says("press Sweep")
    page.click("Sweep")
    assert not page.button("Stop").disabled
    page.wait(lambda: page.says("2 seeds at ε = 0.25"), 60)
    assert page.button("Stop").disabled
    assert [len(trace.x) for trace in page.figure.data] == [2, 2, 2, 2], "and the limit of width"
    assert "<li>" not in page.raw(), "no claim of the paper's"
    # The run's thread may be painting its last, and then paints this as well.
    page.view("Explore").wait(lambda: page.has_control("Threshold ε"))
    page.set("Threshold ε", "0.3").view("Paper")
    page.wait(lambda: page.says("press Sweep"))
