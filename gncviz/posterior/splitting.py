"""Multilevel splitting: Guess & Check for thresholds that no draw of the prior would meet.

A pilot finds levels from the prior down to ε (:mod:`gncviz.posterior.levels`). Then independent
islands of particles go down these levels side by side, each level reached by waste-free SMC
(:mod:`gncviz.posterior.population`); what they agree on is the estimate, what they disagree on its
error (:mod:`gncviz.posterior.islands`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import torch

from gncviz.compute import Streams, one_thread
from gncviz.posterior.islands import Estimate, combine
from gncviz.posterior.levels import Descent, Fixed, Step, descend
from gncviz.posterior.moves import Move, moves_for
from gncviz.posterior.path import PathPoint, path_frame
from gncviz.posterior.population import Population, Shape, first_population, next_population
from gncviz.posterior.problem import SPLITTING_STREAM, Draws, Problem
from gncviz.posterior.result import GuessAndCheckResult, Status
from gncviz.posterior.target import Target
from gncviz.progress import Reporter
from gncviz.provenance import versions
from gncviz.words import power

#: Islands; as many values as the error bar is made of.
_ISLANDS = 16
#: They are worked on in this many groups, whatever the number of threads.
_GROUPS = 2
#: P, states in a chain.
_LENGTH = 32
#: States at the last level for each posterior draw wanted, since they depend on each other.
_STATES_PER_SAMPLE = 16
_FEWEST, _MOST = 4096, 2**20
#: The pilot's share of the states.
_PILOT = 1 / 16
#: Numbers that all states of one population may take.
_MEMORY = 2**26


class _Stopped(Exception):
    """The run was cancelled or is out of time."""


@dataclass(frozen=True)
class _Level:
    """What the islands know of one level.

    Attributes:
        level: the threshold.
        log_z: each island's log P(L_train < level), with shape (R,).
        means: each island's mean of L_gen there, with shape (R,).
        spread: the variance of L_gen there.
        states: how many states it rests on.
    """

    level: float
    log_z: np.ndarray
    means: np.ndarray
    spread: float
    states: int

    @property
    def estimate(self) -> Estimate:
        """What the islands say together."""
        return combine(self.log_z, self.means)

    @property
    def point(self) -> PathPoint:
        """The level as a row of the path."""
        estimate = self.estimate
        return PathPoint(
            self.level,
            estimate.mean,
            estimate.stderr,
            estimate.log10_acceptance,
            estimate.log10_stderr,
            effective_samples(self.spread, estimate.stderr, self.states),
        )


def effective_samples(variance: float, stderr: float, states: int) -> float:
    """How many independent draws have this standard error; never more than there are."""
    if not stderr > 0:
        return float(states) if stderr == 0 else 0.0
    return float(min(variance / stderr**2, states))


@dataclass
class _Run:
    """A run under way."""

    problem: Problem
    target: Target
    moves: list[Move]
    shape: Shape
    reporter: Reporter
    evaluations: int = 0

    def stop(self) -> None:
        """Raises when the run should end."""
        if self.reporter.cancelled or self.reporter.out_of_time:
            raise _Stopped

    def count(self, shape: Shape) -> None:
        """Counts the networks evaluated in reaching one level."""
        self.evaluations += shape.columns * shape.length


def sample_splitting(problem: Problem, reporter: Reporter) -> GuessAndCheckResult:
    """Samples the posterior at ε by multilevel splitting."""
    target = Target.of(problem)
    run = _Run(problem, target, moves_for(target), shape_for(problem, target.size), reporter)
    streams = Streams(problem.settings.seed, SPLITTING_STREAM, problem.device)
    threads = 1 if problem.device.type == "cuda" else min(torch.get_num_threads(), _GROUPS)
    with one_thread(), ThreadPoolExecutor(threads, initializer=_single_threaded) as pool:
        levels: list[_Level] = []
        populations: list[Population] = []
        status = Status.OK
        try:
            steps, stalled = _pilot(run, streams)
            status = Status.EXTINCT if stalled else Status.OK
            for levels, populations in _main(run, steps, streams, pool):
                _report(run, steps, levels, populations)
        except _Stopped:
            status = Status.CANCELLED if reporter.cancelled else Status.BUDGET_EXHAUSTED
        if levels and not np.isfinite(levels[-1].log_z).any():
            status = Status.EXTINCT
        result = _result(run, levels, populations, status)
    reporter.update(1.0, result.message, lambda: result)
    return result


def _single_threaded() -> None:
    torch.set_num_threads(1)


def shape_for(problem: Problem, size: int) -> Shape:
    """How many particles: enough for the draws wanted, and no more than fit in memory."""
    wanted = min(max(problem.settings.samples * _STATES_PER_SAMPLE, _FEWEST), _MOST)
    states = min(wanted, _MEMORY // size)
    chains = max(states // (_ISLANDS * _LENGTH), 2)
    return Shape(_ISLANDS, chains, _LENGTH)


def _pilot(run: _Run, streams: Streams) -> tuple[tuple[Step, ...], bool]:
    chains = max(int(run.shape.columns * _PILOT), 32)
    shape = Shape(1, chains, run.shape.length)
    found = Descent((), Population.empty(run.target, Shape(1, 1, 1)))
    epsilon = run.problem.settings.epsilon
    for found in descend(run.target, run.moves, shape, epsilon, streams.generator(0), run.stop):
        run.count(shape)
        level = found.steps[-1].level if found.steps else math.inf
        run.reporter.update(0.0, f"finding levels: {len(found.steps)}, down to ε = {level:.2g}")
    return found.steps, found.stalled


def _main(
    run: _Run, steps: tuple[Step, ...], streams: Streams, pool: ThreadPoolExecutor
) -> Iterator[tuple[list[_Level], list[Population]]]:
    """Takes all islands down all levels; yields what is known after each, and the populations."""
    shape = replace(run.shape, islands=run.shape.islands // _GROUPS)
    generators = [streams.generator(1 + i) for i in range(_GROUPS)]

    def begin(generator: torch.Generator) -> Population:
        return first_population(run.target, shape, generator, run.stop)

    populations = list(pool.map(begin, generators))
    log_z = np.zeros(run.shape.islands)
    levels: list[_Level] = []
    for step in steps:

        def go(
            population: Population, generator: torch.Generator, step: Step = step
        ) -> tuple[Population, torch.Tensor]:
            return next_population(
                run.target,
                run.moves,
                population,
                step.level,
                Fixed(step.scales),
                shape,
                generator,
                run.stop,
            )

        found = list(pool.map(go, populations, generators))
        run.count(run.shape)
        populations = [population for population, _ in found]
        survivors = torch.cat([counts for _, counts in found]).cpu().numpy()
        with np.errstate(divide="ignore"):
            log_z = log_z + np.log(survivors / shape.size)
        levels = [*levels, _describe(step.level, log_z, populations, shape)]
        yield levels, populations


def _describe(
    level: float, log_z: np.ndarray, populations: list[Population], shape: Shape
) -> _Level:
    gen = torch.cat([p.gen_loss.double() for p in populations], dim=1)
    by_island = gen.view(len(gen), -1, shape.chains).transpose(0, 1).flatten(1).cpu().numpy()
    means = by_island.mean(axis=1)
    z = np.exp(log_z - log_z.max()) if np.isfinite(log_z).any() else np.ones_like(log_z)
    center = (z @ means) / z.sum()
    spread = (z @ ((by_island - center) ** 2).mean(axis=1)) / z.sum()
    return _Level(level, log_z, means, float(spread), by_island.size)


def _report(
    run: _Run, steps: tuple[Step, ...], levels: list[_Level], populations: list[Population]
) -> None:
    now = levels[-1]
    acceptance = power(now.estimate.log10_acceptance)
    message = f"level {len(levels)} of {len(steps)}, ε = {now.level:.2g}: acceptance {acceptance}"

    def partial() -> GuessAndCheckResult:
        settings = run.problem.settings.replace(epsilon=now.level)
        at_level = replace(run, problem=replace(run.problem, settings=settings))
        return _result(at_level, levels, populations, Status.RUNNING, slots=1)

    run.reporter.update(len(levels) / len(steps), message, partial)


def _result(
    run: _Run,
    levels: list[_Level],
    populations: list[Population],
    status: Status,
    slots: int | None = None,
) -> GuessAndCheckResult:
    problem = run.problem
    reached = bool(levels) and levels[-1].level <= problem.settings.epsilon
    draws, weights, stderr, effective = _draws(run, levels, populations, slots, reached)
    estimate = levels[-1].estimate if reached else None
    prior = problem.prior_draws
    return GuessAndCheckResult(
        task=problem.task,
        network=problem.network,
        prior=problem.prior,
        settings=problem.settings,
        method="splitting",
        status=status,
        matrices=draws.matrices,
        train_loss=draws.train_loss,
        gen_loss=draws.gen_loss,
        weights=weights,
        stderr=stderr,
        draws=run.evaluations,
        log10_acceptance=estimate.log10_acceptance if estimate else math.nan,
        acceptance_interval=_interval(levels, reached),
        prior_matrices=prior.matrices,
        prior_train_loss=prior.train_loss,
        prior_gen_loss=prior.gen_loss,
        seconds=run.reporter.seconds,
        device=str(problem.device),
        versions=versions(),
        log10_acceptance_stderr=estimate.log10_stderr if estimate else math.nan,
        effective=effective,
        levels=len(levels),
        path=path_frame([level.point for level in levels]),
        warnings=_warnings(levels, effective, reached),
    )


def _draws(
    run: _Run,
    levels: list[_Level],
    populations: list[Population],
    slots: int | None,
    reached: bool,
) -> tuple[Draws, np.ndarray, float, float]:
    """The states at ε, exactly, with weights Z_i over the island's number of states."""
    nothing = Draws(np.empty((0, run.target.rows, run.target.cols)), np.empty(0), np.empty(0))
    if not reached or not np.isfinite(levels[-1].log_z).any():
        return nothing, np.empty(0), math.nan, 0.0
    parts, islands = [], []
    first = 0
    for population in populations:
        states = population.states[-slots:] if slots else population.states
        columns = states.shape[-1]
        for place in states:
            parts.append(run.target.exact(place))
            islands.append(first + np.arange(columns) // run.shape.chains)
        first += columns // run.shape.chains
    draws, island = Draws.join(parts), np.concatenate(islands)
    fits = draws.train_loss < run.problem.settings.epsilon
    draws, island = draws[fits], island[fits]
    count = np.bincount(island, minlength=run.shape.islands)
    log_z = np.where(count > 0, levels[-1].log_z, -math.inf)
    z = np.exp(log_z - log_z.max())
    weights = (z / np.maximum(count, 1))[island]
    weights /= weights.sum()
    means = np.bincount(island, draws.gen_loss, run.shape.islands) / np.maximum(count, 1)
    stderr = combine(log_z, means).stderr
    mean = float(weights @ draws.gen_loss)
    variance = float(weights @ (draws.gen_loss - mean) ** 2)
    return draws, weights, stderr, effective_samples(variance, stderr, len(weights))


def _interval(levels: list[_Level], reached: bool) -> tuple[float, float]:
    if not levels:
        return 0.0, 1.0
    estimate = levels[-1].estimate
    width = 1.959964 * estimate.log10_stderr
    high = 10.0 ** min(estimate.log10_acceptance + width, 0.0)
    return (10.0 ** (estimate.log10_acceptance - width) if reached else 0.0), high


def _warnings(levels: list[_Level], effective: float, reached: bool) -> tuple[str, ...]:
    if not reached:
        return ()
    found = []
    estimate = levels[-1].estimate
    if estimate.islands < _ISLANDS / 2:
        found.append(
            f"The {_ISLANDS} independent runs disagree on the acceptance probability: only "
            f"{estimate.islands:.1f} of them carry the estimate. Ask for more samples."
        )
    if effective < 50:
        found.append(
            f"The draws are worth only {effective:.0f} independent ones. Ask for more samples."
        )
    return tuple(found)
