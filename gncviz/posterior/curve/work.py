"""A learning curve under way: a pilot, then rounds of islands from the first sample to the last."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from gncviz.models.protocols import AnyTask
from gncviz.posterior.curve.crowd import Ground, Island
from gncviz.posterior.curve.growth import growth
from gncviz.posterior.draws import Draws
from gncviz.posterior.outcome import Status
from gncviz.posterior.problem import Problem
from gncviz.posterior.splitting.islands import Islands
from gncviz.posterior.splitting.records import Record
from gncviz.progress import Stopped, Why
from gncviz.streams import Stream, torch_generator

#: Islands of the first round and of the largest, networks in each, and in the pilot. With fewer
#: islands than the least nothing is known of the error, with fewer networks they soon die.
_ISLANDS, _MOST_ISLANDS, _LEAST_ISLANDS = 8, 32, 4
_NETWORKS, _LEAST_NETWORKS, _PILOT = 128, 8, 64
#: Sweeps at a sample: one, and as many more as the share of the pilot's networks that were wrong
#: there, times this: so many have to part from their copies.
_SWEEPS_FOR_COPIES = 8
#: Networks of an island whose outputs at all samples are looked at, at each level.
_SHOWN = 64
#: Numbers that are kept of them at the samples of another task, at most.
_MOST_THERE = 2**24
#: The share of the time left that a round may be planned for.
_TIME_SHARE = 0.7
#: Blocks of the stream that belong to one round; the pilot's come first.
_BLOCKS = 64

#: Told after each level which share of the round is done.
Report = Callable[[float], None]


@dataclass(frozen=True)
class Level:
    """R islands that are right at the first samples.

    Attributes:
        count: how many samples.
        islands: what they know.
        outputs: the mean of each island's outputs, with shape (R, P), float32.
    """

    count: int
    islands: Islands
    outputs: NDArray[np.float32]

    def joined(self, later: Level) -> Level:
        """These islands and those of a later round."""
        outputs = np.concatenate([self.outputs, later.outputs])
        return Level(self.count, self.islands.joined(later.islands), outputs)


@dataclass
class Work:
    """A curve under way.

    Attributes:
        problem: what is sampled.
        begun: networks that the run had evaluated before.
        schedule: sweeps at each sample, once the pilot has found them.
        levels: of all rounds that are over.
        descending: of the round under way.
        last: the networks that are right at all samples, of all rounds that are over.
        other: the task at whose samples some of these are looked at as well; None for nowhere else.
        seen_there: those, as ``last`` has them, with the outputs there.
        growth: how many times the networks of the first round an island has.
    """

    problem: Problem
    begun: int
    other: AnyTask | None = None
    schedule: tuple[int, ...] = ()
    levels: list[Level] = field(default_factory=list)
    descending: list[Level] = field(default_factory=list)
    last: Record | None = None
    seen_there: Record | None = None
    growth: int = 1

    @cached_property
    def ground(self) -> Ground:
        """What all islands share."""
        return Ground.of(self.problem, self.other)

    @property
    def evaluated(self) -> int:
        """Networks that were evaluated."""
        return self.problem.run.evaluated - self.begun

    @property
    def known(self) -> list[Level]:
        """Levels of whole rounds, or of the first while it is under way."""
        return self.levels or self.descending

    @property
    def effective_samples(self) -> float:
        """Of the draws at all samples."""
        return self.last.estimate.effective_samples if self.last else 0.0

    def price(self, networks: int) -> int:
        """Networks that an island of so many evaluates, at most."""
        return sum(self.price_at(sample, networks) for sample in range(self.ground.samples))

    def price_at(self, sample: int, networks: int) -> int:
        """The same of one level."""
        return networks * (1 + self.ground.reference.networks * self.schedule[sample])


def pilot(work: Work) -> None:
    """Finds out how many sweeps each sample takes.

    Raises:
        Stopped: the run is cancelled, out of time or out of draws.
    """
    ground, run = work.ground, work.problem.run
    networks = min(_PILOT, run.room(ground.stack.size + ground.reference.noise))
    island = Island.drawn(ground, networks, _generator(work.problem, 0))
    schedule: list[int] = []
    for sample in range(ground.samples):
        share = 1.0
        if island.alive:
            run.spend(networks * (1 + ground.reference.networks))
            before = island.log_z
            island.go_on(sample, 1, run)
            share = math.exp(island.log_z - before)
        if not island.alive:
            share = 0.0
        schedule.append(1 + math.ceil(_SWEEPS_FOR_COPIES * (1 - share)))
        run.report(0.0, f"finding the way: {sample + 1} of {ground.samples} samples")
    work.schedule = tuple(schedule)


def send_rounds(work: Work, pool: ThreadPoolExecutor, report: Report) -> Status:
    """Sends rounds of islands until the error is small enough or the budget is spent.

    Islands that disagree make place for larger ones: more like them would be sent in vain.

    Raises:
        Stopped: the run is cancelled, out of time or out of draws.
    """
    wanted, number = work.problem.settings.samples, 0
    islands, larger = _ISLANDS, False
    while True:
        work.descending = []
        crowd = _drawn(work, number, *_affordable(work, islands))
        for level in _descend(work, crowd, pool):
            work.descending.append(level)
            if not work.levels:
                report(level.count / work.ground.samples)
        known = _known(work, crowd, larger)
        report(min(work.effective_samples / wanted, 1.0))
        times = growth(known.islands, work.growth)
        larger = times > 1 and _within_reach(work) >= _ISLANDS * _NETWORKS * work.growth * times
        if larger:
            work.growth *= times
            islands = _ISLANDS
        elif not np.isfinite(known.islands.log_z).any():
            return Status.EXTINCT
        elif work.effective_samples >= wanted:
            return Status.OK
        else:
            done = len(known.islands.log_z)
            missing = done * (wanted / max(work.effective_samples, 1.0) - 1)
            islands = min(max(math.ceil(missing), _ISLANDS), _MOST_ISLANDS)
        number += 1


def _known(work: Work, crowd: list[Island], larger: bool) -> Record:
    """Joins a round to those before, or puts larger islands in their place, if any lives.

    Raises:
        Stopped: the run is to end.
    """
    record = _record(work, crowd, work.problem.task, work.ground.everywhere)
    if work.last is None or (larger and np.isfinite(record.islands.log_z).any()):
        work.levels, work.last, work.seen_there = work.descending, record, None
    elif larger:
        return work.last
    else:
        pairs = zip(work.levels, work.descending, strict=True)
        work.levels = [known.joined(new) for known, new in pairs]
        work.last = work.last.joined(record)
    _look_elsewhere(work, crowd)
    return work.last


def _within_reach(work: Work) -> float:
    """How many networks memory, draws and time allow, at the pace so far."""
    run = work.problem.run
    by_time = work.evaluated / max(run.seconds, 1e-3) * _TIME_SHARE * run.seconds_left
    budget = min(run.draws_left, by_time) / work.price(1)
    return min(run.room(work.ground.stack.size), budget)


def _affordable(work: Work, wanted: int) -> tuple[int, int]:
    """Islands and networks in each that memory, draws and time allow, at the pace so far.

    Raises:
        Stopped: not enough of them for an estimate.
    """
    most = _within_reach(work)
    networks = int(min(_NETWORKS * work.growth, most // min(wanted, _ISLANDS)))
    if networks >= _LEAST_NETWORKS:
        return int(min(wanted, most // networks)), networks
    if work.problem.run.draws_left / work.price(1) < _LEAST_ISLANDS * _LEAST_NETWORKS:
        raise Stopped(Why.DRAWS)
    return _LEAST_ISLANDS, _LEAST_NETWORKS


def _generator(problem: Problem, block: int) -> torch.Generator:
    return torch_generator(problem.settings.seed, Stream.CURVE, block, problem.device)


def _drawn(work: Work, number: int, islands: int, networks: int) -> list[Island]:
    blocks = range(1 + number * _BLOCKS, 1 + number * _BLOCKS + islands)
    return [Island.drawn(work.ground, networks, _generator(work.problem, i)) for i in blocks]


def _descend(work: Work, crowd: list[Island], pool: ThreadPoolExecutor) -> Iterator[Level]:
    """Takes islands from sample to sample; yields what is known after each.

    Raises:
        Stopped: the run is cancelled, out of time or out of draws.
    """
    run, ground = work.problem.run, work.ground
    losses = work.problem.losses
    size = len(crowd[0].z)
    for sample, sweeps in enumerate(work.schedule):
        run.spend(len(crowd) * work.price_at(sample, size))

        def go(
            island: Island, sample: int = sample, sweeps: int = sweeps
        ) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
            island.go_on(sample, sweeps, run)
            outputs = ground.outputs(island.shown(_SHOWN, sample + 1), run)
            gen = losses.gen(outputs.T).double().cpu().numpy()
            return gen, outputs.mean(dim=0).cpu().numpy()

        told = list(pool.map(go, crowd))
        gen = np.stack([each for each, _ in told])
        log_z = np.array([island.log_z for island in crowd])
        means, roots = gen.mean(axis=1), np.sqrt((gen**2).mean(axis=1))
        outputs = np.stack([each for _, each in told])
        yield Level(sample + 1, Islands(log_z, means, roots, gen.size), outputs)


def _record(
    work: Work, crowd: list[Island], task: AnyTask, at: NDArray[np.float64], most: int | None = None
) -> Record:
    """Networks of all islands, looked at in float64; without those that rounding let in.

    Args:
        work: whose they are.
        crowd: the islands, which are right at all samples.
        task: judges their outputs.
        at: turned inputs at all samples of the task, with shape (r, N).
        most: networks of each island; all by default.

    Raises:
        Stopped: the run is to end.
    """
    problem, ground = work.problem, work.ground
    parts = []
    for island in crowd:
        z = island.shown(most or len(island.z), ground.samples).double()
        rows = ground.outputs(z, problem.run, at).cpu().numpy()
        parts.append(Draws.of(task, rows.reshape(-1, *task.output_shape)))
    draws = Draws.join(parts, task)
    number = np.repeat(np.arange(len(crowd)), [len(part) for part in parts])
    log_z = np.array([island.log_z for island in crowd])
    fits = (draws.train_loss < problem.settings.epsilon) & np.isfinite(log_z)[number]
    draws, number = draws[fits], number[fits]
    share = np.maximum(np.bincount(number, minlength=len(crowd)), 1)
    means = np.bincount(number, draws.gen_loss, len(crowd)) / share
    roots = np.sqrt(np.bincount(number, draws.gen_loss**2, len(crowd)) / share)
    known = Islands(log_z, means, roots, len(draws))
    return Record(problem.settings.epsilon, known, draws, number)


def _look_elsewhere(work: Work, crowd: list[Island]) -> None:
    """Notes what some networks of all islands give at the samples of the other task.

    Those of the first rounds, where all would fill the memory.

    Raises:
        Stopped: the run is to end.
    """
    at, known = work.ground.elsewhere, work.seen_there
    if work.other is None or at is None or (known and known.draws.outputs.size > _MOST_THERE):
        return
    found = _record(work, crowd, work.other, at, _SHOWN)
    work.seen_there = known.joined(found) if known else found
