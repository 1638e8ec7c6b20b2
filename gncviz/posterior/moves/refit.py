"""A move that changes the hidden layers boldly and draws the last one anew so that y still fits.

With a Gaussian prior, y = Z·X is linear in the last layer Z once the hidden activations X are
given, and so is what is measured of it, v = P·vec(y). The move proposes hidden layers by a
Crank–Nicolson step, and then Z from its law given a noisy sight of the target, v + η·noise = v*: a
Gaussian law, sampled exactly by Matheron's rule. The set {L_train < ε} is thin in the measured
directions, which keeps other moves short, ever shorter as ε → 0; this one steps along it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from gncviz.models.products import product
from gncviz.models.protocols import Ball, Law, Losses, Readout
from gncviz.posterior.conditional import by_row
from gncviz.posterior.moves.cholesky import cholesky, solve_lower, solve_upper
from gncviz.posterior.moves.state import Info, State, propose

#: More measured directions than this make the factorizations too expensive.
_MOST_DIRECTIONS = 32
#: Step lengths of the hidden layers.
REFIT_SCALES = (0.15, 0.5)


def refittable(law: Law, ball: Ball) -> str | None:
    """None where the last layer can be drawn anew at a reasonable price; else why it cannot.

    Args:
        law: what is moved about in.
        ball: {L_train < ε}.
    """
    if law.readout is None:
        return f"a refit needs {law.unreadable}"
    if not 1 <= len(ball.center) <= _MOST_DIRECTIONS:
        return f"{len(ball.center)} directions are measured, of 1 to {_MOST_DIRECTIONS}"
    return None


@dataclass(frozen=True)
class Refit:
    """The move; see the module.

    Attributes:
        law: one with a readout.
        losses: of its outputs.
        ball: {L_train < ε}.
        fixed_scale: step length β of the hidden layers.
    """

    law: Law
    losses: Losses
    ball: Ball
    fixed_scale: float
    networks: ClassVar[int] = 1

    def plan(self, starts: dict[int, int]) -> None:
        """There is no compiled refit."""

    @property
    def name(self) -> str:
        """Tells it apart from other moves."""
        return f"refit by {self.fixed_scale}"

    @cached_property
    def _readout(self) -> Readout:
        assert self.law.readout is not None
        return self.law.readout

    @cached_property
    def _scale(self) -> float:
        """√unit: measurements and labels are divided by it, so that float32 can hold them."""
        return math.sqrt(self.losses.unit)

    @cached_property
    def _directions(self) -> np.ndarray:
        """P in that unit, row by row of Z·X, with shape (q, P)."""
        found: np.ndarray = by_row(self._readout, self.ball.directions / self._scale)
        return found

    @cached_property
    def _center(self) -> np.ndarray:
        """v* in that unit, with shape (q, 1)."""
        return self.ball.center[:, None] / self._scale

    @cached_property
    def _pairs(self) -> np.ndarray:
        """T with Cov(v)_pq = Σ_ab T_(pq)(ab) S_ab, with shape (q², cols²), for S = XᵀX."""
        rows = self._directions.reshape(-1, *self._readout.sides)
        pairs = np.einsum("pra,qrb->pqab", rows, rows)
        return pairs.reshape(len(rows) ** 2, -1)

    @cached_property
    def _tensors(self) -> dict[tuple[torch.device, torch.dtype], tuple[Tensor, Tensor, Tensor]]:
        return {}

    def _on(self, like: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """P, v* and T where a state is, in its precision."""
        place = (like.device, like.dtype)
        if place not in self._tensors:
            self._tensors[place] = tuple(  # type: ignore[assignment]
                torch.tensor(array, device=like.device, dtype=like.dtype)
                for array in (self._directions, self._center, self._pairs)
            )
        return self._tensors[place]

    def step(
        self, rng: torch.Generator, state: State, level: float, scale: float
    ) -> tuple[State, Info]:
        """One step of all chains; see :class:`gncviz.posterior.moves.Kernel`."""
        before = state.z
        directions, center, _ = self._on(before)
        after, fresh = self._fresh_numbers(before, scale, rng)
        hidden = self._readout.hidden(torch.cat([before, after], dim=1))
        count = before.shape[1]
        noise = math.sqrt(self._noise_variance(level))
        before_misfit = directions @ self._read(before, hidden[..., :count]) - center
        factor, log_evidence = self._evidence(hidden, noise)

        seen = directions @ self._read(after, hidden[..., count:])
        residual = center - seen - noise * fresh
        pull = solve_upper(factor[:, :, count:], solve_lower(factor[:, :, count:], residual))
        after[self._readout.block].add_(self._pulled(pull, hidden[..., count:]))

        misfit = directions @ self._read(after, hidden[..., count:]) - center
        further = misfit.square().sum(dim=0) - before_misfit.square().sum(dim=0)
        log_ratio = log_evidence[count:] - log_evidence[:count] + further / (2 * noise**2)
        there, settle = propose(self.law, self.losses, state, slice(0, self.law.size), after)
        chance = torch.empty_like(there.train_loss).uniform_(generator=rng)
        return settle((there.train_loss < level) & (chance.log() < log_ratio))

    def _fresh_numbers(
        self, z: Tensor, scale: float, rng: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Hidden layers a step away, a last layer drawn anew, and noise for the sight of v."""
        after = torch.empty_like(z).normal_(generator=rng)
        end = self._readout.block.start
        after[:end].mul_(scale).add_(z[:end], alpha=math.sqrt(1 - scale * scale))
        fresh = z.new_empty(len(self.ball.center), z.shape[1])
        return after, fresh.normal_(generator=rng)

    def _noise_variance(self, level: float) -> float:
        """η²: that of a uniform draw from the ball {n·L_train < n·level}, in each direction."""
        return self.ball.count * level / (len(self.ball.center) + 2)

    def _read(self, z: Tensor, hidden: Tensor) -> Tensor:
        """Z·X, row by row, with shape (P, C)."""
        last = z[self._readout.block].unflatten(0, (-1, self._readout.units))
        return product(last, hidden).flatten(0, 1)

    def _pulled(self, pull: Tensor, hidden: Tensor) -> Tensor:
        """Cov(Z, v)·pull: what conditioning adds to the last layer, with shape (rows·k, C)."""
        directions, *_ = self._on(pull)
        back = (directions.T @ pull).unflatten(0, self._readout.sides)
        return product(back, hidden.transpose(0, 1)).flatten(0, 1)

    def _evidence(self, hidden: Tensor, noise: float) -> tuple[Tensor, Tensor]:
        """Factors of Cov(v) + η² given hidden layers, and log N(v*; 0, that) up to a constant."""
        _, center, pairs = self._on(hidden)
        gram = product(hidden.transpose(0, 1), hidden)
        size, count = len(center), hidden.shape[2]
        covariance = (pairs @ gram.flatten(0, 1)).view(size, size, count)
        covariance.diagonal(dim1=0, dim2=1).add_(noise**2)
        factor = cholesky(covariance)
        whitened = solve_lower(factor, center.repeat(1, count))
        log_root = factor.diagonal(dim1=0, dim2=1).log().sum(dim=1)
        return factor, whitened.square().sum(dim=0) / -2 - log_root
