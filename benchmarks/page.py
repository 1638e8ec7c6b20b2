"""What a person waits for on the page: measured in Chromium, by the page's own clock."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nbformat
import psutil
from playwright.sync_api import Browser, Locator, Page

from gncviz.experiment.settings import PRESETS
from gncviz.explorer.browser import served
from gncviz.explorer.model.story import STARTS
from gncviz.explorer.words.address import to_query
from tests.browser.serving import ROOT, SECONDS_TO_STOP, chromium, voila

_TIMES = 5
_FIGURE = ".js-plotly-plot"
#: Seconds after which Voila begins with the next kernel (voila.json), and that it may take.
_REFILL = 15 + 15


@dataclass(frozen=True)
class Wait:
    """What a person waits for.

    Attributes:
        name: what it is.
        value: the median of several, in ``unit``.
        worst: the largest of them.
        target: what it should be below; None where there is none.
        unit: of all three.
    """

    name: str
    value: float
    worst: float
    target: float | None = None
    unit: str = "s"

    @property
    def met(self) -> bool:
        """Whether the target, if there is one, is met."""
        return self.target is None or self.value < self.target

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def waits() -> Iterator[Wait]:
    """Measures everything, one after the other."""
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        folder = Path(name)
        yield from _opening(browser, folder)
        with voila(ROOT / "app.ipynb", folder / "log.txt") as url:
            page = _open(browser, url)
            page.wait_for_timeout(8000)  # What is loaded ahead, is.
            yield from _story(page)
            page.context.close()
            yield from _presets(browser, url)
            yield from _memory(browser, url)


def _opening(browser: Browser, folder: Path) -> Iterator[Wait]:
    """From the address to the first picture, beside a page of Voila with nothing but a button.

    plotly.js is among the template's files, as ``make app`` leaves them.
    """
    served.prepare()
    cell = 'import ipywidgets\nipywidgets.Button(description="Next")'
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    empty = folder / "empty.ipynb"
    nbformat.write(notebook, empty)
    for ahead in (False, True):
        preheat = f"--preheat_kernel={ahead}"
        with (
            # In Voila's own template: ours fetches ahead what an empty page has no use for.
            voila(empty, folder / "empty.txt", preheat, "--template=lab") as nothing,
            voila(ROOT / "app.ipynb", folder / "app.txt", preheat) as ours,
        ):
            # Two times with a kernel made ahead: each has to be waited for.
            rounds = 2 if ahead else 3
            pairs = []
            for _ in range(rounds):
                time.sleep(_REFILL if ahead else 2)
                first = _seconds_to_open(browser, nothing, picture=False)
                pairs.append((first, _seconds_to_open(browser, ours)))
        name = "with a kernel made ahead" if ahead else "cold"
        yield _wait(f"page usable, with its picture, {name}", [one for _, one in pairs])
        yield _wait(f"empty page of Voila, {name}", [one for one, _ in pairs])
        beyond = [ours - nothing for nothing, ours in pairs]
        yield _wait(f"page beyond an empty one, {name}", beyond, 0.5 if ahead else 2)


def _seconds_to_open(browser: Browser, url: str, *, picture: bool = True) -> float:
    start = time.perf_counter()
    page = _open(browser, url, picture=picture)
    seconds = time.perf_counter() - start
    page.context.close()
    return seconds


def _open(browser: Browser, url: str, *, picture: bool = True) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(url)
    # A button of Explore, where the address asks for it.
    name = "Run" if "?gv=" in url else "Next"
    page.get_by_role("button", name=name, exact=True).wait_for(timeout=60_000)
    if picture:
        page.locator(".gv-figure .main-svg").filter(visible=True).first.wait_for(timeout=60_000)
    return page


def _story(page: Page) -> Iterator[Wait]:
    """Steps of the story, and a slider on its stored runs: to the figure drawn anew."""
    on, back = (page.get_by_role("button", name=name, exact=True) for name in ("Next", "Back"))
    steps = []
    for _ in range(_TIMES):
        steps += [_seconds_to_redraw(on, _FIGURE) for _ in STARTS[1:]]
        for _ in STARTS[1:]:
            _seconds_to_redraw(back, _FIGURE)
    yield _wait("story, another step: redraw", steps, 0.3)
    _seconds_to_redraw(on, _FIGURE)
    slider = page.get_by_role("slider", name="Width", exact=True)
    moved = [_seconds_to_redraw(slider, _FIGURE, str(i)) for _ in range(2) for i in range(1, 6)]
    yield _wait("story, the width's slider: redraw", moved, 0.3)


def _presets(browser: Browser, url: str) -> Iterator[Wait]:
    """A new run of Guess & Check under the presets, from the key that changes the width."""
    for preset in PRESETS:
        page = _open(browser, f"{url}?{to_query(preset.settings)}")
        _until_done(page)
        width = page.get_by_label("Width", exact=True).filter(visible=True).first
        seconds = []
        for i in range(_TIMES):
            seconds.append(_seconds_to_redraw(width, _FIGURE, str(6 + i)))
            _until_done(page)
        yield _wait(f"preset {preset.title}, another width: first redraw", seconds, 1)
        if preset is PRESETS[0]:
            yield from _threshold(page)
            yield from _panels(page)
            yield from _cancel(page)
        page.context.close()


def _threshold(page: Page) -> Iterator[Wait]:
    """The threshold moved along the path of a run."""
    field = page.get_by_label("Threshold ε", exact=True).filter(visible=True).first
    now = float(field.input_value())
    seconds = [
        _seconds_to_redraw(field, _FIGURE, f"{now * (1.2 + i / 10):.3g}") for i in range(_TIMES)
    ]
    yield _wait("threshold along the path: redraw", seconds, 0.3)


def _panels(page: Page) -> Iterator[Wait]:
    """Another of the paper's panels, from the stored results."""
    page.get_by_role("tab", name="Paper", exact=True).click()
    page.wait_for_timeout(3000)
    panels = page.locator(".gv-gallery button")
    # All over width: a panel over depth has a figure of its own.
    seconds = [_seconds_to_redraw(panels.nth(i), _FIGURE) for i in (1, 2, 6, 7, 8)]
    yield _wait("another stored panel: redraw", seconds, 0.3)
    page.get_by_role("tab", name="Explore", exact=True).click()


