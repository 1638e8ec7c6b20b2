"""The view on data in a real browser: at once, a run and its Cancel, a file, sizes and access."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Watch, opened
from tests.browser.serving import SECONDS_TO_STOP
from tests.explorer.model.test_data import CSV

pytestmark = pytest.mark.browser

DATA = "?gv=1&gv.view=data"


@pytest.fixture
def data(browser: Browser, page_url: str, watch: Watch) -> Iterator[Page]:
    """Data, opened by its address, with its stored picture."""
    for page in opened(browser, page_url, watch, DATA):
        page.locator(".gv-data .gv-figure .main-svg").first.wait_for(timeout=60_000)
        yield page


def test_all_of_the_view(data: Page, tmp_path: Path) -> None:
    figure = data.locator(".gv-data .gv-figure")
    expect(figure).to_have_attribute("data-state", "stored")
    expect(data.locator(".gv-data .gv-verdict")).to_contain_text("A guess that gets all 16 right")
    # Another setting: the figure stays, and says whose it is; a run, and Cancel.
    field = data.get_by_label("Training samples n", exact=True).filter(visible=True).first
    field.fill("64")
    field.press("Enter")
    expect(figure).to_have_attribute("data-state", "stale")
    expect(data.locator(".gv-data .gv-whose")).to_contain_text("n = 16")
    data.locator(".gv-data").get_by_role("button", name="Run", exact=True).click()
    status = data.locator(".gv-data .gv-status")
    expect(status).to_contain_text("of 64 samples", timeout=60_000)
    expect(figure).to_have_attribute("data-state", "running")
    assert data.evaluate(SECONDS_TO_STOP, ".gv-data") < 0.5
    # A file that is none, then one that is.
    data.get_by_label("Samples", exact=True).select_option("My CSV file")
    chooser = data.locator(".gv-upload input")
    bad, good = tmp_path / "bad.csv", tmp_path / "good.csv"
    bad.write_text("x,y\n1,a\nwords,a\n2,b\n3,b\n")
    good.write_bytes(CSV)
    chooser.set_input_files(bad)
    alert = data.locator(".gv-data").get_by_role("alert")
    expect(alert).to_contain_text("bad.csv: all columns but the label should be numbers")
    chooser.set_input_files(good)
    expect(data.locator(".gv-upload output")).to_have_text("good.csv")
    expect(alert).to_have_count(0)
    expect(data.get_by_label("Label", exact=True)).to_have_value("kind")
    # What is too large stays in the browser.
    huge = tmp_path / "huge.csv"
    huge.write_bytes(b"1,2\n" * 400_000)
    chooser.set_input_files(huge)
    expect(alert).to_contain_text("at most 1 000 000 bytes; it has 1 600 000")


@pytest.mark.parametrize(
    "size",
    [
        (1440, 900),
        pytest.param((1024, 768), marks=pytest.mark.slow),
        pytest.param((390, 844), marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_the_figure_is_seen_whole_and_axe_finds_nothing(
    browser: Browser, page_url: str, size: tuple[int, int]
) -> None:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    theme = "dark" if size[0] == 1024 else "light"
    page.goto(f"{page_url}{DATA}&theme={theme}")
    found = []
    for title in ("Regions", "Learning curve"):
        page.get_by_role("tab", name=title, exact=True).click()
        figure = page.locator(".gv-data .gv-figure")
        figure.locator(".main-svg").first.wait_for(timeout=60_000)
        page.wait_for_timeout(300)
        box = figure.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= size[1], (title, box)
        assert box["height"] >= {1440: 480, 1024: 400, 390: 300}[size[0]]
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        result = Axe().run(page).response
        found += [
            (title, one["id"], one["nodes"][0]["html"][:160], one["nodes"][0]["failureSummary"])
            for one in result["violations"]
            if one["impact"] in ("moderate", "serious", "critical")
        ]
    context.close()
    assert found == []
