"""What networks give whose weights lie in rows of numbers, a network a lane, for Triton kernels."""

from __future__ import annotations

import triton
import triton.language as tl

from gncviz.kernels import plans
from gncviz.kernels.gpu.numbers import activate, uniform
from gncviz.kernels.gpu.outputs import TINY, norm

_BY_PRODUCT, _BY_FACTORS = tl.constexpr(plans.BY_PRODUCT), tl.constexpr(plans.BY_FACTORS)


@triton.jit
def _first_layer(
    weights, above, rows, inner, factor, last, slope,
    SIGMA: tl.constexpr, EVEN: tl.constexpr, COLS: tl.constexpr, TILE: tl.constexpr,
    LANES: tl.constexpr,
):  # fmt: skip
    """What the first layer gives, which is applied to the identity; returns the squares' sum."""
    lane, squares = tl.arange(0, LANES), tl.zeros([LANES], tl.float32)
    # Numbers that are the same in all lanes are added to this, for masks are one a lane.
    zeros = lane * 0
    for step in range(rows * (COLS // TILE)):
        row, first = step // (COLS // TILE), step % (COLS // TILE) * TILE
        for j in tl.static_range(TILE):
            found = tl.load(
                weights + (row * inner + first + j) * LANES + lane,
                mask=zeros + first + j < inner,
                other=0.0,
            )
            if EVEN:
                found = uniform(found)
            found = found * factor
            if not last:
                found = activate(found, slope, SIGMA)
            squares += found * found
            tl.store(above + (row * COLS + first + j) * LANES + lane, found)
    return squares


@triton.jit
def _layer(
    weights, below, above, rows, inner, factor, last, slope,
    SIGMA: tl.constexpr, EVEN: tl.constexpr, COLS: tl.constexpr, TILE: tl.constexpr,
    LANES: tl.constexpr,
):  # fmt: skip
    """Applies a later layer, four rows and a few columns at a time; returns the squares' sum."""
    lane, squares = tl.arange(0, LANES), tl.zeros([LANES], tl.float32)
    zeros = lane * 0
    for step in range(tl.cdiv(rows, 4) * (COLS // TILE)):
        row, first = step // (COLS // TILE) * 4, step % (COLS // TILE) * TILE
        sums = (squares * 0,) * (4 * TILE)
        for column in range(inner):
            numbers = ()
            for i in tl.static_range(4):
                number = tl.load(
                    weights + ((row + i) * inner + column) * LANES + lane,
                    mask=zeros + row + i < rows,
                    other=0.0,
                )
                if EVEN:
                    number = uniform(number)
                numbers += (number,)
            added = ()
            for j in tl.static_range(TILE):
                x = tl.load(below + (column * COLS + first + j) * LANES + lane)
                for i in tl.static_range(4):
                    added += (sums[4 * j + i] + numbers[i] * x,)
            sums = added
        for i in tl.static_range(4):
            for j in tl.static_range(TILE):
                found = sums[4 * j + i] * factor
                if not last:
                    found = activate(found, slope, SIGMA)
                squares += found * found
                tl.store(above + ((row + i) * COLS + first + j) * LANES + lane, found)
    return squares


@triton.jit
def _through(
    mine, layers, scales, depth, begin, edge, first, last, there, prefix, trial, slot, shrink,
    slope,
    SIGMA: tl.constexpr, EVEN: tl.constexpr, RESCALE: tl.constexpr, COLS: tl.constexpr,
    TILE: tl.constexpr, LANES: tl.constexpr,
):  # fmt: skip
    """Applies layers from ``begin`` on, those from ``first`` to before ``last`` as proposed.

    What layer j gives goes to slot j of the prefix, where that is before the ``edge``; from there
    on two slots take turns, and the edge itself is applied to what is in the prefix.
    """
    lane = tl.arange(0, LANES)
    begun = tl.load(layers + 3 * first + 2)
    for number in range(begin, depth):
        rows, inner = tl.load(layers + 3 * number), tl.load(layers + 3 * number + 1)
        start, factor = tl.load(layers + 3 * number + 2), tl.load(scales + number) * shrink
        proposed = (number >= first) & (number < last)
        weights = mine + tl.where(proposed, there + start - begun, start) * LANES
        below = tl.where(number > edge, trial + number % 2 * slot, prefix + (number - 1) * slot)
        above = tl.where(number < edge, prefix + number * slot, trial + (number + 1) % 2 * slot)
        to = mine + above * LANES
        if number == 0:
            squares = _first_layer(
                weights, to, rows, inner, factor, number == depth - 1, slope,
                SIGMA, EVEN, COLS, TILE, LANES,
            )  # fmt: skip
        else:
            if RESCALE:
                # What the layer below gave counts by its direction only; its size is at the end.
                size = tl.sqrt(tl.load(mine + (below + slot - 1) * LANES + lane))
                factor = factor / tl.maximum(size, TINY)
            squares = _layer(
                weights, mine + below * LANES, to, rows, inner, factor, number == depth - 1, slope,
                SIGMA, EVEN, COLS, TILE, LANES,
            )  # fmt: skip
        if RESCALE:
            tl.store(to + (slot - 1) * LANES + lane, squares)
        tl.debug_barrier()


@triton.jit
def evaluate(
    mine, output, layers, scales, depth, begin, first, last, there, prefix, trial, slot, outputs,
    slope,
    SIGMA: tl.constexpr, EVEN: tl.constexpr, NORMALIZE: tl.constexpr, RESCALE: tl.constexpr,
    COLS: tl.constexpr, TILE: tl.constexpr, LANES: tl.constexpr,
):  # fmt: skip
    """Evaluates networks with a proposal; returns what the output has to be multiplied with."""
    factor, shrink = tl.full([LANES], 1.0, tl.float32), tl.full([LANES], 1.0, tl.float32)
    # Where layers are divided, the same weights once more, now that it is known by what.
    passes = 2 if NORMALIZE == _BY_FACTORS else 1
    for again in range(passes):
        _through(
            mine, layers, scales, depth, tl.where(again == 0, begin, 0),
            tl.where(again == 0, first, 0), first, last, there, prefix, trial, slot, shrink, slope,
            SIGMA, EVEN, RESCALE, COLS, TILE, LANES,
        )  # fmt: skip
        if NORMALIZE == _BY_FACTORS:
            shrink = tl.exp(-tl.log(norm(output, outputs, LANES)) / depth)
            tl.debug_barrier()
    if NORMALIZE == _BY_PRODUCT:
        factor = 1.0 / norm(output, outputs, LANES)
    return factor
