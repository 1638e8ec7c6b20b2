"""Given the hidden layers, what is measured is Gaussian: draws of it in the ball, with weights.

Where {L_train < ε} is the ball ‖v − v*‖² < n·ε in v = P·vec(y), and the rows of the output y are
independent N(0, S), v is N(0, P (I ⊗ S) Pᵀ). In the directions in which that has no variance (dead
units, a network narrower than its output), v is zero for certain.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

#: A variance below this share of the largest is none: rounding of it, squared and to spare.
_NONE = 1e-13


@dataclass(frozen=True)
class Spectrum:
    """The covariance Q·D·Qᵀ of v for N draws of the hidden layers; float64.

    Attributes:
        variances: D, with shape (N, q); zero where there is none.
        basis: Q, with shape (N, q, q).
    """

    variances: Tensor
    basis: Tensor

    @classmethod
    def of(cls, covariance: Tensor) -> Spectrum:
        """Of covariances (N, q, q)."""
        variances, basis = torch.linalg.eigh(covariance)
        largest = variances.amax(dim=1, keepdim=True)
        return cls(torch.where(variances > _NONE * largest, variances, 0.0), basis)

    def turned(self, vectors: Tensor) -> Tensor:
        """Qᵀ·v for each draw, with shape (N, q)."""
        return (self.basis.transpose(1, 2) @ vectors[:, :, None])[:, :, 0]


@dataclass(frozen=True)
class ProposalDraws:
    """Random numbers of :func:`propose`; the same ones serve every ε.

    Attributes:
        uniform: which draws are uniform in the ball, with shape (N,).
        normal: standard normals, with shape (N, q).
        direction: standard normals, with shape (N, q).
        radius: uniform in [0, 1), with shape (N, 1).
    """

    uniform: Tensor
    normal: Tensor
    direction: Tensor
    radius: Tensor

    @classmethod
    def draw(cls, like: Tensor, rng: torch.Generator) -> ProposalDraws:
        """Draws them, as many as a tensor (N, q) has rows and columns."""
        direction = torch.empty_like(like).normal_(generator=rng)
        radius = torch.empty_like(like[:, :1]).uniform_(generator=rng)
        normal = torch.empty_like(like).normal_(generator=rng)
        uniform = torch.empty_like(like[:, 0]).uniform_(generator=rng) < 0.5
        return cls(uniform, normal, direction, radius)


def propose(
    center: Tensor, variances: Tensor, randoms: ProposalDraws, radius: float
) -> tuple[Tensor, Tensor]:
    """Draws v in the ball, with weights whose mean is P(L_train < ε | H).

    Half of the draws are uniform in the ball; the others come from the law of v given a noisy
    sight of v*, η² = 2 radius²/(q + 2) the variance of the noise, and weigh nothing outside the
    ball. The weight is the Gaussian density over the mixture's density (Owen and Zhou 2000).
    Uniform draws alone have weights without bound where the law of v is narrower than the ball.
    Both keep to the directions in which v has a variance, and to the section of the ball with them.

    Args:
        center: v* in the basis of ``variances``, with shape (N, q).
        variances: D, with shape (N, q).
        randoms: the random numbers.
        radius: of the ball.

    Returns:
        v in that basis, with shape (N, q), and the logarithm of the weights, with shape (N,).
    """
    alive = variances > 0
    size = alive.sum(dim=1)
    missed = torch.where(alive, 0.0, center.square()).sum(dim=1)
    # Of the section, squared: nothing where the ball is out of reach.
    section = (radius**2 - missed).clamp_min(0.0)
    noise = (2 * section / (size + 2))[:, None]
    gain = torch.where(alive, variances / (variances + noise).clamp_min(1e-300), 0.0)
    mean, variance = gain * center, gain * noise
    uniform = center + section.sqrt()[:, None] * _inside(randoms, alive, size)
    v = torch.where(randoms.uniform[:, None], uniform, mean + variance.sqrt() * randoms.normal)
    v = torch.where(alive, v, 0.0)
    inside = ((v - center).square().sum(dim=1) < radius**2) & (section > 0)
    mixture = torch.logaddexp(-_log_volume(section, size), _log_normal(v - mean, variance, alive))
    weights = _log_normal(v, variances, alive) - (mixture - math.log(2))
    # A point mass in the ball counts in full.
    weights = torch.where(size == 0, 0.0, weights)
    return v, torch.where(inside, weights, -math.inf)


def _inside(randoms: ProposalDraws, alive: Tensor, size: Tensor) -> Tensor:
    """Uniform draws from unit balls of as many dimensions as are alive, with shape (N, q)."""
    direction = torch.where(alive, randoms.direction, 0.0)
    length = direction.norm(dim=1, keepdim=True).clamp_min(1e-300)
    return direction / length * randoms.radius.pow(1 / size.clamp_min(1)[:, None])


def _log_volume(section: Tensor, size: Tensor) -> Tensor:
    """Logarithm of the volume of balls of ``size`` dimensions, from their radius squared."""
    half = size.to(section.dtype) / 2
    return half * (math.pi * section.clamp_min(1e-300)).log() - torch.lgamma(half + 1)


def _log_normal(x: Tensor, variances: Tensor, alive: Tensor) -> Tensor:
    safe = torch.where(alive, variances.clamp_min(1e-300), 1.0)
    terms = x.square() / safe + (2 * math.pi * safe).log()
    return torch.where(alive, terms, 0.0).sum(dim=1) / -2


def covariance_with_outputs(gram: Tensor, directions: Tensor) -> Tensor:
    """(I ⊗ S) Pᵀ as (N, q, P): the covariance of v and the output.

    Args:
        gram: S, with shape (N, cols, cols).
        directions: P, with shape (q, rows · cols).
    """
    by_row = directions.view(-1, gram.shape[1])
    return (by_row @ gram).reshape(len(gram), *directions.shape)
