"""Moves of the rare-event sampler, each reversible with respect to the prior.

A move proposes; the proposal is taken when its training loss is below the level, and this alone
leaves the prior restricted to {L_train < level} invariant. Proposals work on all chains at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from gncviz.posterior.target import Target

#: Proposed states (D, C) from the present ones: (states, step length, generator).
Propose = Callable[[Tensor, float, torch.Generator], Tensor]


@dataclass(frozen=True)
class Move:
    """A way to propose.

    Attributes:
        name: tells it apart from the others; step lengths are adapted by name.
        propose: the proposal.
    """

    name: str
    propose: Propose


def moves_for(target: Target) -> list[Move]:
    """The moves, to be made in turn: all layers together, then each by itself."""
    everything = Move("all", crank_nicolson(slice(0, target.size)))
    if len(target.layers) < 3:
        return [everything]
    # Layers differ in how far they can go: one at a time, each takes a step of its own length.
    return [everything] + [
        Move(f"layer {i}", crank_nicolson(layer)) for i, layer in enumerate(target.layers, start=1)
    ]


def crank_nicolson(part: slice) -> Propose:
    """Preconditioned Crank–Nicolson on a part of z: √(1−β²)·z + β·ξ (Cotter et al. 2013)."""

    def propose(states: Tensor, scale: float, generator: torch.Generator) -> Tensor:
        present = states[part]
        noise = torch.empty_like(present).normal_(generator=generator)
        moved = noise.mul_(scale).add_(present, alpha=math.sqrt(1 - scale * scale))
        if len(moved) == len(states):
            return moved
        proposal = states.clone()
        proposal[part] = moved
        return proposal

    return propose
