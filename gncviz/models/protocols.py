"""What the samplers, gradient descent and the spectra ask of a model, and all that they ask.

Inside, everything is a column: C draws side by side are a (D, C) tensor of entries, and their
outputs a (P, C) tensor, P the numbers of an output, flattened. Results have rows; the border is
:mod:`gncviz.posterior.draws`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import ArrayLike, NDArray
    from torch import Generator, Tensor

    from gncviz.prior import Prior
    from gncviz.progress import Run

    #: Weights of C networks, block by block, each with shape (*shape, C).
    Blocks = Sequence[Tensor]
    #: The gradient of a loss by flattened outputs, (P, C) to (P, C).
    Slope = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Ball:
    """The set {L_train < ε} where it is a ball: ‖P y − v*‖² < n·(ε − least) for an output y.

    Attributes:
        directions: P with ‖P y‖² = Σ_i <A_i, y>², with shape (q, P), float64; its rows are as many
            as there are independent measurements.
        center: v*, with shape (q,), float64.
        count: n, the number of measurements.
        least: the smallest L_train there is; above zero where labels contradict each other.
    """

    directions: NDArray[np.float64]
    center: NDArray[np.float64]
    count: int
    least: float = 0.0

    def radius(self, epsilon: float) -> float:
        """Of the ball, √(n·(ε − least)); zero where nothing is in it."""
        # Not so large that its square would be infinite: it holds all that there is long before.
        return float((self.count * min(max(epsilon - self.least, 0.0), 1e300)) ** 0.5)


@dataclass(frozen=True)
class HardLabels:
    """What is asked of each training sample where all have to be right: signs, or which is largest.

    Attributes:
        targets: with shape (K, n), float64. For one output its sign, ±1; for more of them 1 for the
            one that has to be the largest, and 0.
    """

    targets: NDArray[np.float64]


@dataclass(frozen=True)
class Stack:
    """A layered network with standard normal weights: a unit takes in Σ_m z_m·row_m.

    Rows are numbers at each sample. Those of the first layer are the inputs, those of the next what
    the units give, σ of what they take in, times the layer's scale; the last row is that of biases.
    Normals of a network come layer by layer, unit by unit, in the order of the rows.

    Attributes:
        inputs: rows of the first layer, with shape (r, N), float64.
        widths: of the hidden layers.
        outputs: K, units of the last layer.
        scales: of what each hidden layer gives.
        bias: what the rows of biases hold; None where there are none.
        function: σ, entry by entry.
        sigma: its number for kernels; None where they do not know it.
        slope: of Leaky ReLU below zero.
    """

    inputs: NDArray[np.float64]
    widths: tuple[int, ...]
    outputs: int
    scales: tuple[float, ...]
    bias: float | None
    function: Callable[[Tensor], Tensor]
    sigma: int | None
    slope: float

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """Units and rows of each layer, the last one included."""
        biases = int(self.bias is not None)
        rows = [len(self.inputs), *(width + biases for width in self.widths)]
        return list(zip((*self.widths, self.outputs), rows, strict=True))

    @property
    def size(self) -> int:
        """D, normals of a network."""
        return sum(units * rows for units, rows in self.shapes)


class Losses(Protocol):
    """Training and generalization loss of columns, on one device and in one precision."""

    @property
    def unit(self) -> float:
        """Training losses are measured in it: L_train = unit · train(y).

        A power of four, so that no measurement, however large its unit, leaves float32's range.
        """

    def train(self, outputs: Tensor) -> Tensor:
        """L_train of (P, C) outputs over :attr:`unit`, with shape (C,)."""

    def gen(self, outputs: Tensor) -> Tensor:
        """L_gen of (..., P, C) outputs, with shape (..., C)."""


class TrialLosses(Protocol):
    """The training losses of T trials, each of its own task perhaps; float64."""

    def train(self, outputs: Tensor) -> Tensor:
        """L_train of (P, T) outputs, column t under trial t's task, with shape (T,)."""

    def slope(self, outputs: Tensor) -> Tensor:
        """The gradient of each trial's L_train by its output, with shape (P, T)."""

    def select(self, trials: Tensor) -> TrialLosses:
        """Those of some of the trials, by their places (T',)."""


