"""The address bar and the downloads in a real browser: a notebook with nothing else, in Voila.

Then in JupyterLab, where the downloads work and the address is let alone.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Download, Locator, Page, expect

from tests.browser.conftest import Watch
from tests.browser.serving import jupyterlab, voila

pytestmark = pytest.mark.browser

CELL = """
import html
import time

import ipywidgets as widgets

from gncviz.explorer.browser.address_bar import AddressBar
from gncviz.explorer.browser.download import Downloader
from gncviz.explorer.browser.plot import FigureView, PlotlyBundle
from gncviz.figures import DARK
from gncviz.figures.look.style import new_figure

bar, downloader, plot = AddressBar(), Downloader(), FigureView()
heard, trouble = widgets.HTML().add_class("heard"), widgets.HTML().add_class("trouble")


def hear(_):
    heard.value = "heard: " + html.escape(bar.query)


def many():
    for width in range(100):
        bar.show(f"gv=1&gv.width={width}")
        time.sleep(0.01)


def draw():
    plot.show(new_figure(DARK).add_scatter(x=[1, 2, 3], y=[2, 1, 3], name="zigzag"))


def hide():
    plot.layout.display = "none"


def button(name, action):
    made = widgets.Button(description=name)
    made.on_click(lambda _: action())
    return made


bar.observe(hear, "ready")
downloader.observe(lambda change: setattr(trouble, "value", change["new"]), "trouble")
buttons = [
    button("Many", many),
    button("File", lambda: downloader.send("all bytes.bin", bytes(range(256)) * 20_000, "a/b")),
    button("PNG", lambda: downloader.picture("png", "gncviz-zigzag")),
    button("SVG", lambda: downloader.picture("svg", "gncviz-zigzag")),
    button("Draw", draw),
    button("Hide", hide),
]
parts = [PlotlyBundle(), bar, downloader, widgets.HBox(buttons), heard, trouble, plot]
widgets.VBox(parts).add_class("gv-explorer")
"""

#: Notes when the address is replaced, and by what.
LISTEN = """
window.replaced = [];
const replace = history.replaceState;
history.replaceState = function (state, title, address) {
  window.replaced.push([performance.now(), String(address)]);
  return replace.call(this, state, title, address);
};
"""

SIZE_AND_CORNER = """
async data => {
  const picture = new Image();
  picture.src = "data:image/png;base64," + data;
  await picture.decode();
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  pen.drawImage(picture, 0, 0);
  return [picture.width, picture.height, ...pen.getImageData(2, 2, 1, 1).data];
}
"""


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A notebook with the two widgets and a figure."""
    path = tmp_path_factory.mktemp("notebook") / "page.ipynb"
    kernel = {"name": "python3", "display_name": "Python 3"}
    cells = [nbformat.v4.new_code_cell(CELL.strip())]
    page = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(page, path)
    return path


@pytest.fixture
def voila_url(notebook: Path, tmp_path: Path) -> Iterator[str]:
    """Where Voila serves it, with the project's template."""
    with voila(notebook, tmp_path / "log.txt") as url:
        yield url


@pytest.fixture
def lab_url(notebook: Path, tmp_path: Path) -> Iterator[str]:
    """Where JupyterLab opens it."""
    with jupyterlab(notebook.parent, tmp_path / "log.txt", tmp_path) as url:
        yield f"{url}lab/tree/{notebook.name}"


