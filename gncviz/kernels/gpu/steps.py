"""Crank–Nicolson steps of many chains in layered networks, all of them in one kernel.

A program moves a batch of chains, a chain a thread, and nothing else happens between two moves.
What a chain has lies in the program's own room, rows of numbers with a chain a lane: its normals,
those that are proposed, what the layers that a move leaves alone give, and its output. Only layers
from the first one that changes on are evaluated. The readable reference is
:class:`gncviz.posterior.moves.walk.TorchWalk`.
"""

from __future__ import annotations

import triton
import triton.language as tl

from gncviz.kernels import random
from gncviz.kernels.gpu.forward import evaluate
from gncviz.kernels.gpu.numbers import four_normals
from gncviz.kernels.gpu.outputs import mean_square

_STEP = tl.constexpr(random.STEP)


@triton.jit
def _propose(here, there, rows, stays, goes, key, chain, move, LANES: tl.constexpr):
    """√(1 − β²)·here + β·noise in some rows; see :func:`gncviz.kernels.random.normals_of`."""
    lane = tl.arange(0, LANES)
    zeros, half = lane * 0, (rows + 1) // 2
    for quadruple in range(tl.cdiv(half, 2)):
        noise = four_normals(key, chain, (zeros + quadruple).to(tl.uint32), move, _STEP)
        for i in tl.static_range(4):
            # Cosines come first, then, of the same words, sines.
            word = 2 * quadruple + i % 2
            row = word + i // 2 * half
            inside = (zeros + word < half) & (zeros + row < rows)
            before = tl.load(here + row * LANES + lane, mask=inside, other=0.0)
            after = stays * before + goes * noise[i]
            tl.store(there + row * LANES + lane, after, mask=inside)


@triton.jit
def _take(source, target, count, factor, taken, LANES: tl.constexpr):
    """Rows of numbers, times a factor, for chains whose proposal is taken."""
    lane = tl.arange(0, LANES)
    for row in range(count):
        found = tl.load(source + row * LANES + lane, mask=taken, other=0.0)
        tl.store(target + row * LANES + lane, found * factor, mask=taken)


@triton.jit
def _write_down(here, kept, size, kept_now, LANES: tl.constexpr):
    """States of chains as rows of a population."""
    lane = tl.arange(0, LANES)
    for row in range(size):
        tl.store(kept + row, tl.load(here + row * LANES + lane), mask=kept_now)


@triton.jit
def _end(layers, last):
    """The row after the last one of normals of the layers before a layer."""
    before = layers + 3 * tl.maximum(last - 1, 0)
    rows = tl.load(before) * tl.load(before + 1)
    return tl.where(last > 0, tl.load(before + 2) + rows, 0)


#: What differs from call to call, or setting to setting, is no reason to compile anew.
_PLAIN = [
    *("depth", "cycle", "begun", "count", "thin", "skip", "length", "chains", "size"),
    *("looks", "measured", "gen_looks", "gen_measured"),
    *("height", "there", "prefix", "trial", "slot", "now", "outputs"),
]
_ARRAYS = ["kept", "kept_train", "kept_gen"]


