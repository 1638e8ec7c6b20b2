"""Sums of products of many networks' numbers side by side, in the processor's vector registers.

Arrays of kernels end in an axis of lanes, one a network: 32 in float32, 8 in float64. Written as a
loop over lanes a sum is read from memory and written back for every term, for the compiler cannot
tell that it overlaps no factor; here it stays in registers, which is four to nine times faster.
"""

from __future__ import annotations

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


def _dot(
    _: Any, left: Any, a: Any, left_by: Any, right: Any, b: Any, right_by: Any, count: Any,
    out: Any, c: Any,
) -> Any:  # fmt: skip
    """out[c] = Σ_k left[a + k·left_by] · right[b + k·right_by], lane by lane.

    Args:
        left: with shape (rows, lanes), contiguous.
        a: the row of its first factor.
        left_by: rows from one factor to the next.
        right: likewise.
        b: likewise.
        right_by: likewise.
        count: how many terms.
        out: with shape (rows, lanes).
        c: the row that is written.
    """
    signature = types.void(left, a, left_by, right, b, right_by, count, out, c)
    number, lanes = {
        types.float32: (ir.FloatType(), LANES_32),
        types.float64: (ir.DoubleType(), LANES_64),
    }[out.dtype]
    vector = ir.VectorType(number, lanes)

    def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        left, a, left_by, right, b, right_by, count, out, c = values

        def row_of(place: int, array: Any, row: Any) -> Any:
            data = context.make_array(signature.args[place])(context, builder, array).data
            first = builder.gep(data, [builder.mul(row, ir.Constant(row.type, lanes))])
            return builder.bitcast(first, vector.as_pointer())

        def load(pointer: Any) -> Any:
            found = builder.load(pointer)
            found.align = number.get_abi_size(context.target_data)
            return found

        total = cgutils.alloca_once_value(builder, ir.Constant(vector, None))
        with cgutils.for_range(builder, count) as loop:
            x = load(row_of(0, left, builder.add(a, builder.mul(loop.index, left_by))))
            y = load(row_of(3, right, builder.add(b, builder.mul(loop.index, right_by))))
            term = builder.fmul(x, y, flags=("contract",))
            builder.store(builder.fadd(builder.load(total), term, flags=("contract",)), total)
        store = builder.store(builder.load(total), row_of(7, out, c))
        store.align = number.get_abi_size(context.target_data)
        return context.get_dummy_value()

    return signature, code


dot: Any = intrinsic(_dot)


def in_lanes(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows (T, D) as groups of eight columns, with shape (G, D, 8); zeros where there are none."""
    groups = -(-len(rows) // LANES_64)
    padded = np.zeros((groups * LANES_64, rows.shape[1]))
    padded[: len(rows)] = rows
    return np.ascontiguousarray(padded.reshape(groups, LANES_64, -1).transpose(0, 2, 1))


def out_of_lanes(groups: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """The first rows (T, D) of groups of eight columns (G, D, 8)."""
    return groups.transpose(0, 2, 1).reshape(-1, groups.shape[1])[:count]
