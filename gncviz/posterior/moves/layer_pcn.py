"""Crank–Nicolson steps layer by layer."""

from __future__ import annotations

import itertools

from gncviz.models.protocols import Law, Losses
from gncviz.posterior.moves.pcn import CrankNicolson
from gncviz.posterior.moves.state import Kernel

#: So that every part is moved several times at each level, however deep the network.
_MOST_PARTS = 8


def layer_moves(law: Law, losses: Losses) -> list[Kernel]:
    """A step for each layer; in deep networks those far from both ends go together.

    Layers differ in how far they can go, and alone each can go farther than all together. What a
    deep product is depends on its first and last layers most: those between change its size only,
    once it is near rank one.

    Args:
        law: what is moved about in.
        losses: what has to stay below a level.
    """
    blocks = law.blocks
    depth = len(blocks)
    ends = list(range(depth + 1))
    if depth > _MOST_PARTS:
        ends = [0, 1, 2, 4, depth // 2, depth - 4, depth - 2, depth - 1, depth]
    return [
        CrankNicolson(
            law,
            losses,
            f"layers {first + 1} to {last}",
            slice(blocks[first].start, blocks[last - 1].stop),
        )
        for first, last in itertools.pairwise(ends)
    ]
