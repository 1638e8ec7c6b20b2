"""The prior over weights (Definitions 2 and 3 of the paper)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from gncviz.settings import Settings

if TYPE_CHECKING:
    from torch import Generator, Tensor

FamilyName = Literal["gaussian", "uniform"]
Scaling = Literal["fan_in", "fan_out"]


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
