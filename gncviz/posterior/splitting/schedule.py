"""The levels that splitting goes down by, and how far its moves go at each: found by a pilot run.

The levels and step lengths are fixed before the main run starts. So its Markov kernels are exactly
reversible, its estimate of the acceptance probability is unbiased, and its islands are independent
(adaptive levels have a bias of order 1/N, Cérou et al. 2012).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import torch

from gncviz.posterior.moves import Population
from gncviz.posterior.problem import TIED
from gncviz.posterior.splitting.shape import Shape
from gncviz.posterior.splitting.smc import first_population, next_population
from gncviz.posterior.splitting.target import Target

#: Share of the population that a level keeps.
_KEEP = 0.15
#: A level has to keep at least this share, or it takes in the draws tied with it.
_KEEP_AT_LEAST = 0.02
#: Share of proposals that should be taken; what the step lengths are adapted to.
_WANTED_RATE = 0.28
#: As many levels as a way down may have, and how often in a row they may be too close together.
_MAX_LEVELS, _PATIENCE = 3000, 5
#: Where as many states as this share are tied with a level, it moves away from them.
_MANY = 0.02


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
    target: Target, shape: Shape, epsilon: float, rng: torch.Generator
) -> Iterator[Descent]:
    """Goes down to ε by adaptive levels, yielding after each.

    Args:
        target: what is sampled.
        shape: of the population, one island.
        epsilon: where the way ends, in the losses' unit.
        rng: of all random numbers.

    Raises:
        Stopped: the run is cancelled, out of time or out of draws.
    """
    run = target.problem.run
    run.spend(shape.states)
    descent = Descent((), first_population(target, shape, rng))
    scales: dict[str, float] = {}
    level, slow = math.inf, 0
    while level > epsilon:
        below = next_level(descent.population.train_loss, level, epsilon)
        slow = slow + 1 if _hopeless(level, below, epsilon) else 0
        if below is None or slow >= _PATIENCE or len(descent.steps) >= _MAX_LEVELS:
            yield Descent(descent.steps, descent.population, stalled=True)
            return
        level = below
        adapt = Adaptation(dict(scales))
        run.spend(target.evaluations(shape))
        population, _ = next_population(target, descent.population, level, adapt, shape, rng)
        scales = adapt.scales
        descent = Descent((*descent.steps, Step(level, dict(scales))), population)
        if adapt.stuck:
            yield Descent(descent.steps, population, stalled=True)
            return
        yield descent


def _hopeless(level: float, below: float | None, epsilon: float) -> bool:
    """Whether at this pace ε would take more levels than anybody waits for.

    Where nothing fits, levels draw near to the least loss that there is, ever more slowly.
    """
    if below is None or below <= epsilon or math.isinf(level):
        return False
    return math.log(below / epsilon) > _MAX_LEVELS * math.log(level / below)


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
        above = ordered[ordered > candidate * (1 + TIED)]
        if not len(above):
            return None
        candidate = float(above[0])
    near = (ordered > candidate * (1 - TIED)) & (ordered < candidate * (1 + TIED))
    if int(near.sum()) > _MANY * count:
        candidate *= 1 - 2 * TIED
    return max(candidate, epsilon) if candidate < level else None


@dataclass
class Adaptation:
    """Step lengths that follow the share of proposals taken (Robbins and Monro 1951).

    Attributes:
        scales: the step lengths so far, by the move's name.
    """

    scales: dict[str, float]
    _rate: float = 0.5

    adapts: ClassVar[bool] = True

    def scale(self, name: str) -> float:
        """The step length to use now."""
        if name not in self.scales:
            self.scales[name] = min(self.scales.values(), default=1.0)
        return self.scales[name]

    def learn(self, name: str, share: float) -> None:
        """Longer steps when more than enough proposals are taken, shorter ones otherwise."""
        grown = self.scales[name] * math.exp(1.5 * (share - _WANTED_RATE))
        self.scales[name] = min(max(grown, 1e-6), 1.0)
        self._rate = 0.9 * self._rate + 0.1 * share

    @property
    def stuck(self) -> bool:
        """Hardly any proposal is taken any more."""
        return self._rate < 0.01


@dataclass(frozen=True)
class Fixed:
    """Step lengths as a pilot left them."""

    scales: dict[str, float]

    adapts: ClassVar[bool] = False

    def scale(self, name: str) -> float:
        """The step length of a move; one that the pilot never made goes no farther than others."""
        return self.scales.get(name) or min(self.scales.values(), default=0.1)

    def learn(self, name: str, share: float) -> None:
        """Nothing is learnt."""
