"""A move that changes the hidden layers boldly and draws the last one anew so that W still fits.

With a Gaussian prior, W = Z·X is linear in the last layer Z once the hidden activations X are
given, and so is what is measured of it, v = P·vec(W). The move proposes hidden layers by a
Crank–Nicolson step, and then Z from its law given a noisy sight of the target, v + η·noise = v*: a
Gaussian law, sampled exactly by Matheron's rule. The set {L_train < ε} is thin in the measured
directions, which keeps other moves short, ever shorter as ε → 0; this one steps along it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from gncviz.network import batched_product
from gncviz.posterior.moves import Proposal
from gncviz.posterior.readout import measured_directions
from gncviz.posterior.target import Target
from gncviz.prior import MatrixPrior

#: More measured directions than this make the factorizations too expensive.
_MOST_DIRECTIONS = 32


def can_refit(target: Target) -> bool:
    """Whether the last layer can be drawn anew given that it fits, at a reasonable price."""
    law = target.coordinates.law
    return (
        isinstance(law, MatrixPrior)
        and law.prior.family == "gaussian"
        and law.network.depth > 1
        and not law.prior.normalize
        and len(target.problem.task.measured_basis) <= _MOST_DIRECTIONS
    )


@dataclass(frozen=True)
class Refit:
    """The move; see the module.

    Attributes:
        target: one for which :func:`can_refit` holds.
        fixed_scale: step length β of the hidden layers.
    """

    target: Target
    fixed_scale: float

    @property
    def name(self) -> str:
        """Tells it apart from other moves."""
        return f"refit by {self.fixed_scale}"

    @cached_property
    def _law(self) -> MatrixPrior:
        law = self.target.coordinates.law
        assert isinstance(law, MatrixPrior)
        return law

    @cached_property
    def _directions(self) -> Tensor:
        """P, with shape (q, m·m')."""
        return self._tensor(measured_directions(self.target.problem.task))

    @cached_property
    def _center(self) -> Tensor:
        """v*, with shape (q, 1)."""
        truth = self.target.problem.task.ground_truth.ravel()
        return self._directions @ self._tensor(truth)[:, None]

    @cached_property
    def _pairs(self) -> Tensor:
        """T with Cov(v)_pq = Σ_ab T_(pq)(ab) S_ab, with shape (q², m'²), for S = XᵀX."""
        task = self.target.problem.task
        rows = measured_directions(task).reshape(-1, task.rows, task.cols)
        pairs = np.einsum("pra,qrb->pqab", rows, rows)
        return self._tensor(pairs.reshape(len(rows) ** 2, -1))

    def _tensor(self, array: np.ndarray) -> Tensor:
        return torch.tensor(array, device=self.target.problem.device, dtype=self.target.dtype)

    def propose(
        self, states: Tensor, level: float, scale: float, generator: torch.Generator
    ) -> Proposal:
        """All coordinates anew, and the logarithm of what the proposal is to be weighed by."""
        after, fresh = self._fresh_numbers(states, scale, generator)
        hidden = self._hidden(torch.cat([states, after], dim=1))
        count = states.shape[1]
        before_misfit = self._measured(states, hidden[:count]) - self._center
        noise = math.sqrt(self._noise_variance(level))
        factor, log_evidence = self._evidence(hidden, noise)

        residual = self._center - self._measured(after, hidden[count:]) - noise * fresh
        pull = _solve_upper(factor[:, :, count:], _solve_lower(factor[:, :, count:], residual))
        self._last(after).add_(self._pulled(pull, hidden[count:]))

        misfit = self._measured(after, hidden[count:]) - self._center
        further = misfit.square().sum(dim=0) - before_misfit.square().sum(dim=0)
        log_ratio = log_evidence[count:] - log_evidence[:count] + further / (2 * noise**2)
        return Proposal(slice(0, self.target.size), after, log_ratio)

    def _fresh_numbers(
        self, states: Tensor, scale: float, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Hidden layers a step away, a last layer drawn anew, and noise for the sight of v."""
        after = torch.empty_like(states).normal_(generator=generator)
        end = self.target.layers[-1].start
        after[:end].mul_(scale).add_(states[:end], alpha=math.sqrt(1 - scale * scale))
        fresh = states.new_empty(len(self._directions), states.shape[1])
        return after, fresh.normal_(generator=generator)

    def _noise_variance(self, level: float) -> float:
        """η²: that of a uniform draw from the ball {n·L_train < n·level}, in each direction."""
        count = len(self.target.problem.task.measurements)
        return count * level / (len(self._directions) + 2)

    def _last(self, states: Tensor) -> Tensor:
        return states[self.target.layers[-1]]

    def _hidden(self, states: Tensor) -> Tensor:
        """X, the last layer's scale included, with shape (C, k, m')."""
        law = self._law
        hidden = law.network.forward(law.weights(states.T)[:-1])
        hidden = law.network.sigma.function(hidden, law.network.negative_slope)
        return hidden * law.prior.layer_scale(law.shapes[-1])

    def _measured(self, states: Tensor, hidden: Tensor) -> Tensor:
        """v, with shape (q, C)."""
        last = self._last(states).view(*self._law.shapes[-1], -1).permute(2, 0, 1)
        flat = batched_product(last, hidden).permute(1, 2, 0).reshape(-1, len(hidden))
        return self._directions @ flat

    def _pulled(self, pull: Tensor, hidden: Tensor) -> Tensor:
        """Cov(Z, v)·pull: what conditioning adds to the last layer, with shape (m·k, C)."""
        task = self.target.problem.task
        back = (self._directions.T @ pull).view(task.rows, task.cols, -1).permute(2, 0, 1)
        change = batched_product(back, hidden.transpose(1, 2))
        return change.permute(1, 2, 0).reshape(-1, len(hidden))

    def _evidence(self, hidden: Tensor, noise: float) -> tuple[Tensor, Tensor]:
        """Factors of Cov(v) + η² given hidden layers, and log N(v*; 0, that) up to a constant."""
        gram = batched_product(hidden.transpose(1, 2), hidden)
        size = len(self._directions)
        covariance = self._pairs @ gram.permute(1, 2, 0).reshape(-1, len(hidden))
        covariance = covariance.view(size, size, -1)
        covariance.diagonal(dim1=0, dim2=1).add_(noise**2)
        factor = _cholesky(covariance)
        whitened = _solve_lower(factor, self._center.repeat(1, len(hidden)))
        log_root = factor.diagonal(dim1=0, dim2=1).log().sum(dim=1)
        return factor, whitened.square().sum(dim=0) / -2 - log_root


def _cholesky(matrices: Tensor) -> Tensor:
    """Lower factors of (q, q, C) matrices, in place; above the diagonal is left what was there.

    Many small factorizations at a time are faster with the draws innermost than one by one.
    """
    tiny = torch.finfo(matrices.dtype).tiny
    for j in range(len(matrices)):
        matrices[j, j].clamp_min_(tiny).sqrt_()
        column = matrices[j + 1 :, j].div_(matrices[j, j])
        matrices[j + 1 :, j + 1 :].addcmul_(column[:, None], column[None], value=-1)
    return matrices


def _solve_lower(factor: Tensor, right: Tensor) -> Tensor:
    """L⁻¹·right for (q, q, C) and (q, C), in place."""
    for j in range(len(right)):
        right[j] /= factor[j, j]
        right[j + 1 :].addcmul_(factor[j + 1 :, j], right[j], value=-1)
    return right


def _solve_upper(factor: Tensor, right: Tensor) -> Tensor:
    """L⁻ᵀ·right for (q, q, C) and (q, C), in place."""
    for j in reversed(range(len(right))):
        right[j] /= factor[j, j]
        right[:j].addcmul_(factor[j, :j], right[j], value=-1)
    return right
