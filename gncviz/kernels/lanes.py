"""Sums of products of many networks' numbers side by side, in the processor's vector registers.

Arrays of kernels end in an axis of lanes, one a network: 32 in float32, 8 in float64. Where one
network is worked on alone, the lanes are 16 of its samples, a block of a row. Written as a loop
over lanes a sum is read from memory and written back for every term, for the compiler cannot tell
that it overlaps no factor; here it stays in registers, which is four to nine times faster.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Networks side by side, by the precision that they are worked on in.
LANES_32, LANES_64 = 32, 8
#: Samples side by side, of one network; units whose sums are made together, and their terms: each
#: number that is read is used so many times.
BLOCK, FOUR = 16, 4
#: Bytes of a line of the processor's caches, on nearly all of them.
_LINE = 64


class _Rows:
    """Arrays as rows of lanes, for the body of an intrinsic.

    Args:
        context: of the compiler; so are the next two.
        builder: see there.
        signature: likewise.
        dtype: of the numbers.
        lanes: how many; as many as there are networks side by side by default.
    """

    def __init__(
        self, context: Any, builder: Any, signature: Any, dtype: Any, lanes: int | None = None
    ) -> None:
        self._context, self.builder, self._signature = context, builder, signature
        number, networks = {
            types.float32: (ir.FloatType(), LANES_32),
            types.float64: (ir.DoubleType(), LANES_64),
        }[dtype]
        self.vector = ir.VectorType(number, lanes or networks)
        self._align = number.get_abi_size(context.target_data)

    def data(self, place: int, array: Any) -> Any:
        """Where the numbers of an argument are."""
        kind = self._signature.args[place]
        return self._context.make_array(kind)(self._context, self.builder, array).data

    def at(self, data: Any, row: Any) -> Any:
        """A pointer to a row."""
        first = self.builder.mul(row, ir.Constant(row.type, self.vector.count))
        return self.builder.bitcast(self.builder.gep(data, [first]), self.vector.as_pointer())

    def load(self, data: Any, row: Any) -> Any:
        """A row."""
        found = self.builder.load(self.at(data, row))
        found.align = self._align
        return found

    def store(self, value: Any, data: Any, row: Any) -> None:
        """Writes a row."""
        self.builder.store(value, self.at(data, row)).align = self._align

    def everywhere(self, one: Any) -> Any:
        """A number in all lanes."""
        nothing, first = ir.Constant(self.vector, ir.Undefined), ir.Constant(ir.IntType(32), 0)
        places = ir.Constant(ir.VectorType(ir.IntType(32), self.vector.count), None)
        whole = self.builder.insert_element(nothing, one, first)
        return self.builder.shuffle_vector(whole, nothing, places)

    def times(self, factors: Any, place: Any, row: Any) -> Any:
        """A row times a plain number."""
        number = self.builder.load(self.builder.gep(factors, [place]))
        return self.builder.fmul(self.everywhere(number), row, flags=("contract",))

    def plus(self, one: Any, other: Any) -> Any:
        """The sum of two rows."""
        return self.builder.fadd(one, other, flags=("contract",))


def _sums(rows: _Rows, values: Any, plain: bool, many: int) -> None:
    """Makes sums side by side; see :data:`dot` and :data:`four_dots`."""
    left, a, left_by, left_step, right, b, right_by, right_step, count, out, c = values
    builder = rows.builder
    units = [ir.Constant(count.type, unit) for unit in range(many)]
    nothing = ir.Constant(rows.vector, None)
    totals = [cgutils.alloca_once_value(builder, nothing) for _ in units]
    with cgutils.for_range(builder, count) as loop:
        first = builder.add(a, builder.mul(loop.index, left_by))
        other = builder.add(b, builder.mul(loop.index, right_by))
        for unit, total in zip(units, totals, strict=True):
            place = builder.add(first, builder.mul(unit, left_step))
            y = rows.load(right, builder.add(other, builder.mul(unit, right_step)))
            if plain:
                term = rows.times(left, place, y)
            else:
                term = builder.fmul(rows.load(left, place), y, flags=("contract",))
            builder.store(rows.plus(builder.load(total), term), total)
    for unit, total in zip(units, totals, strict=True):
        rows.store(builder.load(total), out, builder.add(c, unit))


def _dot_of(plain: bool) -> Any:
    """The sum whose left factors are rows of lanes, or plain numbers, the same in all lanes."""

    def dot(
        _: Any, left: Any, a: Any, left_by: Any, right: Any, b: Any, right_by: Any, count: Any,
        out: Any, c: Any,
    ) -> Any:  # fmt: skip
        def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            left, a, left_by, right, b, right_by, count, out, c = values
            rows = _Rows(context, builder, signature, signature.args[7].dtype)
            lefts, rights, outs = rows.data(0, left), rows.data(3, right), rows.data(7, out)
            told = (lefts, a, left_by, left_by, rights, b, right_by, right_by, count, outs, c)
            _sums(rows, told, plain, 1)
            return context.get_dummy_value()

        return types.void(left, a, left_by, right, b, right_by, count, out, c), code

    return intrinsic(dot)


def _four_dots_of(plain: bool) -> Any:
    """Four sums of that kind side by side: what they share is read once."""

    def four_dots(
        _: Any, left: Any, a: Any, left_by: Any, left_step: Any, right: Any, b: Any, right_by: Any,
        right_step: Any, count: Any, out: Any, c: Any,
    ) -> Any:  # fmt: skip
        def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            rows = _Rows(context, builder, signature, signature.args[9].dtype)
            told = list(values)
            for place in (0, 4, 9):
                told[place] = rows.data(place, values[place])
            _sums(rows, told, plain, FOUR)
            return context.get_dummy_value()

        asked = left, a, left_by, left_step, right, b, right_by, right_step, count, out, c
        return types.void(*asked), code

    return intrinsic(four_dots)


def _four_sums(
    _: Any, weights: Any, w: Any, stride: Any, room: Any, a: Any, by: Any, count: Any, c: Any
) -> Any:
    def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        weights, w, stride, room, a, by, count, c = values
        rows = _Rows(context, builder, signature, types.float32, BLOCK)
        factors, data = rows.data(0, weights), rows.data(3, room)
        fours = [ir.Constant(w.type, place) for place in range(FOUR)]
        nothing = ir.Constant(rows.vector, None)
        totals = [cgutils.alloca_once_value(builder, nothing) for _ in fours]
        with cgutils.for_range(builder, count) as loop:
            first = builder.mul(loop.index, ir.Constant(w.type, FOUR))
            terms = [builder.add(first, place) for place in fours]
            found = [rows.load(data, builder.add(a, builder.mul(k, by))) for k in terms]
            for unit, total in zip(fours, totals, strict=True):
                own = builder.add(w, builder.mul(unit, stride))
                pairs = zip(terms, found, strict=True)
                four = [rows.times(factors, builder.add(own, k), row) for k, row in pairs]
                whole = functools.reduce(rows.plus, four)
                builder.store(rows.plus(builder.load(total), whole), total)
        for unit, total in zip(fours, totals, strict=True):
            rows.store(builder.load(total), data, builder.add(c, builder.mul(unit, by)))
        return context.get_dummy_value()

    return types.void(weights, w, stride, room, a, by, count, c), code


def _add_terms(_: Any, weights: Any, w: Any, room: Any, a: Any, by: Any, count: Any, c: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        weights, w, room, a, by, count, c = values
        rows = _Rows(context, builder, signature, types.float32, BLOCK)
        factors, data = rows.data(0, weights), rows.data(2, room)
        total = cgutils.alloca_once_value(builder, rows.load(data, c))
        with cgutils.for_range(builder, count) as loop:
            found = rows.load(data, builder.add(a, builder.mul(loop.index, by)))
            term = rows.times(factors, builder.add(w, loop.index), found)
            builder.store(rows.plus(builder.load(total), term), total)
        rows.store(builder.load(total), data, c)
        return context.get_dummy_value()

    return types.void(weights, w, room, a, by, count, c), code


def _scale(_: Any, x: Any, a: Any, count: Any, factor: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        x, a, count, factor = values
        rows = _Rows(context, builder, signature, signature.args[0].dtype)
        data = rows.data(0, x)
        by = rows.load(rows.data(3, factor), ir.Constant(a.type, 0))
        with cgutils.for_range(builder, count) as loop:
            row = builder.add(a, loop.index)
            rows.store(builder.fmul(rows.load(data, row), by), data, row)
        return context.get_dummy_value()

    return types.void(x, a, count, factor), code


def _copy(_: Any, source: Any, a: Any, target: Any, b: Any, count: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        source, a, target, b, count = values
        rows = _Rows(context, builder, signature, signature.args[2].dtype)
        sources, targets = rows.data(0, source), rows.data(2, target)
        with cgutils.for_range(builder, count) as loop:
            found = rows.load(sources, builder.add(a, loop.index))
            rows.store(found, targets, builder.add(b, loop.index))
        return context.get_dummy_value()

    return types.void(source, a, target, b, count), code


def _subtract(_: Any, x: Any, a: Any, y: Any, b: Any, count: Any, factor: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        x, a, y, b, count, factor = values
        rows = _Rows(context, builder, signature, signature.args[0].dtype)
        targets, sources = rows.data(0, x), rows.data(2, y)
        by = rows.load(rows.data(5, factor), ir.Constant(a.type, 0))
        with cgutils.for_range(builder, count) as loop:
            row = builder.add(a, loop.index)
            found = rows.load(sources, builder.add(b, loop.index))
            less = builder.fmul(found, by, flags=("contract",))
            rest = builder.fsub(rows.load(targets, row), less, flags=("contract",))
            rows.store(rest, targets, row)
        return context.get_dummy_value()

    return types.void(x, a, y, b, count, factor), code


def _choose(_: Any, loss: Any, level: Any, there: Any, here: Any, a: Any, count: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        loss, level, there, here, a, count = values
        rows = _Rows(context, builder, signature, signature.args[3].dtype)
        source, target = rows.data(2, there), rows.data(3, here)
        found = rows.load(rows.data(0, loss), ir.Constant(a.type, 0))
        below = builder.fcmp_ordered("<", found, rows.everywhere(level))
        with cgutils.for_range(builder, count) as loop:
            row = builder.add(a, loop.index)
            old = rows.load(target, row)
            new = rows.load(source, loop.index)
            rows.store(builder.select(below, new, old), target, row)
        return context.get_dummy_value()

    return types.void(loss, level, there, here, a, count), code


#: ``dot(left, a, left_by, right, b, right_by, count, out, c)``: row c of ``out`` becomes
#: Σ_k left[a + k·left_by] · right[b + k·right_by], lane by lane. Arrays are contiguous, and count
#: rows of lanes, whatever their shape.
dot: Any = _dot_of(plain=False)
#: The same with single numbers on the left.
plain_dot: Any = _dot_of(plain=True)
#: ``four_dots(left, a, left_by, left_step, right, b, right_by, right_step, count, out, c)``: four
#: such sums, each a step farther on both sides, become rows c to c + 3 of ``out``.
four_dots: Any = _four_dots_of(plain=False)
#: The same with single numbers on the left.
four_plain_dots: Any = _four_dots_of(plain=True)
#: ``four_sums(weights, w, stride, room, a, by, count, c)``: of four units, whose weights begin at
#: w, w + stride, ..., the sums over 4·count weights times the blocks of ``room`` at a, a + by, ...;
#: they are written at c, c + by, ... Four terms are added up before they go into a sum.
four_sums: Any = intrinsic(_four_sums)
#: ``add_terms(weights, w, room, a, by, count, c)``: adds to the block at c the sum over ``count``
#: weights from w on times the blocks at a, a + by, ..., term by term.
add_terms: Any = intrinsic(_add_terms)
#: ``scale(x, a, count, factor)``: multiplies rows of x from a on by one row.
scale: Any = intrinsic(_scale)
#: ``copy(source, a, target, b, count)``: rows from a on become rows of the target from b on.
copy: Any = intrinsic(_copy)
#: ``subtract(x, a, y, b, count, factor)``: takes rows of y from b on, times a row, from those of x.
subtract: Any = intrinsic(_subtract)
#: ``choose(loss, level, there, here, a, count)``: rows of ``here`` from a on become those of
#: ``there`` in the lanes where the loss is below the level.
choose: Any = intrinsic(_choose)


def room(shape: tuple[int, ...], dtype: type[np.generic]) -> NDArray[Any]:
    """Room whose rows of lanes begin where lines of the processor's caches do.

    A row that lies in two lines is read twice, and NumPy's arrays begin in the middle of one.

    Args:
        shape: of the array, the last axis whole lines of numbers.
        dtype: of these.
    """
    size = math.prod(shape) * np.dtype(dtype).itemsize
    raw = np.empty(size + _LINE, np.uint8)
    first = -raw.ctypes.data % _LINE
    return raw[first : first + size].view(dtype).reshape(shape)


def in_lanes(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows (T, D) as groups of eight columns, with shape (G, D, 8); zeros where there are none."""
    groups = -(-len(rows) // LANES_64)
    padded = np.zeros((groups * LANES_64, rows.shape[1]))
    padded[: len(rows)] = rows
    return np.ascontiguousarray(padded.reshape(groups, LANES_64, -1).transpose(0, 2, 1))


def out_of_lanes(groups: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """The first rows (T, D) of groups of eight columns (G, D, 8)."""
    return groups.transpose(0, 2, 1).reshape(-1, groups.shape[1])[:count]
