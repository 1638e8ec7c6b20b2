"""The tabs Width and Depth, without a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import gncviz as gv
from gncviz.paper import known, panel_settings, shipped
from tests.explorer.driver import Page

OWN = "The setting on the left"


@pytest.fixture
def page() -> Iterator[Page]:
    page = Page(gv.Explorer())
    yield page
    for title in ("Width", "Depth"):
        if page.tab(title).has_button("Stop"):
            page.click("Stop")


@pytest.mark.parametrize(("title", "values"), [("Width", 6), ("Depth", 9)])
def test_a_tab_opens_on_a_complete_panel_with_its_claims(
    page: Page, title: str, values: int
) -> None:
    cards = "Mean generalization loss, the squared error"
    assert page.says(cards)
    page.tab(title)
    assert [len(trace.x) for trace in page.figure.data] == [values] * 3
    assert page.says("8 seeds")
    assert page.raw().count("<li>") == 3
    assert not page.has_button("Sweep"), "what is stored needs none"
    assert not page.says(cards), "they tell of one run"
    assert page.tab(page.titles[0]).says(cards)


def test_every_panel_of_the_paper_can_be_chosen(page: Page) -> None:
    shown = set()
    for title in ("Width", "Depth"):
        views = page.tab(title).views
        for _, number in page.control("Show").options[:-1]:
            for _, activation in page.control("Activation", "Show").options:
                page.set("Show", number)
                page.control("Activation", "Show").value = activation
                result = known(panel_settings(number, activation), shipped())
                assert result.complete, (number, activation)
                assert page.views == views
                wanted = gv.figures.sweep(result).data[2].y
                assert list(page.figure.data[2].y) == pytest.approx(list(wanted))
                shown.add((number, activation))
    assert shown == set(gv.paper.PANELS)


def test_the_loss_axis_can_be_logarithmic(page: Page) -> None:
    page.tab("Depth")
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
    page.tab("Width").set("Show", OWN).set("Widths", values).set("Seeds", seeds)
    assert sentence in page.complaint("Widths") + page.complaint("Seeds")
    page.click("Sweep")
    assert page.button("Stop").disabled, "nothing runs"
    page.set("Widths", "5 6").set("Seeds", "1")
    assert page.complaint("Widths") == page.complaint("Seeds") == ""


def test_the_own_setting_is_swept(page: Page) -> None:
    page.tab("Width").set("Show", OWN)
    with pytest.raises(AssertionError):
        page.control("Activation", "Show")
    page.set("Threshold ε", "0.25").set("Fits wanted", "40").set("Epochs at most", "20")
    page.set("Widths", "5 6").set("Seeds", "2")
    assert page.says("press Sweep")
    page.click("Sweep")
    assert not page.button("Stop").disabled
    page.wait(lambda: page.says("2 seeds at ε = 0.25"), 60)
    assert page.button("Stop").disabled
    assert [len(trace.x) for trace in page.figure.data] == [2, 2, 2]
    assert "<li>" not in page.raw(), "no claim of the paper's"
    page.set("Threshold ε", "0.3")
    # The run's thread may be painting its last, and then paints this as well.
    page.wait(lambda: page.says("press Sweep"))
