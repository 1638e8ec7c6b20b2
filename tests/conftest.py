"""Options and fixtures of all tests."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import settings

# The same examples every time, so that a change is judged by what it changes; `make test-all` looks
# for new ones.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--device", default="cpu", help="where the numeric tests run: cpu, cuda or cuda:1"
    )


def pytest_configure(config: pytest.Config) -> None:
    # Without a GPU its kernels run in Triton's interpreter; Triton looks when it is first loaded.
    if not str(config.getoption("--device")).startswith("cuda"):
        os.environ["TRITON_INTERPRET"] = "1"


@pytest.fixture(scope="session")
def device(request: pytest.FixtureRequest) -> str:
    """The device that numeric tests run on."""
    return str(request.config.getoption("--device"))


def hear_ctrl_c() -> None:
    """For a process that is started to be interrupted: shells start background jobs deaf to it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
