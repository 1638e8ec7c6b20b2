"""Given the hidden layers, what is measured is Gaussian: draws of it in the ball, with weights.

Where {L_train < ε} is the ball ‖v − v*‖² < n·ε in v = P·vec(y), and the rows of the output y are
independent N(0, S), v is N(0, P (I ⊗ S) Pᵀ). In the directions in which that has no variance (dead
units, a network narrower than its output), v is zero for certain.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gncviz.models.protocols import Readout

#: A variance below this share of the largest is none: rounding of it, squared and to spare.
_NONE = 1e-13
#: What numbers that are divided by or looked up in a logarithm are at least.
_TINY = 1e-300


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
class Proposals:
    """N draws of the hidden layers, and random numbers that serve every ε.

    Attributes:
        center: v* in the basis of ``variances``, with shape (N, q).
        variances: D, with shape (N, q).
        fill: 1/2π in the directions without variance and 0 elsewhere, with shape (N, q): added to
            variances it leaves nothing of these directions in a logarithm of densities.
        size: how many directions have a variance, with shape (N,), float64.
        missed: what is certain to be missed of v*, squared, with shape (N,).
        uniform: which draws are uniform in the ball, with shape (N,).
        normal: standard normals, with shape (N, q); zero in directions without variance.
        inside: uniform in the unit ball of the others, with shape (N, q).
    """

    center: Tensor
    variances: Tensor
    fill: Tensor
    size: Tensor
    missed: Tensor
    uniform: Tensor
    normal: Tensor
    inside: Tensor

    @classmethod
    def draw(cls, center: Tensor, variances: Tensor, rng: torch.Generator) -> Proposals:
        """Draws the random numbers.

        Args:
            center: v* in the basis of ``variances``, with shape (N, q).
            variances: D, with shape (N, q).
            rng: of them.
        """
        alive = (variances > 0).to(center.dtype)
        size = alive.sum(dim=1)
        direction = torch.empty_like(center).normal_(generator=rng) * alive
        radius = torch.empty_like(center[:, :1]).uniform_(generator=rng)
        radius = radius.pow_(1 / size.clamp_min(1)[:, None])
        normal = torch.empty_like(center).normal_(generator=rng) * alive
        uniform = torch.empty_like(center[:, 0]).uniform_(generator=rng) < 0.5
        length = direction.norm(dim=1, keepdim=True).clamp_min(_TINY)
        return cls(
            center,
            variances,
            (1 - alive) / (2 * math.pi),
            size,
            (center * (1 - alive)).square().sum(dim=1),
            uniform,
            normal,
            direction / length * radius,
        )

    def within(self, radius: float) -> tuple[Tensor, Tensor]:
        """Draws v in the ball, with weights whose mean is P(L_train < ε | H).

        Half of the draws are uniform in the ball; the others come from the law of v given a noisy
        sight of v*, η² = 2 radius²/(q + 2) the variance of the noise, and weigh nothing outside the
        ball. The weight is the Gaussian density over the mixture's density (Owen and Zhou 2000).
        Uniform draws alone have weights without bound where the law of v is narrower than the ball.
        Both keep to the directions in which v has a variance, and to the section of the ball with
        them; where there are none, v = 0 weighs one or nothing.

        Args:
            radius: of the ball.

        Returns:
            v in the basis of ``variances``, with shape (N, q), and the logarithm of the weights,
            with shape (N,).
        """
        # Squared: nothing where the ball is out of reach.
        section = (radius**2 - self.missed).clamp_min_(0.0)
        noise = (2 * section / (self.size + 2))[:, None]
        gain = self.variances / (self.variances + noise).clamp_min_(_TINY)
        mean, variance = gain * self.center, gain * noise
        reach = self.inside * section.sqrt()[:, None]
        somewhere = self.center * (self.variances > 0) + reach
        v = torch.where(self.uniform[:, None], somewhere, mean + variance.sqrt() * self.normal)
        inside = ((v - self.center).square().sum(dim=1) < radius**2) & (section > 0)
        log_uniform = -_log_volume(section, self.size)
        mixture = torch.logaddexp(log_uniform, self._log_normal(v - mean, variance))
        weights = self._log_normal(v, self.variances) - (mixture - math.log(2))
        weights = torch.where(self.size == 0, 0.0, weights)
        return v, torch.where(inside, weights, -math.inf)

    def _log_normal(self, x: Tensor, variances: Tensor) -> Tensor:
        safe = (variances + self.fill).clamp_min_(_TINY)
        terms: Tensor = x.square() / safe + (2 * math.pi * safe).log_()
        return terms.sum(dim=1) / -2


def _log_volume(section: Tensor, size: Tensor) -> Tensor:
    """Logarithm of the volume of balls of ``size`` dimensions, from their radius squared."""
    half = size / 2
    return half * (math.pi * section.clamp_min(_TINY)).log() - torch.lgamma(half + 1)


def covariance_with_outputs(gram: Tensor, directions: Tensor) -> Tensor:
    """(I ⊗ S) Pᵀ as (N, q, P): the covariance of v and the output.

    Args:
        gram: S, with shape (N, cols, cols).
        directions: P, with shape (q, rows · cols).
    """
    by_row = directions.view(-1, gram.shape[1])
    return (by_row @ gram).reshape(len(gram), *directions.shape)


def by_row(readout: Readout, outputs: Any) -> Any:
    """Flattened outputs, or what is measured of them, row by row of Z X.

    Args:
        readout: tells the sides, and whether the output holds them column by column.
        outputs: an array or a tensor, with shape (..., P).
    """
    rows, cols = readout.sides
    return _turned(outputs, cols, rows) if readout.transposed else outputs


def as_outputs(readout: Readout, rows_of_it: Any) -> Any:
    """The inverse of :func:`by_row`.

    Args:
        readout: likewise.
        rows_of_it: Z X, row by row, with shape (..., P).
    """
    rows, cols = readout.sides
    return _turned(rows_of_it, rows, cols) if readout.transposed else rows_of_it


def _turned(values: Any, outer: int, inner: int) -> Any:
    before = values.shape[:-1]
    return values.reshape(*before, outer, inner).swapaxes(-1, -2).reshape(*before, -1)
