"""What is seen of a figure: without scrolling, in every step, all through a run."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from gncviz.explorer.model.story import STARTS
from gncviz.explorer.words.story import TITLES

pytestmark = pytest.mark.browser

#: Window, and how much of the figure's height is to be seen there without scrolling.
SEEN = {(1440, 900): 480, (1024, 768): 400, (390, 844): 300}
SEEN_IN_VIEWS = {(1440, 900): 480, (1024, 768): 380}

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
    const figure = [...document.querySelectorAll(".gv-figure")].find(e => e.offsetParent);
    const title = document.querySelector(".gv-story-text h2").textContent;
    window.seen.push({
      step: title.replace(/^\\d+ · /, ""),
      traces: figure.querySelectorAll(".trace path, .heatmaplayer image").length,
      said: figure.getAttribute("aria-label"),
    });
  };
  look();
  window.watching = setInterval(look, 100);
}
"""
WATCH_RUNS = """
() => {
  window.seen = [];
  window.watching = setInterval(() => {
    const plot = [...document.querySelectorAll(".js-plotly-plot")].find(e => e.offsetParent);
    const mark = [...document.querySelectorAll(".gv-whose")].find(e => e.offsetParent);
    const width = [...document.querySelectorAll(".gv-field input")].find(e => e.offsetParent);
    window.seen.push({
      width: new URLSearchParams(location.search).get("gv.width"),
      traces: plot?.querySelectorAll(".scatterlayer .trace path").length ?? 0,
      mark: mark?.textContent ?? "",
      said: plot?.data[1].name ?? "",
    });
  }, 100);
}
"""
NAME = "plot => plot.data[1].name"

# From the key to the figure that has been drawn, by the page's own clock.
SECONDS_TO_FIGURE = """
() => {
  const plot = [...document.querySelectorAll(".js-plotly-plot")].find(e => e.offsetParent);
  let start;
  document.addEventListener(
    "keydown", () => { start = performance.now(); }, {once: true, capture: true});
  window.drawn = new Promise(resolve => plot.on("plotly_afterplot", () => {
    if (start === undefined) return;
    plot.removeAllListeners("plotly_afterplot");
    resolve((performance.now() - start) / 1000);
  }));
}
"""


def lasting(seen: list[dict[str, Any]], wrong: Callable[[dict[str, Any]], bool]) -> list[Any]:
    """Samples that are wrong, as is the one before them: for a tenth of a second or longer.

    Words and figure come in two messages; a single sample may fall between them, which nobody sees.
    """
    return [after for before, after in pairwise(seen) if wrong(before) and wrong(after)]


def go_to(page: Page, step: int) -> None:
    """Goes on to a step of the story, and lets its answer be seen."""
    while not page.get_by_role("note").inner_text().startswith(f"{step} ·"):
        before = page.get_by_role("note").inner_text()
        page.get_by_role("button", name="Next", exact=True).click()
        expect(page.get_by_role("note")).not_to_have_text(before)
    answer = page.get_by_role("button", name="Much the same").filter(visible=True)
    if answer.count():
        answer.click()
        expect(answer).to_have_count(0)


def wait_until_done(page: Page) -> None:
    expect(page.get_by_role("status")).to_contain_text("Gradient descent:", timeout=90_000)
    expect(page.get_by_role("button", name="Cancel", exact=True)).to_be_disabled(timeout=90_000)


@pytest.mark.parametrize("size", SEEN)
def test_the_figure_of_every_step_is_seen_without_scrolling(
    story: Page, size: tuple[int, int]
) -> None:
    width, height = size
    story.set_viewport_size({"width": width, "height": height})
    story.wait_for_timeout(1000)
    for step in range(1, len(STARTS) + 1):
        go_to(story, step)
        story.wait_for_timeout(500)
        found = story.evaluate(FIGURE)
        assert found["height"] == pytest.approx(found["room"], abs=1), "it fills its room"
        seen = min(found["height"], height - found["top"])
        assert seen >= SEEN[size], (step, found)


def test_the_figures_of_views_are_seen_without_scrolling(page: Page) -> None:
    page.get_by_role("button", name="Run", exact=True).click()
    wait_until_done(page)
    for view in ("Explore", "Paper"):
        page.get_by_role("tab", name=view, exact=True).click()
        for (width, height), least in SEEN_IN_VIEWS.items():
            page.set_viewport_size({"width": width, "height": height})
            # Legend and axes follow the new size a moment later.
            page.wait_for_timeout(1000)
            found = page.evaluate(FIGURE)
            assert min(found["height"], height - found["top"]) >= least, (view, width, found)


