"""Sweeps over the units of networks all of whose samples have to stay right, chain by chain.

A row of room is a number at each sample: an input, what a unit takes in or gives, an output. Sums
are made for whole blocks of samples (:mod:`gncviz.kernels.lanes`): what they leave after the last
sample is never looked at. The readable reference is
:class:`gncviz.posterior.curve.sweep.TorchSweep`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gncviz.kernels.compiling import SOURCES, kernel, part
from gncviz.kernels.functions import activate
from gncviz.kernels.lanes import BLOCK, FOUR, add_terms, four_sums

_ZERO = np.float32(0)
_LARGE = np.float32(3e38)

#: Columns of a layout, which has a row for each layer: units, units that are moved together, the
#: first of its weights, weights of a unit, how many of them count, and first rows of room: of what
#: it is applied to, of what its units take in, and of what they give.
WIDTH, SIZE, START, STRIDE, INNER, BELOW, TAKEN, GIVEN = range(8)


@part
def _add(weights: Any, w: int, inner: int, room: Any, s: int, target: int, n: int) -> None:
    """Adds Σ_m w_m·row_m to a row, for whole blocks of samples."""
    by = room.shape[1] // BLOCK
    for block in range((n + BLOCK - 1) // BLOCK):
        add_terms(weights, w, room, s * by + block, by, inner, target * by + block)


@part
def _take_in(
    weights: Any, w: int, stride: int, rows: int, inner: int, room: Any, s: int, rising: bool,
    target: int, n: int,
) -> None:  # fmt: skip
    """What units take in: their weights times rows.

    Args:
        weights: flat; those of unit i begin at w + i·stride.
        w: see there.
        stride: likewise.
        rows: units.
        inner: weights that count.
        room: rows.
        s: the first of those that are taken in.
        rising: row s + m is zero before sample m.
        target: the first of those that are written.
        n: samples.
    """
    by = room.shape[1] // BLOCK
    fours, terms = rows - rows % FOUR, inner - inner % FOUR
    for i in range(0, fours, FOUR):
        for block in range((n + BLOCK - 1) // BLOCK):
            # Terms from the block's end on are zero in all of it.
            count = (min(terms, (block + 1) * BLOCK) if rising else terms) // FOUR
            seen, out = s * by + block, (target + i) * by + block
            four_sums(weights, w + i * stride, stride, room, seen, by, count, out)
    room[target + fours : target + rows] = _ZERO
    for i in range(rows):
        done = terms if i < fours else 0
        _add(weights, w + i * stride + done, inner - done, room, s + done, target + i, n)


@part
def _give(
    room: Any, taken: int, given: int, rows: int, sigma: int, slope: Any, scale: Any, n: int
) -> None:
    """What units give for what they take in, scaled for the next layer."""
    for i in range(rows):
        before, after = room[taken + i], room[given + i]
        for j in range(n):
            after[j] = before[j]
        activate(sigma, slope, after[:n])
        for j in range(n):
            after[j] *= scale


@part
def _mix(cos: Any, a: Any, sin: Any, b: Any, out: Any, n: int) -> None:
    """A point of an ellipse."""
    for j in range(n):
        out[j] = cos * a[j] + sin * b[j]


@part
def _forward(
    room: Any, weights: Any, layout: Any, sigma: int, slope: Any, scales: Any, rising: bool, n: int
) -> None:
    """What all units take in and give; the outputs are what the last layer takes in."""
    last = len(layout) - 1
    for layer in range(last + 1):
        one = layout[layer]
        _take_in(
            weights, one[START], one[STRIDE], one[WIDTH], one[INNER], room, one[BELOW],
            rising and layer == 0, one[TAKEN], n,
        )  # fmt: skip
        if layer < last:
            _give(room, one[TAKEN], one[GIVEN], one[WIDTH], sigma, slope, scales[layer], n)


@part
def _all_right(room: Any, out: int, outputs: int, signs: Any, own: Any, n: int) -> bool:
    """Whether every sample is on its side."""
    wrong = 0
    for k in range(outputs):
        y = room[out + k]
        for j in range(n):
            if outputs == 1:
                wrong += not (y[j] * signs[j] > _ZERO)
            else:
                wrong += own[j] != k and not (room[out + own[j], j] > y[j])
    return wrong == 0


@part
def _arc(room: Any, here: int, there: int, outputs: int, signs: Any, own: Any, n: int) -> Any:
    """The angles at which outputs cos·here + sin·there are right.

    Each sample allows half a circle; together they allow an arc around 0.
    """
    low, high, broken = _LARGE, -_LARGE, False
    for k in range(outputs):
        for j in range(n):
            if outputs == 1:
                a, b = signs[j] * room[here, j], signs[j] * room[there, j]
            elif own[j] == k:
                continue
            else:
                a = room[here + own[j], j] - room[here + k, j]
                b = room[there + own[j], j] - room[there + k, j]
            broken |= not a > _ZERO
            ratio = b / a
            low, high = min(low, ratio), max(high, ratio)
    if broken:
        return 0.0, 0.0
    return math.atan(high) - math.pi / 2, math.atan(low) + math.pi / 2


@part
def _turn(
    room: Any, weights: Any, fresh: Any, place: int, spot: Any, layout: Any, rising: bool,
    signs: Any, own: Any, free: int, n: int,
) -> bool:  # fmt: skip
    """Goes to a random point of the arc of an ellipse on which the readout is right."""
    one, first = layout[-1], len(layout) == 1
    outputs, out = one[WIDTH], one[TAKEN]
    _take_in(
        fresh, place, one[STRIDE], outputs, one[INNER], room, one[BELOW], rising and first, free, n
    )
    low, high = _arc(room, out, free, outputs, signs, own, n)
    if not high > low:
        return False
    angle = low + (high - low) * spot
    cos, sin = np.float32(math.cos(angle)), np.float32(math.sin(angle))
    for k in range(outputs):
        _mix(cos, room[out + k], sin, room[free + k], room[out + k], n)
        mine = weights[one[START] + k * one[STRIDE] :]
        _mix(cos, mine, sin, fresh[place + k * one[STRIDE] :], mine, one[INNER])
    return True


@part
def _try_group(
    room: Any, weights: Any, layout: Any, layer: int, begin: int, sigma: int, slope: Any,
    scales: Any, shift: int, n: int,
) -> None:  # fmt: skip
    """What the layers above would make of a trial of some units; trials are ``shift`` rows off."""
    one, last = layout[layer], len(layout) - 1
    size, free = one[SIZE], 2 * shift
    for g in range(size):
        row = one[GIVEN] + begin + g
        _mix(np.float32(1), room[shift + row], np.float32(-1), room[row], room[free + g], n)
    for above in range(layer + 1, last + 1):
        next_one = layout[above]
        taken, start, stride = next_one[TAKEN], next_one[START], next_one[STRIDE]
        if above == layer + 1:
            for i in range(next_one[WIDTH]):
                after, before = room[shift + taken + i], room[taken + i]
                for j in range(n):
                    after[j] = before[j]
                _add(weights, start + i * stride + begin, size, room, free, shift + taken + i, n)
        else:
            _take_in(
                weights, start, stride, next_one[WIDTH], next_one[INNER], room,
                shift + next_one[BELOW], False, shift + taken, n,
            )  # fmt: skip
        if above < last:
            _give(
                room, shift + taken, shift + next_one[GIVEN], next_one[WIDTH], sigma, slope,
                scales[above], n,
            )  # fmt: skip


@part
def _move_group(
    room: Any, weights: Any, fresh: Any, place: int, there: int, spots: Any, seen: int, layout: Any,
    layer: int, begin: int, sigma: int, slope: Any, scales: Any, signs: Any, own: Any, shift: int,
    tries: int, n: int,
) -> bool:  # fmt: skip
    """Takes some units around an ellipse until all samples are right.

    Its other end is the weights at ``place`` in ``fresh``, which take in the rows at ``there``.
    """
    one, size = layout[layer], layout[layer, SIZE]
    taken, given = one[TAKEN] + begin, one[GIVEN] + begin
    end = layout[-1, TAKEN] + layout[-1, WIDTH]
    angle = 2 * math.pi * spots[seen]
    low, high = angle - 2 * math.pi, angle
    for number in range(tries):
        if number:
            low, high = (angle, high) if angle < 0 else (low, angle)
            angle = low + (high - low) * spots[seen + number]
        cos, sin = np.float32(math.cos(angle)), np.float32(math.sin(angle))
        for g in range(size):
            _mix(cos, room[taken + g], sin, room[there + g], room[shift + taken + g], n)
        _give(room, shift + taken, shift + given, size, sigma, slope, scales[layer], n)
        _try_group(room, weights, layout, layer, begin, sigma, slope, scales, shift, n)
        if not _all_right(room, shift + layout[-1, TAKEN], layout[-1, WIDTH], signs, own, n):
            continue
        for g in range(size):
            mine = weights[one[START] + (begin + g) * one[STRIDE] :]
            _mix(cos, mine, sin, fresh[place + g * one[STRIDE] :], mine, one[INNER])
            room[taken + g, :n] = room[shift + taken + g, :n]
            room[given + g, :n] = room[shift + given + g, :n]
        for row in range(layout[layer + 1, TAKEN], end):
            room[row, :n] = room[shift + row, :n]
        return True
    return False


@kernel(
    "void(float32[:,::1], int64[:,::1], float32[::1], int64, float32, boolean, float32[::1],"
    "int64[::1], int64, int64, int64, float32[:,::1], float32[:,::1], int64, int64,"
    "float32[:,::1], int64, int64[::1])"
)
def sweep(
    z: Any, layout: Any, scales: Any, sigma: int, slope: Any, rising: bool, signs: Any, own: Any,
    n: int, tries: int, turns: int, noise: Any, spots: Any, first: int, end: int, room: Any,
    shift: int, taken: Any, sources: int = SOURCES,
) -> None:  # fmt: skip
    """Moves every unit of some chains once, and the readout a few times before and after.

    Args:
        z: weights of the chains as standard normals, with shape (C, D); they change in place.
        layout: of the layers, the readout being the last.
        scales: factors on what hidden layers give.
        sigma: the activation, by its number.
        slope: of Leaky ReLU.
        rising: input m is zero before sample m.
        signs: of one output at each sample, with shape (N,).
        own: which of several outputs has to be the largest, likewise.
        n: samples that have to be right.
        tries: places on an ellipse.
        turns: of the readout, before and after.
        noise: standard normals of each chain, in the order in which they are used.
        spots: uniform on (0, 1), likewise.
        first: chain.
        end: the one after the last.
        room: inputs and constants in their places; then as many rows again for trials; then free
            ones, as many as the largest layer and its group have.
        shift: from a row to that of its trial.
        taken: moves that were made, in hidden layers and of the readout; added to.
        sources: of the kernel.
    """
    last = len(layout) - 1
    for chain in range(first, end):
        weights, fresh, places = z[chain], noise[chain], spots[chain]
        _forward(room, weights, layout, sigma, slope, scales, rising, n)
        place, seen = 0, 0
        for half in range(2):
            for _ in range(turns):
                taken[last] += _turn(
                    room, weights, fresh, place, places[seen], layout, rising, signs, own,
                    2 * shift, n,
                )  # fmt: skip
                place += layout[last, WIDTH] * layout[last, STRIDE]
                seen += 1
            for layer in range((1 - half) * last):
                one = layout[layer]
                width, size, there = one[WIDTH], one[SIZE], 2 * shift + one[SIZE]
                _take_in(
                    fresh, place, one[STRIDE], width, one[INNER], room, one[BELOW],
                    rising and layer == 0, there, n,
                )  # fmt: skip
                for begin in range(0, width, size):
                    taken[layer] += size * _move_group(
                        room, weights, fresh, place, there + begin, places, seen, layout, layer,
                        begin, sigma, slope, scales, signs, own, shift, tries, n,
                    )  # fmt: skip
                    place += size * one[STRIDE]
                    seen += tries
