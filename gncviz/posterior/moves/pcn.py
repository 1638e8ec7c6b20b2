"""The preconditioned Crank–Nicolson step: √(1−β²)·z + β·ξ (Cotter et al. 2013).

It is reversible with respect to the prior, so that it is taken whenever its training loss is below
the level.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from gncviz.models.protocols import Law, Losses
from gncviz.posterior.moves.state import Info, State, propose


@dataclass(frozen=True)
class CrankNicolson:
    """A step in a part of z.

    Attributes:
        law: of the outputs.
        losses: of them.
        name: of the move.
        part: the coordinates that it changes.
    """

    law: Law
    losses: Losses
    name: str
    part: slice
    fixed_scale: None = None

    def step(
        self, rng: torch.Generator, state: State, level: float, scale: float
    ) -> tuple[State, Info]:
        """One step of length β = ``scale``; see :class:`gncviz.posterior.moves.Kernel`."""
        present = state.z[self.part]
        noise = torch.empty_like(present).normal_(generator=rng)
        after = noise.mul_(scale).add_(present, alpha=math.sqrt(1 - scale * scale))
        there, settle = propose(self.law, self.losses, state, self.part, after)
        return settle(there.train_loss < level)
