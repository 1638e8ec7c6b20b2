"""Options and fixtures of all tests."""

from __future__ import annotations

import signal

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--device", default="cpu", help="where the numeric tests run: cpu or cuda")


@pytest.fixture(scope="session")
def device(request: pytest.FixtureRequest) -> str:
    """The device that numeric tests run on."""
    return str(request.config.getoption("--device"))


def hear_ctrl_c() -> None:
    """For a process that is started to be interrupted: shells start background jobs deaf to it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
