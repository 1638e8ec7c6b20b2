"""Gradients of the training loss for a whole batch of networks, written out by hand.

With so few numbers a trial, the time goes into starting operations, not into arithmetic; writing
the chain rule out halves their number against a recorded graph.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gncviz.network import Network
from gncviz.task import Task


@dataclass(frozen=True)
class Quadratic:
    """The training loss of each trial as a quadratic form of its error E = W − W*.

    L_train = ½ <E, E C> with C = (2/n) Σ A_i A_iᵀ over flattened matrices, so that the gradient by
    W is E C, whatever the number of measurements.

    Attributes:
        truth: W*, with shape (T, m, m').
        curvature: C, with shape (T, m·m', m·m').
    """

    truth: Tensor
    curvature: Tensor

    @classmethod
    def of(cls, tasks: list[Task], device: torch.device) -> Quadratic:
        """The losses of one task a trial, in float64."""
        unique = {id(task): task for task in tasks}
        forms = {
            key: (2 / len(task.measurements)) * stacked.T @ stacked
            for key, task in unique.items()
            for stacked in [task.measurements.reshape(len(task.measurements), -1)]
        }
        truth = np.stack([task.ground_truth for task in tasks])
        curvature = np.stack([forms[id(task)] for task in tasks])
        return cls(torch.tensor(truth, device=device), torch.tensor(curvature, device=device))

    def select(self, rows: Tensor) -> Quadratic:
        """The losses of some of the trials."""
        return Quadratic(self.truth[rows], self.curvature[rows])


def layers_of(flat: Tensor, network: Network, rows: int, cols: int) -> list[Tensor]:
    """Views of (T, P) flattened weights as W_1..W_d, each with shape (T, rows, columns)."""
    shapes = network.layer_shapes(rows, cols)
    parts = flat.split([r * c for r, c in shapes], dim=1)
    return [part.unflatten(1, shape) for part, shape in zip(parts, shapes, strict=True)]


def gradient(
    network: Network, layers: list[Tensor], loss: Quadratic, into: list[Tensor]
) -> tuple[Tensor, Tensor]:
    """The gradient of L_train by every layer.

    Args:
        network: gives σ.
        layers: W_1..W_d, each with shape (T, rows, columns).
        loss: the training losses.
        into: where the gradient by each layer is written; same shapes as ``layers``.

    Returns:
        W, with shape (T, m, m'), and the training losses, with shape (T,).
    """
    sigma, slope = network.sigma, network.negative_slope
    before, after = [layers[0]], []
    for layer in layers[1:]:
        after.append(sigma.function(before[-1], slope))
        before.append(layer.bmm(after[-1]))
    matrix = before[-1]
    error = (matrix - loss.truth).flatten(1)
    by_matrix = torch.bmm(error[:, None], loss.curvature)
    train_loss = torch.bmm(by_matrix, error[:, :, None])[:, 0, 0] / 2
    back = by_matrix.view_as(matrix)
    for j in range(len(layers) - 1, 0, -1):
        into[j].copy_(back.bmm(after[j - 1].mT))
        back = layers[j].mT.bmm(back)
        if network.activation != "linear":
            back = back * sigma.derivative(before[j - 1], after[j - 1], slope)
    into[0].copy_(back)
    return matrix, train_loss
