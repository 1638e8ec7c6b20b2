"""Moves of the rare-event sampler; each leaves the prior restricted to {L_train < level} invariant.

A Crank–Nicolson step is reversible with respect to the prior, so that it is taken whenever its
training loss is below the level. Proposals work on all chains at once.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from gncviz.posterior.target import Target

#: So that every part is moved several times at each level, however deep the network.
_MOST_PARTS = 8


@dataclass(frozen=True)
class Proposal:
    """Where a move would go.

    Attributes:
        part: the coordinates it changes.
        after: their new values, with shape (D_part, C).
        log_ratio: logarithm of the Metropolis–Hastings ratio, with shape (C,), for proposals that
            are not reversible by themselves; the proposal has to fit in any case.
    """

    part: slice
    after: Tensor
    log_ratio: Tensor | None = None


class Move(Protocol):
    """A way to propose."""

    @property
    def name(self) -> str:
        """Tells it apart from the others; step lengths are adapted by name."""

    @property
    def fixed_scale(self) -> float | None:
        """Its step length; None where that is adapted."""

    def propose(
        self, states: Tensor, level: float, scale: float, generator: torch.Generator
    ) -> Proposal:
        """Proposes for states (D, C) below a level."""


@dataclass(frozen=True)
class CrankNicolson:
    """A step in a part of z: √(1−β²)·z + β·ξ (Cotter et al. 2013).

    Attributes:
        name: of the move.
        part: the coordinates that it changes.
    """

    name: str
    part: slice
    fixed_scale: None = None

    def propose(
        self, states: Tensor, level: float, scale: float, generator: torch.Generator
    ) -> Proposal:
        """Proposes with step length β = ``scale``."""
        present = states[self.part]
        noise = torch.empty_like(present).normal_(generator=generator)
        after = noise.mul_(scale).add_(present, alpha=math.sqrt(1 - scale * scale))
        return Proposal(self.part, after)


def layer_moves(target: Target) -> list[Move]:
    """A step for each layer; in deep networks those far from both ends go together.

    Layers differ in how far they can go, and alone each can go farther than all together. What a
    deep product is depends on its first and last layers most: those between change its size only,
    once it is near rank one.
    """
    layers = target.layers
    depth = len(layers)
    ends = list(range(depth + 1))
    if depth > _MOST_PARTS:
        ends = [0, 1, 2, 4, depth // 2, depth - 4, depth - 2, depth - 1, depth]
    return [
        CrankNicolson(
            f"layers {first + 1} to {last}", slice(layers[first].start, layers[last - 1].stop)
        )
        for first, last in itertools.pairwise(ends)
    ]
