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

_TANH_END = np.float32(9)
_TANH_P0, _TANH_P1, _TANH_P2, _TANH_P3, _TANH_P4 = (
    np.float32(x) for x in (0.999999979, 0.133810313, 0.0034955947, 2.0609183e-05, 1.33547865e-08)
)
_TANH_Q1, _TANH_Q2, _TANH_Q3, _TANH_Q4 = (
    np.float32(x) for x in (0.467143469, 0.0258770076, 0.000328564524, 7.77661255e-07)
)

_ERF_END, _ROOT_HALF = np.float32(4), np.float32(math.sqrt(0.5))
_ERF_P0, _ERF_P1, _ERF_P2, _ERF_P3, _ERF_P4, _ERF_P5 = (
    np.float32(x)
    for x in (1.12837914, 0.19354641, 0.0531019244, 0.00388339819, 0.00028456644, 1.98676518e-06)
)
_ERF_Q1, _ERF_Q2, _ERF_Q3, _ERF_Q4, _ERF_Q5 = (
    np.float32(x) for x in (0.504858596, 0.115350556, 0.0152073653, 0.00118558273, 3.74200208e-05)
)

#: π in two parts, the first of which is exact in few digits.
_PI_HIGH, _PI_LOW = np.float32(3.140625), np.float32(math.pi - 3.140625)
_PER_PI = np.float32(1 / math.pi)
_SIN_3, _SIN_5, _SIN_7, _SIN_9, _SIN_11 = (
    np.float32((-1) ** (i // 2) / math.factorial(i)) for i in (3, 5, 7, 9, 11)
)


@part
def tanh(x: Any) -> Any:
    """The hyperbolic tangent."""
    x = min(max(x, -_TANH_END), _TANH_END)
    t = x * x
    p = (((_TANH_P4 * t + _TANH_P3) * t + _TANH_P2) * t + _TANH_P1) * t + _TANH_P0
    q = (((_TANH_Q4 * t + _TANH_Q3) * t + _TANH_Q2) * t + _TANH_Q1) * t + _ONE
    return x * p / q


@part
def uniform(z: Any) -> Any:
    """2Φ(z) − 1: a standard normal as a number uniform on [−1, 1]."""
    x = min(max(z * _ROOT_HALF, -_ERF_END), _ERF_END)
    t = x * x
    p = ((((_ERF_P5 * t + _ERF_P4) * t + _ERF_P3) * t + _ERF_P2) * t + _ERF_P1) * t + _ERF_P0
    q = ((((_ERF_Q5 * t + _ERF_Q4) * t + _ERF_Q3) * t + _ERF_Q2) * t + _ERF_Q1) * t + _ONE
    return x * p / q


@part
def sin(x: Any) -> Any:
    """The sine."""
    turns = np.floor(x * _PER_PI + _HALF)
    x = (x - turns * _PI_HIGH) - turns * _PI_LOW
    odd = turns - _TWO * np.floor(turns * _HALF)
    t = x * x
    series = ((((_SIN_11 * t + _SIN_9) * t + _SIN_7) * t + _SIN_5) * t + _SIN_3) * t + _ONE
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
