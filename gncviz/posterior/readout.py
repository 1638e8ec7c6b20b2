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
from numpy.typing import NDArray
from torch import Tensor

from gncviz.compute import TaskTensors
from gncviz.posterior.problem import Problem
from gncviz.prior import MatrixPrior
from gncviz.task import Task

#: Standard deviations of v below this share of the ball's radius count as this much: hidden layers
#: may leave v no density at all (dead ReLU units, a network narrower than m').
_SMALLEST = 1e-6


def measured_directions(task: Task) -> NDArray[np.float64]:
    """P with ‖P·vec(W)‖² = Σ_i <A_i, W>², with shape (q, m·m'), for q measured directions."""
    stacked = task.measurements.reshape(len(task.measurements), -1)
    _, triangle = np.linalg.qr(stacked @ task.measured_basis.T)
    return np.asarray(triangle @ task.measured_basis)


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
    def tensors(self) -> TaskTensors:
        """The task in float64."""
        return TaskTensors(self.problem.task, self.problem.device, torch.float64)

    @cached_property
    def whitened(self) -> Tensor:
        """P, with shape (q, m·m'), for q measured directions."""
        return torch.tensor(measured_directions(self.problem.task), device=self.problem.device)

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
        return size / 2 * math.log(math.pi * self.radius(epsilon) ** 2) - math.lgamma(size / 2 + 1)

    def radius(self, epsilon: float) -> float:
        """Of that ball."""
        return math.sqrt(len(self.problem.task.measurements) * epsilon)

    def covariance(self, hidden: Tensor) -> Tensor:
        """Σ Pᵀ = (I ⊗ S) Pᵀ as (N, q, m·m'): the covariance of v and W given H."""
        gram = hidden.transpose(1, 2) @ hidden
        directions = self.whitened.view(-1, self.problem.task.cols)
        return (directions @ gram).reshape(len(hidden), len(self.whitened), -1)

    def spectrum(self, covariance: Tensor) -> tuple[Tensor, Tensor]:
        """Variances D (N, q) and directions Q (N, q, q): the covariance of v is Q·D·Qᵀ."""
        variances, directions = torch.linalg.eigh(covariance @ self.whitened.T)
        floor = (_SMALLEST * self.radius(self.problem.settings.epsilon)) ** 2
        return variances.clamp_min(floor), directions


def propose(
    readout: Readout, center: Tensor, variances: Tensor, draws: ProposalDraws, epsilon: float
) -> tuple[Tensor, Tensor]:
    """Draws v in the ball, with weights whose mean is P(L_train < ε | H).

    Half of the draws are uniform in the ball; the others come from the law of v given a noisy
    sight of v*, η² = 2nε/(q + 2) the variance of the noise, and weigh nothing outside the ball. The
    weight is the Gaussian density over the mixture's density (Owen and Zhou 2000). Uniform draws
    alone have weights without bound where the law of v is narrower than the ball.

    Args:
        readout: the problem.
        center: v* in the basis of ``variances``, with shape (N, q).
        variances: D, with shape (N, q).
        draws: the random numbers; the same ones serve every ε.
        epsilon: the threshold.

    Returns:
        v in that basis, with shape (N, q), and the logarithm of the weights, with shape (N,).
    """
    radius, log_volume = readout.radius(epsilon), readout.log_volume(epsilon)
    noise = 2 * radius**2 / (center.shape[1] + 2)
    gain = variances / (variances + noise)
    mean, variance = gain * center, gain * noise
    uniform = center + radius * draws.inside
    v = torch.where(draws.uniform[:, None], uniform, mean + variance.sqrt() * draws.normal)
    inside = (v - center).square().sum(dim=1) < radius**2
    mixture = torch.logaddexp(
        torch.full_like(v[:, 0], -log_volume), _log_normal(v - mean, variance)
    ) - math.log(2)
    weights = _log_normal(v, variances) - mixture
    return v, torch.where(inside, weights, -math.inf)


@dataclass(frozen=True)
class ProposalDraws:
    """Random numbers of :func:`propose`.

    Attributes:
        uniform: which draws are uniform in the ball, with shape (N,).
        inside: uniform in the unit ball, with shape (N, q).
        normal: standard normals, with shape (N, q).
    """

    uniform: Tensor
    inside: Tensor
    normal: Tensor

    @classmethod
    def draw(cls, readout: Readout, count: int, generator: torch.Generator) -> ProposalDraws:
        """Draws them."""
        inside = readout.ball(count, generator)
        normal = torch.empty_like(inside).normal_(generator=generator)
        uniform = torch.empty_like(inside[:, 0]).uniform_(generator=generator) < 0.5
        return cls(uniform, inside, normal)


def _log_normal(x: Tensor, variances: Tensor) -> Tensor:
    terms: Tensor = x.square() / variances + (2 * math.pi * variances).log()
    return terms.sum(dim=1) / -2
