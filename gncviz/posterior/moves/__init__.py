"""Moves of the rare-event sampler; each leaves the prior restricted to {L_train < level} as it is.

A move owns its evaluation: ``step(rng, state, level, scale) -> (state, info)``. A new one is a file
here and a line in :func:`moves_for`.
"""

from __future__ import annotations

from gncviz.models.protocols import Ball, Law, Losses
from gncviz.posterior.moves.layer_pcn import layer_moves
from gncviz.posterior.moves.null_space import null_space_moves
from gncviz.posterior.moves.refit import REFIT_SCALES, Refit, refittable
from gncviz.posterior.moves.state import Info, Kernel, Population, Start, State, evaluated
from gncviz.posterior.moves.walk import Scales, TorchWalk, Walk

__all__ = [
    "Info",
    "Kernel",
    "Population",
    "Scales",
    "Start",
    "State",
    "TorchWalk",
    "Walk",
    "evaluated",
    "moves_for",
]


#: In networks of more layers than this, and in others than linear ones, slices cost more than they
#: bring: measured, errors for the same time are one to two and a half times as large.
_FEW_LAYERS = 3


def moves_for(law: Law, losses: Losses, ball: Ball | None, compiled: bool) -> list[Kernel]:
    """The moves, to be made in turn.

    A step for each layer, to begin with. Compiled, and in linear networks of few layers, a slice
    after each round of steps, in turn in what is not seen of the first and of the last layer. In
    torch, where steps are slow, refits where they can be done.

    Args:
        law: what is moved about in.
        losses: what has to stay below a level.
        ball: {L_train < ε}, where it is one.
        compiled: whether steps and slices have a compiled twin.
    """
    steps: list[Kernel] = layer_moves(law, losses)
    if compiled:
        unseen = null_space_moves(law, losses, ball)
        ends = unseen[:1] + unseen[1:][-1:]
        few = len(unseen) == len(steps) <= _FEW_LAYERS
        return [move for end in ends for move in (*steps, end)] if few else steps
    if ball is None or refittable(law, ball) is not None:
        return steps
    # How bold a refit can be depends on the network; no single step length suits all.
    refits = [Refit(law, losses, ball, scale) for scale in REFIT_SCALES]
    return [move for refit in refits for move in (*steps, refit)]
