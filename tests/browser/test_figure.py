"""The figure widget in a real browser: what it says of itself, zoom, and plotly.js once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, WebSocket, expect

pytestmark = pytest.mark.browser

#: Bytes from which on a message can only be plotly.js.
_LARGE = 1_000_000


def quick(page: Page) -> None:
    """A run of a moment."""
    for label, text in (("Threshold ε", "0.2"), ("Fits wanted", "50")):
        field = page.get_by_label(label, exact=True).filter(visible=True).first
        field.fill(text)
        field.press("Enter")
    page.get_by_role("button", name="Run", exact=True).click()


def seen(page: Page) -> Locator:
    return page.locator(".gv-figure").filter(visible=True).first


def test_a_figure_says_what_it_is_of(page: Page) -> None:
    quick(page)
    figure = seen(page)
    expect(figure).to_have_attribute("data-state", "done", timeout=60_000)
    expect(figure).to_have_attribute("role", "figure")
    expect(figure).to_have_attribute("aria-label", re.compile("^Generalization loss.*width 5"))
    expect(figure).to_have_attribute("data-version", re.compile(r"^\d+$"))
    before = int(figure.get_attribute("data-version") or 0)
    width = page.get_by_label("Width", exact=True).filter(visible=True).first
    page.get_by_label("Live").uncheck()
    width.fill("9")
    width.press("Enter")
    expect(figure).to_have_attribute("data-state", "stale")
    expect(figure).to_have_attribute("aria-label", re.compile(r"^From the run before \(width 5\)"))
    assert int(figure.get_attribute("data-version") or 0) > before
    page.get_by_role("tab", name="Paper", exact=True).click()
    expect(seen(page)).to_have_attribute("data-state", "stored")


@pytest.mark.slow
def test_zoom_stays_when_the_data_change(page: Page) -> None:
    quick(page)
    figure = seen(page)
    expect(figure).to_have_attribute("data-state", "done", timeout=60_000)
    box = figure.locator(".nsewdrag").first.bounding_box()
    assert box is not None
    x, y, width, height = box["x"], box["y"], box["width"], box["height"]
    page.mouse.move(x + width * 0.2, y + height * 0.3)
    page.mouse.down()
    page.mouse.move(x + width * 0.6, y + height * 0.7, steps=5)
    page.mouse.up()
    read = "e => e.querySelector('.js-plotly-plot')._fullLayout.xaxis.range.map(v => +v.toFixed(6))"
    page.wait_for_timeout(500)
    zoomed, version = figure.evaluate(read), figure.get_attribute("data-version")
    seed = page.get_by_label("Seed", exact=True).filter(visible=True).first
    page.locator(".jupyter-widget-Collapse-header", has_text="Task").click()
    seed.fill("3")
    seed.press("Enter")
    expect(figure).not_to_have_attribute("data-version", version or "")
    expect(page.get_by_role("button", name="Cancel", exact=True)).to_be_disabled(timeout=60_000)
    assert figure.evaluate(read) == zoomed


@pytest.mark.parametrize(
    "served", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["file", "channel"]
)
def test_plotly_comes_once_and_is_kept(browser: Browser, page_url: str, served: bool) -> None:
    """As a file of the server's; and where there is none, by the widgets' channel."""
    context = browser.new_context()
    if not served:
        context.route("**/plotly.mjs.gz*", lambda route: route.abort())
    large: list[int] = []
    fetched: list[int] = []

    def listen(socket: WebSocket) -> None:
        socket.on(
            "framereceived",
            lambda frame: large.append(len(frame)) if len(frame) > _LARGE else None,
        )

    counts = []
    for _ in range(2):
        page = context.new_page()
        page.on("websocket", listen)
        network = context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.loadingFinished", lambda one: fetched.append(one["encodedDataLength"]))
        page.goto(page_url)
        expect(seen(page).locator(".main-svg").first).to_be_visible(timeout=60_000)
        assert page.evaluate("typeof globalThis.Plotly") == "undefined", "it keeps to itself"
        # What was brought is put away a moment later.
        page.wait_for_timeout(1000)
        counts.append((len(large), sum(size > _LARGE for size in fetched)))
        if len(counts) == 1:
            # Measured: 7.0 MB in all, of which Voila's own scripts are 5.3.
            assert sum(fetched) + sum(large) < 7_500_000
        page.close()
    context.close()
    assert counts == ([(0, 1)] * 2 if served else [(1, 0)] * 2)
