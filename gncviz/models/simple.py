"""The least that a new model takes: two losses of columns, and a forward pass.

All else that :mod:`gncviz.models.protocols` asks is derived here, gradients by autograd. A model
that is there to stay writes out what its own form makes faster.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gncviz.models.arrays import real_numbers
from gncviz.models.law import direct_law
from gncviz.settings import Settings, SettingsError

if TYPE_CHECKING:
    import torch
    from numpy.typing import ArrayLike, NDArray
    from torch import Tensor

    from gncviz.models.protocols import AnyTask, Blocks, Law, Slope
    from gncviz.prior import Prior

    #: Outputs (P, C) and targets (P, C) or (P, 1), in any precision, to losses (C,).
    ColumnLoss = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class ColumnLosses:
    """Two losses of columns, and the gradient of one; for sampling and for trials.

    Attributes:
        train_of: the training loss.
        gen_of: the generalization loss.
        target: of each column, with shape (P, C), or (P, 1) of all.
    """

    train_of: ColumnLoss
    gen_of: ColumnLoss
    target: Tensor
    unit: ClassVar[float] = 1.0

    def train(self, outputs: Tensor) -> Tensor:
        """L_train of (P, C) outputs, with shape (C,)."""
        return self.train_of(outputs, self.target)

    def gen(self, outputs: Tensor) -> Tensor:
        """L_gen of (P, C) outputs, with shape (C,)."""
        return self.gen_of(outputs, self.target)

    def slope(self, outputs: Tensor) -> Tensor:
        """The gradient of each column's L_train by its output, with shape (P, C)."""
        import torch

        with torch.inference_mode(False), torch.enable_grad():
            leaf, target = outputs.clone().requires_grad_(), self.target.clone()
            (found,) = torch.autograd.grad(self.train_of(leaf, target).sum(), leaf)
        return found

    def select(self, trials: Tensor) -> ColumnLosses:
        """Those of some of the trials, by their places."""
        return replace(self, target=self.target[:, trials])


class SimpleTask(ABC):
    """Base of tasks that are told by a target and two losses of columns.

    Attributes:
        target: what an output should be; its shape is that of an output.
        inputs: what the network is applied to, one column a sample; None for the identity.
    """

    target: NDArray[np.float64]
    inputs: NDArray[np.float64] | None = None
    ball: ClassVar[None] = None

    @abstractmethod
    def train_of(self, outputs: Tensor, target: Tensor) -> Tensor:
        """L_train of (P, C) outputs, with shape (C,).

        Args:
            outputs: one a column.
            target: of each, or one for all.
        """

    @abstractmethod
    def gen_of(self, outputs: Tensor, target: Tensor) -> Tensor:
        """L_gen of (P, C) outputs, with shape (C,).

        Args:
            outputs: one a column.
            target: of each, or one for all.
        """

    @property
    def output_shape(self) -> tuple[int, ...]:
        """The shape of one output."""
        return self.target.shape

    def train_loss(self, outputs: ArrayLike) -> NDArray[np.float64]:
        """L_train of outputs ``(..., *output_shape)``, with shape (...), float64.

        Raises:
            SettingsError: they have another shape.
        """
        return self._reference(self.train_of, outputs)

    def gen_loss(self, outputs: ArrayLike) -> NDArray[np.float64]:
        """L_gen of outputs ``(..., *output_shape)``, with shape (...), float64.

        Raises:
            SettingsError: they have another shape.
        """
        return self._reference(self.gen_of, outputs)

    def _reference(self, loss: ColumnLoss, outputs: ArrayLike) -> NDArray[np.float64]:
        import torch

        wanted = f"(..., {', '.join(map(str, self.output_shape))})"
        array, axes = real_numbers("outputs", outputs, wanted), len(self.output_shape)
        if array.shape[array.ndim - axes :] != self.output_shape or array.ndim < axes:
            sentence = f"outputs must have shape {wanted}; got {array.shape}."
            raise SettingsError([("outputs", sentence)])
        columns = torch.tensor(array.reshape(-1, self.target.size).T)
        found = loss(columns, torch.tensor(self.target.reshape(-1, 1)))
        return np.asarray(found.numpy().reshape(array.shape[: array.ndim - axes]))

    def losses(self, device: torch.device, dtype: torch.dtype) -> ColumnLosses:
        """Both losses on columns, on a device and in a precision."""
        import torch

        column = torch.tensor(self.target.reshape(-1, 1), device=device, dtype=dtype)
        return ColumnLosses(self.train_of, self.gen_of, column)

    def trial_losses(self, tasks: Sequence[SimpleTask], device: torch.device) -> ColumnLosses:
        """Those of tasks of this kind, one a trial; in float64."""
        import torch

        columns = np.stack([task.target.ravel() for task in tasks], axis=1)
        return ColumnLosses(self.train_of, self.gen_of, torch.tensor(columns, device=device))

    def unfoldings(self, outputs: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Matrices whose singular values tell of an output: itself, its last axis as columns."""
        rows = math.prod(self.output_shape[:-1])
        shape = (*outputs.shape[: outputs.ndim - len(self.output_shape)], rows, -1)
        return {"output": outputs.reshape(shape)}


class SimpleNetwork(Settings):
    """Base of networks that are told by the shapes of their weights and a forward pass.

    ``blocks`` and ``forward`` are to be defined; see :class:`gncviz.models.protocols.AnyNetwork`.
    """

    width: int = 1
    depth: int = 1
    effort: ClassVar[float] = 1.0
    homogeneous: ClassVar[bool] = False

    @property
    def label(self) -> str:
        """The network in words for titles."""
        return f"{type(self).__name__}, width {self.width}, depth {self.depth}"

    @abstractmethod
    def blocks(self, task: AnyTask) -> list[tuple[int, int]]:
        """Shapes of the weights."""

    @abstractmethod
    def forward(self, weights: Blocks, inputs: Tensor | None = None) -> Tensor:
        """Outputs ``(*output_shape, C)``."""

    def gradient(
        self, weights: Blocks, slope: Slope, into: Blocks, inputs: Tensor | None = None
    ) -> Callable[[], Tensor]:
        """What writes the gradient at the present weights, by autograd, and gives the outputs."""
        return autograd(self.forward, weights, slope, into, inputs)

    def laws(self, task: AnyTask, prior: Prior) -> tuple[Law, ...]:
        """The law of the output under a prior."""
        return (direct_law(self, task, prior),)


def autograd(
    forward: Callable[[Blocks, Tensor | None], Tensor],
    weights: Blocks,
    slope: Slope,
    into: Blocks,
    inputs: Tensor | None = None,
) -> Callable[[], Tensor]:
    """The gradient of any network; see :meth:`gncviz.models.protocols.AnyNetwork.gradient`.

    Args:
        forward: its forward pass.
        weights: blocks of weights.
        slope: the gradient of the loss by flattened outputs.
        into: where the gradients go.
        inputs: of the task.
    """
    import torch

    def compute() -> Tensor:
        with torch.inference_mode(False), torch.enable_grad():
            leaves = [block.clone().requires_grad_() for block in weights]
            outputs = forward(leaves, None if inputs is None else inputs.clone())
            columns = outputs.detach().reshape(-1, outputs.shape[-1])
            back = slope(columns).reshape(outputs.shape)
            found: Any = torch.autograd.grad(outputs, leaves, back.clone())
        for block, part in zip(into, found, strict=True):
            block.copy_(part)
        return outputs.detach()

    return compute