def click(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def downloaded(page: Page, name: str) -> Download:
    with page.expect_download(timeout=30_000) as download:
        click(page, name)
    return download.value


def draw(page: Page) -> Locator:
    """The figure, drawn as the explorer draws: when plotly's code has arrived."""
    page.evaluate("() => globalThis.gncvizPlotly.promise.then(() => true)")
    click(page, "Draw")
    figure = page.locator(".js-plotly-plot")
    expect(figure.locator(".scatterlayer .trace path.js-line")).to_be_visible(timeout=30_000)
    return figure


def bytes_of(download: Download) -> bytes:
    return Path(download.path()).read_bytes()


def size_and_corner(page: Page, png: bytes) -> list[int]:
    """Width, height, and the red, green, blue and opacity of a point near the corner."""
    found: list[int] = page.evaluate(SIZE_AND_CORNER, base64.b64encode(png).decode())
    return found


def test_in_voila(browser: Browser, voila_url: str, watch: Watch) -> None:
    context = browser.new_context()
    page = context.new_page()
    watch.attach(page)
    page.add_init_script(LISTEN)
    query = "?theme=dark&gv=1&gv.width=7&other=%3Cb%3E"
    page.goto(f"{voila_url}{query}#there")
    expect(page.locator(".heard")).to_contain_text(f"heard: {query}", timeout=60_000)

    # A hundred settings in a second: a few writes, the last setting among them.
    before = len(page.evaluate("window.replaced"))
    click(page, "Many")
    wanted = "?theme=dark&other=%3Cb%3E&gv=1&gv.width=99#there"
    page.wait_for_function("end => location.href.endsWith(end)", arg=wanted)
    replaced = page.evaluate("window.replaced")[before:]
    assert 2 < len(replaced) < 30
    assert all(late - early >= 195 for (early, _), (late, _) in pairwise(replaced))
    assert page.evaluate("history.length") <= 2, "Back leads out of the page"

    # Five megabytes arrive as they left.
    download = downloaded(page, "File")
    assert download.suggested_filename == "all bytes.bin"
    assert bytes_of(download) == bytes(range(256)) * 20_000

    figure = draw(page)
    *size, red, green, blue, _ = size_and_corner(page, figure.screenshot())
    download = downloaded(page, "PNG")
    assert download.suggested_filename == "gncviz-zigzag.png"
    width, height, *corner = size_and_corner(page, bytes_of(download))
    assert corner == [red, green, blue, 255], "the ground that is seen, and nothing shines through"
    assert max(corner[:3]) < 128, "a dark page"
    assert (width, height) == pytest.approx((2 * size[0], 2 * size[1]), abs=4)

    download = downloaded(page, "SVG")
    assert download.suggested_filename == "gncviz-zigzag.svg"
    text = bytes_of(download).decode()
    assert text.startswith("<svg")
    assert f"fill: rgb({red}, {green}, {blue})" in text
    paper = figure.evaluate("figure => figure.layout.paper_bgcolor")
    assert paper == "rgba(0,0,0,0)", "the figure on the page is as it was"

    click(page, "Hide")
    expect(figure).to_be_hidden()
    click(page, "PNG")
    expect(page.locator(".trouble")).to_contain_text("There is no figure to be seen here")
    context.close()
    assert watch.errors == []
    theirs = [url for url in watch.requests if not url.startswith((voila_url, "data:", "blob:"))]
    assert theirs == []


@pytest.mark.slow
def test_in_jupyterlab(browser: Browser, lab_url: str, watch: Watch) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    page.add_init_script(LISTEN)
    page.goto(f"{lab_url}?gv=1&gv.width=7")
    # A cell that is run before its kernel is there makes JupyterLab ask for one.
    ready = page.get_by_role("button", name="Python 3 (ipykernel) | Idle")
    ready.wait_for(timeout=90_000)
    page.locator(".jp-CodeCell .cm-content").first.click()
    page.keyboard.press("Control+Enter")
    heard = page.locator(".heard")
    expect(heard).to_contain_text("heard:", timeout=90_000)
    assert "gv" not in heard.inner_text()
    watch.attach(page)
    click(page, "Many")
    download = downloaded(page, "File")
    assert bytes_of(download) == bytes(range(256)) * 20_000
    draw(page)
    download = downloaded(page, "PNG")
    assert download.suggested_filename == "gncviz-zigzag.png"
    assert bytes_of(download).startswith(b"\x89PNG")
    page.wait_for_timeout(500)
    assert not [address for _, address in page.evaluate("window.replaced") if "width=9" in address]
    context.close()
    base = lab_url.partition("lab/")[0]
    assert all(url.startswith((base, "data:", "blob:")) for url in watch.requests)
