"""The law of a CP network's tensor under a prior."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gncviz.models.law import PIECE, DirectLaw, filled
from gncviz.models.products import frobenius_norm

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from gncviz.models.protocols import Readout
    from gncviz.progress import Run


@dataclass(frozen=True)
class TensorLaw(DirectLaw):
    """The law over all weights; W is linear in each matrix, so that a normalization is a division.

    Dividing every factor by ‖W‖^{1/N}, or every matrix by ‖W‖^{1/(Np)}, divides W by ‖W‖.
    """

    @property
    def readout(self) -> Readout | None:
        """The last matrix given the rest, where W is Gaussian in it."""
        return TensorReadout(self) if self.unreadable is None else None

    @property
    def unreadable(self) -> str | None:
        """What a readout would need, and what there is instead; None where there is one."""
        if not self.prior.q.gaussian:
            return f"a Gaussian prior; got family {self.prior.family!r}"
        if self.prior.normalize:
            return f"a prior without normalization; got normalize={self.prior.normalize!r}"
        return None

    def outputs(self, entries: Tensor) -> Tensor:
        """Flattened W (P, C) for entries (D, C)."""
        layers, normalize = self.layers(entries), bool(self.prior.normalize)
        scales = None if normalize else self.scales
        found = self.network.forward(layers, scales=scales, rescale=normalize)
        flat = found.reshape(-1, entries.shape[1])
        return flat / frobenius_norm(flat[:, None])[0] if normalize else flat


@dataclass(frozen=True)
class TensorReadout:
    """W, its last mode as rows, is Z X; see :class:`gncviz.models.protocols.Readout`.

    Attributes:
        law: of the network, one that is not :attr:`TensorLaw.unreadable`.
    """

    law: TensorLaw

    @property
    def block(self) -> slice:
        """The entries of Z."""
        return self.law.blocks[-1]

    @property
    def sides(self) -> tuple[int, int]:
        """(d_N, d_1 ⋯ d_{N−1})."""
        *others, last = self.law.task.output_shape
        return last, math.prod(others)

    @property
    def transposed(self) -> bool:
        """True: the rows are W's last axis."""
        return True

    @property
    def units(self) -> int:
        """R, rows of X."""
        return self.law.shapes[-1][1]

    def draw_hidden(self, count: int, rng: Generator, run: Run | None = None) -> Tensor:
        """X of networks drawn from the prior, with shape (R, d_1 ⋯ d_{N−1}, count), float64.

        Raises:
            Stopped: the run is to end.
        """
        import torch

        matrices, long = [], count * self.law.size > PIECE
        for shape, scale in zip(self.law.shapes[:-1], self.law.scales, strict=False):
            if run is not None and long:
                run.check()
            empty = torch.empty(count, *shape, device=rng.device)
            normals = filled(self.law.prior, empty, rng, run)
            matrices.append((normals.double() * scale).permute(1, 2, 0))
        return self._readied(matrices)

    def hidden(self, entries: Tensor) -> Tensor:
        """X for entries (D, C), with shape (R, d_1 ⋯ d_{N−1}, C)."""
        return self._readied(self.law.weights(entries)[:-1])

    def _readied(self, matrices: list[Tensor]) -> Tensor:
        found: Tensor = self.law.network.hidden(matrices) * self.law.scales[-1]
        return found
