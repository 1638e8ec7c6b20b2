"""Numbers in words."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gncviz.words import duration, estimate, grouped, plus_minus, power, scientific

repeatable = settings(derandomize=True, deadline=None)


@repeatable
@given(st.integers(0, 10**18))
def test_grouped_reads_back(number: int) -> None:
    text = grouped(number)
    assert int(text.replace(" ", "")) == number
    assert all(len(group) == 3 for group in text.split(" ")[1:])


#: As long as any of them may be, both numbers of a pair together.
LONGEST = 31
ANY = st.floats(allow_subnormal=True)


@repeatable
@given(ANY)
def test_any_number_is_said_shortly(number: float) -> None:
    for text in (scientific(number), duration(abs(number)), power(max(min(number, 1e9), -1e9))):
        assert len(text) <= LONGEST


@repeatable
@given(ANY, ANY)
def test_any_pair_is_said_shortly(value: float, error: float) -> None:
    for text in (estimate(value, error), plus_minus(value, error)):
        assert len(text) <= LONGEST
        assert not text.startswith("-0 ")


@repeatable
@given(st.floats(1e-300, 1e300), st.floats(1e-4, 10))
def test_pairs_read_back(value: float, share: float) -> None:
    """Both to within the last digit that is said, at any scale."""
    for text in (estimate(value, share * value), plus_minus(value, share * value)):
        said, error = map(float, text.split(" ± "))
        assert abs(said - value) <= max(0.51 * share * value, 0.051 * value)
        assert error == pytest.approx(share * value, rel=0.5)


@repeatable
@given(st.floats(-1e6, 1e6))
def test_power_reads_back(log10: float) -> None:
    text = power(log10)
    mantissa, _, exponent = text.partition("e")
    assert math.log10(float(mantissa)) + int(exponent or 0) == pytest.approx(log10, abs=0.025)
    assert "e" not in text or 1 <= float(mantissa) < 10


@repeatable
@given(st.floats(1e-300, 1e300))
def test_scientific_keeps_two_digits(number: float) -> None:
    assert math.isclose(float(scientific(number)), number, rel_tol=0.051)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        *[(0.0, "0"), (1.35e-4, "1.4e-4"), (0.02, "0.02"), (2e-22, "2.0e-22")],
        *[(254.0, "250"), (99.6, "100"), (999.9, "1.0e3"), (0.00999, "0.01"), (-0.0, "0")],
        *[(5e-324, "4.9e-324"), (math.inf, "inf"), (-math.inf, "-inf"), (math.nan, "nan")],
    ],
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
        (59.97, "1 min 0 s"),
        (4e5, "4 d 15 h"),
        (1e300, "3.2e292 years"),
        (math.inf, "inf s"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("mean", "stderr", "text"),
    [
        (250.0, 41.0, "250 ± 41"),
        (99_999.0, 1000.0, "99999 ± 1000"),
        (1e6, 2e5, "1.0e6 ± 2.0e5"),
        (1e-310, 5e-324, "1.000e-310 ± 4.9e-324"),
        (1e300, 1e290, "1.000e300 ± 1.0e290"),
        (math.nan, 0.1, "nan"),
        (0.25, math.inf, "0.25"),
    ],
)
def test_estimate(mean: float, stderr: float, text: str) -> None:
    assert estimate(mean, stderr) == text


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (-0.25, 1000.0, "0 ± 1000"),
        (0.25, 5e-324, "2.50000e-1 ± 5e-324"),
        (0.25, 1e300, "2e-1 ± 1e300"),
        (math.nan, 0.1, "nan ± 0.1"),
        (math.inf, 1.0, "inf ± 1"),
        (0.0, 1000.0, "0 ± 1.0e3"),
    ],
)
def test_plus_minus(value: float, error: float, text: str) -> None:
    assert plus_minus(value, error) == text


def test_power_beyond_floating_point() -> None:
    assert power(-400.0001) == "1.0e-400"
    assert power(400.5) == "3.2e400"
