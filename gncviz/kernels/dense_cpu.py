"""Crank–Nicolson steps of many chains in layered networks: only what changes is evaluated.

Chains are worked on in blocks of 32, each of which makes all of its moves while its numbers are in
the cache. Arrays are flat and count rows of 32 numbers. What layers are applied to is kept from the
first layer on, and in linear networks also the product of the layers from each one on, so that a
step in one layer costs two products. The readable reference is
:class:`gncviz.posterior.moves.walk.TorchWalk`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gncviz.kernels.compiling import SOURCES, kernel, part
from gncviz.kernels.functions import activate, uniform
from gncviz.kernels.lanes import LANES_32 as LANES
from gncviz.kernels.lanes import choose, copy, scale
from gncviz.kernels.null_space_cpu import SLICE_ROOM, TRIES, identity, slice_unseen
from gncviz.kernels.outputs_cpu import mean_square, multiply, normalize_output
from gncviz.kernels.plans import BY_FACTORS, LINEAR, NULL_SPACE
from gncviz.kernels.random import ANGLE, DIRECTION, STEP, normals

#: Arrays that are worked in.
ROOM = 15 + SLICE_ROOM
_ZERO, _ONE = np.float32(0), np.float32(1)


@part
def _read(source: Any, first: int, target: Any) -> None:
    """A block of chains (C, D), from a first one on; zeros where there are none."""
    count = min(LANES, len(source) - first)
    for lane in range(count):
        for row in range(source.shape[1]):
            target[row * LANES + lane] = source[first + lane, row]
    for lane in range(count, LANES):
        for row in range(source.shape[1]):
            target[row * LANES + lane] = _ZERO


@part
def _write(source: Any, target: Any, first: int, wanted: Any) -> None:
    """The same back, those that are wanted."""
    for lane in range(min(LANES, len(target) - first)):
        if wanted[lane]:
            for row in range(target.shape[1]):
                target[first + lane, row] = source[row * LANES + lane]


@part
def _weigh(z: Any, q: Any, by: Any, even: bool) -> None:
    """Weights for normals: of the family, and scaled."""
    if even:
        for i in range(len(q)):
            q[i] = by * uniform(z[i])
    else:
        for i in range(len(q)):
            q[i] = by * z[i]


@part
def _step(here: Any, noise: Any, beta: Any) -> None:
    """√(1 − β²)·here + β·noise, in the noise's place."""
    alpha = np.float32(math.sqrt(_ONE - beta * beta))
    for i in range(len(here)):
        noise[i] = alpha * here[i] + beta * noise[i]


@part
def _through(
    shapes: Any, starts: Any, places: Any, sigma: int, slope: Any, begin: int, end: int,
    q: Any, step: Any, first: int, last: int, source: Any, target: Any, factor: Any, scaled: bool,
) -> None:  # fmt: skip
    """Applies the layers from ``begin`` to before ``end``, σ after each but the last of all.

    Args:
        shapes: of the layers.
        starts: their first rows in q.
        places: first rows of what layers are applied to, and of the output.
        sigma: the activation.
        slope: of Leaky ReLU.
        begin: the first layer to be applied, to what is in its place in ``source``.
        end: the one after the last.
        q: weights.
        step: weights that stand for those of some layers.
        first: the first of these.
        last: the one after the last of these.
        source: see above.
        target: where what layers give goes.
        factor: one number a chain, by which it is multiplied before σ.
        scaled: whether it is.
    """
    cols = shapes[0, 1]
    for j in range(begin, end):
        rows, inner, to = shapes[j, 0], shapes[j, 1], places[j + 1]
        weights, start = q, starts[j]
        if first <= j < last:
            weights, start = step, starts[j] - starts[first]
        if j == 0:
            copy(weights, start, target, to, rows * cols)
        else:
            below = source if j == begin else target
            multiply(weights, start, below, places[j], target, to, rows, inner, cols)
        if scaled:
            scale(target, to, rows * cols, factor)
        if j + 1 < len(shapes):
            activate(sigma, slope, target[to * LANES : (to + rows * cols) * LANES])


