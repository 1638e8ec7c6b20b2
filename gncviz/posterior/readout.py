"""Given the hidden layers, W is Gaussian: what integrating out the last layer is made of.

With a Gaussian prior the rows of W = W_d H are independent N(0, S) given the hidden activations H,
with S = s²·HᵀH and s the scale of the last layer. The training loss is ‖P·vec(W) − v*‖²/n for a
matrix P with PᵀP = AᵀA, one row for each measured direction, so that {L_train < ε} is a ball in
v = P·vec(W), whatever the measurements are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from gncviz.posterior.problem import Problem
from gncviz.prior import MatrixPrior

#: Below this ratio of the Cholesky factor's pivots, the conditional law counts as degenerate.
_SINGULAR = 1e-7


@dataclass(frozen=True)
class Readout:
    """Hidden layers drawn, last layer to be integrated out; float64.

    Attributes:
        problem: a problem with a Gaussian prior, not normalized, and at least two layers.
    """

    problem: Problem

    @cached_property
    def law(self) -> MatrixPrior:
        """The law of W over all weights."""
        problem = self.problem
        return MatrixPrior(problem.network, problem.prior, problem.task.rows, problem.task.cols)

    @cached_property
    def whitened(self) -> Tensor:
        """P, with shape (q, m·m'), for q measured directions."""
        task = self.problem.task
        stacked = task.measurements.reshape(len(task.measurements), -1)
        _, triangle = np.linalg.qr(stacked @ task.measured_basis.T)
        return torch.tensor(triangle @ task.measured_basis, device=self.problem.device)

    @cached_property
    def pseudo_inverse(self) -> Tensor:
        """P⁺, with shape (m·m', q)."""
        return torch.linalg.pinv(self.whitened)

    @cached_property
    def center(self) -> Tensor:
        """v*, the ground truth's image, with shape (q,)."""
        truth = torch.tensor(self.problem.task.ground_truth.ravel(), device=self.problem.device)
        return self.whitened @ truth

    def hidden(self, count: int, generator: torch.Generator) -> Tensor:
        """s·H for draws of the hidden layers, with shape (count, k, m')."""
        *shapes, last = self.law.shapes
        layers = []
        for shape in shapes:
            scale = self.problem.prior.layer_scale(shape)
            normals = torch.empty(count, *shape, device=self.problem.device)
            layers.append(normals.normal_(generator=generator).double() * scale)
        network = self.problem.network
        hidden = network.sigma.function(network.forward(layers), network.negative_slope)
        return (hidden * self.problem.prior.layer_scale(last)).contiguous()

    def ball(self, count: int, generator: torch.Generator) -> Tensor:
        """Uniform draws from the unit ball of R^q, with shape (count, q)."""
        size = len(self.whitened)
        numbers = torch.empty(count, size + 1, device=self.problem.device, dtype=torch.float64)
        direction = numbers[:, :size].normal_(generator=generator)
        radius = numbers[:, size:].uniform_(generator=generator).pow_(1 / size)
        return direction / direction.norm(dim=1, keepdim=True) * radius

    def log_volume(self, epsilon: float) -> float:
        """Logarithm of the volume of {v: ‖v − v*‖² < n·ε}."""
        size = len(self.whitened)
        radius2 = len(self.problem.task.measurements) * epsilon
        return size / 2 * math.log(math.pi * radius2) - math.lgamma(size / 2 + 1)

    def covariance(self, hidden: Tensor) -> Tensor:
        """Σ Pᵀ = (I ⊗ S) Pᵀ as (N, q, m·m'): the covariance of v and W given H."""
        gram = hidden.transpose(1, 2) @ hidden
        directions = self.whitened.view(-1, self.problem.task.cols)
        return (directions @ gram).reshape(len(hidden), len(self.whitened), -1)

    def factor(self, covariance: Tensor) -> tuple[Tensor, Tensor]:
        """Cholesky factors (N, q, q) of the covariance of v, and where there is none, (N,).

        A degenerate one is replaced by the identity.
        """
        square = covariance @ self.whitened.T
        factor, failed = torch.linalg.cholesky_ex(square)
        pivots = factor.diagonal(dim1=1, dim2=2)
        smallest, largest = pivots.amin(dim=1), pivots.amax(dim=1)
        degenerate = (failed > 0) | ~(smallest > _SINGULAR * largest)
        eye = torch.eye(square.shape[1], device=square.device, dtype=square.dtype)
        return torch.where(degenerate[:, None, None], eye, factor), degenerate
