"""Moves of the rare-event sampler; each leaves the prior restricted to {L_train < level} as it is.

A move owns its evaluation: ``step(rng, state, level, scale) -> (state, info)``. A new one is a file
here and a line in :func:`moves_for`.
"""

from __future__ import annotations

from gncviz.models.protocols import Ball, Law, Losses
from gncviz.posterior.moves.layer_pcn import layer_moves
from gncviz.posterior.moves.null_space import null_space_moves
from gncviz.posterior.moves.refit import REFIT_SCALES, Refit, refittable
from gncviz.posterior.moves.state import Info, Kernel, Population, State, evaluated
from gncviz.posterior.moves.walk import Scales, TorchWalk, Walk

__all__ = [
    "Info",
    "Kernel",
    "Population",
    "Scales",
    "State",
    "TorchWalk",
    "Walk",
    "evaluated",
    "moves_for",
]


def moves_for(law: Law, losses: Losses, ball: Ball | None, slices: bool) -> list[Kernel]:
    """The moves, to be made in turn: a step for each layer; where that can be done, a refit.

    Args:
        law: what is moved about in.
        losses: what has to stay below a level.
        ball: {L_train < ε}, where it is one.
        slices: whether to take slices in what is not seen of the first and the last layer, in turn
            and one after each round of steps: in torch they take longer than they are worth.
    """
    steps: list[Kernel] = layer_moves(law, losses)
    if ball is not None and refittable(law, ball) is None:
        # How bold a refit can be depends on the network; no single step length suits all.
        refits = [Refit(law, losses, ball, scale) for scale in REFIT_SCALES]
        return [move for refit in refits for move in (*steps, refit)]
    unseen = null_space_moves(law, losses, ball) if slices else []
    ends = unseen[:1] + unseen[1:][-1:]
    return [move for end in ends for move in (*steps, end)] or steps
