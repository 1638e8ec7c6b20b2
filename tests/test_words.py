"""Numbers in words."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gncviz.words import duration, grouped, scientific

repeatable = settings(derandomize=True, deadline=None)


@repeatable
@given(st.integers(0, 10**18))
def test_grouped_reads_back(number: int) -> None:
    text = grouped(number)
    assert int(text.replace(" ", "")) == number
    assert all(len(group) == 3 for group in text.split(" ")[1:])


@repeatable
@given(st.floats(1e-300, 1e300))
def test_scientific_keeps_two_digits(number: float) -> None:
    assert math.isclose(float(scientific(number)), number, rel_tol=0.051)


@pytest.mark.parametrize(
    ("number", "text"), [(0.0, "0"), (1.35e-4, "1.4e-4"), (0.02, "0.02"), (2e-22, "2.0e-22")]
)
def test_scientific(number: float, text: str) -> None:
    assert scientific(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0.0 s"),
        (9.96, "10 s"),
        (60, "1 min 0 s"),
        (3599.7, "1 h 0 min"),
        (90_000, "25 h 0 min"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text
