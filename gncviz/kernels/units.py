"""Chains whose units are moved by the compiled kernel, in pieces that hear Cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gncviz.kernels.lanes import BLOCK
from gncviz.kernels.units_cpu import BELOW, GIVEN, INNER, SIZE, START, STRIDE, TAKEN, WIDTH, sweep

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from gncviz.kernels.plans import UnitsPlan
    from gncviz.progress import Run

#: Seconds that one call of the kernel takes at most, and what a term of a sum takes, at worst.
_PIECE, _TERM = 0.05, 1e-9


class CompiledSweep:
    """The twin of :class:`gncviz.posterior.curve.sweep.TorchSweep`.

    Args:
        plan: what is moved.
    """

    def __init__(self, plan: UnitsPlan) -> None:
        self._plan = plan
        self._layout, self._shift = _laid_out(plan)
        self._scales = np.array(plan.scales, np.float32)
        self._signs = plan.signs.astype(np.float32)
        self._free = max(width + size for width, size in self._layout[:, [WIDTH, SIZE]])

    def go(self, z: Tensor, noise: Tensor, spots: Tensor, count: int, run: Run) -> None:
        """One sweep; see :class:`gncviz.posterior.curve.sweep.Sweep`."""
        plan, layout = self._plan, self._layout.copy()
        if plan.rising:
            layout[0, INNER] = min(count, layout[0, INNER])
        room, taken = self._room(), np.zeros(len(layout), np.int64)
        terms = count * int(layout[:, WIDTH] @ layout[:, STRIDE]) * (3 + plan.tries)
        together = max(int(_PIECE / (_TERM * terms)), 1)
        chains, normals, places = (part.numpy() for part in (z, noise, spots))
        for first in range(0, len(z), together):
            run.check()
            sweep(
                chains, layout, self._scales, plan.sigma, np.float32(plan.slope), plan.rising,
                self._signs, plan.own, count, plan.tries, plan.turns, normals, places,
                first, min(first + together, len(z)), room, self._shift, taken,
            )  # fmt: skip

    def _room(self) -> NDArray[np.float32]:
        """Rows to work in, inputs and constants in their places."""
        plan, shift = self._plan, self._shift
        rows, samples = plan.inputs.shape
        room = np.zeros((2 * shift + self._free, -(-samples // BLOCK) * BLOCK), np.float32)
        room[:rows, :samples] = plan.inputs
        if plan.bias is not None:
            for one in self._layout[:-1]:
                place = one[GIVEN] + one[WIDTH]
                room[[place, shift + place]] = plan.bias
        return room


def _laid_out(plan: UnitsPlan) -> tuple[NDArray[np.int64], int]:
    """Where everything is, and how many rows that takes."""
    layout = np.zeros((len(plan.shapes), 8), np.int64)
    row, below, start = len(plan.inputs), 0, 0
    sizes = (*plan.groups, plan.shapes[-1][0])
    for one, (units, inner), size in zip(layout, plan.shapes, sizes, strict=True):
        one[[WIDTH, SIZE, START, STRIDE, INNER]] = units, size, start, inner, inner
        one[[BELOW, TAKEN, GIVEN]] = below, row, row + units
        start += units * inner
        below = row + units
        row = below + units + (plan.bias is not None)
    # The last layer gives nothing.
    return layout, int(layout[-1, TAKEN] + layout[-1, WIDTH])
