"""The preconditioned Crank–Nicolson step: √(1−β²)·z + β·ξ (Cotter et al. 2013).

It is reversible with respect to the prior, so that it is taken whenever its training loss is below
the level.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from gncviz.kernels.plans import STEP_IN_LAYERS
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
    networks: ClassVar[int] = 1

    def plan(self, starts: dict[int, int]) -> tuple[int, int, int]:
        """A step in the layers of the part."""
        return STEP_IN_LAYERS, starts[self.part.start], starts[self.part.stop]

    def step(
        self, rng: torch.Generator, state: State, level: float, scale: float
    ) -> tuple[State, Info]:
        """One step of length β = ``scale``; see :class:`gncviz.posterior.moves.Kernel`."""
        noise = torch.empty_like(state.z[self.part]).normal_(generator=rng)
        return self.moved(state, level, scale, noise)

    def moved(self, state: State, level: float, scale: float, noise: Tensor) -> tuple[State, Info]:
        """The step for given standard normals, with the shape of the part; they are used up."""
        after = noise.mul_(scale).add_(state.z[self.part], alpha=math.sqrt(1 - scale * scale))
        there, settle = propose(self.law, self.losses, state, self.part, after)
        return settle(there.train_loss < level)
