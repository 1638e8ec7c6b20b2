"""Functions of float32 numbers, to a few units in the last place, for many numbers at a time.

The ones of the C library are called number by number. tanh and erf are odd rational functions,
x·P(x²)/Q(x²), fitted to the least relative error on the interval outside of which they are ±1 to
float32; sin is Taylor's series after a reduction to [−π/2, π/2].
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gncviz.kernels.compiling import part
from gncviz.kernels.plans import LEAKY_RELU, RELU, SIN, SOFTSIGN, TANH

_ZERO, _HALF, _ONE, _TWO = (np.float32(x) for x in (0, 0.5, 1, 2))

TANH_END = np.float32(9)
TANH_P0, TANH_P1, TANH_P2, TANH_P3, TANH_P4 = (
    np.float32(x) for x in (0.999999979, 0.133810313, 0.0034955947, 2.0609183e-05, 1.33547865e-08)
)
TANH_Q1, TANH_Q2, TANH_Q3, TANH_Q4 = (
    np.float32(x) for x in (0.467143469, 0.0258770076, 0.000328564524, 7.77661255e-07)
)

ERF_END, ROOT_HALF = np.float32(4), np.float32(math.sqrt(0.5))
ERF_P0, ERF_P1, ERF_P2, ERF_P3, ERF_P4, ERF_P5 = (
    np.float32(x)
    for x in (1.12837914, 0.19354641, 0.0531019244, 0.00388339819, 0.00028456644, 1.98676518e-06)
)
ERF_Q1, ERF_Q2, ERF_Q3, ERF_Q4, ERF_Q5 = (
    np.float32(x) for x in (0.504858596, 0.115350556, 0.0152073653, 0.00118558273, 3.74200208e-05)
)

#: π in two parts, the first of which is exact in few digits.
PI_HIGH, PI_LOW = np.float32(3.140625), np.float32(math.pi - 3.140625)
PER_PI = np.float32(1 / math.pi)
SIN_3, SIN_5, SIN_7, SIN_9, SIN_11 = (
    np.float32((-1) ** (i // 2) / math.factorial(i)) for i in (3, 5, 7, 9, 11)
)


@part
def tanh(x: Any) -> Any:
    """The hyperbolic tangent."""
    x = min(max(x, -TANH_END), TANH_END)
    t = x * x
    p = (((TANH_P4 * t + TANH_P3) * t + TANH_P2) * t + TANH_P1) * t + TANH_P0
    q = (((TANH_Q4 * t + TANH_Q3) * t + TANH_Q2) * t + TANH_Q1) * t + _ONE
    return x * p / q


@part
def uniform(z: Any) -> Any:
    """2Φ(z) − 1: a standard normal as a number uniform on [−1, 1]."""
    x = min(max(z * ROOT_HALF, -ERF_END), ERF_END)
    t = x * x
    p = ((((ERF_P5 * t + ERF_P4) * t + ERF_P3) * t + ERF_P2) * t + ERF_P1) * t + ERF_P0
    q = ((((ERF_Q5 * t + ERF_Q4) * t + ERF_Q3) * t + ERF_Q2) * t + ERF_Q1) * t + _ONE
    return x * p / q


@part
def sin(x: Any) -> Any:
    """The sine."""
    turns = np.floor(x * PER_PI + _HALF)
    x = (x - turns * PI_HIGH) - turns * PI_LOW
    odd = turns - _TWO * np.floor(turns * _HALF)
    t = x * x
    series = ((((SIN_11 * t + SIN_9) * t + SIN_7) * t + SIN_5) * t + SIN_3) * t + _ONE
    return x * series * (_ONE - _TWO * odd)


@part
def activate(sigma: int, slope: Any, x: Any) -> None:
    """σ in place, for a flat array."""
    if sigma == TANH:
        for i in range(len(x)):
            x[i] = tanh(x[i])
    elif sigma == LEAKY_RELU:
        for i in range(len(x)):
            x[i] = max(x[i], slope * x[i])
    elif sigma == RELU:
        for i in range(len(x)):
            x[i] = max(x[i], _ZERO)
    elif sigma == SIN:
        for i in range(len(x)):
            x[i] = sin(x[i])
    elif sigma == SOFTSIGN:
        for i in range(len(x)):
            x[i] = x[i] / (_ONE + abs(x[i]))
