"""Products of many small matrices at once, the last axis counting them."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

#: Up to this inner size a batched product is summed term by term over the whole batch, which on
#: a CPU is several times faster than a batch of tiny matrix products.
TERM_BY_TERM = 16
#: Products of pairs of numbers in a matrix product that BLAS libraries make on the calling thread,
#: OpenBLAS at least; with fewer rows than these at a time, that is not worth it.
_ON_ONE_THREAD, _FEW_ROWS = 2**18, 64


def frobenius_norm(matrices: Tensor) -> Tensor:
    """Frobenius norms of (r, s, C) matrices, with shape (1, 1, C); never quite zero."""
    import torch

    tiny = torch.finfo(matrices.dtype).tiny
    squares = matrices.square().sum(dim=(0, 1), keepdim=True)
    return squares.sqrt_().clamp_min_(tiny)


def product(left: Tensor, right: Tensor) -> Tensor:
    """Matrix products side by side: (r, s, C) times (s, t, C) gives (r, t, C).

    Either memory layout is accepted, and decides how the product is made: narrow factors with the
    networks innermost term by term; wide ones, and those that lie one network after the other, by
    a batched matrix product. ``right`` may have a single matrix for all.

    Args:
        left: with shape (r, s, C).
        right: with shape (s, t, C) or (s, t, 1).
    """
    if right.shape[2] == 1 < left.shape[2] and left.shape[1] > 1:
        # One large product of all rows of all networks.
        rows = left.permute(2, 0, 1).reshape(-1, left.shape[1])
        return (rows @ right[:, :, 0]).view(left.shape[2], left.shape[0], -1).permute(1, 2, 0)
    if left.shape[1] > TERM_BY_TERM or left.is_cuda or left.stride(-1) != 1:
        right = right.permute(2, 0, 1).expand(left.shape[2], -1, -1)
        return left.permute(2, 0, 1).bmm(right).permute(1, 2, 0)
    total: Any = left[:, 0, None] * right[None, 0]
    for j in range(1, left.shape[1]):
        total.addcmul_(left[:, j, None], right[None, j])
    return total


def rows_times(rows: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows (..., P) times a matrix (P, q), with shape (..., q).

    Many rows are multiplied a few at a time: BLAS libraries use all cores for a larger product, and
    their threads then go on looking for work for a while, which takes that time from ours.
    """
    import numpy as np

    step = _ON_ONE_THREAD // max(matrix.size, 1)
    if step < _FEW_ROWS or rows.size <= step * rows.shape[-1]:
        return rows @ matrix
    flat = rows.reshape(-1, rows.shape[-1])
    found = np.empty((len(flat), matrix.shape[1]))
    for first in range(0, len(flat), step):
        np.matmul(flat[first : first + step], matrix, out=found[first : first + step])
    return found.reshape(*rows.shape[:-1], -1)


def khatri_rao(factors: Sequence[Tensor]) -> Tensor:
    """Outer products of columns: (R, d_1, C), (R, d_2, C), … give (R, d_1, d_2, …, C).

    Args:
        factors: the columns of each mode, R of them.
    """
    found = factors[0]
    for factor in factors[1:]:
        axes = found.ndim - 2
        found = found[..., None, :] * factor[(slice(None), *[None] * axes)]
    return found


def cp_sum(factors: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Σ_r u_r^1 ⊗ … ⊗ u_r^N, with shape (d_1, …, d_N).

    Args:
        factors: the vectors of each mode as columns, with shape (d_n, r).
    """
    import numpy as np

    axes = ascii_lowercase[: len(factors)]
    found: NDArray[np.float64] = np.einsum(
        ",".join(f"{axis}R" for axis in axes) + f"->{axes}", *factors, optimize=True
    )
    return found
