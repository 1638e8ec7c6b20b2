"""Takes pictures of the page at several sizes and themes.

Start the page with `make app OPEN=0`, then: python scripts/screenshots.py OUT [--url URL]
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

SIZES = {"wide": (1440, 900), "medium": (1024, 768), "phone": (390, 844)}
TABS = ("Generalization", "Both losses", "ε-path", "Singular values", "Learning curves")


def shoot(page: Page, out: Path, name: str) -> None:
    page.wait_for_timeout(800)
    page.screenshot(path=out / f"{name}.png")


def visit(page: Page, out: Path, name: str) -> None:
    """The page before a run, after it, on every tab, and with a mistake."""
    page.get_by_role("button", name="Run", exact=True).wait_for(timeout=60_000)
    shoot(page, out, f"{name}-0-open")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_text("epochs.").wait_for(timeout=120_000)
    for number, tab in enumerate(TABS, start=1):
        page.get_by_role("tab", name=tab).click()
        if name.startswith("phone"):
            page.locator(".gv-cards").scroll_into_view_if_needed()
            page.locator(".gv-plot").filter(visible=True).scroll_into_view_if_needed()
        shoot(page, out, f"{name}-{number}")
    width = page.get_by_label("Width", exact=True).first
    width.fill("0")
    width.press("Enter")
    shoot(page, out, f"{name}-6-mistake")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--url", default="http://127.0.0.1:8866/")
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--themes", nargs="+", default=["light", "dark"])
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for size in options.sizes:
            for theme in options.themes:
                width, height = SIZES[size]
                page = browser.new_page(viewport={"width": width, "height": height})
                page.goto(f"{options.url}?theme={theme}")
                visit(page, options.out, f"{size}-{theme}")
                page.close()
        browser.close()


if __name__ == "__main__":
    main()
