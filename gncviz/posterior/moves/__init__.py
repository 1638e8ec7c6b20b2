"""Moves of the rare-event sampler; each leaves the prior restricted to {L_train < level} as it is.

A move owns its evaluation: ``step(rng, state, level, scale) -> (state, info)``. A new one is a file
here and a line in :func:`moves_for`.
"""

from __future__ import annotations

from gncviz.models.protocols import Ball, Law, Losses
from gncviz.posterior.moves.layer_pcn import layer_moves
from gncviz.posterior.moves.refit import REFIT_SCALES, Refit, refittable
from gncviz.posterior.moves.state import Info, Kernel, State, evaluated

__all__ = ["Info", "Kernel", "State", "evaluated", "moves_for"]


def moves_for(law: Law, losses: Losses, ball: Ball | None) -> list[Kernel]:
    """The moves, to be made in turn: a step for each layer; where that can be done, a refit.

    Args:
        law: what is moved about in.
        losses: what has to stay below a level.
        ball: {L_train < ε}, where it is one.
    """
    steps = layer_moves(law, losses)
    if ball is None or refittable(law, ball) is not None:
        return steps
    # How bold a refit can be depends on the network; no single step length suits all.
    refits = [Refit(law, losses, ball, scale) for scale in REFIT_SCALES]
    return [move for refit in refits for move in (*steps, refit)]
