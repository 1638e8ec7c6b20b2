"""The page is served at all: looked at first when every other browser test fails."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Watch

pytestmark = pytest.mark.browser


@pytest.mark.slow
def test_plotly_is_not_fetched_twice(page: Page, watch: Watch) -> None:
    page.get_by_role("button", name="Run", exact=True).wait_for()
    assert [url for url in watch.requests if "jupyterlab-plotly" in url] == []


def test_page_answers(browser: Browser, page_url: str) -> None:
    context = browser.new_context()
    response = context.new_page().goto(page_url)
    context.close()
    assert response is not None
    assert response.status == 200
