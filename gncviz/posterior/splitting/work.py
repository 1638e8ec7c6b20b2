"""Multilevel splitting under way, and how many islands and chains there are in it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from gncviz.posterior.problem import Problem
from gncviz.posterior.splitting.records import Record
from gncviz.posterior.splitting.schedule import Step
from gncviz.posterior.splitting.shape import Shape
from gncviz.posterior.splitting.target import Target

#: Islands of the first round, at least and at most; and of the largest. As many values as the error
#: bar is made of; those that are missing are sent by so many.
_LEAST_ISLANDS, _ISLANDS, _MOST_ISLANDS, STEP = 16, 64, 128, 8
#: Independent draws that an island is mostly worth or more, where refits or slices make it go far,
#: and else.
_WORTH_FAR, _WORTH = 40, 32
#: On a CPU more islands than these are worked on in two groups, by two threads if there are: where
#: refits are made, and else. Threads in which operations of torch are short mostly wait for each
#: other, and on a GPU the groups would.
_ISLANDS_IN_ONE_GROUP_WITH_REFITS, _ISLANDS_IN_ONE_GROUP = 32, 8
#: M, chains in an island, fewer where slices make them go far; P, states in a chain.
_CHAINS, _FEWER_CHAINS, _LENGTH, _SHORTEST = 64, 32, 8, 4
#: Moves from one of these to the next: where refits or slices make them go far, and else by rounds
#: of steps in all layers, at least so many and at most.
_SHORT_STRIDE, _ROUNDS, _LEAST_STRIDE, _LONGEST_STRIDE = 4, 1.5, 8, 16
#: At ε itself chains go on for longer, and fewer of their states are kept; the moves from one of
#: these to the next, where refits are among them and else.
_KEPT, _THIN_WITH_REFITS, _THIN = 4, 8, 32


@dataclass
class Work:
    """Splitting under way.

    Attributes:
        target: what is sampled, in coordinates to move in.
        begun: networks that the run had evaluated before.
        steps: the levels, once the pilot has found them.
        records: what is known of each level, of all rounds that are over.
        descending: the same of the round under way.
        growth: how many times the chains of the first round an island has.
    """

    target: Target
    begun: int
    steps: tuple[Step, ...] = ()
    records: list[Record] = field(default_factory=list)
    descending: list[Record] = field(default_factory=list)
    growth: int = 1

    @property
    def evaluated(self) -> int:
        """Networks that were evaluated."""
        return self.problem.run.evaluated - self.begun

    @property
    def problem(self) -> Problem:
        """What is sampled."""
        return self.target.problem

    @property
    def first_round(self) -> int:
        """How many islands begin; fewer where few samples are wanted."""
        worth = _WORTH_FAR if self.target.bold or self.target.slices else _WORTH
        enough = math.ceil(self.problem.settings.samples / worth / STEP) * STEP
        return min(max(enough, _LEAST_ISLANDS), _ISLANDS, self.largest_round)

    def groups(self, islands: int) -> int:
        """How many parts islands are worked on in."""
        together = _ISLANDS_IN_ONE_GROUP
        if self.target.bold:
            together = _ISLANDS_IN_ONE_GROUP_WITH_REFITS
        cpu = self.problem.device.type == "cpu"
        return 2 if cpu and islands > together else 1

    @property
    def largest_round(self) -> int:
        """In very large networks rather fewer islands than islands that soon die out."""
        room = self.problem.run.room(self.target.size * _CHAINS * _SHORTEST)
        return max(min(_MOST_ISLANDS, room // _LEAST_ISLANDS * _LEAST_ISLANDS), _LEAST_ISLANDS)

    @property
    def at_epsilon(self) -> bool:
        """Whether the way leads down to ε."""
        return len(self.steps) > 0 and self.steps[-1].level <= self.problem.threshold

    @property
    def levels(self) -> list[Record]:
        """What is known of the levels: of whole rounds, or of the first while it is under way."""
        return self.records or self.descending

    @property
    def found(self) -> Record | None:
        """The islands at ε; None before any got there."""
        return self.records[-1] if self.records else None

    @property
    def effective_samples(self) -> float:
        """Of all islands at ε."""
        return self.found.estimate.effective_samples if self.found else 0.0


def shapes(work: Work, islands: int, groups: int) -> tuple[Shape, Shape]:
    """The populations of one group of islands: on the way, and at ε."""
    each = islands // groups
    most = work.problem.run.room(work.target.size * islands)
    length = min(_LENGTH, max(most // _CHAINS, _SHORTEST), max(most // 2, 2))
    chains = work.growth * (_FEWER_CHAINS if work.target.slices else _CHAINS)
    chains = max(min(chains, most // length), 2)
    thin = _THIN_WITH_REFITS if work.target.bold else _THIN
    return Shape(each, chains, length, _stride(work.target)), Shape(each, chains, _KEPT, thin)


def _stride(target: Target) -> int:
    """Moves from one state of a chain to the next, on the way."""
    if target.bold or target.slices:
        return _SHORT_STRIDE
    return min(max(round(_ROUNDS * len(target.moves)), _LEAST_STRIDE), _LONGEST_STRIDE)
