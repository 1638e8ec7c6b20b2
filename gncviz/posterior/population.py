"""A population below a level, and how the next one comes from it: waste-free SMC.

Of the population below the last level, those below the next are found, M of them a island are
chosen, and each starts a chain of P states; all M·P states are the next population (Dau and
Chopin 2022). Islands are populations that never exchange anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from gncviz.posterior.moves import Move
from gncviz.posterior.target import Target


@dataclass(frozen=True)
class Shape:
    """How a population is laid out.

    Attributes:
        islands: how many there are.
        chains: M, in each island.
        length: P, states in a chain.
    """

    islands: int
    chains: int
    length: int

    @property
    def columns(self) -> int:
        """Chains of all islands; chain j of island i is column i·M + j."""
        return self.islands * self.chains

    @property
    def size(self) -> int:
        """N = M·P, the states of an island."""
        return self.chains * self.length


@dataclass(frozen=True)
class Population:
    """All states of all chains.

    Attributes:
        states: with shape (P, D, columns).
        train_loss: L_train, with shape (P, columns).
        gen_loss: L_gen, with shape (P, columns).
    """

    states: Tensor
    train_loss: Tensor
    gen_loss: Tensor

    @staticmethod
    def empty(target: Target, shape: Shape) -> Population:
        """Room for a population."""
        device, dtype = target.problem.device, target.dtype
        states = torch.empty(shape.length, target.size, shape.columns, device=device, dtype=dtype)
        train, gen = torch.empty(2, shape.length, shape.columns, device=device, dtype=dtype)
        return Population(states, train, gen)


class Scales(Protocol):
    """Where moves get their step lengths from."""

    def scale(self, move: Move) -> float:
        """The step length of a move."""

    def learn(self, move: Move, taken: Tensor) -> None:
        """Told which proposals were taken, with shape (columns,)."""


def first_population(
    target: Target, shape: Shape, generator: torch.Generator, stop: Callable[[], None]
) -> Population:
    """Independent draws of the prior."""
    population = Population.empty(target, shape)
    for place in range(shape.length):
        stop()
        states = target.draw(shape.columns, generator)
        flat = target.matrices(states)
        population.states[place] = states
        population.train_loss[place] = target.train_loss(flat)
        population.gen_loss[place] = target.gen_loss(flat)
    return population


def next_population(
    target: Target,
    moves: list[Move],
    population: Population,
    level: float,
    scales: Scales,
    shape: Shape,
    generator: torch.Generator,
    stop: Callable[[], None],
) -> tuple[Population, Tensor]:
    """The population below the next level.

    Returns:
        It, and how many states of each island were below the level, with shape (islands,).
    """
    place, column, survivors = ancestors(population.train_loss, level, shape, generator)
    states = population.states[place, :, column].T.contiguous()
    loss = population.train_loss[place, column]
    flat = target.matrices(states)
    found = Population.empty(target, shape)
    for step in range(shape.length):
        stop()
        if step:
            move = moves[step % len(moves)]
            proposal = move.propose(states, scales.scale(move), generator)
            candidate = target.matrices(proposal)
            new_loss = target.train_loss(candidate)
            taken = new_loss < level
            states = torch.where(taken, proposal, states)
            flat = torch.where(taken, candidate, flat)
            loss = torch.where(taken, new_loss, loss)
            scales.learn(move, taken)
        found.states[step] = states
        found.train_loss[step] = loss
        found.gen_loss[step] = target.gen_loss(flat)
    return found, survivors


def ancestors(
    train_loss: Tensor, level: float, shape: Shape, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Chooses the chains' starting points among those strictly below a level.

    Within an island all survivors are chosen equally often, up to one, in random order.

    Args:
        train_loss: with shape (P, columns).
        level: what they have to be below.
        shape: of the population.
        generator: of the order.

    Returns:
        Place and column of each new chain's start, both with shape (columns,), and the number of
        survivors of each island. An island without any gets arbitrary starts; its weight is zero.
    """
    by_island = train_loss.view(-1, shape.islands, shape.chains).transpose(0, 1).flatten(1)
    below = by_island < level
    survivors = below.sum(dim=1)
    keys = torch.empty_like(by_island).uniform_(generator=generator)
    order = (keys + 2 * ~below).argsort(dim=1)
    turn = torch.arange(shape.chains, device=train_loss.device)
    chosen = order.gather(1, turn % survivors.clamp_min(1)[:, None])
    island = torch.arange(shape.islands, device=train_loss.device)[:, None]
    column = chosen % shape.chains + island * shape.chains
    return (chosen // shape.chains).flatten(), column.flatten(), survivors
