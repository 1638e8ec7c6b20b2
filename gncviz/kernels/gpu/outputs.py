"""Outputs of many networks in Triton kernels: their norms and their losses.

What a layer gives lies in rows of numbers, a network a lane; a row of the output's columns may have
more room than it needs, which holds zeros.
"""

from __future__ import annotations

import triton
import triton.language as tl

#: Measurements that are made together.
ROWS = 8

_ROWS = tl.constexpr(ROWS)
#: The least norm that is divided by: the smallest normal number of float32.
TINY = tl.constexpr(2.0**-126)


@triton.jit
def norm(output, count, LANES: tl.constexpr):
    """Of outputs of so many numbers; never quite zero."""
    squares = tl.zeros([LANES], tl.float32)
    for place in range(count):
        found = tl.load(output + place * LANES + tl.arange(0, LANES))
        squares += found * found
    return tl.maximum(tl.sqrt(squares), TINY)


@triton.jit
def mean_square(
    output, factor, places, looks, matrix, target, count, PICKS: tl.constexpr, LANES: tl.constexpr
):
    """‖A y − b‖²/n of what is in some places of an output, times a factor.

    A is the identity where these are picked only; else it comes some rows at a time.
    """
    lane, total = tl.arange(0, LANES), tl.zeros([LANES], tl.float32)
    if PICKS:
        for i in range(looks):
            found = tl.load(output + tl.load(places + i) * LANES + lane)
            miss = found * factor - tl.load(target + i)
            total += miss * miss
    else:
        for group in range(tl.cdiv(count, _ROWS)):
            misses = (total * 0,) * _ROWS
            for i in range(looks):
                found = tl.load(output + tl.load(places + i) * LANES + lane) * factor
                added = ()
                for row in tl.static_range(_ROWS):
                    number = tl.load(matrix + (group * looks + i) * _ROWS + row)
                    added += (misses[row] + number * found,)
                misses = added
            for row in tl.static_range(_ROWS):
                miss = misses[row] - tl.load(target + group * _ROWS + row)
                total += miss * miss
    return total / count
