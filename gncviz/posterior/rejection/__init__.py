"""Guess & Check to the letter: draw from the prior, keep what fits (Sec. 3.5 of the paper)."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gncviz.devices import halved, ordered_map, threads_for
from gncviz.kernels import twin
from gncviz.posterior.draws import Draws
from gncviz.posterior.estimate import acceptance_interval, counted
from gncviz.posterior.outcome import Status
from gncviz.posterior.path import Slice, counted_path, path_frame, thresholds
from gncviz.posterior.problem import Problem
from gncviz.posterior.rejection.screen import Pieces, Screen, TorchScreen
from gncviz.posterior.result import GuessAndCheckResult, answer
from gncviz.progress import Stopped
from gncviz.words import grouped, scientific

if TYPE_CHECKING:
    import pandas as pd

    from gncviz.models.protocols import AnyTask

#: The ε-path goes as far down as there are draws, and no farther than this below ε.
_DECADES = 12

#: Blocks whose draws that fit are put together.
_TOGETHER = 256


@dataclass
class _Tally:
    """What has been drawn so far; all that a partial result needs."""

    draws: int = 0
    kept: list[Draws] = field(default_factory=list)
    joined: int = 0

    def add(self, hits: Draws, task: AnyTask) -> None:
        """Keeps draws that fit; many small arrays among large, short-lived ones take much room."""
        self.kept.append(hits)
        if len(self.kept) - self.joined == _TOGETHER:
            self.kept[self.joined :] = [Draws.join(self.kept[self.joined :], task)]
            self.joined += 1

    @property
    def accepted(self) -> int:
        return sum(len(part) for part in self.kept)


def sample_plain(problem: Problem) -> GuessAndCheckResult:
    """Draws until enough fit, or the budget of draws or of time is spent, or it is cancelled."""
    settings, run, tally = problem.settings, problem.run, _Tally()
    for drawn, hits, positions in _checked_blocks(problem):
        wanted = settings.samples - tally.accepted
        if len(hits) >= wanted:
            hits, drawn = hits[:wanted], int(positions[wanted - 1]) + 1
        tally.draws += drawn
        if len(hits):
            tally.add(hits, problem.task)
        if tally.accepted >= settings.samples:
            break
        so_far = replace(tally, kept=list(tally.kept))
        run.report(
            max(tally.draws / settings.draws, tally.accepted / settings.samples),
            _message(tally),
            functools.partial(_result, problem, so_far, Status.RUNNING),
        )
    result = _result(problem, tally, _status(problem, tally))
    run.report(1.0, result.message, lambda: result)
    return result


def _status(problem: Problem, tally: _Tally) -> Status:
    if tally.accepted >= problem.settings.samples:
        return Status.OK
    cut = Status.cut(problem.run.stopped)
    looked = tally.draws > 0 and not tally.accepted
    return Status.NO_ACCEPTANCE if looked and cut is not Status.CANCELLED else cut


def _checked_blocks(problem: Problem) -> Iterator[tuple[int, Draws, NDArray[np.int64]]]:
    """Yields (draws made, those that fit, their positions), a few blocks at a time, in order."""
    epsilon = problem.settings.epsilon
    with suppress(Stopped):
        screen: Screen = twin(TorchScreen(problem), problem.device, problem.run)
        pieces = Pieces(problem.run, screen.least, screen.most)

        def look(first: int, count: int) -> tuple[int, Draws, NDArray[np.int64]]:
            entries, positions = screen.candidates(first, count)
            exact = problem.exact(problem.law, entries, screen.normals)
            fits = exact.train_loss < epsilon
            return count, exact[fits], positions[fits]

        def check(piece: tuple[int, int]) -> list[tuple[int, Draws, NDArray[np.int64]]]:
            found = halved(look, *piece, screen.unit)
            if len(found) > 1:
                pieces.most = max(count for count, _, _ in found)
            return found

        for found in ordered_map(check, pieces, threads_for(problem.device)):
            yield from found


def _message(tally: _Tally) -> str:
    share = f": acceptance {scientific(tally.accepted / tally.draws)}" if tally.accepted else ""
    return f"{grouped(tally.accepted)} of {grouped(tally.draws)} draws fit{share}"


def _result(problem: Problem, tally: _Tally, status: Status) -> GuessAndCheckResult:
    hits = Draws.join(tally.kept, problem.task)
    weights = np.full(len(hits), 1 / max(len(hits), 1))
    return answer(
        problem,
        hits,
        weights,
        counted(hits.gen_loss, tally.draws),
        method="plain",
        status=status,
        draws=tally.draws,
        acceptance_interval=acceptance_interval(len(hits), tally.draws, status is Status.OK),
        path=_path(problem, hits, tally.draws),
        slices=(
            Slice.of_prior(problem.prior_draws),
            Slice(problem.settings.epsilon, hits, weights),
        ),
    )


def _path(problem: Problem, hits: Draws, drawn: int) -> pd.DataFrame:
    """Above ε from the prior's draws that are kept anyway, from there down by those that fit."""
    epsilon, prior = problem.settings.epsilon, problem.prior_draws
    grid = thresholds(epsilon, prior, _DECADES)
    above, below = grid[grid > epsilon], grid[grid <= epsilon]
    return path_frame([*counted_path(prior, len(prior), above), *counted_path(hits, drawn, below)])
