"""Orthogonal matrices for a whole batch, with the draws running innermost as a CPU likes it."""

from __future__ import annotations

import torch
from torch import Tensor

from gncviz.network import batched_product


def directions(matrices: Tensor, rounds: int = 2) -> tuple[Tensor, Tensor]:
    """Rough singular vectors of a batch of matrices, by a few rounds of orthogonal iteration.

    Args:
        matrices: with shape (N, m, m').
        rounds: how many; the start is fixed, so that the same matrix gives the same directions.

    Returns:
        Orthogonal U (N, m, m) and V (N, m', m').
    """
    v = orthonormal(matrices.transpose(1, 2))
    for _ in range(rounds):
        u = orthonormal(batched_product(matrices, v))
        v = orthonormal(batched_product(matrices.transpose(1, 2), u))
    return u, v


def orthonormal(matrices: Tensor) -> Tensor:
    """Orthogonal (N, s, s) matrices from the columns of (N, s, t), by Gram–Schmidt.

    Where there are fewer columns than rows, unit vectors fill up.
    """
    side, count = matrices.shape[1], matrices.shape[2]
    columns = list(matrices.permute(2, 1, 0)[:side])
    if count < side:
        eye = torch.eye(side, device=matrices.device, dtype=matrices.dtype)
        columns += [unit[:, None].expand_as(columns[0]) for unit in eye[: side - count]]
    found = torch.empty(side, *columns[0].shape, device=matrices.device, dtype=matrices.dtype)
    for i, column in enumerate(columns):
        found[i] = _remainder(column, found[:i])
    return found.permute(2, 1, 0)


def _remainder(column: Tensor, found: Tensor) -> Tensor:
    tiny = torch.finfo(column.dtype).tiny
    column = column / column.norm(dim=0).clamp_min(tiny)
    # Twice is enough (Kahan, Parlett): what rounding left of the others goes in the second pass.
    for _ in range(2 if len(found) else 0):
        overlap = (found * column).sum(dim=1, keepdim=True)
        column = column - (found * overlap).sum(dim=0)
        column = column / column.norm(dim=0).clamp_min(tiny)
    return column
