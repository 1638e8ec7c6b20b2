"""A population below a level, and how the next one comes from it: waste-free SMC.

Of the population below the last level, those below the next are found, M of them an island are
chosen, and each starts a chain of P states; all M·P states are the next population (Dau and
Chopin 2022). Islands are populations that never exchange anything.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from gncviz.devices import room
from gncviz.posterior.moves import Population, Scales, Start
from gncviz.posterior.splitting.shape import Shape
from gncviz.posterior.splitting.target import Target


def empty_population(target: Target, shape: Shape) -> Population:
    """Room for a population."""
    device, dtype = target.problem.device, target.dtype
    states = room(shape.length, shape.columns, target.size, device=device, dtype=dtype)
    train, gen = torch.empty(2, shape.length, shape.columns, device=device, dtype=dtype)
    return Population(states, train, gen)


def first_population(
    target: Target, shape: Shape, rng: torch.Generator, wanted: float = math.inf
) -> Population:
    """Independent draws of the prior.

    Args:
        target: what is sampled.
        shape: of the population.
        rng: of its random numbers.
        wanted: of states from that loss on only the last of each chain is asked for.

    Raises:
        Stopped: the run is cancelled or out of time.
    """
    found = empty_population(target, shape)
    target.walk.draw(rng, found, target.problem.run, wanted)
    return found


def next_population(
    target: Target,
    population: Population,
    level: float,
    scales: Scales,
    shape: Shape,
    rng: torch.Generator,
    fitting: Population | None = None,
    wanted: float = math.inf,
) -> tuple[Population, Tensor]:
    """The population below the next level.

    Args:
        target: what is sampled.
        population: below the last level.
        level: the next one, in the losses' unit.
        scales: of the moves.
        shape: of the next population.
        rng: of its random numbers.
        fitting: a population of that shape to overwrite; fresh memory takes longer to fill.
        wanted: of states from that loss on only the last of each chain is asked for.

    Returns:
        It, and how many states of each island were below the level, with shape (islands,).

    Raises:
        Stopped: the run is cancelled or out of time.
    """
    place, column, survivors = ancestors(population.train_loss, level, shape, rng)
    start = Start(population.states[place, column], population.train_loss[place, column])
    found = fitting or empty_population(target, shape)
    target.walk.go(rng, start, level, scales, shape.thin, found, target.problem.run, wanted)
    return found, survivors


def ancestors(
    train_loss: Tensor, level: float, shape: Shape, rng: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Chooses the chains' starting points among those strictly below a level.

    Within an island all survivors are chosen equally often, up to one, in random order.

    Args:
        train_loss: with shape (P, columns), for the same islands.
        level: what they have to be below.
        shape: of the population that is started.
        rng: of the order.

    Returns:
        Place and column of each new chain's start, both with shape (columns,), and the number of
        survivors of each island. An island without any gets the last states of its chains; its
        weight is zero.
    """
    chains = train_loss.shape[1] // shape.islands
    by_island = train_loss.view(-1, shape.islands, chains).transpose(0, 1).flatten(1)
    below = by_island < level
    survivors = below.sum(dim=1)
    keys = torch.empty_like(by_island).uniform_(generator=rng)
    most = min(shape.chains, keys.shape[1])
    first = (keys + 2 * ~below).topk(most, dim=1, largest=False).indices
    turn = torch.arange(shape.chains, device=train_loss.device)
    chosen = first.gather(1, turn % survivors.clamp(1, most)[:, None])
    # Of states that are not below, only the last ones of chains are there for sure.
    last = by_island.shape[1] - chains + turn % chains
    chosen = torch.where(survivors[:, None] > 0, chosen, last)
    island = torch.arange(shape.islands, device=train_loss.device)[:, None]
    column = chosen % chains + island * chains
    return (chosen // chains).flatten(), column.flatten(), survivors
