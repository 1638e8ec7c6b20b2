"""The model: a bias-free fully connected network read as a matrix factorization (Eq. 4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pydantic import Field

from gncviz.activation import ACTIVATIONS, Activation, ActivationName
from gncviz.settings import Settings

if TYPE_CHECKING:
    from torch import Tensor

#: Up to this inner size a batched product is summed term by term over the whole batch, which on
#: a CPU is several times faster than a batch of tiny matrix products.
TERM_BY_TERM = 16

#: Layers between two rescalings of a normalized product: far too few to leave float32's range.
_RESCALE_EVERY = 8


class Network(Settings):
    """W = W_d σ(W_{d−1} σ(… σ(W_1)…)), σ entrywise and not after the last product (Eq. 4).

    Args:
        width: k, the rows of every layer but the last. The paper's theorems take k ≥ min(m, m');
            a smaller width limits the rank of W and is allowed.
        depth: d, the number of layers; 1 is the bare matrix W_1.
        activation: σ, one of "linear", "tanh", "leaky_relu", "relu", "sin", "softsign".
        negative_slope: slope of Leaky ReLU left of 0 (the paper: 0.2); the others ignore it.

    Raises:
        SettingsError: a field is out of range.

    Example:
        >>> Network(width=5, depth=3).layer_shapes(rows=4, cols=6)
        [(5, 6), (5, 5), (4, 5)]
    """

    width: int = Field(5, ge=1, le=100_000, description="Width k: units in every hidden layer.")
    depth: int = Field(2, ge=1, le=1000, description="Depth d: number of layers.")
    activation: ActivationName = Field("linear", description="Activation σ.")
    negative_slope: float = Field(0.2, ge=0, lt=1, description="Slope of Leaky ReLU below zero.")

    @property
    def sigma(self) -> Activation:
        """The activation and what is known of it."""
        return ACTIVATIONS[self.activation]

    @property
    def label(self) -> str:
        """The network in words for titles, such as "linear, width 5, depth 2"."""
        return f"{self.sigma.label}, width {self.width}, depth {self.depth}"

    def layer_shapes(self, rows: int, cols: int) -> list[tuple[int, int]]:
        """Shapes of W_1..W_d for an (m, m') = (rows, cols) matrix, first layer first.

        Args:
            rows: rows m of W.
            cols: columns m' of W.
        """
        if self.depth == 1:
            return [(rows, cols)]
        inner = [(self.width, self.width)] * (self.depth - 2)
        return [(self.width, cols), *inner, (rows, self.width)]

    def weight_count(self, rows: int, cols: int) -> int:
        """How many weights the network has for an (m, m') = (rows, cols) matrix.

        Args:
            rows: rows m of W.
            cols: columns m' of W.
        """
        return sum(r * c for r, c in self.layer_shapes(rows, cols))

    def forward(
        self,
        weights: Sequence[Tensor],
        *,
        scales: Sequence[float | Tensor] | None = None,
        rescale: bool = False,
    ) -> Tensor:
        """The matrix W of each draw.

        Args:
            weights: W_1..W_d, each a torch tensor with shape (N, rows, columns).
            scales: factors of the layers, numbers or tensors with shape (N, 1, 1). Taken into
                account when a layer has been applied, they cost less than on its weights.
            rescale: every few layers, divide what a hidden layer passes on by its Frobenius norm.
                For a positively homogeneous σ this changes W only by a positive factor, and keeps
                a deep product of small factors from vanishing in floating point.

        Returns:
            W, with shape (N, m, m') and the dtype of the weights.
        """
        hidden = weights[0] if scales is None else weights[0] * scales[0]
        for j, layer in enumerate(weights[1:], start=1):
            hidden = self.sigma.function(hidden, self.negative_slope)
            if rescale and j % _RESCALE_EVERY == 0:
                hidden = hidden / frobenius_norm(hidden)
            hidden = batched_product(layer, hidden)
            if scales is not None:
                hidden *= scales[j]
        return hidden


def frobenius_norm(matrices: Tensor) -> Tensor:
    """Frobenius norms of (N, m, m') matrices, with shape (N, 1, 1); never quite zero."""
    import torch

    tiny = torch.finfo(matrices.dtype).tiny
    squares = matrices.square().sum(dim=(1, 2), keepdim=True)
    return squares.sqrt_().clamp_min_(tiny)


def batched_product(left: Tensor, right: Tensor) -> Tensor:
    """Matrix products over a batch: (N, r, s) times (N, s, t) gives (N, r, t).

    Either memory layout is accepted. Narrow factors are multiplied term by term with the draws
    running innermost; wide ones by a batched matrix product.
    """
    inner = left.shape[2]
    if inner > TERM_BY_TERM or left.is_cuda:
        return left.bmm(right)
    a, b = left.permute(1, 2, 0), right.permute(1, 2, 0)
    total: Any = a[:, 0, None] * b[None, 0]
    for j in range(1, inner):
        total.addcmul_(a[:, j, None], b[None, j])
    return total.permute(2, 0, 1)
