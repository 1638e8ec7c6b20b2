"""Values that nobody should pass, and somebody will."""

from __future__ import annotations

import datetime
import decimal
import fractions
import math
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from hypothesis import strategies as st

NUMBERS = [
    *(0, 1, 2, 3, -1, 7, 100, 2**31, 2**53 + 1, 2**63 - 1, 2**63, 10**30, -(10**30)),
    *(0.0, -0.0, 0.5, 1.0, 2.5, 1e-3, 5e-324, 1e-310, 1e-20, 1e20, 1e154, 1e160, 1e308),
    *(math.nan, math.inf, -math.inf, True, False, 1j, 2 + 0j),
    *(np.int64(3), np.uint8(200), np.float32(0.1), np.float64(math.nan), np.bool_(True)),
    *(decimal.Decimal("0.5"), fractions.Fraction(1, 3), np.longdouble("1e400")),
]
OTHERS = [
    *(None, "", "5", "auto", "cpu", "cuda", "cuda:9", "nan", "linear", "\x00", "ε", "x" * 5000),
    *([], [1], [1.5, "a"], (), (3, 3), {}, {"width": 3}, set(), b"bytes", object(), int, len),
    *(range(3), datetime.date(2025, 1, 1), Path("."), slice(1), Ellipsis, NotImplemented),
]
ARRAYS = [
    np.array(3),
    np.zeros(0),
    np.zeros((0, 3)),
    np.zeros((3, 3)),
    np.ones((2, 3, 3)),
    np.eye(3) * 1e20,
    np.eye(3) * 1e-20,
    np.eye(3) * 1e200,
    np.full((3, 3), np.nan),
    np.full((3, 3), np.inf),
    np.array([["a", "b"], ["c", "d"]]),
    np.array([1, None, "x"], dtype=object),
    np.ma.masked_array(np.eye(3), np.eye(3) > 0),
    np.eye(3) * 1j,
    np.eye(3, dtype=bool),
    np.array(["2025-01-01"], dtype="datetime64[D]"),
    np.zeros((1, 1, 1, 1)),
    torch.eye(3),
    torch.tensor(2),
    pd.DataFrame(np.eye(3)),
    pd.Series([1.0, None]),
    pd.DataFrame({"a": ["x"]}),
    [[1, 2], [3]],
]

#: Anything: what others have tripped over, and what hypothesis makes up.
ANYTHING = (
    st.sampled_from(NUMBERS)
    | st.sampled_from(OTHERS)
    | st.sampled_from(ARRAYS)
    | st.floats()
    | st.integers(-10, 50)
    | st.text(max_size=8)
    | st.lists(st.integers(-3, 12) | st.floats(), max_size=4)
)
