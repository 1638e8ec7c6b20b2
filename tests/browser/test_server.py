"""The page is served at all: looked at first when every other browser test fails."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def test_page_answers(browser: Browser, page_url: str) -> None:
    context = browser.new_context()
    response = context.new_page().goto(page_url)
    context.close()
    assert response is not None
    assert response.status == 200
