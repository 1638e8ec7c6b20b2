"""A shortcut for wide linear networks that leaves the law of W exactly as it is.

A Gaussian (s, k) factor is L Q with L lower triangular and Q having orthonormal rows (LQ
decomposition). Q times the Gaussian factor behind it is again Gaussian, now with s rows, and
independent of L; and L is known in law (Bartlett): χ_{k−i} on the diagonal, i = 0..s−1, standard
normals below it. Applied from the outer factor inwards, every width k becomes s = min(m, m').
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gncviz.network import Network, batched_product, frobenius_norm
from gncviz.prior import MatrixPrior, Prior

#: What one gamma variate costs, in units of one normal, measured on a CPU.
_GAMMA_COST = 14


@dataclass(frozen=True)
class ReducedMatrixPrior:
    """The law of W for a linear network and a Gaussian prior, whatever the width.

    The same interface as :class:`gncviz.prior.MatrixPrior`, for networks at least as wide as
    min(m, m').
    """

    network: Network
    prior: Prior
    rows: int
    cols: int

    @property
    def _sides(self) -> tuple[int, int]:
        # Wᵀ has the law of the transposed shape, so the smaller side can always be the outer one.
        return min(self.rows, self.cols), max(self.rows, self.cols)

    @property
    def _below(self) -> int:
        small, _ = self._sides
        return small * (small - 1) // 2

    @property
    def size(self) -> int:
        """How many random numbers one draw takes."""
        small, large = self._sides
        return (self.network.depth - 1) * (self._below + small) + small * large

    @property
    def cost(self) -> int:
        """The time of one draw, in units of one normal number."""
        small, _ = self._sides
        return self.size + (self.network.depth - 1) * small * (_GAMMA_COST - 1)

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """Random numbers for ``count`` draws, with shape (count, size), float32."""
        small, _ = self._sides
        gammas = (self.network.depth - 1) * small
        numbers = torch.empty(self.size, count, device=generator.device)
        numbers[gammas:].normal_(generator=generator)
        degrees = self.network.width - torch.arange(small, device=generator.device).float()
        shape = (degrees / 2).repeat(self.network.depth - 1)[:, None].expand(-1, count)
        # χ² with ν degrees of freedom is twice a gamma variate of shape ν/2.
        chi = torch._standard_gamma(shape.contiguous(), generator=generator).mul_(2).sqrt_()
        numbers[:gammas] = chi
        return numbers.T

    def matrices(self, numbers: Tensor) -> Tensor:
        """W for each row of ``numbers`` (N, size), with shape (N, m, m')."""
        small, large = self._sides
        outer = self.network.depth - 1
        diagonals, below, inner = numbers.split(
            [outer * small, outer * self._below, small * large], dim=1
        )
        scales = self._scales
        product = inner.unflatten(1, (small, large)) * scales[0]
        for j in range(outer):
            factor = self._triangle(
                diagonals[:, j * small : (j + 1) * small],
                below[:, j * self._below : (j + 1) * self._below],
            )
            product = batched_product(factor * scales[j + 1], product)
            if self.prior.normalize:
                product = product / frobenius_norm(product)
        return product if self.rows <= self.cols else product.transpose(1, 2)

    @property
    def _scales(self) -> list[float]:
        # One a factor: their product leaves the range of floating point in a deep, wide network.
        shapes = self.network.layer_shapes(self.rows, self.cols)
        return [self.prior.layer_scale(shape) for shape in shapes]

    def _triangle(self, diagonal: Tensor, below: Tensor) -> Tensor:
        small, _ = self._sides
        factor: Any = diagonal.new_zeros(small, small, len(diagonal))
        rows, columns = torch.tril_indices(small, small, offset=-1, device=diagonal.device)
        factor[rows, columns] = below.T
        steps = torch.arange(small, device=diagonal.device)
        factor[steps, steps] = diagonal.T
        return factor.permute(2, 0, 1)


def reducible(network: Network, prior: Prior, rows: int, cols: int) -> bool:
    """Whether the law of W has a reduced form."""
    return (
        network.activation == "linear"
        and prior.family == "gaussian"
        and network.depth > 1
        and network.width >= min(rows, cols)
    )


def matrix_prior(
    network: Network, prior: Prior, rows: int, cols: int
) -> MatrixPrior | ReducedMatrixPrior:
    """The law of W in its cheapest exact form."""
    full = MatrixPrior(network, prior, rows, cols)
    if not reducible(network, prior, rows, cols):
        return full
    reduced = ReducedMatrixPrior(network, prior, rows, cols)
    return reduced if reduced.cost < full.cost else full
