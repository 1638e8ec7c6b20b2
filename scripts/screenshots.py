"""Takes pictures of the page at several sizes and themes, and those of the story in the README.

Start the page with `make app OPEN=0`, then: python scripts/screenshots.py OUT [--url URL], or, for
the README's pictures: python scripts/screenshots.py docs/figures --readme
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
    "tablet": (820, 1180),
    "phone": (390, 844),
}
README = (1440, 900)


def shoot(page: Page, out: Path, name: str) -> None:
    page.wait_for_timeout(1000)
    page.screenshot(path=out / f"{name}.png")


def open_page(browser: Browser, url: str, theme: str, size: tuple[int, int]) -> Page:
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.goto(f"{url}?theme={theme}")
    page.locator(".gv-figure .main-svg").first.wait_for(timeout=60_000)
    return page


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).filter(visible=True).click()


def go_on(page: Page, answer: str | None = None) -> None:
    """To the next step of the story, with its answer to be seen if it asks for a guess."""
    press(page, "Next")
    if answer is not None:
        press(page, answer)


def visit(page: Page, out: Path, name: str) -> None:
    """The story, Explore while it runs and when it is done, every tab, the paper, a mistake."""
    shoot(page, out, f"{name}-1")
    press(page, "Guess a million")
    shoot(page, out, f"{name}-1-guessed")
    for step, answer in enumerate((None, "Worse", "Better", None, None), start=2):
        go_on(page, answer)
        shoot(page, out, f"{name}-{step}")
    page.get_by_role("tab", name="Explore", exact=True).click()
    shoot(page, out, f"{name}-explore-0-running")
    page.locator("button:has-text('Cancel'):disabled").first.wait_for(timeout=120_000)
    tabs = page.locator(".gv-main").get_by_role("tab")
    for number in range(tabs.count()):
        tabs.nth(number).click()
        shoot(page, out, f"{name}-explore-1-{number}")
    press(page, "Save …")
    shoot(page, out, f"{name}-explore-2-save")
    width = page.get_by_label("Width", exact=True).filter(visible=True).first
    width.fill("0")
    width.press("Enter")
    shoot(page, out, f"{name}-explore-3-mistake")
    page.get_by_role("tab", name="Paper", exact=True).click()
    page.locator(".gv-gallery button").nth(5).click()
    shoot(page, out, f"{name}-paper")


def filmstrip(page: Page, out: Path) -> None:
    """The story's steps one below the other, for README and docs: story-1.png to story-5.png."""
    press(page, "Guess a million")
    shoot(page, out, "story-1")
    for step, answer in enumerate((None, "Worse", "Better", None), start=2):
        go_on(page, answer)
        shoot(page, out, f"story-{step}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--url", default="http://127.0.0.1:8866/")
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--themes", nargs="+", default=["light", "dark"])
    parser.add_argument("--readme", action="store_true", help="only the README's pictures")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        if options.readme:
            page = open_page(browser, options.url, "light", README)
            filmstrip(page, options.out)
        else:
            for size in options.sizes:
                for theme in options.themes:
                    page = open_page(browser, options.url, theme, SIZES[size])
                    visit(page, options.out, f"{size}-{theme}")
                    page.close()
        browser.close()


if __name__ == "__main__":
    main()
