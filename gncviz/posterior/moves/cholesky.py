"""Many small factorizations at a time, the draws innermost: faster than one by one."""

from __future__ import annotations

import torch
from torch import Tensor


def cholesky(matrices: Tensor) -> Tensor:
    """Lower factors of (q, q, C) matrices, in place; above the diagonal is left what was there."""
    tiny = torch.finfo(matrices.dtype).tiny
    for j in range(len(matrices)):
        matrices[j, j].clamp_min_(tiny).sqrt_()
        column = matrices[j + 1 :, j].div_(matrices[j, j])
        matrices[j + 1 :, j + 1 :].addcmul_(column[:, None], column[None], value=-1)
    return matrices


def solve_lower(factor: Tensor, right: Tensor) -> Tensor:
    """L⁻¹·right for (q, q, C) and (q, C), in place."""
    for j in range(len(right)):
        right[j] /= factor[j, j]
        right[j + 1 :].addcmul_(factor[j + 1 :, j], right[j], value=-1)
    return right


def solve_upper(factor: Tensor, right: Tensor) -> Tensor:
    """L⁻ᵀ·right for (q, q, C) and (q, C), in place."""
    for j in reversed(range(len(right))):
        right[j] /= factor[j, j]
        right[:j].addcmul_(factor[j, :j], right[j], value=-1)
    return right
