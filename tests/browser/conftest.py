"""The page in a real browser, started the way `make app` starts it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.browser.serving import chromium, free_port, served

# A slow machine is no failure: what must be quick is timed, by the page's own clock.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def page_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the page is served by `make app`."""
    port = free_port()
    # The environment that runs the tests is used as it is: it was made by the same Makefile.
    command = ["make", "app", f"VENV={sys.prefix}", f"PORT={port}", "OPEN=0"]
    # Kernels made ahead for the next page would compute beside the page that is timed.
    command.append("VOILA_OPTIONS=--preheat_kernel=False")
    # The workers of the tests have one thread each; the page has what a person's would have.
    environment = {k: v for k, v in os.environ.items() if k != "OMP_NUM_THREADS"}
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with served(command, port, log, environment) as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with chromium() as found:
        yield found


@dataclass
class Watch:
    """What a page did behind the scenes.

    Attributes:
        errors: errors on the console, and exceptions that nobody caught.
        requests: addresses of everything it fetched.
    """

    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def attach(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)


@pytest.fixture
def watch() -> Watch:
    """Filled by the page that is opened with it."""
    return Watch()


#: Explore as it was before there was a story: its default setting, which is run at once.
EXPLORE = "?gv=1&gv.view=explore"


@pytest.fixture
def page(browser: Browser, page_url: str, watch: Watch) -> Iterator[Page]:
    """Explore, loaded and usable, its first run stopped."""
    for page in opened(browser, page_url, watch, EXPLORE):
        stop(page)
        yield page
        # A page that is closed while it computes would leave its kernel computing for a while.
        cancel = page.locator(".gv-run button", has_text="Cancel").first
        cancel.evaluate("button => button.click()")


@pytest.fixture
def story(browser: Browser, page_url: str, watch: Watch) -> Iterator[Page]:
    """The page as it opens, with its first picture."""
    for page in opened(browser, page_url, watch, ""):
        page.locator(".gv-figure .main-svg").first.wait_for(timeout=60_000)
        yield page


#: Clicks Cancel as soon as it can be; whether it did, or the run was over before.
STOP = """() => {
  const cancel = [...document.querySelectorAll(".gv-run button")].find(
    button => button.textContent.trim() === "Cancel");
  if (cancel && !cancel.disabled) cancel.click();
  const over = [...document.querySelectorAll(".gv-status")].some(
    said => /draws fit|Stopped/.test(said.textContent));
  return cancel && (!cancel.disabled || over);
}"""


def stop(page: Page) -> None:
    """Waits until Explore is there, and stops its first run, if that is not over before."""
    page.get_by_role("button", name="Run", exact=True).wait_for(timeout=60_000)
    page.wait_for_function(STOP, timeout=60_000)
    expect(page.get_by_role("button", name="Cancel", exact=True)).to_be_disabled()


def opened(
    browser: Browser,
    page_url: str,
    watch: Watch,
    query: str,
    script: str = "",
    **context_options: Any,
) -> Iterator[Page]:
    """A page, at 1440 by 900 by default; nothing may have gone wrong by the end of the test.

    The script is run before anything of the page's own.
    """
    context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **context_options})
    page = context.new_page()
    watch.attach(page)
    if script:
        page.add_init_script(script)
    page.goto(page_url + query)
    yield page
    context.close()
    assert watch.errors == []
    elsewhere = [
        url for url in watch.requests if not url.startswith((page_url, "data:", "blob:", "ws:"))
    ]
    assert elsewhere == []
