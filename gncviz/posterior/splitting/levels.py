"""Populations at a level, as records of it: the border between islands' columns and draws."""

from __future__ import annotations

import numpy as np
import torch

from gncviz.posterior.draws import Draws
from gncviz.posterior.moves import Population
from gncviz.posterior.splitting.islands import Islands
from gncviz.posterior.splitting.records import Record
from gncviz.posterior.splitting.shape import Shape
from gncviz.posterior.splitting.target import Target


def record_on_the_way(
    target: Target,
    level: float,
    log_z: np.ndarray,
    populations: list[Population],
    shape: Shape,
    shown: int,
) -> Record:
    """A level on the way: what all states say, and a few of them.

    Args:
        target: what they are states of.
        level: the threshold on L_train.
        log_z: of the islands.
        populations: one of each group.
        shape: of each.
        shown: draws that are kept of an island.
    """
    gen = torch.cat([p.gen_loss for p in populations], dim=1).double()
    gen = gen.view(len(gen), -1, shape.chains)
    # One state of each of some chains: those of the same chain are much alike.
    columns = [_columns(shape, min(shown, shape.chains), p.states.device) for p in populations]
    picked = [p.states[-1][:, c] for p, c in zip(populations, columns, strict=True)]
    draws, island = _exact(target, level, picked, shape.islands)
    known = Islands(
        log_z,
        gen.mean(dim=(0, 2)).cpu().numpy(),
        gen.square().mean(dim=(0, 2)).cpu().numpy(),
        gen.numel(),
    )
    return Record(level, known, draws, island)


def record_at_epsilon(
    target: Target,
    level: float,
    log_z: np.ndarray,
    populations: list[Population],
    shape: Shape,
) -> Record:
    """The last level: every state is a posterior draw, and the estimate rests on these alone.

    Args:
        target: what they are states of.
        level: the threshold on L_train.
        log_z: of the islands.
        populations: one of each group.
        shape: of each.
    """
    states = [p.states.transpose(0, 1).flatten(1) for p in populations]
    draws, island = _exact(target, level, states, shape.islands, shape.length)
    count = np.maximum(np.bincount(island, minlength=len(log_z)), 1)
    means = np.bincount(island, draws.gen_loss, len(log_z)) / count
    squares = np.bincount(island, draws.gen_loss**2, len(log_z)) / count
    return Record(level, Islands(log_z, means, squares, len(draws)), draws, island)


def _columns(shape: Shape, count: int, device: torch.device) -> torch.Tensor:
    first = torch.arange(shape.islands, device=device)[:, None] * shape.chains
    return (first + torch.arange(count, device=device)).flatten()


def _exact(
    target: Target, level: float, groups: list[torch.Tensor], islands: int, turns: int = 1
) -> tuple[Draws, np.ndarray]:
    """States in float64, without those that rounding put below the level, and their islands.

    Args:
        target: what they are states of.
        level: the threshold.
        groups: states (D, C) of each group; its islands come one after the other, ``turns`` times.
        islands: how many islands a group has.
        turns: how often they come.
    """
    draws = Draws.join([target.exact(states) for states in groups], target.problem.task)
    each = groups[0].shape[1] // (islands * turns)
    of_group = np.tile(np.repeat(np.arange(islands), each), turns)
    island = np.concatenate([i * islands + of_group for i in range(len(groups))])
    fits = draws.train_loss < level
    return draws[fits], island[fits]
