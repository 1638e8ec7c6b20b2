"""A population below a level, and how the next one comes from it: waste-free SMC.

Of the population below the last level, those below the next are found, M of them an island are
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
        thin: moves from one state of a chain to the next.
    """

    islands: int
    chains: int
    length: int
    thin: int = 1

    @property
    def columns(self) -> int:
        """Chains of all islands; chain j of island i is column i·M + j."""
        return self.islands * self.chains

    @property
    def size(self) -> int:
        """N = M·P, the states of an island."""
        return self.chains * self.length

    @property
    def evaluations(self) -> int:
        """Networks evaluated to fill it."""
        return self.columns * self.length * self.thin


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


@dataclass(frozen=True)
class Walk:
    """How populations are made: what is sampled, by which moves.

    Attributes:
        target: what is sampled.
        moves: made in turn.
        stop: called between moves; raises to end the run.
    """

    target: Target
    moves: list[Move]
    stop: Callable[[], None]

    def first(self, shape: Shape, generator: torch.Generator) -> Population:
        """Independent draws of the prior."""
        found = Population.empty(self.target, shape)
        for place in range(shape.length):
            self.stop()
            states = self.target.draw(shape.columns, generator)
            flat = self.target.matrices(states)
            found.states[place] = states
            found.train_loss[place] = self.target.train_loss(flat)
            found.gen_loss[place] = self.target.gen_loss(flat)
        return found

    def next(
        self,
        population: Population,
        level: float,
        scales: Scales,
        shape: Shape,
        generator: torch.Generator,
        room: Population | None = None,
    ) -> tuple[Population, Tensor]:
        """The population below the next level.

        Args:
            population: below the last level.
            level: the next one.
            scales: of the moves.
            shape: of the next population.
            generator: of its random numbers.
            room: a population of that shape to overwrite; fresh memory takes longer to fill.

        Returns:
            It, and how many states of each island were below the level, with shape (islands,).
        """
        place, column, survivors = ancestors(population.train_loss, level, shape, generator)
        states = population.states[place, :, column].T.contiguous()
        loss = population.train_loss[place, column]
        flat = self.target.matrices(states)
        found = room or Population.empty(self.target, shape)
        made = 0
        for kept in range(shape.length):
            # Without thinning, the chain's start is its first state.
            for _ in range(shape.thin if kept or shape.thin > 1 else 0):
                self.stop()
                move = self.moves[made % len(self.moves)]
                fixed = move.fixed_scale
                scale = scales.scale(move) if fixed is None else fixed
                taken = self._move(move, states, flat, loss, level, scale, generator)
                if fixed is None:
                    scales.learn(move, taken)
                made += 1
            found.states[kept] = states
            found.train_loss[kept] = loss
            found.gen_loss[kept] = self.target.gen_loss(flat)
        return found, survivors

    def _move(
        self,
        move: Move,
        states: Tensor,
        flat: Tensor,
        loss: Tensor,
        level: float,
        scale: float,
        generator: torch.Generator,
    ) -> Tensor:
        """Makes one move in place; returns which proposals were taken."""
        proposal = move.propose(states, level, scale, generator)
        before = states[proposal.part].clone()
        states[proposal.part] = proposal.after
        candidate = self.target.matrices(states)
        new_loss = self.target.train_loss(candidate)
        taken = new_loss < level
        if proposal.log_ratio is not None:
            chance = torch.empty_like(new_loss).uniform_(generator=generator)
            taken &= chance.log() < proposal.log_ratio
        states[proposal.part] = torch.where(taken, proposal.after, before)
        flat.copy_(torch.where(taken, candidate, flat))
        loss.copy_(torch.where(taken, new_loss, loss))
        return taken


def ancestors(
    train_loss: Tensor, level: float, shape: Shape, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Chooses the chains' starting points among those strictly below a level.

    Within an island all survivors are chosen equally often, up to one, in random order.

    Args:
        train_loss: with shape (P, columns), for the same islands.
        level: what they have to be below.
        shape: of the population that is started.
        generator: of the order.

    Returns:
        Place and column of each new chain's start, both with shape (columns,), and the number of
        survivors of each island. An island without any gets arbitrary starts; its weight is zero.
    """
    chains = train_loss.shape[1] // shape.islands
    by_island = train_loss.view(-1, shape.islands, chains).transpose(0, 1).flatten(1)
    below = by_island < level
    survivors = below.sum(dim=1)
    keys = torch.empty_like(by_island).uniform_(generator=generator)
    order = (keys + 2 * ~below).argsort(dim=1)
    turn = torch.arange(shape.chains, device=train_loss.device)
    chosen = order.gather(1, turn % survivors.clamp_min(1)[:, None])
    island = torch.arange(shape.islands, device=train_loss.device)[:, None]
    column = chosen % chains + island * chains
    return (chosen // chains).flatten(), column.flatten(), survivors
