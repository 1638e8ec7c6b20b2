"""What kernels are told: numbers and arrays, and nothing of tasks, laws and settings.

Whoever can be compiled describes itself by one of these; what is compiled is made from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from gncviz.kernels import DESCENT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LINEAR, TANH, LEAKY_RELU, RELU, SIN, SOFTSIGN = range(6)

#: Kernels know activations by number.
SIGMAS = {
    "linear": LINEAR,
    "tanh": TANH,
    "leaky_relu": LEAKY_RELU,
    "relu": RELU,
    "sin": SIN,
    "softsign": SOFTSIGN,
}


class Layers(NamedTuple):
    """A layered network that is applied to the identity.

    Attributes:
        shapes: of the layers, (rows, columns), first layer first.
        sigma: the activation, one of :data:`SIGMAS`.
        slope: of Leaky ReLU below zero.
    """

    shapes: tuple[tuple[int, int], ...]
    sigma: int
    slope: float

    @property
    def weights(self) -> int:
        """How many there are."""
        return sum(rows * cols for rows, cols in self.shapes)


class Quadratic(NamedTuple):
    """Training losses ‖R (y − y*)‖², one a trial.

    Attributes:
        truth: y*, with shape (T, P), float64.
        root: R, with shape (T, n, P), float64.
    """

    truth: NDArray[np.float64]
    root: NDArray[np.float64]


class Rule(NamedTuple):
    """How steps of gradient descent are made; see :func:`gncviz.descent.step.take_step`.

    Attributes:
        lr: learning rate.
        momentum: heavy ball.
        adaptive: the step rule; else steps are lr long.
        decay: of the adaptive rule.
        floor: likewise.
    """

    lr: float
    momentum: float
    adaptive: bool
    decay: float
    floor: float


@dataclass(frozen=True)
class DescentPlan:
    """Gradient descent of many trials.

    Attributes:
        layers: the network.
        loss: of the trials.
        rule: of the steps.
        tolerance: below it a trial has converged.
        weights: at epoch 0, with shape (T, D), float64.
    """

    layers: Layers
    loss: Quadratic
    rule: Rule
    tolerance: float
    weights: NDArray[np.float64]

    twin: ClassVar[tuple[str, str]] = DESCENT

    @property
    def pays(self) -> bool:
        """Whether compiled code is the faster: larger layers are multiplied faster by torch."""
        return self.layers.weights <= 2**14
