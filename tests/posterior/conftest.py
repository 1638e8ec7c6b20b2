from __future__ import annotations

import pytest

from gncviz import kernels


@pytest.fixture(autouse=True, scope="session")
def _compiled() -> None:
    """What is measured against a clock does not begin with a compilation."""
    kernels.prepare()
