"""A shortcut for wide linear networks that leaves the law of W exactly as it is.

A Gaussian (s, k) factor is L Q with L lower triangular and Q having orthonormal rows (LQ
decomposition). Q times the Gaussian factor behind it is again Gaussian, now with s rows, and
independent of L; and L is known in law (Bartlett): χ_{k−i} on the diagonal, i = 0..s−1, standard
normals below it. Applied from the outer factor inwards, every width k becomes s = min(m, m').
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from gncviz.models.dense.chi import ChiFromNormal
from gncviz.models.products import frobenius_norm, product

if TYPE_CHECKING:
    from gncviz.models.dense.network import Network
    from gncviz.models.protocols import AnyTask
    from gncviz.prior import Prior
    from gncviz.progress import Run

#: What one gamma variate costs, and the map from a normal to a χ variable, in units of one normal,
#: measured on a CPU.
_GAMMA_COST, _CHI_COST = 14, 5
#: How many times cheaper this form has to be for moving about in it: the direct one can move layer
#: by layer.
_WORTH = 3


def reducible(network: Network, prior: Prior, task: AnyTask) -> str | None:
    """None where the law of W has this form; else why it has not, in a sentence.

    Args:
        network: the model.
        prior: over its weights.
        task: tells the shape of W.
    """
    if task.inputs is not None:
        return "The network is applied to data."
    if network.bias_scale(on_data=False) is not None:
        return "The network has biases."
    if not network.sigma.linear:
        return "The network is not linear."
    if not prior.q.gaussian:
        return "The prior is not Gaussian."
    if network.depth < 2 or network.width < min(task.output_shape):
        return "The network is narrower than W, or a single layer."
    return None


@dataclass(frozen=True)
class BartlettLaw:
    """The law of W for a linear network and a Gaussian prior, whatever the width.

    Attributes:
        network: at least as wide as min(m, m').
        prior: a Gaussian one.
        rows: rows m of W.
        cols: columns m' of W.
    """

    network: Network
    prior: Prior
    rows: int
    cols: int

    @property
    def readout(self) -> None:
        """None: the last layer has been turned away."""
        return None

    @property
    def unreadable(self) -> str:
        """What a readout would need."""
        return "all weights, not the triangles that stand for them"

    @property
    def stack(self) -> None:
        """None: triangles have no units."""
        return None

    @property
    def blocks(self) -> tuple[slice, ...]:
        """All entries together."""
        return (slice(0, self.size),)

    @property
    def _sides(self) -> tuple[int, int]:
        # Wᵀ has the law of the transposed shape, so the smaller side can always be the outer one.
        return min(self.rows, self.cols), max(self.rows, self.cols)

    @property
    def _below(self) -> int:
        small, _ = self._sides
        return small * (small - 1) // 2

    @property
    def _outer(self) -> int:
        """How many factors are triangular."""
        return self.network.depth - 1

    @property
    def size(self) -> int:
        """D, how many random numbers one draw takes."""
        small, large = self._sides
        return self._outer * (self._below + small) + small * large

    @property
    def cost(self) -> int:
        """The time of one draw, in units of one normal number."""
        return self.size + self._outer * self._sides[0] * (_GAMMA_COST - 1)

    @property
    def moving_cost(self) -> int:
        """The same from given normals, and for what moving all of them together is less worth."""
        return _WORTH * (self.size + self._outer * self._sides[0] * (_CHI_COST - 1))

    def draw(self, count: int, rng: torch.Generator, run: Run | None = None) -> Tensor:
        """Random numbers for ``count`` draws, with shape (D, count), float32.

        Args:
            count: how many.
            rng: of them.
            run: not asked: a draw is small, however wide the network is.
        """
        small, _ = self._sides
        gammas = self._outer * small
        numbers = torch.empty(self.size, count, device=rng.device)
        numbers[gammas:].normal_(generator=rng)
        degrees = self.network.width - torch.arange(small, device=rng.device).float()
        shape = (degrees / 2).repeat(self._outer)[:, None].expand(-1, count)
        # χ² with ν degrees of freedom is twice a gamma variate of shape ν/2.
        chi = torch._standard_gamma(shape.contiguous(), generator=rng).mul_(2).sqrt_()
        numbers[:gammas] = chi
        return numbers

    def from_normals(self, normals: Tensor) -> Tensor:
        """The same numbers for independent standard normals, with shape (D, C)."""
        chi = self._chi.to(normals.device, normals.dtype)
        count = self._outer * len(chi.degrees)
        return torch.cat([chi(normals[:count]), normals[count:]])

    @cached_property
    def _chi(self) -> ChiFromNormal:
        return ChiFromNormal.table([self.network.width - i for i in range(self._sides[0])])

    def outputs(self, entries: Tensor) -> Tensor:
        """Flattened W (m·m', C) for random numbers (D, C)."""
        small, large = self._sides
        outer, count = self._outer, entries.shape[1]
        diagonals, below, inner = entries.split([outer * small, outer * self._below, small * large])
        scales = self._scales
        whole = inner.unflatten(0, (small, large)) * scales[0]
        for j in range(outer):
            factor = self._triangle(
                diagonals[j * small : (j + 1) * small],
                below[j * self._below : (j + 1) * self._below],
            )
            whole = product(factor * scales[j + 1], whole)
            if self.prior.normalize:
                whole = whole / frobenius_norm(whole)
        if self.rows > self.cols:
            whole = whole.transpose(0, 1)
        return whole.reshape(-1, count)

    @property
    def _scales(self) -> list[float]:
        # One a factor: their product leaves the range of floating point in a deep, wide network.
        shapes = self.network.layer_shapes(self.rows, self.cols)
        return [self.prior.layer_scale(shape) for shape in shapes]

    def _triangle(self, diagonal: Tensor, below: Tensor) -> Tensor:
        small, _ = self._sides
        factor = diagonal.new_zeros(small, small, diagonal.shape[1])
        rows, columns = torch.tril_indices(small, small, offset=-1, device=diagonal.device)
        factor[rows, columns] = below
        steps = torch.arange(small, device=diagonal.device)
        factor[steps, steps] = diagonal
        return factor
