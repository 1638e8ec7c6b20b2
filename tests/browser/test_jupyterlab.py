"""The whole explorer in JupyterLab: the same object as in Voila, beside a person's own cells."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Watch
from tests.browser.serving import ROOT, jupyterlab

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What JupyterLab serves: the page's notebook."""
    path = tmp_path_factory.mktemp("lab")
    shutil.copy(ROOT / "app.ipynb", path)
    return path


@pytest.fixture(scope="module")
def dark_lab(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """JupyterLab as somebody has it who likes it dark."""
    own = tmp_path_factory.mktemp("settings")
    themes = own / "JUPYTERLAB_SETTINGS_DIR/@jupyterlab/apputils-extension"
    themes.mkdir(parents=True)
    chosen = {"theme": "JupyterLab Dark", "adaptive-theme": False}
    (themes / "themes.jupyterlab-settings").write_text(json.dumps(chosen))
    with jupyterlab(folder, own / "log.txt", own) as url:
        yield url


@pytest.fixture
def page(browser: Browser, dark_lab: str, watch: Watch) -> Iterator[Page]:
    """The notebook, its cells run."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    page.goto(f"{dark_lab}lab/tree/app.ipynb")
    # A cell that is run before its kernel is there makes JupyterLab ask for one.
    idle = page.get_by_role("button", name=re.compile(r"Python 3.* \| Idle"))
    idle.wait_for(timeout=90_000)
    page.locator(".jp-CodeCell .cm-content").first.click()
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Next", exact=True).wait_for(timeout=90_000)
    watch.attach(page)
    yield page
    context.close()
    assert watch.errors == []
    assert all(url.startswith((dark_lab, "data:", "blob:")) for url in watch.requests)


def test_the_explorer_works_in_jupyterlab(page: Page) -> None:
    figure = page.locator(".gv-explorer .js-plotly-plot").filter(visible=True)
    expect(figure).to_be_visible()
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.get_by_role("note")).to_contain_text("2 ·")
    page.get_by_role("tab", name="Explore", exact=True).click()
    status = page.locator(".gv-status").filter(visible=True).first
    expect(status).to_contain_text("Gradient descent:", timeout=90_000)
    paper = figure.evaluate("figure => figure.layout.font.color")
    red, green, blue = (int(paper[i : i + 2], 16) for i in (1, 3, 5))
    assert min(red, green, blue) > 160, "light letters: the page follows JupyterLab's theme"
    for tab in ("Singular values", "Theory", "Paper"):
        page.get_by_role("tab", name=tab, exact=True).click()
        drawn = page.locator(".gv-explorer .main-svg").filter(visible=True).first
        expect(drawn).to_be_visible()
        box, room = drawn.bounding_box(), page.locator(".gv-explorer").bounding_box()
        assert box is not None
        assert room is not None
        assert box["x"] + box["width"] <= room["x"] + room["width"] + 1
    assert "gv" not in page.url, "the address is JupyterLab's own"