@triton.jit(do_not_specialize=[*_PLAIN, *_ARRAYS])
def walk(
    layers, scales, depth, moves, lengths, cycle, key, begun, count, level, wanted, slope,
    places, looks, matrix, target, measured,
    gen_places, gen_looks, gen_matrix, gen_target, gen_measured,
    losses, taken, kept, kept_train, kept_gen, thin, skip, length, chains, size,
    room, height, there, prefix, trial, slot, now, outputs,
    SIGMA: tl.constexpr, EVEN: tl.constexpr, NORMALIZE: tl.constexpr, RESCALE: tl.constexpr,
    PICKS: tl.constexpr, GEN_PICKS: tl.constexpr, COLS: tl.constexpr, TILE: tl.constexpr,
    LANES: tl.constexpr,
):  # fmt: skip
    """Makes some moves of all chains, a program a batch of them.

    Args:
        layers: rows, columns and the first row of normals of each, with shape (d, 3), int32.
        scales: factors of the layers, with shape (d,), float32; so is all that follows.
        depth: d.
        moves: the first layer that each changes, and the one after the last, (S, 2), int32.
        lengths: √(1 − β²) and β of each, with shape (S, 2).
        cycle: S; moves are made in turn.
        key: of the random numbers, with shape (1,), int64.
        begun: moves made before.
        count: moves to be made.
        level: what the training loss has to stay below.
        wanted: of chains with a loss from here on only the last state is kept, and losses.
        slope: of Leaky ReLU.
        places: of outputs that L_train looks at; see :func:`gncviz.kernels.gpu.dense.look`.
        looks: likewise; so are the next eight.
        matrix: likewise.
        target: likewise.
        measured: likewise.
        gen_places: likewise.
        gen_looks: likewise.
        gen_matrix: likewise.
        gen_target: likewise.
        gen_measured: likewise.
        losses: L_train of the chains, with shape (programs · LANES,); it changes in place.
        taken: proposals that were taken are added to it, with shape (S,), int32.
        kept: states that are kept, with shape (K, C, D).
        kept_train: their L_train, with shape (K, C).
        kept_gen: their L_gen, likewise.
        thin: moves from one state that is kept to the next; the start counts as one.
        skip: states that would be kept before the first one that is.
        length: K.
        chains: C.
        size: D.
        room: of the programs, with shape (programs, height, LANES); normals of the chains are in
            the first rows, and change in place.
        height: rows of a program's room.
        there: the first row of what is proposed.
        prefix: of what layers give that a move leaves alone, a slot each.
        trial: of two slots for what others give.
        slot: rows of such a slot, the last one for the size of what is in it.
        now: of the output.
        outputs: rows of an output, with what stands between its rows.
        SIGMA: the activation, by its number.
        EVEN: whether weights are uniform; else they are Gaussian.
        NORMALIZE: how, by its number.
        RESCALE: whether what a layer is applied to counts by its direction only.
        PICKS: whether A is the identity.
        GEN_PICKS: likewise, of L_gen.
        COLS: columns that rows have in the room, a multiple of TILE.
        TILE: columns that are worked on together.
        LANES: chains side by side.
    """
    mine = room + tl.program_id(0).to(tl.int64) * height * LANES
    output = mine + (trial + depth % 2 * slot) * LANES
    lane, one = tl.arange(0, LANES), tl.full([LANES], 1.0, tl.float32)
    place = tl.program_id(0) * LANES + lane
    inside, chain = place < chains, place.to(tl.uint32)
    loss, stream = tl.load(losses + place), tl.load(key)
    # What the layers before this one give is known.
    ready = begun * 0
    for made in range(begun, begun + count + 1):
        # Before the first move nothing is proposed: what is evaluated is where chains are.
        moves_now = made > begun
        turn = tl.where(moves_now, made - 1, 0) % cycle
        first = tl.where(moves_now, tl.load(moves + 2 * turn), 0)
        last = tl.where(moves_now, tl.load(moves + 2 * turn + 1), 0)
        start = tl.load(layers + 3 * first + 2)
        changed = _end(layers, last) - start
        _propose(
            mine + start * LANES, mine + there * LANES, changed, tl.load(lengths + 2 * turn),
            tl.load(lengths + 2 * turn + 1), stream, chain, (place * 0 + made - 1).to(tl.uint32),
            LANES,
        )  # fmt: skip
        tl.debug_barrier()
        factor = evaluate(
            mine, output, layers, scales, depth, tl.minimum(ready, first), first, last, there,
            prefix, trial, slot, outputs, slope,
            SIGMA, EVEN, NORMALIZE, RESCALE, COLS, TILE, LANES,
        )  # fmt: skip
        ready = first
        after = mean_square(output, factor, places, looks, matrix, target, measured, PICKS, LANES)
        # The loss that let chains in stands, whatever rounding makes of it now.
        moving = place * 0 + moves_now.to(tl.int32) > 0
        taking = inside & moving & (after < level)
        loss = tl.where(taking, after, loss)
        tl.atomic_add(taken + turn, tl.sum(taking.to(tl.int32)))
        _take(mine + there * LANES, mine + start * LANES, changed, one, taking, LANES)
        _take(output, mine + now * LANES, outputs, factor, taking | ~moving, LANES)
        tl.debug_barrier()
        number = made // thin - skip
        fresh = (made == 0) | moves_now
        if fresh & (made % thin == 0) & (number >= 0) & (number < length):
            to = number.to(tl.int64) * chains + place
            kept_now = inside & ((loss < wanted) | (place * 0 + number == length - 1))
            _write_down(mine, kept + to * size, size, kept_now, LANES)
            gen = mean_square(
                mine + now * LANES, one, gen_places, gen_looks, gen_matrix, gen_target,
                gen_measured, GEN_PICKS, LANES,
            )  # fmt: skip
            tl.store(kept_train + to, loss, mask=inside)
            tl.store(kept_gen + to, gen, mask=inside)
    tl.store(losses + place, loss)
