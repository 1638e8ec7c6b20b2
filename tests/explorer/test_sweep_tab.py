"""The tabs Width and Depth, without a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import gncviz as gv
from gncviz.explorer.runner import Phase
from gncviz.explorer.sweep_tab import SweepTab


@pytest.fixture
def explorer() -> Iterator[gv.Explorer]:
    explorer = gv.Explorer()
    yield explorer
    for tab in explorer._tabs[-2:]:
        tab.model.cancel()
        tab.model.join(10)


def see(explorer: gv.Explorer, title: str) -> SweepTab:
    """Selects a tab, as a click does."""
    index = [tab.title for tab in explorer._tabs].index(title)
    explorer._pages.selected_index = index
    tab: SweepTab = explorer._tabs[index]
    return tab


@pytest.mark.parametrize(("title", "values"), [("Width", 6), ("Depth", 9)])
def test_a_tab_opens_on_a_complete_panel_with_its_claims(
    explorer: gv.Explorer, title: str, values: int
) -> None:
    tab = see(explorer, title)
    assert [len(trace.x) for trace in tab.plot.figure.data] == [values] * 3
    assert "8 seeds" in tab._status.value
    assert tab._claims.value.count("<li>") == 3
    assert tab._buttons.layout.display == "none"
    assert explorer._summary.layout.display == "none"
    explorer._pages.selected_index = 0
    assert explorer._summary.layout.display is None


def test_every_panel_of_the_paper_can_be_chosen(explorer: gv.Explorer) -> None:
    shown = set()
    for title in ("Width", "Depth"):
        tab = see(explorer, title)
        figure = tab.plot.figure
        for _, number in tab._figure.options[:-1]:
            for _, activation in tab._activation.options:
                tab._figure.value, tab._activation.value = number, activation
                assert tab.model.result is not None
                assert tab.model.result.complete, (number, activation)
                assert tab.plot.figure is figure
                assert list(figure.data[2].y) == list(gv.figures.sweep(tab.model.result).data[2].y)
                shown.add((number, activation))
    assert shown == set(gv.paper.PANELS)


def test_the_loss_axis_can_be_logarithmic(explorer: gv.Explorer) -> None:
    tab = see(explorer, "Depth")
    assert tab.plot.figure.layout.yaxis.type == "linear"
    tab._log.value = True
    assert tab.plot.figure.layout.yaxis.type == "log"
    tab._log.value = False
    assert tab.plot.figure.layout.yaxis.type == "linear"


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
    explorer: gv.Explorer, values: str, seeds: str, sentence: str
) -> None:
    tab = see(explorer, "Width")
    tab._figure.value = "own"
    tab._values.input.value, tab._seeds.input.value = values, seeds
    said = tab._values.complaint.value + tab._seeds.complaint.value
    assert sentence in said
    tab._run.click()
    assert tab.model.phase is not Phase.RUNNING
    tab._values.input.value, tab._seeds.input.value = "5 6", "1"
    assert tab._values.complaint.value == tab._seeds.complaint.value == ""


def test_the_own_setting_is_swept(explorer: gv.Explorer) -> None:
    tab = see(explorer, "Width")
    tab._figure.value = "own"
    assert tab._buttons.layout.display is None
    assert tab._activation.layout.display == "none"
    controls = explorer._controls.controls
    for path, text in (
        ("guess_and_check.epsilon", "0.25"),
        ("guess_and_check.samples", "40"),
        ("descent.epochs", "20"),
    ):
        controls[path].input.value = text
    tab._values.input.value, tab._seeds.input.value = "5 6", "2"
    assert "press Sweep" in tab._status.value
    tab._run.click()
    assert tab._stop.disabled is False
    tab.model.join(60)
    assert tab.model.phase is Phase.DONE, tab.model.error
    assert [len(trace.x) for trace in tab.plot.figure.data] == [2, 2, 2]
    assert "2 seeds at ε = 0.25" in tab._status.value
    assert tab._stop.disabled
    assert tab._claims.value == ""
    controls["guess_and_check.epsilon"].input.value = "0.3"
    assert "press Sweep" in tab._status.value
