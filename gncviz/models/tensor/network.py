"""CP networks: a tensor as a sum of products of vectors, each mode's a linear network."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from gncviz.models.arrays import checked_size
from gncviz.models.products import frobenius_norm, khatri_rao, product
from gncviz.models.simple import autograd
from gncviz.settings import Settings

if TYPE_CHECKING:
    from torch import Tensor

    from gncviz.models.protocols import AnyTask, Blocks, Law, Slope
    from gncviz.prior import Prior

Form = Literal["cp"]

#: Layers between two rescalings of a normalized product: far too few to leave float32's range.
_RESCALE_EVERY = 8


class TensorNetwork(Settings):
    """W = Σ_r a_r^1 ⊗ … ⊗ a_r^N, a sum of R terms; each mode's vectors come from a linear network.

    Mode n has a factor A^n with shape (d_n, R), whose columns are the vectors a_r^n. At depth p it
    is a product of p matrices, (d_n × R)(R × R)^{p−1}, with weights of its own. The last mode is
    the output: its first matrix' columns are R, so that the prior scales it by 1/√R (Definition 3),
    and those of the other modes by 1/√d_n. At order two W is, transposed, a linear
    :class:`gncviz.Network` of width R and depth 2p.

    Args:
        width: R, the terms of the sum.
        depth: p, the matrices that each factor is a product of.
        form: "cp", the only one so far.

    Raises:
        SettingsError: a field is out of range.
    """

    width: int = Field(8, ge=1, le=100_000, description="Width R: terms of the sum.")
    depth: int = Field(1, ge=1, le=1000, description="Depth p: matrices of each factor.")
    form: Form = Field("cp", description="Which sum of products it is.")

    #: Multiplying all weights by a positive number multiplies W by one.
    homogeneous: ClassVar[bool] = True
    effort: ClassVar[float] = 1.0

    @property
    def label(self) -> str:
        """The network in words for titles, such as "CP, width 8, depth 1"."""
        return f"{self.form.upper()}, width {self.width}, depth {self.depth}"

    def blocks(self, task: AnyTask) -> list[tuple[int, int]]:
        """Shapes of the matrices: mode after mode, of each the one first that is applied first.

        Args:
            task: of tensors (d_1, …, d_N).
        """
        *others, last = task.output_shape
        inner = [(self.width, self.width)] * (self.depth - 1)
        inputs = [shape for side in others for shape in ((self.width, side), *inner)]
        return [*inputs, *inner, (last, self.width)]

    def forward(
        self,
        weights: Sequence[Tensor],
        inputs: Tensor | None = None,
        *,
        scales: Sequence[float] | None = None,
        rescale: bool = False,
    ) -> Tensor:
        """W of each network.

        Args:
            weights: the matrices, as in :meth:`blocks`, each with shape (rows, columns, C).
            inputs: None; there are none.
            scales: factors of the matrices.
            rescale: divide products on the way by their norms: W changes only by a positive factor,
                and a deep one of small factors does not vanish in floating point.

        Returns:
            W, with shape (d_1, …, d_N, C) and the dtype of the weights.
        """
        numbers = [1.0] * len(weights) if scales is None else list(scales)
        end = len(weights) - self.depth
        hidden = self._hidden(weights[:end], numbers, rescale)
        last = weights[-1] * numbers[-1]
        for matrix, scale in zip(reversed(weights[end:-1]), reversed(numbers[end:-1]), strict=True):
            last = product(last, matrix).mul_(scale)
        found = product(_rescaled(last) if rescale else last, hidden.flatten(1, -2))
        return found.unflatten(1, hidden.shape[1:-1]).movedim(0, -2)

    def hidden(self, weights: Sequence[Tensor]) -> Tensor:
        """What the last matrix is applied to, with shape (R, d_1 ⋯ d_{N−1}, C).

        Args:
            weights: all matrices but the last.
        """
        inner = len(weights) % self.depth
        end = len(weights) - inner
        found = self._hidden(weights[:end], [1.0] * end, False).flatten(1, -2)
        for matrix in weights[end:]:
            found = product(matrix, found)
        return found

    def _hidden(self, weights: Sequence[Tensor], scales: Sequence[float], rescale: bool) -> Tensor:
        """The products of all modes' vectors but the last one's: (R, d_1, …, d_{N−1}, C)."""
        factors = []
        for first in range(0, len(weights), self.depth):
            factor = weights[first] * scales[first]
            for place in range(first + 1, first + self.depth):
                factor = product(weights[place], factor).mul_(scales[place])
                if rescale and place % _RESCALE_EVERY == 0:
                    factor = _rescaled(factor)
            factors.append(_rescaled(factor) if rescale else factor)
        return khatri_rao(factors)

    def gradient(
        self, weights: Blocks, slope: Slope, into: Blocks, inputs: Tensor | None = None
    ) -> Callable[[], Tensor]:
        """What writes the gradient at the present weights, and gives the outputs there."""
        return autograd(self.forward, weights, slope, into, inputs)

    def laws(self, task: AnyTask, prior: Prior) -> tuple[Law, ...]:
        """The law of W.

        Args:
            task: tells its shape.
            prior: over the weights.

        Raises:
            SettingsError: the products of one network would not fit into memory.
        """
        from gncviz.models.tensor.law import TensorLaw

        *others, _ = task.output_shape
        what = f"{self.width} products of {' × '.join(map(str, others))} numbers"
        checked_size("width", f"that of {what}", self.width * math.prod(others))
        return (TensorLaw(self, prior, task),)


def _rescaled(factor: Tensor) -> Tensor:
    return factor / frobenius_norm(factor)
