"""The last layer of a network with a Gaussian prior, given the layers before it.

The rows of W = W_d H are independent N(0, S) given the hidden activations H, with S = s²·HᵀH and
s the scale of the last layer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from gncviz.models.law import PIECE, filled

if TYPE_CHECKING:
    from gncviz.models.dense.law import DenseLaw
    from gncviz.progress import Run


def readable(law: DenseLaw) -> str | None:
    """None where W is Gaussian given the hidden layers; else why it is not.

    Args:
        law: of the network.
    """
    if not law.prior.q.gaussian:
        return f"a Gaussian prior; got family {law.prior.family!r}"
    if law.prior.normalize:
        return f"a prior without normalization; got normalize={law.prior.normalize!r}"
    if len(law.shapes) < 2:
        return "at least two layers; got depth 1"
    return None


@dataclass(frozen=True)
class DenseReadout:
    """W = Z X; see :class:`gncviz.models.protocols.Readout`.

    X is s·H, and below it, where there are biases, a row of their scale.

    Attributes:
        law: of the network, one for which :func:`readable` has no objection.
    """

    law: DenseLaw

    @property
    def block(self) -> slice:
        """The entries of Z."""
        return self.law.blocks[-1]

    @property
    def sides(self) -> tuple[int, int]:
        """(m, m')."""
        rows, cols = self.law.task.output_shape
        return rows, cols

    @property
    def transposed(self) -> bool:
        """False: W is Z X itself."""
        return False

    @property
    def units(self) -> int:
        """k, rows of X."""
        return self.law.shapes[-1][1]

    def draw_hidden(self, count: int, rng: torch.Generator, run: Run | None = None) -> Tensor:
        """X of networks drawn from the prior, with shape (k, m', count), float64.

        Raises:
            Stopped: the run is to end.
        """
        layers, long = [], count * self.law.size > PIECE
        for number, shape in enumerate(self.law.shapes[:-1]):
            if run is not None and long:
                run.check()
            empty = torch.empty(count, *shape, device=rng.device)
            normals = filled(self.law.prior, empty, rng, run)
            layers.append(self.law.scaled(normals.double().permute(1, 2, 0), number))
        return self._readied(layers)

    def hidden(self, entries: Tensor) -> Tensor:
        """X for entries (D, C), with shape (k, m', C)."""
        return self._readied(self.law.weights(entries)[:-1])

    def _readied(self, layers: list[Tensor]) -> Tensor:
        inputs = self.law.inputs_like(layers[0])
        found = self.law.network.hidden(layers, inputs) * self.law.scales[-1]
        if self.law.bias is None:
            return found
        return torch.cat([found, found.new_full((1, *found.shape[1:]), self.law.bias)])