def _cancel(page: Page) -> Iterator[Wait]:
    """From Cancel to the page that has stopped."""
    page.get_by_role("tab", name="Generalization", exact=True).click()
    page.get_by_label("Method", exact=True).filter(visible=True).first.select_option("plain")
    for label in ("Draws at most", "Fits wanted"):
        field = page.get_by_label(label, exact=True).filter(visible=True).first
        field.fill("1e9" if label == "Draws at most" else "1e6")
        field.press("Enter")
    seconds = []
    for _ in range(_TIMES):
        page.get_by_role("button", name="Run", exact=True).click()
        page.locator(".gv-status", has_text="draws fit: acceptance").first.wait_for()
        page.wait_for_timeout(500)
        seconds.append(float(page.evaluate(SECONDS_TO_STOP, "body")))
    yield _wait("Cancel", seconds, 0.3)


def _memory(browser: Browser, url: str, runs: int = 200) -> Iterator[Wait]:
    """What the kernel of one page grows by in many runs, after the first twenty."""
    page = _open(browser, f"{url}?gv=1&gv.epsilon=0.1&gv.samples=200&gv.epochs=300&gv.trials=4")
    _until_done(page)
    tabs = page.locator(".gv-main").get_by_role("tab")
    width = page.get_by_label("Width", exact=True).filter(visible=True).first
    kernel = _newest_kernel()
    before = 0.0
    for number in range(20 + runs):
        if number == 20:
            before = kernel.memory_info().rss
        tabs.nth(number % tabs.count()).click()
        width.fill(str(5 + number % 20))
        width.press("Enter")
        _until_done(page)
    grown = (kernel.memory_info().rss - before) / 2**20
    yield Wait(f"memory that {runs} runs add to the kernel", grown, grown, 50, "MB")
    page.context.close()


def _newest_kernel() -> psutil.Process:
    ours = psutil.Process().children(recursive=True)
    kernels = [one for one in ours if "ipykernel_launcher" in " ".join(one.cmdline())]
    return max(kernels, key=lambda one: one.create_time())


def _until_done(page: Page) -> None:
    """Waits until a run that has begun, or is about to, is over."""
    page.wait_for_timeout(400)
    page.wait_for_function(
        """() => {
          const buttons = [...document.querySelectorAll(".gv-area-bar button")];
          return buttons.find(one => one.textContent.trim() === "Cancel").disabled;
        }""",
        timeout=120_000,
    )


def _wait(name: str, seconds: list[float], target: float | None = None) -> Wait:
    return Wait(name, statistics.median(seconds), max(seconds), target)


def _seconds_to_redraw(control: Locator, figure: str, value: str | None = None) -> float:
    """From a click on a control, or from a value put into it, to the figure drawn again."""
    return float(control.evaluate(_SECONDS_TO_REDRAW, [figure, value]))


_SECONDS_TO_REDRAW = """
async (control, [figure, value]) => {
  const seen = [...document.querySelectorAll(figure)].find(one => one.offsetParent !== null);
  const start = performance.now();
  const drawn = new Promise((done, fail) => {
    const hear = () => { seen.removeListener("plotly_afterplot", hear); done(); };
    seen.on("plotly_afterplot", hear);
    setTimeout(() => fail(new Error("not drawn again")), 60000);
  });
  if (value === null) control.click();
  else {
    control.value = value;
    control.dispatchEvent(new Event("input", {bubbles: true}));
    control.dispatchEvent(new Event("change", {bubbles: true}));
  }
  await drawn;
  return (performance.now() - start) / 1000;
}
"""
