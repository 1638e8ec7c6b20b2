"""Gradients of the training loss for a whole batch of networks, written out by hand.

With so few numbers a trial, the time goes into starting operations, not into arithmetic; writing
the chain rule out halves their number against a recorded graph.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gncviz.network import Network
from gncviz.task import Task


@dataclass(frozen=True)
class Quadratic:
    """The training loss of each trial as a quadratic form of its error E = W − W*.

    L_train = ‖R E‖² with R = A/√n over flattened matrices, and its gradient by W is E C with
    C = 2 RᵀR: one small product a trial, whatever the number of measurements.

    Attributes:
        truth: W*, with shape (T, m, m').
        root: R, with shape (T, n, m·m'); rows of zeros where a trial has fewer measurements.
        curvature: C, with shape (T, m·m', m·m'); with shape (m·m', m·m') when all trials share one
            task, which makes one product of all of theirs.
        offset: −W* C, with shape (T, 1, m·m'); or (m·m',).
    """

    truth: Tensor
    root: Tensor
    curvature: Tensor
    offset: Tensor

    @classmethod
    def of(cls, tasks: list[Task], device: torch.device) -> Quadratic:
        """The losses of one task a trial, in float64."""
        most = max(len(task.measurements) for task in tasks)
        roots = {id(task): _root(task, most) for task in tasks}
        truth = torch.tensor(np.stack([task.ground_truth for task in tasks]), device=device)
        root = torch.tensor(np.stack([roots[id(task)] for task in tasks]), device=device)
        curvature = 2 * root.mT @ root
        offset = -truth.flatten(1)[:, None] @ curvature
        if len(roots) == 1:
            curvature, offset = curvature[0], offset[0, 0]
        return cls(truth, root, curvature, offset)

    def value(self, matrices: Tensor) -> Tensor:
        """L_train (Eq. 2) of one (m, m') matrix a trial, with shape (T,)."""
        error = (matrices - self.truth).flatten(1)
        return torch.bmm(self.root, error[:, :, None]).square_().sum(dim=(1, 2))

    def slope(self, matrices: Tensor) -> Tensor:
        """The gradient of L_train by W, with the shape of W."""
        flat = matrices.flatten(1)
        if self.curvature.ndim == 2:
            return torch.addmm(self.offset, flat, self.curvature).view_as(matrices)
        return torch.baddbmm(self.offset, flat[:, None], self.curvature).view_as(matrices)

    def select(self, rows: Tensor) -> Quadratic:
        """The losses of some of the trials."""
        truth, root = self.truth[rows], self.root[rows]
        if self.curvature.ndim == 2:
            return Quadratic(truth, root, self.curvature, self.offset)
        return Quadratic(truth, root, self.curvature[rows], self.offset[rows])


def _root(task: Task, rows: int) -> NDArray[np.float64]:
    count = len(task.measurements)
    root = np.zeros((rows, task.ground_truth.size))
    root[:count] = task.measurements.reshape(count, -1) / math.sqrt(count)
    return root


def layers_of(flat: Tensor, network: Network, rows: int, cols: int) -> list[Tensor]:
    """Views of (T, P) flattened weights as W_1..W_d, each with shape (T, rows, columns)."""
    shapes = network.layer_shapes(rows, cols)
    parts = flat.split([r * c for r, c in shapes], dim=1)
    return [part.unflatten(1, shape) for part, shape in zip(parts, shapes, strict=True)]


def gradient(network: Network, layers: list[Tensor], loss: Quadratic, into: list[Tensor]) -> Tensor:
    """The gradient of L_train by every layer.

    Args:
        network: gives σ.
        layers: W_1..W_d, each with shape (T, rows, columns).
        loss: the training losses.
        into: where the gradient by each layer is written; same shapes as ``layers``.

    Returns:
        W, with shape (T, m, m').
    """
    sigma, slope = network.sigma, network.negative_slope
    before, after = [layers[0]], []
    for layer in layers[1:]:
        after.append(sigma.function(before[-1], slope))
        before.append(layer.bmm(after[-1]))
    back = loss.slope(before[-1])
    for j in range(len(layers) - 1, 0, -1):
        torch.bmm(back, after[j - 1].mT, out=into[j])
        back = layers[j].mT.bmm(back)
        if network.activation != "linear":
            back = back * sigma.derivative(before[j - 1], after[j - 1], slope)
    into[0].copy_(back)
    return before[-1]
