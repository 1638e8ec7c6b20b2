"""The story's steps: what each sets, runs and says."""

from __future__ import annotations

from dataclasses import replace

import pytest

import gncviz as gv
from gncviz.experiment.settings import ExperimentSettings
from gncviz.explorer import app
from gncviz.explorer.story import STORY
from tests.explorer.driver import Page

QUICK = ExperimentSettings(
    guess_and_check={"epsilon": 0.2, "samples": 20, "device": "cpu"},
    descent={"trials": 2, "epochs": 10},
)


@pytest.mark.parametrize("step", range(1, len(STORY) + 1))
def test_a_step_sets_the_controls_and_the_tab(page: Page, step: int) -> None:
    part = STORY[step - 1]
    page.click(f"{step} · {part.title}").click("Cancel")
    assert page.explorer.settings == part.settings
    assert page.control("Width").value == str(part.settings.network.width)
    assert page.open_tab == part.tab
    assert part.title in page.story


def test_a_step_keeps_what_it_compares_with_until_the_next(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = QUICK.replace(network=gv.Network(width=6))
    steps = (
        replace(STORY[1], settings=QUICK, compare=tiny),
        replace(STORY[0], settings=tiny, compare=None),
    )
    monkeypatch.setattr(app, "STORY", steps)
    page.explorer.tell(1)
    page.finish()
    (pin,) = page.explorer.model.pins
    assert pin.guided
    assert pin.experiment.settings == tiny
    assert page.explorer.model.shown.settings == QUICK
    assert page.says("width 6")
    page.explorer.tell(2)
    page.finish()
    assert page.explorer.model.pins == ()
    page.click("Close")
    assert page.story == ""


def test_the_story_goes_on_to_its_end(page: Page) -> None:
    page.click(f"1 · {STORY[0].title}")
    for step in STORY[1:]:
        page.click("Next step")
        assert step.title in page.story
    page.click("Cancel")
    assert not page.has_button("Next step")
