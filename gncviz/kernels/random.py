"""Normals that depend on a key and on where they are wanted alone, not on who asks first.

Philox (Salmon et al. 2011) makes four 32-bit words of a key and a counter; Box and Muller make
normals of pairs of words. The counter is (chain, quadruple of coordinates, move, purpose), so that
chains can be worked on in any order, and a reference can be given the numbers of a kernel.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gncviz.kernels.compiling import SOURCES, kernel, part
from gncviz.kernels.lanes import LANES_32 as LANES

#: What numbers are for: a step of a move, its direction, its angle; the weights of a draw.
STEP, DIRECTION, ANGLE, DRAW = range(4)

_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
_MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_ROUNDS = 10

_ZERO, _HALF, _ONE, _TWO = (np.float32(x) for x in (0, 0.5, 1, 2))
TO_UNIT = np.float32(2.0**-32)
#: A word as a signed number, in units of half of π.
TO_HALF_ANGLE = np.float32(2.0**-32 * math.pi)
LN_2 = np.float32(math.log(2))
#: Of float32: the bits of √½, and of the mantissa.
ROOT_BITS, MANTISSA_BITS = np.int32(0x3F3504F3), np.int32(23)
#: Of Taylor's series: log((1 + s)/(1 − s)), sin and cos.
LOG_3, LOG_5, LOG_7, LOG_9 = (np.float32(2 / i) for i in (3, 5, 7, 9))
SIN_3, SIN_5, SIN_7, SIN_9, SIN_11, SIN_13 = (
    np.float32((-1) ** (i // 2) / math.factorial(i)) for i in (3, 5, 7, 9, 11, 13)
)
COS_4, COS_6, COS_8, COS_10, COS_12, COS_14 = (
    np.float32((-1) ** (i // 2) / math.factorial(i)) for i in (4, 6, 8, 10, 12, 14)
)


@part
def _words(lengths: Any, angles: Any, draws: Any, purpose: int, key: Any) -> None:
    """Two words of each quadruple for lengths and two for angles, in rows of 32 chains, uint32.

    Chains and their move are told together, as move·2³² + chain.
    """
    for quadruple in range(len(lengths) // (2 * LANES)):
        first = 2 * LANES * quadruple
        a_words, b_words = lengths[first : first + LANES], lengths[first + LANES :]
        c_words, d_words = angles[first : first + LANES], angles[first + LANES :]
        for lane in range(LANES):
            a, b = draws[lane] & _LOW, np.uint64(quadruple)
            c, d = draws[lane] >> _SHIFT, np.uint64(purpose)
            low, high = key & _LOW, key >> _SHIFT
            for _ in range(_ROUNDS):
                left, right = _MULTIPLIERS[0] * a, _MULTIPLIERS[1] * c
                a, b = (right >> _SHIFT) ^ b ^ low, right & _LOW
                c, d = (left >> _SHIFT) ^ d ^ high, left & _LOW
                low, high = (low + _WEYL[0]) & _LOW, (high + _WEYL[1]) & _LOW
            a_words[lane], b_words[lane], c_words[lane], d_words[lane] = a, b, c, d


@part
def _length(words: Any, unit: Any, exponent: Any, mantissa: Any, lengths: Any) -> None:
    """√(−2 log u) for words as numbers u in (0, 1); arguments between are room to work in.

    Every loop reads one array and writes others: only then is it done for many at a time.
    """
    bits, mantissa_bits = unit.view(np.int32), mantissa.view(np.int32)
    for i in range(len(words)):
        unit[i] = (np.float32(words[i]) + _HALF) * TO_UNIT
    for i in range(len(words)):
        power = np.int32(np.int32(bits[i] - ROOT_BITS) >> MANTISSA_BITS)
        exponent[i] = np.float32(power)
        mantissa_bits[i] = np.int32(bits[i] - np.int32(power << MANTISSA_BITS))
    for i in range(len(words)):
        s = (mantissa[i] - _ONE) / (mantissa[i] + _ONE)
        t = s * s
        series = (((LOG_9 * t + LOG_7) * t + LOG_5) * t + LOG_3) * t + _TWO
        log = exponent[i] * LN_2 + s * series
        lengths[i] = math.sqrt(max(-_TWO * log, _ZERO))


@part
def half_sine(half: Any) -> Any:
    """The sine, on [−π/2, π/2]."""
    t = half * half
    series = ((((SIN_13 * t + SIN_11) * t + SIN_9) * t + SIN_7) * t + SIN_5) * t + SIN_3
    return half * (series * t + _ONE)


@part
def half_cosine(half: Any) -> Any:
    """The cosine, likewise."""
    t = half * half
    series = ((((COS_14 * t + COS_12) * t + COS_10) * t + COS_8) * t + COS_6) * t + COS_4
    return (series * t - _HALF) * t + _ONE


@part
def normals(out: Any, chain: int, move: int, purpose: int, key: Any, words: Any, room: Any) -> None:
    """Fills rows of 32 standard normals each, float32, for 32 chains from a first one on.

    Args:
        out: flat, with shape (rows·32,).
        chain: the first one.
        move: its number.
        purpose: of the numbers.
        key: of the stream.
        words: room, with shape (2, rows·32 or more), uint32.
        room: likewise, with shape (4, rows·32 or more), float32.
    """
    draws = np.empty(LANES, np.uint64)
    for lane in range(LANES):
        draws[lane] = np.uint64(move) << _SHIFT | np.uint64(chain + lane)
    normals_of(out, draws, purpose, key, words, room)


@part
def normals_of(out: Any, draws: Any, purpose: int, key: Any, words: Any, room: Any) -> None:
    """The same for any 32 chains, each at a move of its own.

    Of angles, sine and cosine of the half are taken: there a few terms of Taylor's series do.

    Args:
        out: as for :func:`normals`; so are the others.
        draws: move·2³² + chain, with shape (32,), uint64.
        purpose: of the numbers.
        key: of the stream.
        words: room.
        room: likewise.
    """
    rows = len(out) // LANES
    count, even = (rows + 1) // 2 * LANES, 2 * LANES * ((rows + 3) // 4)
    _words(words[0, :even], words[1, :even], draws, purpose, key)
    _length(words[0, :count], room[0], room[1], room[2], room[3])
    lengths, angles = room[3], words[1].view(np.int32)
    for i in range(count):
        sine = half_sine(np.float32(angles[i]) * TO_HALF_ANGLE)
        out[i] = lengths[i] * (_ONE - _TWO * sine * sine)
    others = out[count:]
    for i in range(len(others)):
        half = np.float32(angles[i]) * TO_HALF_ANGLE
        others[i] = lengths[i] * _TWO * half_sine(half) * half_cosine(half)


def room_for(rows: int) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
    """Room for rows of normals: words and numbers."""
    most = LANES * (rows + 4)
    return np.empty((2, most), np.uint32), np.empty((4, most), np.float32)


@kernel("void(float32[:,::1], int64, int64, uint64, uint32[:,::1], float32[:,::1])")
def _fill(
    out: Any, move: int, purpose: int, key: Any, words: Any, room: Any, sources: int = SOURCES
) -> None:
    for block in range(len(out)):
        normals(out[block], block * LANES, move, purpose, key, words, room)


@kernel("void(float32[:,::1], uint64[:,::1], uint64, uint32[:,::1], float32[:,::1])")
def _fill_draws(
    out: Any, draws: Any, key: Any, words: Any, room: Any, sources: int = SOURCES
) -> None:
    for block in range(len(out)):
        normals_of(out[block], draws[block], DRAW, key, words, room)


def normal_columns(
    rows: int, columns: int, move: int, purpose: int, key: int
) -> NDArray[np.float32]:
    """The normals of one move of some chains, with shape (rows, columns).

    Args:
        rows: coordinates.
        columns: chains.
        move: its number.
        purpose: of the numbers, one of :data:`STEP` and its like.
        key: of the stream, below 2⁶⁴.
    """
    blocks = np.empty((-(-columns // LANES), rows * LANES), np.float32)
    _fill(blocks, move, purpose, np.uint64(key), *room_for(rows))
    return _columns(blocks, columns)


def draw_normals(rows: int, draws: NDArray[np.int64], key: int) -> NDArray[np.float32]:
    """The normals of the weights of some draws, with shape (rows, N), whichever these are.

    Draw n has those of chain n mod 2³² and move ⌊n / 2³²⌋ for the purpose :data:`DRAW`.

    Args:
        rows: normals of a draw.
        draws: their numbers n, with shape (N,), from 0 on.
        key: of the stream, below 2⁶⁴.
    """
    padded = np.zeros((-(-len(draws) // LANES), LANES), np.uint64)
    padded.flat[: len(draws)] = draws
    blocks = np.empty((len(padded), rows * LANES), np.float32)
    if len(blocks):
        _fill_draws(blocks, padded, np.uint64(key), *room_for(rows))
    return _columns(blocks, len(draws))


def _columns(blocks: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """The first columns of blocks of 32, (B, rows·32), with shape (rows, count)."""
    rows = blocks.shape[1] // LANES
    return blocks.reshape(-1, rows, LANES).transpose(1, 0, 2).reshape(rows, -1)[:, :count]
