"""Plain Guess & Check of layered networks in one kernel: draws, products and losses.

A program works on a batch of draws side by side, a draw a thread. It makes four weights of a column
of a layer at a time, from their counters and in registers, and multiplies them with what the layer
is applied to. That, and the output, is kept in room of the program's own, the same for any number
of draws; of draws, only those that fit are written out, in no order.
"""

from __future__ import annotations

import triton
import triton.language as tl

from gncviz.kernels import plans, random
from gncviz.kernels.gpu.numbers import activate, four_normals, uniform
from gncviz.kernels.gpu.outputs import TINY, mean_square, norm

_DRAW = tl.constexpr(random.DRAW)
_NOT_AT_ALL, _BY_FACTORS = tl.constexpr(plans.NOT_AT_ALL), tl.constexpr(plans.BY_FACTORS)


@triton.jit
def _multiply(
    below, above, number, rows, inner, quadruples, key, chain, move, factor, last, slope,
    SIGMA: tl.constexpr, EVEN: tl.constexpr, RESCALE: tl.constexpr, COLS: tl.constexpr,
    TILE: tl.constexpr, LANES: tl.constexpr,
):  # fmt: skip
    """Applies a layer, four rows and a few columns at a time; returns the squares' sum, or zeros.

    The first layer is applied to the identity, which nobody writes down.
    """
    lane, squares = tl.arange(0, LANES), tl.zeros([LANES], tl.float32)
    # Numbers that are the same in all lanes are added to this, for masks are one a lane.
    zeros = lane * 0
    for step in range(tl.cdiv(rows, 4) * (COLS // TILE)):
        row, first = step // (COLS // TILE) * 4, step % (COLS // TILE) * TILE
        sums = (squares * 0,) * (4 * TILE)
        for column in range(inner):
            quadruple = (zeros + quadruples + row // 4 * inner + column).to(tl.uint32)
            weights = four_normals(key, chain, quadruple, move, _DRAW)
            if EVEN:
                weights = (
                    uniform(weights[0]), uniform(weights[1]),
                    uniform(weights[2]), uniform(weights[3]),
                )  # fmt: skip
            added = ()
            for j in tl.static_range(TILE):
                x = tl.load(
                    below + (column * COLS + first + j) * LANES + lane,
                    mask=zeros + number > 0,
                    other=(zeros + column == first + j).to(tl.float32),
                )
                for i in tl.static_range(4):
                    added += (sums[4 * j + i] + weights[i] * x,)
            sums = added
        for i in tl.static_range(4):
            for j in tl.static_range(TILE):
                found = sums[4 * j + i] * factor
                if not last:
                    found = activate(found, slope, SIGMA)
                if RESCALE:
                    squares += tl.where(zeros + row + i < rows, found * found, 0.0)
                tl.store(above + ((row + i) * COLS + first + j) * LANES + lane, found)
    return squares


@triton.jit
def _through(
    room, half, layers, scales, depth, key, chain, move, shrink, slope,
    SIGMA: tl.constexpr, EVEN: tl.constexpr, RESCALE: tl.constexpr, COLS: tl.constexpr,
    TILE: tl.constexpr, LANES: tl.constexpr,
):  # fmt: skip
    """Applies all layers; the output is in the half of the room that the last one writes to."""
    squares = shrink * 0 + 1.0
    for number in range(depth):
        factor = tl.load(scales + number) * shrink
        if RESCALE:
            # What the layer below gave counts by its direction only.
            factor = factor / tl.maximum(tl.sqrt(squares), TINY)
        squares = _multiply(
            room + number % 2 * half, room + (number + 1) % 2 * half, number,
            tl.load(layers + 3 * number), tl.load(layers + 3 * number + 1),
            tl.load(layers + 3 * number + 2), key, chain, move, factor, number == depth - 1, slope,
            SIGMA, EVEN, RESCALE, COLS, TILE, LANES,
        )  # fmt: skip
        tl.debug_barrier()


#: What differs from call to call, or setting to setting, is no reason to compile anew.
_PLAIN = ["depth", "key", "begin", "count", "looks", "measured", "gen_looks", "gen_measured"]


@triton.jit(do_not_specialize=[*_PLAIN, "capacity", "half", "outputs"])
def look(
    layers, scales, depth, key: tl.int64, begin: tl.int64, count, level, slope,
    places, looks, matrix, target, measured,
    gen_places, gen_looks, gen_matrix, gen_target, gen_measured,
    found, draws, train_losses, gen_losses, capacity, room, half, outputs,
    SIGMA: tl.constexpr, EVEN: tl.constexpr, NORMALIZE: tl.constexpr, RESCALE: tl.constexpr,
    PICKS: tl.constexpr, GEN_PICKS: tl.constexpr, COLS: tl.constexpr, TILE: tl.constexpr,
    LANES: tl.constexpr,
):  # fmt: skip
    """Looks at some draws, and writes down those whose training loss is below a level.

    Args:
        layers: rows, columns and the first quadruple of counters of each, with shape (d, 3), int32.
        scales: factors of the layers, with shape (d,), float32; so is all that follows.
        depth: d.
        key: of the random numbers.
        begin: number of the first draw.
        count: draws.
        level: see above.
        slope: of Leaky ReLU.
        places: of outputs that L_train looks at, int32.
        looks: how many.
        matrix: A with L_train = ‖A y − b‖²/n, with shape (⌈n/8⌉, looks, 8), zero from n on.
        target: b, with shape (8·⌈n/8⌉,), likewise.
        measured: n.
        gen_places: the same of L_gen; so are the next four.
        gen_looks: likewise.
        gen_matrix: likewise.
        gen_target: likewise.
        gen_measured: likewise.
        found: counts draws that fit, with shape (1,), int32.
        draws: their numbers, with shape (capacity,), int64; what is beyond is counted only.
        train_losses: theirs, likewise; float32.
        gen_losses: likewise.
        capacity: see above.
        room: of the programs, with shape (programs, 2, half), float32.
        half: numbers that what a layer gives takes, for all draws that are side by side.
        outputs: numbers of an output, with what stands between its rows.
        SIGMA: the activation, by its number.
        EVEN: whether weights are uniform; else they are Gaussian.
        NORMALIZE: how, by its number.
        RESCALE: whether what a layer is applied to counts by its direction only.
        PICKS: whether A is the identity.
        GEN_PICKS: likewise, of L_gen.
        COLS: columns that rows have in the room, a multiple of TILE.
        TILE: columns that are worked on together.
        LANES: draws side by side.
    """
    mine = room + tl.program_id(0).to(tl.int64) * 2 * half
    lane = tl.arange(0, LANES)
    output = mine + depth % 2 * half
    for batch in range(tl.program_id(0), tl.cdiv(count, LANES), tl.num_programs(0)):
        place = batch * LANES + lane
        draw = begin.to(tl.int64) + place
        chain, move = (draw & 0xFFFFFFFF).to(tl.uint32), (draw >> 32).to(tl.uint32)
        factor = tl.full([LANES], 1.0, tl.float32)
        _through(
            mine, half, layers, scales, depth, key, chain, move, factor, slope,
            SIGMA, EVEN, RESCALE, COLS, TILE, LANES,
        )  # fmt: skip
        if NORMALIZE == _BY_FACTORS:
            # The same weights once more, now that it is known what they are divided by.
            shrink = tl.exp(-tl.log(norm(output, outputs, LANES)) / depth)
            tl.debug_barrier()
            _through(
                mine, half, layers, scales, depth, key, chain, move, shrink, slope,
                SIGMA, EVEN, RESCALE, COLS, TILE, LANES,
            )  # fmt: skip
        elif NORMALIZE != _NOT_AT_ALL:
            factor = 1.0 / norm(output, outputs, LANES)
        train = mean_square(output, factor, places, looks, matrix, target, measured, PICKS, LANES)
        fits = (train < level) & (place < count)
        fitting = tl.sum(fits.to(tl.int32))
        if fitting > 0:
            gen = mean_square(
                output, factor, gen_places, gen_looks, gen_matrix, gen_target, gen_measured,
                GEN_PICKS, LANES,
            )  # fmt: skip
            to = tl.atomic_add(found, fitting) + tl.cumsum(fits.to(tl.int32)) - 1
            kept = fits & (to < capacity)
            tl.store(draws + to, draw, mask=kept)
            tl.store(train_losses + to, train, mask=kept)
            tl.store(gen_losses + to, gen, mask=kept)
        tl.debug_barrier()
