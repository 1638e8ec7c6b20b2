"""Draws of the prior that may fit, found by the fused kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

from gncviz.devices import NoRoom
from gncviz.kernels.gpu.dense import look
from gncviz.kernels.gpu.layout import Columns, losses, options, padded, tensor
from gncviz.kernels.random import draw_normals

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from gncviz.kernels.plans import ScreenPlan

#: Draws side by side in a program, each a thread's.
LANES = 128
#: Programs at work at a time, more than any card has room for, and numbers that they keep in all.
_PROGRAMS, _ROOM = 2**12, 2**28
#: Draws in one go, and normals in one go, but for the first ones: by estimate a fifth of a second.
_MOST, _TOGETHER = 2**22, 2**35
#: Draws that fit, and their normals, that one look has room for.
_CAPACITY, _NORMALS = 2**16, 2**26


class Found(NamedTuple):
    """Draws below a level, in order.

    Attributes:
        draws: their numbers, with shape (N,), int64.
        train_loss: L_train in the losses' unit, with shape (N,), float32.
        gen_loss: L_gen, likewise.
    """

    draws: NDArray[np.int64]
    train_loss: NDArray[np.float32]
    gen_loss: NDArray[np.float32]


class FusedScreen:
    """The twin of :class:`gncviz.posterior.rejection.TorchScreen`.

    Draw n is that of counter n, whatever else is looked at. The kernel tells which draws may fit;
    their weights are made again on the CPU, from the same counters.

    Args:
        plan: what is looked at, and where.

    Attributes:
        most: draws to look at in one go.
    """

    #: What candidates are given as: standard normals, and no entries of Q yet.
    normals = True
    #: Ranges may begin with any draw.
    unit, least = 1, 2**14

    def __init__(self, plan: ScreenPlan) -> None:
        shapes, columns = plan.law.layers.shapes, Columns.of(plan.law)
        rows = max(padded(rows, 4) for rows, _ in shapes)
        self._plan, self._half = plan, rows * columns.width * LANES
        self._numbers = shapes[-1][0] * columns.width
        layers, self._count, self._rows = _counters(shapes)
        self.most = min(max(_TOGETHER // self._count, self.least), _MOST)
        self._network = (
            tensor(layers, torch.int32, plan.place),
            tensor(plan.law.scales, torch.float32, plan.place),
            len(shapes),
        )
        self._losses = losses(plan.loss, columns, plan.place)
        self._options = {**options(plan.law, plan.loss, columns), "LANES": LANES}

    def candidates(self, first: int, count: int) -> tuple[Tensor, NDArray[np.int64]]:
        """Standard normals of draws that may fit, (D, A), float32, and their places (A,).

        Args:
            first: number of the first draw looked at.
            count: draws.
        """
        found = self.below(self._plan.level, first, count)
        return torch.from_numpy(self.weights(found.draws)), found.draws - first

    def weights(self, draws: NDArray[np.int64]) -> NDArray[np.float32]:
        """Standard normals of some draws, in the order of the law's entries, with shape (D, N).

        Args:
            draws: their numbers.
        """
        return draw_normals(self._count, draws, self._plan.key)[self._rows]

    def below(self, level: float, first: int, count: int) -> Found:
        """The draws whose training loss is below a level.

        Args:
            level: in the losses' unit.
            first: number of the first draw looked at.
            count: draws.

        Raises:
            NoRoom: there are too many.
        """
        counted = torch.zeros(1, dtype=torch.int32, device=self._plan.place)
        most = min(count, _CAPACITY, max(_NORMALS // self._count, LANES))
        draws = torch.empty(most, dtype=torch.int64, device=self._plan.place)
        found_losses = torch.empty((2, len(draws)), device=self._plan.place)
        programs = min(-(-count // LANES), _PROGRAMS, _ROOM // (2 * self._half))
        room = torch.empty(programs * 2 * self._half, device=self._plan.place)
        # Triton starts kernels on the present device, whatever their tensors are on.
        with torch.cuda.device_of(room):
            look[(programs,)](
                *self._network, self._plan.key, first, count, level, self._plan.law.layers.slope,
                *self._losses, counted, draws, *found_losses, most, room, self._half, self._numbers,
                **self._options, num_warps=LANES // 32,
            )  # fmt: skip
        found = int(counted)
        if found > most:
            raise NoRoom(f"{found} of {count} draws fit; there is room for {most}")
        order = draws[:found].argsort()
        return Found(*(part[:found][order].cpu().numpy() for part in (draws, *found_losses)))


def _counters(
    shapes: tuple[tuple[int, int], ...],
) -> tuple[list[tuple[int, int, int]], int, NDArray[np.int64]]:
    """Which counters weights are made of: a quadruple makes four rows of a column.

    Args:
        shapes: of the layers.

    Returns:
        Rows, columns and the first quadruple of each layer; normals of a draw; and the row, among
        these, of each of the law's entries, with shape (D,).
    """
    layers, numbers, begun = [], [], 0
    for rows, cols in shapes:
        layers.append((rows, cols, begun))
        i, j = np.indices((rows, cols)).reshape(2, -1)
        numbers.append(4 * (begun + i // 4 * cols + j) + i % 4)
        begun += padded(rows, 4) // 4 * cols
    quadruple, place = np.divmod(np.concatenate(numbers), 4)
    # Normals that are cosines come first, then, of the same quadruples, those that are sines.
    return layers, 4 * begun, place // 2 * 2 * begun + 2 * quadruple + place % 2
