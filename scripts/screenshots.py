"""Takes pictures of the page at several sizes and themes, and the one in the README.

Start the page with `make app OPEN=0`, then: python scripts/screenshots.py OUT [--url URL], or, for
the README's picture: python scripts/screenshots.py docs/figures --readme
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

SIZES = {
    "huge": (2560, 1440),
    "wide": (1440, 900),
    "medium": (1024, 768),
    "phone": (390, 844),
}
README = (1440, 900)


def shoot(page: Page, out: Path, name: str) -> None:
    page.wait_for_timeout(1000)
    page.screenshot(path=out / f"{name}.png")


def open_page(browser: Browser, url: str, theme: str, size: tuple[int, int]) -> Page:
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.goto(f"{url}?theme={theme}")
    page.get_by_role("button", name="Run", exact=True).wait_for(timeout=60_000)
    return page


def tell(page: Page, step: int) -> None:
    """Opens a step of the story and waits until it has run."""
    page.locator(".gv-story-steps button").nth(step - 1).click()
    page.get_by_role("note").wait_for()
    page.wait_for_timeout(1000)
    page.locator("button:has-text('Cancel'):disabled").first.wait_for(timeout=120_000)


def visit(page: Page, out: Path, name: str) -> None:
    """The page before a run, in a step of the story, on every tab, and with a mistake."""
    shoot(page, out, f"{name}-0-open")
    tell(page, 2)
    shoot(page, out, f"{name}-1-story")
    page.get_by_role("button", name="Close").click()
    tabs = page.get_by_role("tab")
    for number in range(tabs.count()):
        tabs.nth(number).click()
        if name.startswith("phone"):
            page.locator(".gv-figure").filter(visible=True).first.scroll_into_view_if_needed()
        shoot(page, out, f"{name}-2-{number}")
    page.get_by_role("button", name="Save …").click()
    shoot(page, out, f"{name}-3-save")
    width = page.get_by_label("Width", exact=True).first
    width.fill("0")
    width.press("Enter")
    shoot(page, out, f"{name}-4-mistake")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--url", default="http://127.0.0.1:8866/")
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--themes", nargs="+", default=["light", "dark"])
    parser.add_argument("--readme", action="store_true", help="only the README's picture")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        if options.readme:
            page = open_page(browser, options.url, "light", README)
            tell(page, 2)
            shoot(page, options.out, "page")
        else:
            for size in options.sizes:
                for theme in options.themes:
                    page = open_page(browser, options.url, theme, SIZES[size])
                    visit(page, options.out, f"{size}-{theme}")
                    page.close()
        browser.close()


if __name__ == "__main__":
    main()
