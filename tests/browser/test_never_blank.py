"""What is seen of a figure: without scrolling, in every step, all through a run."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from gncviz.explorer.story import STORY

pytestmark = pytest.mark.browser

#: Window, and how much of the figure's height is to be seen there without scrolling.
SEEN = {(1440, 900): 470, (1024, 768): 320, (390, 844): 300}

# The figure on the screen: where it is, where its legend ends and its axes begin, in pixels of it.
FIGURE = """
() => {
  const plot = [...document.querySelectorAll(".js-plotly-plot")].find(e => e.offsetParent);
  const box = plot.getBoundingClientRect();
  const legend = plot.querySelector(".legend")?.getBoundingClientRect();
  return {
    top: box.top + scrollY,
    height: plot._fullLayout.height,
    room: box.height,
    legend: legend ? legend.bottom - box.top : 0,
    axes: plot._fullLayout._size.t,
  };
}
"""

# Every tenth of a second: is there a figure with more than its axes, and whose is it said to be?
WATCH = """
() => {
  window.seen = [];
  const look = () => {
    const plot = [...document.querySelectorAll(".js-plotly-plot")].find(e => e.offsetParent);
    const traces = plot?.querySelectorAll(".scatterlayer .trace path").length ?? 0;
    const mark = [...document.querySelectorAll(".gv-whose")].find(e => e.offsetParent);
    window.seen.push({
      step: document.querySelector(".gv-now")?.textContent ?? "",
      traces,
      mark: mark?.textContent ?? "",
      said: plot?.data[1].name ?? "",
    });
  };
  window.watching = setInterval(look, 100);
}
"""


def tell(page: Page, step: int) -> None:
    page.get_by_role("button", name=f"{step} · {STORY[step - 1].title}").click()


def wait_until_done(page: Page) -> None:
    expect(page.get_by_role("status")).to_contain_text("Gradient descent:", timeout=90_000)
    expect(page.get_by_role("button", name="Cancel", exact=True)).to_be_disabled(timeout=90_000)


@pytest.mark.parametrize(
    "step",
    # Each takes a page of its own: all of them where there is time for it.
    [
        pytest.param(step, marks=[pytest.mark.slow] * (step % 2))
        for step in range(1, len(STORY) + 1)
    ],
)
def test_the_figure_of_a_step_is_seen_without_scrolling(page: Page, step: int) -> None:
    tell(page, step)
    wait_until_done(page)
    for (width, height), least in SEEN.items():
        page.set_viewport_size({"width": width, "height": height})
        # Legend and axes follow the new size a moment later.
        page.wait_for_timeout(1000)
        found = page.evaluate(FIGURE)
        assert found["height"] == pytest.approx(found["room"], abs=1), "it fills its room"
        assert min(found["height"], height - found["top"]) >= least, (width, found)


@pytest.mark.slow
def test_legends_are_never_over_data(page: Page) -> None:
    tell(page, 2)
    wait_until_done(page)
    for tab in ("Generalization", "Both losses", "ε-path", "Learning curves", "Singular values"):
        page.get_by_role("tab", name=tab, exact=True).click()
        for width in (1440, 1024, 390, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(700)
            found = page.evaluate(FIGURE)
            assert found["legend"] <= found["axes"], (tab, width)


def test_a_hasty_walk_never_meets_a_blank_figure(page: Page) -> None:
    tell(page, 2)
    wait_until_done(page)
    page.evaluate(WATCH)
    # Two steps with the same tab: what is seen is of one or of the other.
    before = page.locator(".js-plotly-plot").first.evaluate("plot => plot.data[1].name")
    for step in (3, 2, 3):
        tell(page, step)
        page.wait_for_timeout(1000)
    wait_until_done(page)
    seen = page.evaluate("clearInterval(window.watching), window.seen")
    assert len(seen) > 20
    assert [one for one in seen if not one["traces"]] == []
    early = [one for one in seen if one["step"].startswith("3") and one["said"] == before]
    assert early, "the walk was hasty enough to see the run before"
    assert [one for one in early if "From the run before" not in one["mark"]] == []


@pytest.mark.slow
def test_a_logarithmic_slider_says_numbers(page: Page) -> None:
    field = page.locator(".gv-field", has=page.get_by_role("textbox", name="Width"))
    slider = field.get_by_role("slider")
    expect(slider).to_have_attribute("aria-valuetext", "5")
    slider.press("ArrowRight")
    page.get_by_label("Width", exact=True).first.fill("160")
    page.get_by_label("Width", exact=True).first.press("Enter")
    expect(slider).to_have_attribute("aria-valuetext", "160")
    slider.press("PageUp")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^\d{3}$"))
    epsilon = page.locator(".gv-field", has=page.get_by_role("textbox", name="Threshold ε"))
    expect(epsilon.get_by_role("slider")).to_have_attribute("aria-valuetext", "0.02")


def test_the_step_s_text_is_announced(page: Page) -> None:
    tell(page, 1)
    expect(page.locator(".gv-story-text")).to_have_attribute("aria-live", "polite")
    expect(page.locator(".gv-story-text")).to_contain_text(STORY[0].title)
