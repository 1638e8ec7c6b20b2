"""What figures are made of in most of their tests."""

from __future__ import annotations

import pytest

import gncviz as gv
from gncviz.descent import GradientDescentResult
from gncviz.posterior import GuessAndCheckResult
from tests.figures.small import NETWORK, PRIOR


@pytest.fixture(scope="session")
def task() -> gv.Task:
    return gv.Task.random(seed=1)


@pytest.fixture(scope="session")
def post(task: gv.Task) -> GuessAndCheckResult:
    return gv.guess_and_check(
        task, NETWORK, PRIOR, epsilon=0.03, samples=600, draws=10**6, method="plain", device="cpu"
    )


@pytest.fixture(scope="session")
def nothing(task: gv.Task) -> GuessAndCheckResult:
    return gv.guess_and_check(task, NETWORK, PRIOR, epsilon=1e-9, draws=1000, method="plain")


@pytest.fixture(scope="session")
def gd(task: gv.Task) -> GradientDescentResult:
    return gv.gradient_descent(task, NETWORK, trials=3, epochs=400, seed=2)
