"""The activation functions σ, with the facts that the samplers and theorems ask about.

No torch import: every function works through tensor methods, so that settings can be built and
validated before torch is loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from torch import Tensor

ActivationName = Literal["linear", "tanh", "leaky_relu", "relu", "sin", "softsign"]


@dataclass(frozen=True)
class Activation:
    """An entrywise activation σ.

    Attributes:
        label: how it is called in figures and on the page.
        function: ``(x, negative_slope) -> σ(x)``.
        derivative: ``(x, σ(x), negative_slope) -> σ'(x)``; at a kink, the value torch uses.
        antisymmetric: σ(−x) = −σ(x), a condition of Theorem 1.
        homogeneous: σ(c·x) = c·σ(x) for c > 0, so that normalizing factors or product is the same.
        smooth: without a kink; with one, the posterior lies in many pieces.
        linear: σ(x) = x, so that W is a plain product of matrices.
    """

    label: str
    function: Callable[[Tensor, float], Tensor]
    derivative: Callable[[Tensor, Tensor, float], Tensor]
    antisymmetric: bool
    homogeneous: bool
    smooth: bool
    linear: bool = False


def _leaky_relu(x: Tensor, slope: float) -> Tensor:
    # Right for slopes below one, and one pass less over memory than telling the sides apart.
    return x.maximum(x * slope)


def _leaky_relu_derivative(x: Tensor, _: Tensor, slope: float) -> Tensor:
    return (x > 0).to(x.dtype).mul_(1 - slope).add_(slope)


ACTIVATIONS: dict[str, Activation] = {
    "linear": Activation(
        "linear",
        lambda x, _: x,
        lambda x, y, _: x.new_ones(()).expand_as(x),
        True,
        True,
        True,
        linear=True,
    ),
    "tanh": Activation("tanh", lambda x, _: x.tanh(), lambda x, y, _: 1 - y * y, True, False, True),
    "leaky_relu": Activation("Leaky ReLU", _leaky_relu, _leaky_relu_derivative, False, True, False),
    "relu": Activation(
        "ReLU", lambda x, _: x.clamp_min(0), lambda x, y, _: (x > 0).to(x.dtype), False, True, False
    ),
    "sin": Activation("sine", lambda x, _: x.sin(), lambda x, y, _: x.cos(), True, False, True),
    "softsign": Activation(
        "softsign",
        lambda x, _: x / (1 + x.abs()),
        lambda x, y, _: (1 + x.abs()).pow(-2),
        True,
        False,
        True,
    ),
}
