"""A slice in the directions of one layer that the measurements do not see, for 32 chains.

The readable reference is :class:`gncviz.posterior.moves.null_space.NullSpace`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gncviz.kernels.compiling import part
from gncviz.kernels.functions import uniform
from gncviz.kernels.lanes import LANES_32 as LANES
from gncviz.kernels.lanes import choose, copy, dot, plain_dot, scale, subtract
from gncviz.kernels.outputs_cpu import mean_square, multiply, normalize_output
from gncviz.kernels.random import half_cosine, half_sine

#: As in the reference.
TRIES = 4
#: Arrays that the move works in.
SLICE_ROOM = 10
_NEVER = np.float32(np.inf)
_RESOLUTION = np.float32(1e-4)
#: Squared share of a direction that is left, below which rounding is felt.
_SMALL = np.float32(1e-2)
_ZERO, _HALF, _ONE, _TWO = (np.float32(x) for x in (0, 0.5, 1, 2))
_PI, _TURN = np.float32(math.pi), np.float32(2 * math.pi)


@part
def identity(out: Any, first: int, size: int) -> None:
    """The identity, with shape (size, size), in rows from a first one on."""
    numbers = out[first * LANES : (first + size * size) * LANES]
    for i in range(size * size):
        one = numbers[i * LANES : (i + 1) * LANES]
        for lane in range(LANES):
            one[lane] = _ONE if i % (size + 1) == 0 else _ZERO


@part
def _seen_directions(
    directions: Any, left: Any, a: int, right: Any, b: int, rows: int, inner: int, outer: int,
    cols: int, basis: Any, room: Any,
) -> None:  # fmt: skip
    """An orthonormal basis of what measurements see of a layer Z, when they see L Z R.

    Args:
        directions: what is measured of L Z R, with shape (q, rows · cols).
        left: holds L, with shape (rows, inner).
        a: its first row.
        right: holds R, with shape (outer, cols).
        b: its first row.
        rows: of L.
        inner: rows of Z.
        outer: columns of Z.
        cols: of R.
        basis: where it goes, with shape (q, inner · outer).
        room: with shape (rows · outer or more,) and two rows more.
    """
    size = inner * outer
    for i in range(len(directions)):
        for m in range(rows):
            for j in range(outer):
                measured = i * rows * cols + m * cols
                to = m * outer + j
                plain_dot(directions, measured, 1, right, b + j * cols, 1, cols, room, to)
        for k in range(inner):
            for j in range(outer):
                to = i * size + k * outer + j
                dot(left, a + k, inner, room, j, outer, rows, basis, to)
        _orthonormalize(basis, i, size, room)


@part
def _orthonormalize(basis: Any, i: int, size: int, room: Any) -> None:
    """Takes from direction i what lies along those before; zero where hardly anything is left."""
    before, after = room[:LANES], room[LANES : 2 * LANES]
    dot(basis, i * size, 1, basis, i * size, 1, size, before, 0)
    for _ in range(2):
        for other in range(i):
            dot(basis, other * size, 1, basis, i * size, 1, size, after, 0)
            subtract(basis, i * size, basis, other * size, size, after)
        dot(basis, i * size, 1, basis, i * size, 1, size, after, 0)
        small = False
        for lane in range(LANES):
            small = small or after[lane] < _SMALL * before[lane]
        # Once more where the rest is small, for what rounding leaves in it.
        if not small:
            break
    for lane in range(LANES):
        rest = np.float32(math.sqrt(after[lane]))
        enough = rest > _RESOLUTION * np.float32(math.sqrt(before[lane]))
        before[lane] = _ONE / rest if enough else _ZERO
    scale(basis, i * size, size, before)


@part
def _take_out(basis: Any, count: int, size: int, vector: Any, room: Any) -> None:
    """Takes from a vector what lies along the directions of a basis."""
    for i in range(count):
        dot(basis, i * size, 1, vector, 0, 1, size, room, 0)
        subtract(vector, 0, basis, i * size, size, room)


@part
def _turn(tried: int, normals: Any, angle: Any, low: Any, high: Any, around: Any) -> None:
    """The next angle to try, its cosine and sine, and the bracket that it is from."""
    for lane in range(LANES):
        place = uniform(normals[lane])
        if tried == 0:
            angle[lane] = _PI * place
            low[lane], high[lane] = angle[lane] - _TURN, angle[lane]
        else:
            below = angle[lane] < _ZERO
            low[lane] = angle[lane] if below else low[lane]
            high[lane] = high[lane] if below else angle[lane]
            angle[lane] = low[lane] + (high[lane] - low[lane]) * (_HALF + _HALF * place)
        turns = np.floor(angle[lane] / _TURN + _HALF)
        half = _HALF * (angle[lane] - turns * _TURN)
        sine = half_sine(half)
        around[0, lane] = _ONE - _TWO * sine * sine
        around[1, lane] = _TWO * sine * half_cosine(half)


@part
def _point(center: Any, here: Any, there: Any, around: Any, out: Any, rows: int) -> None:
    """A point of an ellipse: center + cos·here + sin·there."""
    for i in range(rows):
        a, b = i * LANES, (i + 1) * LANES
        x, y, z, to = center[a:b], here[a:b], there[a:b], out[a:b]
        for lane in range(LANES):
            to[lane] = x[lane] + around[0, lane] * y[lane] + around[1, lane] * z[lane]


@part
def slice_unseen(
    directions: Any, left: Any, a: int, right: Any, b: int, rows: int, inner: int, outer: int,
    cols: int, by: Any, normalize: int, seen: Any, seen_places: Any, labels: Any, level: Any,
    layer: Any, now: Any, loss_now: Any, fresh: Any, normals: Any, misfit: Any, after: Any,
    norm: Any, done: Any, room: Any,
) -> None:  # fmt: skip
    """The move; ``by`` is what Z is scaled by, ``layer`` the normals of Z, ``fresh`` others.

    The first nine arguments are those of :func:`_seen_directions`, others those of
    :func:`gncviz.kernels.dense_cpu.walk`; what it is left to say is which chains are ``done``.
    """
    size, outputs = inner * outer, rows * cols
    basis, product, here, center, point = room[0], room[1], room[2], room[3], room[4]
    raw, lanes, loss = room[5:8], room[8], room[9]
    angle, low, high = lanes[:LANES], lanes[LANES : 2 * LANES], lanes[2 * LANES : 3 * LANES]
    around = lanes[3 * LANES : 5 * LANES].reshape(2, LANES)
    _seen_directions(directions, left, a, right, b, rows, inner, outer, cols, basis, product)
    copy(layer, 0, here, 0, size)
    _take_out(basis, len(directions), size, here, norm)
    _take_out(basis, len(directions), size, fresh, norm)
    for i in range(size * LANES):
        center[i] = layer[i] - here[i]
    for number in range(3):
        part_of = center if number == 0 else here if number == 1 else fresh
        multiply(part_of, 0, right, b, product, 0, inner, outer, cols)
        multiply(left, a, product, 0, raw[number], 0, rows, inner, cols)
    for lane in range(LANES):
        done[lane] = False
    for tried in range(TRIES):
        _turn(tried, normals[tried * LANES : (tried + 1) * LANES], angle, low, high, around)
        _point(raw[0], raw[1], raw[2], around, after, outputs)
        if normalize:
            normalize_output(after, outputs, norm)
        else:
            for i in range(outputs * LANES):
                after[i] *= by
        mean_square(seen, seen_places, labels, after, outputs, misfit, loss)
        moved = 0
        for lane in range(LANES):
            loss[lane] = _NEVER if done[lane] else loss[lane]
            done[lane] = done[lane] or loss[lane] < level
            moved += done[lane]
        _point(center, here, fresh, around, point, size)
        choose(loss, level, point, layer, 0, size)
        choose(loss, level, after, now, 0, outputs)
        choose(loss, level, loss, loss_now, 0, 1)
        if moved == LANES:
            break