class AnyTask(Protocol):
    """What is to be learnt: two losses of an output."""

    @property
    def output_shape(self) -> tuple[int, ...]:
        """The shape of one output, P numbers in all."""

    @property
    def inputs(self) -> NDArray[np.float64] | None:
        """What the network is applied to, one column a sample; None for the identity."""

    @property
    def ball(self) -> Ball | None:
        """Where {L_train < ε} is a ball, which one; None where it is none, or too large to hold."""

    def train_loss(self, outputs: ArrayLike) -> NDArray[np.float64]:
        """L_train of outputs ``(..., *output_shape)``, with shape (...): the float64 reference."""

    def gen_loss(self, outputs: ArrayLike) -> NDArray[np.float64]:
        """L_gen of outputs ``(..., *output_shape)``, with shape (...): the float64 reference."""

    def losses(self, device: torch.device, dtype: torch.dtype) -> Losses:
        """Both on columns, for screening and for moving."""

    def trial_losses(self, tasks: Sequence[Any], device: torch.device) -> TrialLosses:
        """The training losses of tasks of this kind, one a trial."""

    def unfoldings(self, outputs: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Matrices whose singular values tell of an output, by name; each (..., rows, cols)."""


class AnyNetwork(Protocol):
    """A map from weights to outputs."""

    @property
    def width(self) -> int:
        """Units side by side."""

    @property
    def depth(self) -> int:
        """Layers."""

    @property
    def label(self) -> str:
        """The network in words for titles."""

    @property
    def homogeneous(self) -> bool:
        """Whether multiplying all weights by a positive number multiplies outputs by one."""

    @property
    def effort(self) -> float:
        """How much longer it takes to find one's way in than a linear network of its size."""

    def blocks(self, task: AnyTask) -> list[tuple[int, int]]:
        """Shapes of the weights, block by block; the prior scales each by its sides."""

    def forward(self, weights: Blocks, inputs: Tensor | None = None) -> Tensor:
        """Outputs ``(*output_shape, C)`` for blocks of weights ``(*shape, C)``."""

    def gradient(
        self, weights: Blocks, slope: Slope, into: Blocks, inputs: Tensor | None = None
    ) -> Callable[[], Tensor]:
        """What writes the gradient at the present weights ``into`` tensors of each block's shape.

        It is called again and again, as the weights change in place, and gives the outputs.

        Args:
            weights: blocks of weights ``(*shape, C)``.
            slope: the gradient of a loss by flattened outputs (P, C).
            into: where the gradients go.
            inputs: of the task.
        """

    def laws(self, task: AnyTask, prior: Prior) -> tuple[Law, ...]:
        """The law of the output under a prior, in all exact forms there are; the direct one first.

        :func:`gncviz.models.law.direct_law` makes that of any network.
        """


class Readout(Protocol):
    """A law whose output is linear in its last block of Gaussian entries: y = Z X, row by row.

    Given the hidden activations X, the rows of the output are independent N(0, XᵀX). A readout may
    be transposed: then y is (Z X)ᵀ row by row, as where a tensor's last mode is the output.
    """

    @property
    def block(self) -> slice:
        """The entries of Z: the last ones."""

    @property
    def sides(self) -> tuple[int, int]:
        """Rows and columns of the output, so that P = rows · cols."""

    @property
    def transposed(self) -> bool:
        """Whether y holds Z X column by column."""

    @property
    def units(self) -> int:
        """Rows of X: how many entries a row of Z has."""

    def draw_hidden(self, count: int, rng: Generator, run: Run | None = None) -> Tensor:
        """X of networks drawn from the prior, with shape (units, cols, C), float64.

        Where a draw takes long, the run is asked on the way; what it raises ends the draw.
        """

    def hidden(self, entries: Tensor) -> Tensor:
        """X of (D, C) entries, the last block's scale included, with shape (units, cols, C)."""


class Law(Protocol):
    """The law of the output, as the image of independent entries."""

    @property
    def size(self) -> int:
        """D, the entries of one draw."""

    @property
    def cost(self) -> int:
        """The time of one draw, in units of one normal number."""

    @property
    def moving_cost(self) -> int:
        """The time of one draw from normals, likewise, for moving about in them."""

    @property
    def blocks(self) -> tuple[slice, ...]:
        """Entries that belong together, such as those of a layer."""

    @property
    def readout(self) -> Readout | None:
        """Where the last block can be integrated out or drawn anew; else None."""

    @property
    def unreadable(self) -> str | None:
        """None where there is a readout; else what one would need, and what there is instead."""

    @property
    def stack(self) -> Stack | None:
        """The network unit by unit, where it is one of layers on inputs and all is Gaussian."""

    def draw(self, count: int, rng: Generator, run: Run | None = None) -> Tensor:
        """Entries of ``count`` draws, with shape (D, count), float32.

        Where a draw takes long, the run is asked on the way; what it raises ends the draw.
        """

    def from_normals(self, normals: Tensor) -> Tensor:
        """Entries (D, C) for independent standard normals (D, C), increasing in each."""

    def outputs(self, entries: Tensor) -> Tensor:
        """Flattened outputs (P, C) for entries (D, C)."""
