"""Products of many small matrices at once, the last axis counting them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

#: Up to this inner size a batched product is summed term by term over the whole batch, which on
#: a CPU is several times faster than a batch of tiny matrix products.
TERM_BY_TERM = 16


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
