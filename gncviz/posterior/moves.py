"""Moves of the rare-event sampler, each reversible with respect to the prior.

A move proposes; the proposal is taken when its training loss is below the level, and this alone
leaves the prior restricted to {L_train < level} invariant. Proposals work on all chains at once.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gncviz.posterior.target import Target

#: So that every part is moved several times at each level, however deep the network.
_MOST_PARTS = 8


@dataclass(frozen=True)
class Move:
    """Preconditioned Crank–Nicolson on a part of z: √(1−β²)·z + β·ξ (Cotter et al. 2013).

    Attributes:
        name: tells it apart from the others; step lengths are adapted by name.
        part: the coordinates that it moves.
    """

    name: str
    part: slice

    def propose(self, present: Tensor, scale: float, generator: torch.Generator) -> Tensor:
        """New values for its part, from the present ones (D_part, C), with step length β."""
        noise = torch.empty_like(present).normal_(generator=generator)
        return noise.mul_(scale).add_(present, alpha=math.sqrt(1 - scale * scale))


def moves_for(target: Target) -> list[Move]:
    """The moves, to be made in turn: one layer at a time, in deep networks a few layers at a time.

    Layers differ in how far they can go, and alone each can go farther than all together.
    """
    layers = target.layers
    parts = min(len(layers), _MOST_PARTS)
    ends = [round(i * len(layers) / parts) for i in range(parts + 1)]
    return [
        Move(f"layers {first + 1} to {last}", slice(layers[first].start, layers[last - 1].stop))
        for first, last in itertools.pairwise(ends)
    ]
