"""The prior over weights (Definitions 2 and 3 of the paper) and its image, a law of matrices."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from gncviz.network import TERM_BY_TERM, Network, frobenius_norm
from gncviz.settings import Settings

if TYPE_CHECKING:
    from torch import Generator, Tensor

FamilyName = Literal["gaussian", "uniform"]
Scaling = Literal["fan_in", "fan_out"]

#: From this depth on, the norm that divides the factors may be too small for float32.
_DEEP = 30


@dataclass(frozen=True)
class Family:
    """A law Q of the weights before scaling, with the facts that samplers and theorems ask about.

    Attributes:
        label: how it is called in figures and on the page.
        law: the law itself, to follow "Q is".
        variance: of one entry.
        gaussian: whether it is exactly normal: reductions, refits and several theorems need that.
        from_normal: ``z -> q``, standard normals to draws of Q, entry by entry.
        fill: ``(entries, generator) -> entries``, filled with independent draws in place.
    """

    label: str
    law: str
    variance: float
    gaussian: bool
    from_normal: Callable[[Tensor], Tensor]
    fill: Callable[[Tensor, Generator], Tensor]


FAMILIES: dict[str, Family] = {
    "gaussian": Family(
        "Gaussian",
        "Gaussian",
        1.0,
        True,
        lambda z: z,
        lambda entries, generator: entries.normal_(generator=generator),
    ),
    "uniform": Family(
        "uniform",
        "uniform on [−1, 1]",
        1 / 3,
        False,
        # Through the normal distribution function: 2Φ(z) − 1.
        lambda z: (z * math.sqrt(0.5)).erf_(),
        lambda entries, generator: entries.uniform_(-1.0, 1.0, generator=generator),
    ),
}


class Prior(Settings):
    """Independent weights: entries drawn from Q, then scaled layer by layer.

    Args:
        family: Q; "gaussian" is N(0, 1), "uniform" is uniform on [−1, 1].
        normalize: False, or True for Definition 3's normalization, every W_j divided by
            ‖W‖_F^{1/d} (for a positively homogeneous σ this makes ‖W‖_F = 1). "product" divides
            the matrix W itself by ‖W‖_F instead, as the authors' code does; the two differ only
            for activations that are not positively homogeneous, such as tanh.
        scaling: "fan_in" divides W_j by the root of its number of columns (Definition 3);
            "fan_out" by the root of its number of rows, which is what the authors' code does and
            what the published tanh panels show.

    Raises:
        SettingsError: a field is out of range.
    """

    family: FamilyName = Field("gaussian", description="Law Q of the weights before scaling.")
    normalize: Literal[False, True, "product"] = Field(False, description="Normalize the factors?")
    scaling: Scaling = Field("fan_in", description="What each layer is scaled by.")

    def __init__(self, family: str = "gaussian", **values: Any) -> None:
        super().__init__(family=family, **values)

    @property
    def q(self) -> Family:
        """The law Q and what is known of it."""
        return FAMILIES[self.family]

    def from_normal(self, normals: Tensor) -> Tensor:
        """Maps standard normals to draws of Q, entry by entry."""
        return self.q.from_normal(normals)

    def fill(self, entries: Tensor, generator: Generator) -> Tensor:
        """Fills a tensor with independent draws of Q, in place."""
        return self.q.fill(entries, generator)

    def layer_scale(self, shape: tuple[int, int]) -> float:
        """The factor 1/√(columns) or 1/√(rows) of a layer (Definition 3).

        Args:
            shape: of the layer, (rows, columns).
        """
        rows, columns = shape
        return 1 / math.sqrt(columns if self.scaling == "fan_in" else rows)


@dataclass(frozen=True)
class MatrixPrior:
    """The law of W under a network and a prior: entries of Q in, (N, m, m') matrices out.

    Attributes:
        network: the network.
        prior: the prior over its weights.
        rows: rows m of W.
        cols: columns m' of W.
    """

    network: Network
    prior: Prior
    rows: int
    cols: int

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """Shapes of W_1..W_d."""
        return self.network.layer_shapes(self.rows, self.cols)

    @property
    def size(self) -> int:
        """How many random numbers one draw takes."""
        return self.network.weight_count(self.rows, self.cols)

    @property
    def cost(self) -> int:
        """The time of one draw, in units of one normal number."""
        return self.size

    def draw(self, count: int, generator: Generator) -> Tensor:
        """Draws of Q for ``count`` networks, with shape (count, size), float32.

        A narrow network's draws run innermost in memory, as its products like it (see
        :func:`gncviz.network.batched_product`).
        """
        import torch

        device = generator.device
        if self.network.width > TERM_BY_TERM:
            return self.prior.fill(torch.empty(count, self.size, device=device), generator)
        return self.prior.fill(torch.empty(self.size, count, device=device), generator).T

    def weights(self, entries: Tensor) -> list[Tensor]:
        """W_1..W_d before normalization, each with shape (N, rows, columns)."""
        return [
            layer * scale for layer, scale in zip(self.layers(entries), self.scales, strict=True)
        ]

    def layers(self, entries: Tensor) -> list[Tensor]:
        """The same before scaling: views of the draws of Q."""
        parts = entries.split([r * c for r, c in self.shapes], dim=1)
        return [part.unflatten(1, shape) for part, shape in zip(parts, self.shapes, strict=True)]

    @property
    def scales(self) -> list[float]:
        """The factors of W_1..W_d."""
        return [self.prior.layer_scale(shape) for shape in self.shapes]

    def matrices(self, entries: Tensor) -> Tensor:
        """W for each row of ``entries`` (N, size), with shape (N, m, m').

        A draw whose product is exactly zero (all units of a ReLU network dead) has no direction;
        it stays zero under normalization.
        """
        layers, scales = self.layers(entries), self.scales
        if not self.prior.normalize:
            return self.network.forward(layers, scales=scales)
        if self.network.sigma.homogeneous:
            # The norm that divides the product takes the factors of its layers with it.
            product = self.network.forward(layers, rescale=True)
            return product / frobenius_norm(product)
        if self.network.depth > _DEEP and self.prior.normalize != "product":
            layers = [layer.double() for layer in layers]
        product = self.network.forward(layers, scales=scales)
        norm = frobenius_norm(product)
        if self.prior.normalize == "product":
            return product / norm
        shrink = norm.pow(-1 / self.network.depth)
        return self.network.forward(layers, scales=[shrink * scale for scale in scales]).to(
            entries.dtype
        )