@pytest.mark.slow
def test_legends_are_never_over_data(page: Page) -> None:
    page.get_by_role("button", name="Run", exact=True).click()
    wait_until_done(page)
    for tab in ("Generalization", "Both losses", "ε-path", "Learning curves", "Singular values"):
        page.get_by_role("tab", name=tab, exact=True).click()
        for width in (1440, 1024, 390, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(700)
            found = page.evaluate(FIGURE)
            assert found["legend"] <= found["axes"], (tab, width)


@pytest.mark.parametrize("pause", [1000, pytest.param(3000, marks=pytest.mark.slow)])
def test_a_hasty_walk_never_meets_a_blank_or_foreign_figure(story: Page, pause: int) -> None:
    """Every figure says in words whose it is; they are compared with the step's own title."""
    story.evaluate(WATCH)
    for _ in STARTS[1:]:
        story.get_by_role("button", name="Next", exact=True).click()
        story.wait_for_timeout(pause)
    for _ in STARTS[1:3]:
        story.get_by_role("button", name="Back", exact=True).click()
        story.wait_for_timeout(pause)
    seen = story.evaluate("clearInterval(window.watching), window.seen")
    assert len(seen) > 5 * pause / 150
    assert [one for one in seen if not one["traces"]] == []
    assert lasting(seen, lambda one: not one["said"].startswith(one["step"])) == []
    assert len({one["step"] for one in seen}) == len(STARTS)


def test_a_run_after_a_run_never_shows_the_first_unmarked(page: Page) -> None:
    page.get_by_role("button", name="Run", exact=True).click()
    wait_until_done(page)
    page.evaluate(WATCH_RUNS)
    before = page.locator(".js-plotly-plot").filter(visible=True).first.evaluate(NAME)
    for width in ("40", "80", "40"):
        field = page.get_by_label("Width", exact=True).filter(visible=True).first
        field.fill(width)
        field.press("Enter")
        page.wait_for_timeout(1000)
    wait_until_done(page)
    seen = page.evaluate("clearInterval(window.watching), window.seen")
    assert [one for one in seen if not one["traces"]] == []
    early = [one for one in seen if one["width"] != "5" and one["said"] == before]
    assert early, "hasty enough to see the run before"
    unmarked = lasting(early, lambda one: "From the run before" not in one["mark"])
    assert unmarked == []


@pytest.mark.slow
def test_a_logarithmic_slider_says_numbers(page: Page) -> None:
    field = page.locator(".gv-field", has=page.get_by_role("textbox", name="Width"))
    slider = field.get_by_role("slider")
    expect(slider).to_have_attribute("aria-valuetext", "5")
    slider.press("ArrowRight")
    page.get_by_label("Width", exact=True).filter(visible=True).first.fill("160")
    page.get_by_label("Width", exact=True).filter(visible=True).first.press("Enter")
    expect(slider).to_have_attribute("aria-valuetext", "160")
    slider.press("PageUp")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^\d{3}$"))
    epsilon = page.locator(".gv-field", has=page.get_by_role("textbox", name="Threshold ε"))
    expect(epsilon.get_by_role("slider")).to_have_attribute("aria-valuetext", "0.02")


def test_the_step_s_text_is_announced_and_has_the_focus(story: Page) -> None:
    text = story.locator(".gv-story-text")
    expect(text).to_have_attribute("aria-live", "polite")
    story.get_by_role("button", name="Next", exact=True).click()
    expect(text).to_contain_text(TITLES[1])
    expect(text).to_be_focused()
    story.keyboard.press("Tab")
    story.keyboard.press("Tab")
    story.keyboard.press("Tab")
    expect(story.get_by_role("button", name="Next", exact=True)).to_be_focused()


def test_a_slider_of_the_story_answers_at_once(story: Page) -> None:
    """From the key to the figure that has been drawn, by the page's own clock."""
    go_to(story, 2)
    expect(story.locator(".gv-story-text")).to_be_focused()
    slider = story.get_by_role("slider", name="Width", exact=True)
    slider.focus()
    seconds = []
    for text in ("10", "20", "40", "80", "160"):
        story.evaluate(SECONDS_TO_FIGURE)
        story.keyboard.press("ArrowRight")
        seconds.append(story.evaluate("window.drawn"))
        expect(slider).to_have_attribute("aria-valuetext", text)
    # Measured: a twentieth of a second.
    assert sorted(seconds)[2] < 0.3, seconds


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_axe_finds_nothing_in_story_and_paper(browser: Browser, page_url: str, theme: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(f"{page_url}?theme={theme}")
    page.locator(".gv-figure .main-svg").first.wait_for(timeout=60_000)
    found = []
    for place in (1, 2, 3, 4, 5, "Paper"):
        if place == "Paper":
            page.get_by_role("tab", name=place, exact=True).click()
            page.locator(".gv-gallery").wait_for()
        else:
            go_to(page, place)
        page.wait_for_timeout(300)
        result = Axe().run(page).response
        found += [
            (place, one["id"], one["nodes"][0]["html"][:160], one["nodes"][0]["failureSummary"])
            for one in result["violations"]
            if one["impact"] in ("moderate", "serious", "critical")
        ]
    context.close()
    assert found == []
