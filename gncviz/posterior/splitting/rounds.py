"""The work of multilevel splitting: a pilot, then rounds of islands down the levels it found."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import torch

from gncviz.posterior.moves import Population
from gncviz.posterior.outcome import Status
from gncviz.posterior.problem import Problem
from gncviz.posterior.splitting.levels import Reached
from gncviz.posterior.splitting.records import Record
from gncviz.posterior.splitting.schedule import Fixed, Step, descend
from gncviz.posterior.splitting.shape import Shape
from gncviz.posterior.splitting.smc import first_population, next_population
from gncviz.posterior.splitting.work import STEP, Work, shapes
from gncviz.progress import Stopped, Why
from gncviz.streams import Stream, torch_generator

#: Islands that are sent again because they disagree. Of fewer, so many have to carry the estimate
#: for their differences to be its error; else others follow.
_ISLANDS_AGAIN, _CARRYING = 32, 8
#: Islands that disagree are sent again with up to so many times the chains, and again, up to so
#: many times those of the first round: what one in ten has found, larger ones find more often.
_GROWTH, _MOST_GROWTH = 8, 64
#: The pilot's chains and their length, and the share of the budget of draws that it may take.
_PILOT_CHAINS, _PILOT_LENGTH, _PILOT_SHARE = 256, 16, 0.5
#: With fewer islands than these nothing is known of the error.
_LEAST = 4
#: The share of the time left that a round may be planned for.
_TIME_SHARE = 0.7
#: Draws that are kept from a level on the way, for pictures.
_SHOWN = 1024
#: What the draws of all levels may take together, in numbers.
_SHOWN_NUMBERS = 2**23

#: Told after each step which share of the work is done.
Report = Callable[[float], None]


def pilot(work: Work) -> bool:
    """Finds the levels; True when it found no way down to ε.

    Raises:
        Stopped: the run is cancelled, out of time, or out of the draws that a pilot may take.
    """
    problem, run = work.problem, work.problem.run
    room = run.room(work.target.size)
    chains = min(_PILOT_CHAINS, max(room // 2, 1))
    shape = Shape(1, chains, max(min(_PILOT_LENGTH, room // chains), 2))
    most = run.evaluated + _PILOT_SHARE * problem.settings.draws
    rng = _generator(problem, 0)
    for found in descend(work.target, shape, problem.threshold, rng):
        work.steps = found.steps
        if found.stalled:
            return True
        level = found.steps[-1].level
        if run.evaluated >= most and level > problem.threshold:
            raise Stopped(Why.DRAWS)
        epsilon = level * problem.unit
        run.report(0.0, f"finding levels: {len(found.steps)}, down to ε = {epsilon:.2g}")
    return False


def as_far_as_possible(work: Work, pool: ThreadPoolExecutor, report: Report) -> Status:
    """One round of islands down the levels there are, none of them at ε."""
    islands = _affordable(work, work.first_round)
    for record in _descend(work, 0, islands, pool, _shown(work)):
        work.descending.append(record)
        report(len(work.descending) / len(work.steps))
    return Status.EXTINCT


def send_rounds(work: Work, pool: ThreadPoolExecutor, report: Report) -> Status:
    """Sends rounds of islands until the error is small enough or the budget is spent.

    Where few islands carry the estimate, more like them would mostly be sent in vain: the next
    round's are larger then, and take the place of all before.
    """
    wanted, budget = work.problem.settings.samples, work.problem.settings.draws
    islands, number, larger = _affordable(work, work.first_round), 0, False
    while True:
        work.descending = []
        # Pictures are of the first islands, or of larger ones that take their place.
        shown = _shown(work) if larger or not work.records else 0
        for record in _descend(work, number, islands, pool, shown):
            work.descending.append(record)
            if not work.records:
                report(len(work.descending) / len(work.steps))
        work.records = _known(work.records, work.descending, larger)
        if not np.isfinite(work.records[-1].islands.log_z).any():
            return Status.EXTINCT
        report(min(work.effective_samples / wanted, work.problem.run.evaluated / budget))
        growth = _affordable_growth(work)
        larger = growth > 1
        if larger:
            work.growth *= growth
            islands = _affordable(work, _ISLANDS_AGAIN)
        elif work.effective_samples >= wanted and not _too_few(work):
            return Status.OK
        else:
            islands = _affordable(work, _islands_missing(work))
        number += 1


def _known(before: list[Record], new: list[Record], larger: bool) -> list[Record]:
    """What all rounds say together; larger islands take the place of those before, if any lives."""
    if not before:
        return new
    if larger:
        return new if np.isfinite(new[-1].islands.log_z).any() else before
    return [known.joined(later) for known, later in zip(before, new, strict=True)]


def _affordable_growth(work: Work) -> int:
    """How many times larger the next islands are to be; 1 where these agree, or at the end."""
    if work.records[-1].islands.agree or work.growth >= _MOST_GROWTH:
        return 1
    return max(min(_GROWTH, int(_within_reach(work, _ISLANDS_AGAIN) / _ISLANDS_AGAIN)), 1)


def _too_few(work: Work) -> bool:
    """Whether of few islands, too few carry the estimate."""
    islands = work.records[-1].islands
    few = len(islands.log_z) < _ISLANDS_AGAIN
    return few and islands.agree and islands.effective < _CARRYING


def _islands_missing(work: Work) -> int:
    """As many islands as seem to be missing, within bounds; of that, few do not know much."""
    done = len(work.records[-1].islands.log_z)
    share = work.problem.settings.samples / max(work.effective_samples, 1.0) - 1
    parts = max(math.ceil(done * share * 1.1 / STEP), 1)
    most = work.largest_round if done >= _ISLANDS_AGAIN else max(done, STEP)
    return min(parts * STEP, most)


def _affordable(work: Work, wanted: int) -> int:
    """As many islands as the draws and the time allow that are left, at the pace so far.

    Raises:
        Stopped: not enough of them for an estimate.
    """
    islands = int(min(wanted, _within_reach(work, wanted)))
    if islands >= _LEAST:
        return islands - islands % 2
    if work.problem.run.draws_left / _cost(work, wanted) < _LEAST:
        raise Stopped(Why.DRAWS)
    return _LEAST


def _within_reach(work: Work, islands: int) -> float:
    """How many islands like those of a round the draws and the time allow that are left."""
    run, cost = work.problem.run, _cost(work, islands)
    by_time = work.evaluated / max(run.seconds, 1e-3) * _TIME_SHARE * run.seconds_left
    return min(run.draws_left, by_time) / cost


def _cost(work: Work, islands: int) -> float:
    """Networks that are evaluated for each of the islands of a round."""
    on_the_way, last = shapes(work, islands, 1)
    # At every level but the last, and for the first population, which takes a little less.
    each, end = (work.target.evaluations(shape) for shape in (on_the_way, last))
    return (len(work.steps) * each + end) / islands


def _generator(problem: Problem, block: int) -> torch.Generator:
    return torch_generator(problem.settings.seed, Stream.SPLITTING, block, problem.device)


def _descend(
    work: Work, number: int, islands: int, pool: ThreadPoolExecutor, shown: int
) -> Iterator[Record]:
    """Takes islands down all levels; yields what is known after each.

    Args:
        work: whose levels.
        number: of the round.
        islands: how many.
        pool: of threads.
        shown: draws of an island that are kept from each level on the way.

    Raises:
        Stopped: the run is cancelled, out of time or out of draws.
    """
    run, target, unit = work.problem.run, work.target, work.problem.unit
    groups = work.groups(islands)
    shape, last = shapes(work, islands, groups)
    rngs = [_generator(work.problem, 1 + 2 * number + i) for i in range(groups)]
    run.spend(groups * shape.states)
    first = next((step.level for step in work.steps), math.inf)
    populations = list(pool.map(lambda rng: first_population(target, shape, rng, first), rngs))
    rooms: list[Population | None] = [None] * groups
    log_z = np.zeros(islands)

    def send(step: Step, below: Step | None) -> list[Future[tuple[Population, torch.Tensor]]]:
        to = shape if below else last
        # Of states that the next level is not for, only a few are shown.
        wanted = below.level if below else math.inf
        run.spend(groups * target.evaluations(to))

        def go(
            population: Population, rng: torch.Generator, room: Population | None
        ) -> tuple[Population, torch.Tensor]:
            scales, fitting = Fixed(step.scales), room if below else None
            return next_population(target, population, step.level, scales, to, rng, fitting, wanted)

        return [pool.submit(go, *group) for group in zip(populations, rngs, rooms, strict=True)]

    way = list(itertools.zip_longest(work.steps, work.steps[1:]))
    under_way = send(*way[0]) if way else []
    for number, (step, below) in enumerate(way, 1):
        reached = [group.result() for group in under_way]
        # The last population but one is the next one's room.
        rooms, populations = list(populations), [population for population, _ in reached]
        survivors = torch.cat([counts for _, counts in reached]).cpu().numpy()
        with np.errstate(divide="ignore"):
            log_z = log_z + np.log(survivors / shape.size)
        stopped = None
        if below:
            # The next level is under way while this one is looked at.
            try:
                under_way = send(*way[number])
            except Stopped as why:
                stopped = why
        level = step.level * unit
        if not below and work.at_epsilon:
            # ε itself, from which the threshold may be a little way off.
            level = work.problem.settings.epsilon
        here = Reached(target, level, log_z, populations, shape if below else last, pool.map)
        yield here.on_the_way(shown) if below else here.at_epsilon()
        if stopped:
            raise stopped


def _shown(work: Work) -> int:
    """Draws of an island that are kept from each level."""
    if not work.steps:
        return 0
    each = _SHOWN // work.first_round
    numbers = work.problem.output_size * len(work.steps) * work.first_round
    return min(each, max(_SHOWN_NUMBERS // numbers, 1))