@part
def _normalize(
    shapes: Any, starts: Any, places: Any, sigma: int, slope: Any, normalize: int,
    q: Any, step: Any, first: int, last: int, trial: Any, y: Any, size: int, norm: Any,
) -> None:  # fmt: skip
    """Divides outputs y by their norm, or every layer by a root of it; see :func:`_through`."""
    depth = len(shapes)
    if normalize:
        normalize_output(y, size, norm)
    if normalize == BY_FACTORS:
        for lane in range(LANES):
            norm[lane] = np.float32(math.exp(math.log(norm[lane]) / depth))
        _through(
            shapes, starts, places, sigma, slope, 0, depth, q, step, first, last,
            trial, trial, norm, True,
        )  # fmt: skip
        copy(trial, places[depth], y, 0, size)


@kernel(
    "void(int64[:,::1], int64[::1], int64[::1], int64[::1], float32[::1], int64, float32, boolean,"
    "int64, float32[:,::1], int64[::1], float32[::1], float32[:,::1], int64[::1], float32[::1],"
    "float32[:,::1], float32[:,::1], float32[:,::1], float32, int64[:,::1], float32[::1],"
    "int64, uint64, int64[::1], float32, float32[:,:,::1], float32[:,:,::1], float32[:,:,::1],"
    "int64[:,::1], int64, int64, float32[:,::1], uint32[:,::1])"
)
def walk(
    shapes: Any, starts: Any, places: Any, suffixes: Any, scales: Any, sigma: int, slope: Any,
    even: bool, normalize: int, seen: Any, seen_places: Any, labels: Any, unseen: Any,
    unseen_places: Any, truth: Any, directions: Any, z: Any, loss: Any, level: Any,
    moves: Any, lengths: Any, begun: int, key: Any, slots: Any, wanted: Any, kept_z: Any,
    kept_loss: Any, kept_gen: Any, taken: Any, first_block: int, end_block: int, room: Any,
    words: Any, sources: int = SOURCES,
) -> None:  # fmt: skip
    """Makes moves of some blocks of 32 chains.

    Args:
        shapes: of the layers, with shape (d, 2).
        starts: first rows of the layers' weights, and their end, with shape (d + 1,).
        places: first rows of what layers are applied to, and of the output, likewise.
        suffixes: in linear networks, first rows of the product of the layers from each one on.
        scales: of the layers, with shape (d,).
        sigma: the activation, by its number.
        slope: of Leaky ReLU.
        even: whether weights are uniform; else they are Gaussian.
        normalize: how, by its number.
        seen: A with L_train = ‖A y − b‖²/n, with shape (n, P); no rows where places are seen.
        seen_places: the entries that are seen, with shape (n,), or (0,).
        labels: b, with shape (n,).
        unseen: the same of L_gen, with shape (n', P).
        unseen_places: likewise.
        truth: likewise.
        directions: what is measured, with shape (q, P).
        z: normals of the chains, with shape (C, D); they change in place.
        loss: L_train, with shape (C, 1); likewise.
        level: what it has to stay below.
        moves: kinds, first layers that change, and the ones after the last, with shape (S, 3).
        lengths: β of the steps, with shape (S,).
        begun: moves made before.
        key: of the random numbers.
        slots: where the state before each move is kept, and the last, with shape (S + 1,); −1 for
            nowhere.
        wanted: of chains with a loss from here on only the last state is kept, and losses.
        kept_z: with shape (K, C, D).
        kept_loss: with shape (K, C, 1).
        kept_gen: L_gen, likewise.
        taken: counts proposals that were taken, with shape (blocks, S).
        first_block: of 32 chains.
        end_block: the one after the last.
        room: to work in, with shape (ROOM, numbers).
        words: likewise, with shape (2, numbers).
        sources: of the kernel.
    """
    depth, cols, linear = len(shapes), shapes[0, 1], sigma == LINEAR
    size = places[depth + 1] - places[depth]
    here, q, there, step, prefix, trial, suffix = (
        room[0], room[1], room[2], room[3], room[4], room[5], room[6],
    )  # fmt: skip
    now, after, misfit, row = room[7], room[8], room[9], room[10]
    loss_now, loss_after, norm = np.empty((3, LANES), np.float32)
    done, everyone = np.empty(LANES, np.bool_), np.full(LANES, True)
    identity(prefix, places[0], cols)
    identity(suffix, suffixes[depth], shapes[depth - 1, 0])
    for block in range(first_block, end_block):
        chain = block * LANES
        count = min(LANES, len(z) - chain)
        _read(z, chain, here)
        _read(loss, chain, loss_now)
        for j in range(depth):
            a, b = starts[j] * LANES, starts[j + 1] * LANES
            _weigh(here[a:b], q[a:b], scales[j], even)
        _through(
            shapes, starts, places, sigma, slope, 0, depth, q, q, 0, 0, trial, trial, norm, False
        )  # fmt: skip
        copy(trial, places[depth], now, 0, size)
        _normalize(
            shapes, starts, places, sigma, slope, normalize, q, q, 0, 0, trial, now, size, norm
        )  # fmt: skip
        # What the layers before this one, and after this one, give is known.
        ready, ready_from = 0, depth
        for i in range(len(moves) + 1):
            slot = slots[i]
            if slot >= 0:
                for lane in range(LANES):
                    done[lane] = loss_now[lane] < wanted or slot == len(kept_z) - 1
                _write(here, kept_z[slot], chain, done)
                _write(loss_now, kept_loss[slot], chain, everyone)
                mean_square(unseen, unseen_places, truth, now, size, misfit, loss_after)
                _write(loss_after, kept_gen[slot], chain, everyone)
            if i == len(moves):
                break
            kind, first, last = moves[i, 0], moves[i, 1], moves[i, 2]
            _through(
                shapes, starts, places, sigma, slope, ready, first, q, q, 0, 0,
                prefix, prefix, norm, False,
            )  # fmt: skip
            for j in range(ready_from - 1, last - 1, -1):
                if linear:
                    multiply(
                        suffix, suffixes[j + 1], q, starts[j], suffix, suffixes[j],
                        shapes[depth - 1, 0], shapes[j, 0], shapes[j, 1],
                    )  # fmt: skip
            ready, ready_from = first, last

            changed, begin = starts[last] - starts[first], starts[first] * LANES
            layer, numbers = here[begin : begin + changed * LANES], there[: changed * LANES]
            if kind == NULL_SPACE:
                normals(numbers, chain, begun + i, DIRECTION, key, words, room[11:15])
                normals(row[: TRIES * LANES], chain, begun + i, ANGLE, key, words, room[11:15])
                slice_unseen(
                    directions, suffix, suffixes[last], prefix, places[first],
                    shapes[depth - 1, 0], shapes[first, 0], shapes[first, 1], cols,
                    scales[first], normalize, seen, seen_places, labels, level,
                    layer, now, loss_now, numbers, row, misfit, after, norm, done, room[15:],
                )  # fmt: skip
                _weigh(layer, q[begin : begin + changed * LANES], scales[first], even)
                for lane in range(count):
                    taken[block, i] += done[lane]
                continue
            normals(numbers, chain, begun + i, STEP, key, words, room[11:15])
            _step(layer, numbers, lengths[i])
            for j in range(first, last):
                a, b = starts[j] * LANES - begin, starts[j + 1] * LANES - begin
                _weigh(there[a:b], step[a:b], scales[j], even)
            _through(
                shapes, starts, places, sigma, slope, first, last if linear else depth,
                q, step, first, last, prefix, trial, norm, False,
            )  # fmt: skip
            if linear and last < depth:
                multiply(
                    suffix, suffixes[last], trial, places[last], after, 0,
                    shapes[depth - 1, 0], shapes[last, 1], cols,
                )  # fmt: skip
            else:
                copy(trial, places[depth], after, 0, size)
            _normalize(
                shapes, starts, places, sigma, slope, normalize, q, step, first, last,
                trial, after, size, norm,
            )  # fmt: skip
            mean_square(seen, seen_places, labels, after, size, misfit, loss_after)
            for lane in range(count):
                taken[block, i] += loss_after[lane] < level
            choose(loss_after, level, there, here, starts[first], changed)
            choose(loss_after, level, step, q, starts[first], changed)
            choose(loss_after, level, after, now, 0, size)
            choose(loss_after, level, loss_after, loss_now, 0, 1)
        _write(here, z, chain, everyone)
        _write(loss_now, loss, chain, everyone)
