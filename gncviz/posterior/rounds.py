"""The work of multilevel splitting: a pilot, then rounds of islands down the levels it found."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import torch

from gncviz.compute import Streams
from gncviz.posterior.levels import Fixed, Step, descend
from gncviz.posterior.moves import Move, layer_moves
from gncviz.posterior.population import Population, Shape, Walk
from gncviz.posterior.problem import Draws, Problem
from gncviz.posterior.records import Record
from gncviz.posterior.refit import Refit, can_refit
from gncviz.posterior.result import Status
from gncviz.posterior.target import Target
from gncviz.progress import Reporter

#: Islands of the first round: in very large networks, where refits make them go far, and else;
#: and of the largest. As many values as the error bar is made of.
_LEAST_ISLANDS, _FEWEST_ISLANDS, _ISLANDS, _MOST_ISLANDS = 16, 32, 64, 128
#: Deeper networks than this begin with the largest round: they need it, and more columns at a time
#: make better use of two threads.
_SHALLOW = 3
#: More islands than these are worked on in two groups, by two threads if there are: threads in
#: which operations are short mostly wait for each other.
_ISLANDS_IN_ONE_GROUP = 32
#: M, chains in an island, and P, states in a chain.
_CHAINS, _LENGTH, _SHORTEST = 64, 32, 16
#: At ε itself chains go on for longer, and fewer of their states are kept; the moves from one of
#: these to the next, where refits are among them and else.
_KEPT, _THIN_WITH_REFITS, _THIN = 4, 8, 32
#: The pilot's chains and their length.
_PILOT_CHAINS, _PILOT_LENGTH = 256, 16
#: Numbers that all states of one population may take.
_MEMORY = 2**26
#: Draws that are kept from a level on the way, for pictures.
_SHOWN = 1024
#: What the draws of all levels may take together, in numbers.
_SHOWN_NUMBERS = 2**23
#: Step lengths of the hidden layers when the last one is drawn anew.
_REFIT_SCALES = (0.15, 0.5)


#: Told after each step which share of the work is done.
Report = Callable[[float], None]


class Stopped(Exception):
    """The run was cancelled or is out of time."""


@dataclass
class Run:
    """A run under way.

    Attributes:
        problem: what to sample.
        target: the same, in coordinates to move in.
        reporter: told where it stands, asked whether to stop.
        streams: its random numbers.
        steps: the levels, once the pilot has found them.
        records: what is known of each level, of all rounds that are over.
        descending: the same of the round under way.
        evaluations: networks evaluated so far.
    """

    problem: Problem
    target: Target
    reporter: Reporter
    streams: Streams
    steps: tuple[Step, ...] = ()
    records: list[Record] = field(default_factory=list)
    descending: list[Record] = field(default_factory=list)
    evaluations: int = 0

    @property
    def walk(self) -> Walk:
        """How populations are made."""
        return Walk(self.target, moves_for(self.target), self._stop)

    def _stop(self) -> None:
        if self.reporter.cancelled or self.reporter.out_of_time:
            raise Stopped

    @property
    def first_round(self) -> int:
        """How many islands begin; fewer where few samples are wanted."""
        enough = math.ceil(self.problem.settings.samples / (8 * _FEWEST_ISLANDS)) * _FEWEST_ISLANDS
        if can_refit(self.target):
            return min(_FEWEST_ISLANDS, self.largest_round)
        shallow = self.problem.network.depth <= _SHALLOW
        return min(_ISLANDS if shallow else _MOST_ISLANDS, enough, self.largest_round)

    @property
    def largest_round(self) -> int:
        """In very large networks rather fewer islands than islands that soon die out."""
        room = _MEMORY // (self.target.size * _CHAINS * _SHORTEST)
        return max(min(_MOST_ISLANDS, room // _LEAST_ISLANDS * _LEAST_ISLANDS), _LEAST_ISLANDS)

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
        return self.found.effective_samples if self.found else 0.0


def moves_for(target: Target) -> list[Move]:
    """The moves, to be made in turn: a step for each layer; where that can be done, a refit."""
    steps = layer_moves(target)
    if not can_refit(target):
        return steps
    # How bold a refit can be depends on the network; no single step length suits all.
    return [move for scale in _REFIT_SCALES for move in (*steps, Refit(target, scale))]


def pilot(run: Run) -> bool:
    """Finds the levels; True when it found no way down to ε."""
    length = max(min(_PILOT_LENGTH, _MEMORY // (run.target.size * _PILOT_CHAINS)), 2)
    shape = Shape(1, _PILOT_CHAINS, length)
    epsilon = run.problem.settings.epsilon
    for found in descend(run.walk, shape, epsilon, run.streams.generator(0)):
        run.steps = found.steps
        run.evaluations += shape.evaluations
        if found.stalled:
            return True
        level = found.steps[-1].level
        run.reporter.update(0.0, f"finding levels: {len(found.steps)}, down to ε = {level:.2g}")
    return False


def as_far_as_possible(run: Run, pool: ThreadPoolExecutor, report: Report) -> Status:
    """One round of islands down the levels there are, none of them at ε."""
    for record in _descend(run, 0, run.first_round, pool):
        run.descending.append(record)
        report(len(run.descending) / len(run.steps))
    return Status.EXTINCT


def send_rounds(run: Run, pool: ThreadPoolExecutor, report: Report) -> Status:
    """Sends rounds of islands until the error is small enough or the budget is spent."""
    wanted, budget = run.problem.settings.samples, run.problem.settings.draws
    islands = run.first_round
    for number in range(budget):
        before = run.evaluations
        run.descending = []
        for record in _descend(run, number, islands, pool):
            run.descending.append(record)
            if not run.records:
                report(len(run.descending) / len(run.steps))
        records = run.descending
        if run.records:
            pairs = zip(run.records, records, strict=True)
            records = [known.joined(new) for known, new in pairs]
        run.records = records
        if not np.isfinite(records[-1].log_z).any():
            return Status.EXTINCT
        report(min(run.effective_samples / wanted, run.evaluations / budget))
        if run.effective_samples >= wanted:
            return Status.OK
        cost = (run.evaluations - before) / islands
        islands = _islands_next(run, cost)
        if run.evaluations + cost * islands > budget:
            break
    return Status.BUDGET_EXHAUSTED


def _islands_next(run: Run, cost: float) -> int:
    """As many islands as seem to be missing, in parts of a round, within bounds."""
    done = len(run.records[-1].log_z)
    share = run.problem.settings.samples / max(run.effective_samples, 1.0) - 1
    affordable = int((run.problem.settings.draws - run.evaluations) / cost)
    missing = min(done * share * 1.1, affordable)
    return min(max(math.ceil(missing / _FEWEST_ISLANDS), 1) * _FEWEST_ISLANDS, run.largest_round)


def _shapes(run: Run, islands: int, groups: int) -> tuple[Shape, Shape]:
    """The populations of one group of islands: on the way, and at ε."""
    each = islands // groups
    most = _MEMORY // (run.target.size * islands)
    length = min(_LENGTH, max(most // _CHAINS, _SHORTEST))
    chains = max(min(_CHAINS, most // length), 2)
    thin = _THIN_WITH_REFITS if can_refit(run.target) else _THIN
    return Shape(each, chains, length), Shape(each, chains, _KEPT, thin)


def _descend(run: Run, number: int, islands: int, pool: ThreadPoolExecutor) -> Iterator[Record]:
    """Takes islands down all levels; yields what is known after each."""
    groups = 1 if islands <= _ISLANDS_IN_ONE_GROUP else 2
    shape, last = _shapes(run, islands, groups)
    walk = run.walk
    generators = [run.streams.generator(1 + 2 * number + i) for i in range(groups)]
    populations = list(pool.map(lambda generator: walk.first(shape, generator), generators))
    rooms: list[Population | None] = [None] * groups
    run.evaluations += groups * shape.evaluations
    log_z = np.zeros(islands)
    for step in run.steps:
        to = last if step is run.steps[-1] else shape
        scales = Fixed(step.scales)

        def go(
            population: Population,
            generator: torch.Generator,
            room: Population | None,
            step: Step = step,
            to: Shape = to,
            scales: Fixed = scales,
        ) -> tuple[Population, torch.Tensor]:
            fitting = room if to is shape else None
            return walk.next(population, step.level, scales, to, generator, fitting)

        reached = list(pool.map(go, populations, generators, rooms))
        run.evaluations += groups * to.evaluations
        # The last population but one is the next one's room.
        rooms, populations = list(populations), [population for population, _ in reached]
        survivors = torch.cat([counts for _, counts in reached]).cpu().numpy()
        with np.errstate(divide="ignore"):
            log_z = log_z + np.log(survivors / shape.size)
        if to is last:
            yield _record_at_epsilon(run.target, step.level, log_z, populations, to)
        else:
            shown = 0 if run.records else _shown(run)
            yield _record(run.target, step.level, log_z, populations, to, shown)


def _shown(run: Run) -> int:
    """Draws of an island that are kept from each level."""
    each = _SHOWN // run.first_round
    numbers = run.problem.task.ground_truth.size * len(run.steps) * run.first_round
    return min(each, max(_SHOWN_NUMBERS // numbers, 1))


def _record(
    target: Target,
    level: float,
    log_z: np.ndarray,
    populations: list[Population],
    shape: Shape,
    shown: int,
) -> Record:
    """A level on the way: what all states say, and a few of them."""
    gen = torch.cat([p.gen_loss for p in populations], dim=1).double()
    gen = gen.view(len(gen), -1, shape.chains)
    # One state of each of some chains: those of the same chain are much alike.
    columns = [_columns(shape, min(shown, shape.chains), p.states.device) for p in populations]
    picked = [p.states[-1][:, c] for p, c in zip(populations, columns, strict=True)]
    draws, island = _exact(target, level, picked, shape.islands)
    return Record(
        level,
        log_z,
        gen.mean(dim=(0, 2)).cpu().numpy(),
        gen.square().mean(dim=(0, 2)).cpu().numpy(),
        gen.numel(),
        draws,
        island,
    )


def _columns(shape: Shape, count: int, device: torch.device) -> torch.Tensor:
    first = torch.arange(shape.islands, device=device)[:, None] * shape.chains
    return (first + torch.arange(count, device=device)).flatten()


def _record_at_epsilon(
    target: Target,
    level: float,
    log_z: np.ndarray,
    populations: list[Population],
    shape: Shape,
) -> Record:
    """The last level: every state is a posterior draw, and the estimate rests on these alone."""
    states = [p.states.transpose(0, 1).flatten(1) for p in populations]
    draws, island = _exact(target, level, states, shape.islands, shape.length)
    count = np.maximum(np.bincount(island, minlength=len(log_z)), 1)
    means = np.bincount(island, draws.gen_loss, len(log_z)) / count
    squares = np.bincount(island, draws.gen_loss**2, len(log_z)) / count
    return Record(level, log_z, means, squares, len(draws), draws, island)


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
    draws = Draws.join([target.exact(states) for states in groups])
    each = groups[0].shape[1] // (islands * turns)
    of_group = np.tile(np.repeat(np.arange(islands), each), turns)
    island = np.concatenate([i * islands + of_group for i in range(len(groups))])
    fits = draws.train_loss < level
    return draws[fits], island[fits]
