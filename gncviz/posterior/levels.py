"""The levels that splitting goes down by, and how far its moves go at each: found by a pilot run.

The levels and step lengths are fixed before the main run starts. So its Markov kernels are exactly
reversible, its estimate of the acceptance probability is unbiased, and its islands are independent
(adaptive levels have a bias of order 1/N, Cérou et al. 2012).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from gncviz.posterior.moves import Move
from gncviz.posterior.population import Population, Shape, Walk

#: Share of the population that a level keeps.
_KEEP = 0.15
#: A level has to keep at least this share, or it takes in the draws tied with it.
_KEEP_AT_LEAST = 0.02
#: Share of proposals that should be taken; what the step lengths are adapted to.
_WANTED_RATE = 0.28
_MAX_LEVELS = 3000


@dataclass(frozen=True)
class Step:
    """One level of the way down.

    Attributes:
        level: the training loss that everyone has to be below.
        scales: step length of each move, by name.
    """

    level: float
    scales: dict[str, float]


@dataclass(frozen=True)
class Descent:
    """Where a pilot stands.

    Attributes:
        steps: the levels so far.
        population: below the last of them.
        stalled: no way further down was found.
    """

    steps: tuple[Step, ...]
    population: Population
    stalled: bool = False


def descend(
    walk: Walk, shape: Shape, epsilon: float, generator: torch.Generator
) -> Iterator[Descent]:
    """Goes down to ε by adaptive levels, yielding after each.

    Args:
        walk: what is sampled, and how.
        shape: of the population, one island.
        epsilon: where the way ends.
        generator: of all random numbers.
    """
    descent = Descent((), walk.first(shape, generator))
    scales: dict[str, float] = {}
    level = math.inf
    while level > epsilon:
        below = next_level(descent.population.train_loss, level, epsilon)
        if below is None or len(descent.steps) >= _MAX_LEVELS:
            yield Descent(descent.steps, descent.population, stalled=True)
            return
        level = below
        adapt = Adaptation(dict(scales))
        population, _ = walk.next(descent.population, level, adapt, shape, generator)
        scales = adapt.scales
        descent = Descent((*descent.steps, Step(level, dict(scales))), population)
        if adapt.stuck:
            yield Descent(descent.steps, population, stalled=True)
            return
        yield descent


def next_level(losses: torch.Tensor, level: float, epsilon: float) -> float | None:
    """The next level below: what :data:`_KEEP` of the losses are strictly below.

    Where many losses are tied (a dead ReLU network has one loss only), the level moves so that
    enough are strictly below it.

    Returns:
        The level, at least ``epsilon``; None when all losses are tied.
    """
    ordered = losses.flatten().sort().values
    count = len(ordered)
    candidate = float(ordered[int(_KEEP * count)])
    if candidate <= epsilon:
        return epsilon
    if int((ordered < candidate).sum()) < _KEEP_AT_LEAST * count:
        above = ordered[ordered > candidate]
        if not len(above):
            return None
        candidate = float(above[0])
    return max(candidate, epsilon) if candidate < level else None


@dataclass
class Adaptation:
    """Step lengths that follow the share of proposals taken (Robbins and Monro 1951).

    Attributes:
        scales: the step lengths so far, by the move's name.
    """

    scales: dict[str, float]
    _rate: float = 0.5

    def scale(self, move: Move) -> float:
        """The step length to use now."""
        if move.name not in self.scales:
            self.scales[move.name] = min(self.scales.values(), default=1.0)
        return self.scales[move.name]

    def learn(self, move: Move, taken: torch.Tensor) -> None:
        """Longer steps when more than enough proposals are taken, shorter ones otherwise."""
        rate = float(taken.float().mean())
        grown = self.scales[move.name] * math.exp(1.5 * (rate - _WANTED_RATE))
        self.scales[move.name] = min(max(grown, 1e-6), 1.0)
        self._rate = 0.9 * self._rate + 0.1 * rate

    @property
    def stuck(self) -> bool:
        """Hardly any proposal is taken any more."""
        return self._rate < 0.01


@dataclass(frozen=True)
class Fixed:
    """Step lengths as a pilot left them."""

    scales: dict[str, float]

    def scale(self, move: Move) -> float:
        """The step length of a move; one that the pilot never made goes no farther than others."""
        return self.scales.get(move.name) or min(self.scales.values(), default=0.1)

    def learn(self, move: Move, taken: torch.Tensor) -> None:
        """Nothing is learnt."""
