"""The story in a browser: under a finger, and in motion."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import EXPLORE, Watch, opened, stop

pytestmark = pytest.mark.browser

# By how much a page is scrolled, whichever of its elements is what scrolls.
SCROLLED = (
    "() => scrollY + [...document.querySelectorAll('*')].reduce((s, e) => s + e.scrollTop, 0)"
)

# Where the last ring of the figure is, in every frame from now on.
RECORD = """
() => {
  window.places = [];
  const look = () => {
    const points = document.querySelectorAll(".gv-figure .scatterlayer .point");
    window.places.push(points[points.length - 1]?.getAttribute("transform"));
    requestAnimationFrame(look);
  };
  look();
}
"""

# In how many frames, from the beginning, there was a story to be seen.
SEE_STORY = """
window.frames_seen = window.story_seen = 0;
const look = () => {
  const text = document.querySelector(".gv-story-text");
  window.frames_seen += 1;
  window.story_seen += text?.checkVisibility({visibilityProperty: true}) ?? 0;
  requestAnimationFrame(look);
};
look();
"""


@pytest.fixture
def phone(browser: Browser, page_url: str, watch: Watch) -> Iterator[Page]:
    """The page as it opens on a phone, with its first picture."""
    held = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    for page in opened(browser, page_url, watch, "", **held):
        page.locator(".gv-figure .main-svg").first.wait_for(timeout=60_000)
        yield page


def test_a_finger_on_the_figure_scrolls_the_page(phone: Page) -> None:
    phone.get_by_role("button", name="Next", exact=True).tap()
    expect(phone.locator(".gv-story-text")).to_contain_text("without any training")
    box = phone.locator(".gv-figure").bounding_box()
    assert box is not None
    _swipe(phone, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, -80)
    phone.wait_for_function(f"({SCROLLED})() > 20", timeout=5_000)


def test_a_question_is_asked_with_its_answers_in_sight(phone: Page) -> None:
    for _ in range(2):
        phone.get_by_role("button", name="Next", exact=True).tap()
    answer = phone.get_by_role("button", name="Much the same")
    expect(answer).to_be_visible()
    box, figure = answer.bounding_box(), phone.locator(".gv-figure").bounding_box()
    assert box is not None
    assert figure is not None
    assert box["y"] + box["height"] <= figure["y"]


def test_a_link_to_elsewhere_does_not_show_the_story_first(
    browser: Browser, page_url: str, watch: Watch
) -> None:
    for page in opened(browser, page_url, watch, EXPLORE, script=SEE_STORY):
        stop(page)
        assert page.evaluate("() => window.frames_seen") > 10
        assert page.evaluate("() => window.story_seen") == 0


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_the_ring_goes_where_the_slider_says(
    browser: Browser, page_url: str, watch: Watch, motion: str
) -> None:
    for page in opened(browser, page_url, watch, "?gv=1&gv.step=5", reduced_motion=motion):
        page.locator(".gv-figure .main-svg").first.wait_for(timeout=60_000)
        slider = page.get_by_role("slider", name="Threshold")
        expect(slider).to_be_visible()
        page.evaluate(RECORD)
        slider.press("ArrowLeft")
        page.wait_for_function("() => new Set(window.places).size > 1")
        page.wait_for_timeout(1_000)
        between = len(page.evaluate("() => [...new Set(window.places)]")) - 2
        assert between == 0 if motion == "reduce" else between > 0


def _swipe(page: Page, x: float, y: float, by: float) -> None:
    """Moves one finger, as far as it goes in a fifth of a second."""
    touch = page.context.new_cdp_session(page)

    def send(kind: str, *at: float) -> None:
        points = [{"x": x, "y": height} for height in at]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", y)
    for part in range(1, 11):
        send("touchMove", y + by * part / 10)
        page.wait_for_timeout(20)
    send("touchEnd")
