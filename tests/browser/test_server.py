"""The page is served at all: looked at first when every other browser test fails."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import EXPLORE, Watch

pytestmark = pytest.mark.browser


@pytest.mark.slow
def test_plotly_is_not_fetched_twice(story: Page, watch: Watch) -> None:
    story.get_by_role("button", name="Next", exact=True).wait_for()
    assert [url for url in watch.requests if "jupyterlab-plotly" in url] == []


def test_page_answers(browser: Browser, page_url: str) -> None:
    context = browser.new_context()
    response = context.new_page().goto(page_url)
    context.close()
    assert response is not None
    assert response.status == 200


def kernels() -> dict[int, float]:
    """Seconds that every kernel of this machine has computed so far, by its process."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if b"ipykernel_launcher" in (process / "cmdline").read_bytes():
                times = (process / "stat").read_text().rpartition(")")[2].split()
                found[int(process.name)] = sum(map(int, times[11:13])) / os.sysconf("SC_CLK_TCK")
        except OSError:
            # It has ended meanwhile.
            continue
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at Linux's processes")
@pytest.mark.slow
def test_a_page_that_is_closed_computes_no_more(browser: Browser, page_url: str) -> None:
    before = set(kernels())
    page = browser.new_page()
    page.goto(page_url + EXPLORE + "&gv.method=plain&gv.draws=1000000000000&gv.samples=1000000")
    expect(page.get_by_role("status")).to_contain_text("draws fit: acceptance", timeout=60_000)
    (kernel,) = set(kernels()) - before
    page.close(run_before_unload=True)
    time.sleep(10)
    seconds = kernels().get(kernel, 0.0)
    time.sleep(3)
    assert kernels().get(kernel, seconds) - seconds < 0.5, "it computes on"


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at Linux's processes")
def test_a_kernel_that_died_is_said_with_a_way_on(browser: Browser, page_url: str) -> None:
    before = set(kernels())
    page = browser.new_page()
    page.goto(page_url)
    page.locator(".gv-figure .main-svg").first.wait_for(timeout=60_000)
    (kernel,) = set(kernels()) - before
    os.kill(kernel, signal.SIGSTOP)
    alert = page.get_by_role("alert").filter(has_text="does not answer any more")
    expect(alert).to_be_visible(timeout=60_000)
    os.kill(kernel, signal.SIGCONT)
    expect(alert).to_be_hidden(timeout=30_000)
    os.kill(kernel, signal.SIGKILL)
    expect(alert).to_be_visible(timeout=60_000)
    alert.get_by_role("button").click()
    page.locator(".gv-figure .main-svg").first.wait_for(timeout=60_000)
    expect(alert).to_be_hidden()
    page.close()
