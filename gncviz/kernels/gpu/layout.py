"""How networks and losses lie in a GPU's memory, for fused kernels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from gncviz.kernels.gpu.outputs import ROWS

if TYPE_CHECKING:
    from torch import Tensor

    from gncviz.kernels.plans import LawPlan, LossPlan, Misfit

#: Columns of an output that are worked on together at most: four sums each stay in registers.
_TILE = 8


class Columns(NamedTuple):
    """Columns of an output.

    Attributes:
        real: how many there are.
        width: how many there is room for, a multiple of the tile.
        tile: how many are worked on together.
    """

    real: int
    width: int
    tile: int

    @classmethod
    def of(cls, law: LawPlan) -> Columns:
        """As few tiles as will do, as even as they can be."""
        count = law.layers.shapes[0][1]
        tile = math.ceil(count / math.ceil(count / _TILE))
        return cls(count, padded(count, tile), tile)


def padded(count: int, size: int) -> int:
    """The next multiple of a size."""
    return -(-count // size) * size


def tensor(numbers: Any, dtype: torch.dtype, place: str) -> Tensor:
    """Numbers on a device, row by row."""
    return torch.tensor(np.array(numbers, order="C"), dtype=dtype, device=place)


def options(law: LawPlan, loss: LossPlan, columns: Columns) -> dict[str, Any]:
    """What kernels are compiled for."""
    return {
        "SIGMA": law.layers.sigma,
        "EVEN": law.even,
        "NORMALIZE": law.normalize,
        "RESCALE": law.rescale,
        "PICKS": len(loss.train.places) > 0,
        "GEN_PICKS": len(loss.gen.places) > 0,
        "COLS": columns.width,
        "TILE": columns.tile,
    }


def losses(loss: LossPlan, columns: Columns, place: str) -> list[Any]:
    """Both losses as kernels take them, each: places, how many, A by some rows, b, and n."""
    return [part for one in (loss.train, loss.gen) for part in _misfit(one, columns, place)]


def _misfit(misfit: Misfit, columns: Columns, place: str) -> tuple[Any, ...]:
    count = len(misfit.target)
    places = misfit.places if len(misfit.places) else np.arange(misfit.matrix.shape[1])
    matrix = np.zeros((padded(count, ROWS), misfit.matrix.shape[1]))
    matrix[: len(misfit.matrix)] = misfit.matrix
    target = np.zeros(len(matrix))
    target[:count] = misfit.target
    row, column = np.divmod(places, columns.real)
    return (
        tensor(row * columns.width + column, torch.int32, place),
        len(places),
        tensor(matrix.reshape(-1, ROWS, matrix.shape[1]).swapaxes(1, 2), torch.float32, place),
        tensor(target, torch.float32, place),
        count,
    )
