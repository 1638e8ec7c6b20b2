"""A page for the tests that use one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import gncviz as gv
from tests.explorer.driver import Page


@pytest.fixture
def page() -> Iterator[Page]:
    """A page on which nothing runs by itself."""
    page = Page(gv.Explorer(live=False))
    yield page
    page.leave()
