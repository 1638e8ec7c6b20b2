"""What kernels are told: numbers and arrays, and nothing of tasks, laws and settings.

Whoever can be compiled describes itself by one of these; what is compiled is made from it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from gncviz.kernels import DESCENT, FUSED_WALK, SCREEN, UNITS, WALK

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LINEAR, TANH, LEAKY_RELU, RELU, SIN, SOFTSIGN = range(6)
#: How outputs are normalized: not at all, by their own norm, or every layer by a root of it.
NOT_AT_ALL, BY_PRODUCT, BY_FACTORS = range(3)

#: Kernels know activations by number.
SIGMAS = {
    "linear": LINEAR,
    "tanh": TANH,
    "leaky_relu": LEAKY_RELU,
    "relu": RELU,
    "sin": SIN,
    "softsign": SOFTSIGN,
}

#: Kinds of moves: a Crank–Nicolson step in some layers, a slice in what is not seen of one.
STEP_IN_LAYERS, NULL_SPACE = range(2)
#: Squares of products of more layers than this may leave float32's range: they shrink from layer to
#: layer, by more and less evenly the narrower layers are. What divides the factors of one does so
#: the sooner.
_DEEPEST, _DEEPEST_OF_SOME_WIDTH, _SOME_WIDTH, _DEEPEST_FACTORS = 32, 64, 4, 30
#: Networks of more weights than these gain little: the processor's caches do not hold the chains or
#: trials that are worked on together, and operations of torch are long enough.
_MOST_WEIGHTS, _MOST_WEIGHTS_IN_DESCENT = 2**13, 2**14
#: On a GPU a draw is one thread's, and no run is to wait longer than a second for the last one.
_MOST_WEIGHTS_OF_A_THREAD = 2**22
#: Numbers that a layer gives, at most, where a GPU keeps them of all draws in flight.
_MOST_BETWEEN_LAYERS = 2**13


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

    @property
    def narrowest(self) -> float:
        """Units of the smallest hidden layer; infinite where there is none."""
        return min((rows for rows, _ in self.shapes[:-1]), default=math.inf)


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
    device: ClassVar[str] = "cpu"
    doubtful: ClassVar[bool] = False

    @property
    def pays(self) -> bool:
        """Whether compiled code is the faster: larger layers are multiplied faster by torch."""
        return self.layers.weights <= _MOST_WEIGHTS_IN_DESCENT


class LawPlan(NamedTuple):
    """The law of a layered network's output.

    Attributes:
        layers: the network.
        scales: factors of the layers.
        even: whether weights are uniform on ±1 before scaling; else they are Gaussian.
        normalize: one of :data:`NOT_AT_ALL`, :data:`BY_PRODUCT` and :data:`BY_FACTORS`.
        rescale: whether nothing but the direction of what a layer gives counts.
    """

    layers: Layers
    scales: tuple[float, ...]
    even: bool
    normalize: int
    rescale: bool


class Misfit(NamedTuple):
    """A loss ‖A y − b‖²/n.

    Attributes:
        matrix: A, with shape (n, P); no rows where it looks at entries of y.
        places: these entries, with shape (n,); none where there is a matrix.
        target: b, with shape (n,).
    """

    matrix: NDArray[np.float64]
    places: NDArray[np.int64]
    target: NDArray[np.float64]


class LossPlan(NamedTuple):
    """Training and generalization loss."""

    train: Misfit
    gen: Misfit


@dataclass(frozen=True)
class WalkPlan:
    """Moves of many chains below a level.

    Attributes:
        law: of the outputs.
        loss: of them.
        moves: the kind of each, the first layer that it changes, and the one after the last.
        names: of the moves.
        seen: what is measured of an output, with shape (q, P); no rows where no move asks.
        place: the device by its name.
    """

    law: LawPlan
    loss: LossPlan
    moves: tuple[tuple[int, int, int], ...]
    names: tuple[str, ...]
    seen: NDArray[np.float64]
    place: str = "cpu"

    @property
    def fused(self) -> bool:
        """Whether the twin is the one for a GPU, which makes steps in layers and nothing else."""
        return self.place.startswith("cuda")

    @property
    def twin(self) -> tuple[str, str]:
        """That of the device."""
        return FUSED_WALK if self.fused else WALK

    @property
    def device(self) -> str:
        """One of the two for which there is a twin."""
        return "cuda" if self.fused else "cpu"

    @property
    def pays(self) -> bool:
        """Whether compiled code is the faster, and its numbers stay within float32's range."""
        layers, steps = self.law.layers, {STEP_IN_LAYERS}
        known = not self.fused or {kind for kind, *_ in self.moves} <= steps
        most = _DEEPEST_OF_SOME_WIDTH if layers.narrowest >= _SOME_WIDTH else _DEEPEST
        return known and layers.weights <= _MOST_WEIGHTS and len(layers.shapes) <= most

    @property
    def doubtful(self) -> bool:
        """A compiler for a GPU and the card itself are as they are found."""
        return self.fused


@dataclass(frozen=True)
class ScreenPlan:
    """Draws of the prior, of which those are wanted whose training loss is below a level.

    Attributes:
        law: of the outputs.
        loss: of them.
        level: in the unit of the training loss.
        key: of the random numbers, below 2⁶³.
        place: the device by its name.
    """

    law: LawPlan
    loss: LossPlan
    level: float
    key: int
    place: str

    twin: ClassVar[tuple[str, str]] = SCREEN
    device: ClassVar[str] = "cuda"
    #: A compiler for a GPU and the card itself are as they are found.
    doubtful: ClassVar[bool] = True

    @property
    def pays(self) -> bool:
        """Whether a draw is short and leaves room for many, and norms are within range."""
        layers = self.law.layers
        between = max(rows for rows, _ in layers.shapes) * layers.shapes[0][1]
        deep = self.law.normalize == BY_FACTORS and len(layers.shapes) > _DEEPEST_FACTORS
        short = layers.weights <= _MOST_WEIGHTS_OF_A_THREAD
        return between <= _MOST_BETWEEN_LAYERS and short and not deep


@dataclass(frozen=True)
class UnitsPlan:
    """Sweeps over the units of networks that have to be right at every sample.

    Attributes:
        inputs: rows of the first layer, with shape (r, N).
        rising: whether row m is zero before sample m.
        shapes: units and rows of each layer, the last one included.
        groups: units of each hidden layer that are moved together.
        scales: of what hidden layers give.
        bias: what the rows of biases hold; None where there are none.
        sigma: the activation.
        slope: of Leaky ReLU below zero.
        signs: of one output at each sample, with shape (N,).
        own: which of several outputs has to be the largest, likewise.
        tries: places on the ellipse of a group.
        turns: of the readout, before and after the units.
    """

    inputs: NDArray[np.float64]
    rising: bool
    shapes: tuple[tuple[int, int], ...]
    groups: tuple[int, ...]
    scales: tuple[float, ...]
    bias: float | None
    sigma: int
    slope: float
    signs: NDArray[np.float64]
    own: NDArray[np.int64]
    tries: int
    turns: int

    twin: ClassVar[tuple[str, str]] = UNITS
    device: ClassVar[str] = "cpu"
    doubtful: ClassVar[bool] = False
    #: Layers of any size: what is used again and again is one chain's.
    pays: ClassVar[bool] = True
