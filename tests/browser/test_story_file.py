"""The story as one file, opened without a network and without a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from gncviz.explorer.alone import story_html
from tests.browser.conftest import Watch

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("story") / "story.html"
    path.write_text(story_html(), encoding="utf-8")
    assert path.stat().st_size < 4_000_000
    return path.as_uri()


@pytest.fixture(params=[(1440, 900), (390, 844)], ids=lambda size: str(size[0]))
def file(
    browser: Browser, address: str, watch: Watch, request: pytest.FixtureRequest
) -> Iterator[Page]:
    width, height = request.param
    context = browser.new_context(offline=True, viewport={"width": width, "height": height})
    page = context.new_page()
    watch.attach(page)
    page.goto(address)
    page.locator(".gv-figure .main-svg").first.wait_for()
    yield page
    context.close()
    assert watch.errors == []
    assert [url for url in watch.requests if not url.startswith((address, "blob:"))] == []


def test_the_story_is_told_and_its_sliders_move(file: Page) -> None:
    figure, title = file.locator(".gv-figure"), file.get_by_role("note")
    step, size = file.get_by_role("button", name="Next", exact=True), file.viewport_size
    assert size is not None
    for number, answer in enumerate((None, None, "Worse", "Better", None, None), start=1):
        if number > 1:
            step.click()
        expect(title).to_contain_text(f"{number} ·")
        if answer:
            file.get_by_role("button", name=answer, exact=True).click()
            expect(file.locator(".gv-question")).to_have_count(0)
        box = figure.bounding_box()
        assert box is not None
        assert box["width"] > 0.6 * size["width"] if size["width"] < 600 else box["width"] > 800
        assert box["height"] >= 300
    expect(step).to_be_disabled()


def test_a_slider_changes_words_numbers_and_figure(file: Page) -> None:
    step = file.get_by_role("button", name="Next", exact=True)
    step.click()
    step.click()
    file.get_by_role("button", name="Worse", exact=True).click()
    slider, figure = (
        file.get_by_role("slider", name="Width", exact=True),
        file.locator(".gv-figure"),
    )
    expect(slider).to_have_attribute("aria-valuetext", "160")
    ring = "figure => figure.querySelector('.js-plotly-plot').data.at(-1).x[0]"
    for text in ("80", "40"):
        before = figure.get_attribute("data-version")
        slider.press("ArrowLeft")
        expect(slider).to_have_attribute("aria-valuetext", text)
        expect(figure).not_to_have_attribute("data-version", before or "")
        expect(file.locator(".gv-source")).to_contain_text(f"width {text}")
        file.wait_for_function(
            f"wanted => ({ring})(document.querySelector('.gv-figure')) == wanted", arg=int(text)
        )
