"""A page for the tests that use one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import gncviz as gv
from gncviz.experiment.settings import PRESETS
from tests.explorer.driver import Page


@pytest.fixture
def page() -> Iterator[Page]:
    """A page on which nothing runs by itself, opened where settings are run."""
    page = Page(gv.Explorer(PRESETS[0].settings, live=False))
    yield page
    page.leave()
