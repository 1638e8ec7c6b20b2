"""Random numbers and functions of Triton kernels, made as those of the CPU's kernels are.

The words are Philox's, the same to the last bit; what is made of them agrees to a few units in the
last place of float32. What each constant is, is told in :mod:`gncviz.kernels.random` and
:mod:`gncviz.kernels.functions`.
"""

from __future__ import annotations

from typing import Any

import triton
import triton.language as tl

from gncviz.kernels import functions, plans, random


def _constants(numbers: tuple[Any, ...]) -> tuple[Any, ...]:
    """Numbers that a kernel is compiled with."""
    return tuple(tl.constexpr(number.item()) for number in numbers)


_TO_UNIT, _TO_HALF_ANGLE, _LN_2, _ROOT_BITS, _MANTISSA_BITS = _constants(
    (random.TO_UNIT, random.TO_HALF_ANGLE, random.LN_2, random.ROOT_BITS, random.MANTISSA_BITS)
)
_LOG_3, _LOG_5, _LOG_7, _LOG_9 = _constants(
    (random.LOG_3, random.LOG_5, random.LOG_7, random.LOG_9)
)
_SIN_3, _SIN_5, _SIN_7, _SIN_9, _SIN_11, _SIN_13 = _constants(
    (random.SIN_3, random.SIN_5, random.SIN_7, random.SIN_9, random.SIN_11, random.SIN_13)
)
_COS_4, _COS_6, _COS_8, _COS_10, _COS_12, _COS_14 = _constants(
    (random.COS_4, random.COS_6, random.COS_8, random.COS_10, random.COS_12, random.COS_14)
)
_TANH_END, _TANH_P0, _TANH_P1, _TANH_P2, _TANH_P3, _TANH_P4 = _constants(
    (
        functions.TANH_END, functions.TANH_P0, functions.TANH_P1, functions.TANH_P2,
        functions.TANH_P3, functions.TANH_P4,
    )
)  # fmt: skip
_TANH_Q1, _TANH_Q2, _TANH_Q3, _TANH_Q4 = _constants(
    (functions.TANH_Q1, functions.TANH_Q2, functions.TANH_Q3, functions.TANH_Q4)
)
_ERF_END, _ERF_P0, _ERF_P1, _ERF_P2, _ERF_P3, _ERF_P4, _ERF_P5 = _constants(
    (
        functions.ERF_END, functions.ERF_P0, functions.ERF_P1, functions.ERF_P2,
        functions.ERF_P3, functions.ERF_P4, functions.ERF_P5,
    )
)  # fmt: skip
_ROOT_HALF, _ERF_Q1, _ERF_Q2, _ERF_Q3, _ERF_Q4, _ERF_Q5 = _constants(
    (
        functions.ROOT_HALF, functions.ERF_Q1, functions.ERF_Q2, functions.ERF_Q3,
        functions.ERF_Q4, functions.ERF_Q5,
    )
)  # fmt: skip
_PER_PI, _PI_HIGH, _PI_LOW = _constants((functions.PER_PI, functions.PI_HIGH, functions.PI_LOW))
_TURN_3, _TURN_5, _TURN_7, _TURN_9, _TURN_11 = _constants(
    (functions.SIN_3, functions.SIN_5, functions.SIN_7, functions.SIN_9, functions.SIN_11)
)
_TANH, _LEAKY_RELU, _RELU, _SIN, _SOFTSIGN = (
    tl.constexpr(number)
    for number in (plans.TANH, plans.LEAKY_RELU, plans.RELU, plans.SIN, plans.SOFTSIGN)
)


@triton.jit
def _length(word):
    """√(−2 log u) for a word as a number u in (0, 1)."""
    unit = (word.to(tl.float32) + 0.5) * _TO_UNIT
    bits = unit.to(tl.int32, bitcast=True)
    power = (bits - _ROOT_BITS) >> _MANTISSA_BITS
    mantissa = (bits - (power << _MANTISSA_BITS)).to(tl.float32, bitcast=True)
    s = (mantissa - 1.0) / (mantissa + 1.0)
    t = s * s
    series = (((_LOG_9 * t + _LOG_7) * t + _LOG_5) * t + _LOG_3) * t + 2.0
    log = power.to(tl.float32) * _LN_2 + s * series
    return tl.sqrt(tl.maximum(-2.0 * log, 0.0))


@triton.jit
def _directions(word):
    """Cosine and sine of a word as an angle."""
    half = word.to(tl.int32, bitcast=True).to(tl.float32) * _TO_HALF_ANGLE
    t = half * half
    series = ((((_SIN_13 * t + _SIN_11) * t + _SIN_9) * t + _SIN_7) * t + _SIN_5) * t + _SIN_3
    sine = half * (series * t + 1.0)
    series = ((((_COS_14 * t + _COS_12) * t + _COS_10) * t + _COS_8) * t + _COS_6) * t + _COS_4
    cosine = (series * t - 0.5) * t + 1.0
    return 1.0 - 2.0 * sine * sine, 2.0 * sine * cosine


@triton.jit
def four_normals(key, chain, quadruple, move, purpose):
    """The four standard normals of a counter; see :func:`gncviz.kernels.random.normals`.

    Args:
        key: of the stream, uint64.
        chain: a tensor, uint32; so are the others but the last.
        quadruple: see :func:`gncviz.kernels.random.normals`.
        move: likewise.
        purpose: likewise; one number.
    """
    a, b, c, d = tl.philox(key, chain, quadruple, move, move * 0 + purpose, n_rounds=10)
    first, second = _length(a), _length(b)
    first_cosine, first_sine = _directions(c)
    second_cosine, second_sine = _directions(d)
    return first * first_cosine, second * second_cosine, first * first_sine, second * second_sine


@triton.jit
def uniform(z):
    """2Φ(z) − 1: a standard normal as a number uniform on [−1, 1]."""
    x = tl.minimum(tl.maximum(z * _ROOT_HALF, -_ERF_END), _ERF_END)
    t = x * x
    p = ((((_ERF_P5 * t + _ERF_P4) * t + _ERF_P3) * t + _ERF_P2) * t + _ERF_P1) * t + _ERF_P0
    q = ((((_ERF_Q5 * t + _ERF_Q4) * t + _ERF_Q3) * t + _ERF_Q2) * t + _ERF_Q1) * t + 1.0
    return x * p / q


@triton.jit
def _tanh(x):
    x = tl.minimum(tl.maximum(x, -_TANH_END), _TANH_END)
    t = x * x
    p = (((_TANH_P4 * t + _TANH_P3) * t + _TANH_P2) * t + _TANH_P1) * t + _TANH_P0
    q = (((_TANH_Q4 * t + _TANH_Q3) * t + _TANH_Q2) * t + _TANH_Q1) * t + 1.0
    return x * p / q


@triton.jit
def _sine(x):
    turns = tl.floor(x * _PER_PI + 0.5)
    x = (x - turns * _PI_HIGH) - turns * _PI_LOW
    odd = turns - 2.0 * tl.floor(turns * 0.5)
    t = x * x
    series = ((((_TURN_11 * t + _TURN_9) * t + _TURN_7) * t + _TURN_5) * t + _TURN_3) * t + 1.0
    return x * series * (1.0 - 2.0 * odd)


@triton.jit
def activate(x, slope, SIGMA: tl.constexpr):
    """σ(x), for an activation by its number."""
    if SIGMA == _TANH:
        x = _tanh(x)
    elif SIGMA == _LEAKY_RELU:
        x = tl.maximum(x, slope * x)
    elif SIGMA == _RELU:
        x = tl.maximum(x, 0.0)
    elif SIGMA == _SIN:
        x = _sine(x)
    elif SIGMA == _SOFTSIGN:
        x = x / (1.0 + tl.abs(x))
    return x
