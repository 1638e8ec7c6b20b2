"""Moves made in turn: how chains get from one state that is kept to the next.

The compiled twin of :class:`TorchWalk` is :class:`gncviz.kernels.walk.CompiledWalk`, and on a GPU
:class:`gncviz.kernels.gpu.walk.FusedWalk`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch

from gncviz.devices import room
from gncviz.kernels.plans import WalkPlan
from gncviz.models.protocols import Law, Losses
from gncviz.posterior.moves.null_space import NullSpace
from gncviz.posterior.moves.state import Kernel, Population, Start, State, evaluated
from gncviz.posterior.moves.trial import hold
from gncviz.progress import Run


class Scales(Protocol):
    """Where moves get their step lengths from."""

    @property
    def adapts(self) -> bool:
        """Whether anything is learnt."""

    def scale(self, name: str) -> float:
        """The step length of a move."""

    def learn(self, name: str, share: float) -> None:
        """Told which share of a move's proposals was taken."""


class Walk(Protocol):
    """Chains that go on below a level, and their first states."""

    def draw(
        self, rng: torch.Generator, found: Population, run: Run, wanted: float = math.inf
    ) -> None:
        """Fills a population with independent draws of the prior.

        Args:
            rng: of all random numbers.
            found: where they are written to.
            run: asked all the time.
            wanted: as in :meth:`go`.

        Raises:
            Stopped: the run is cancelled or out of time.
        """

    def go(
        self,
        rng: torch.Generator,
        start: Start,
        level: float,
        scales: Scales,
        thin: int,
        found: Population,
        run: Run,
        wanted: float = math.inf,
    ) -> None:
        """Fills a population with states, the start among them where thin is one.

        Args:
            rng: of all random numbers.
            start: where chains begin, below the level; used up.
            level: what they stay below, in the losses' unit.
            scales: of the moves.
            thin: moves from one state that is kept to the next.
            found: where they are written to.
            run: asked all the time.
            wanted: of states with a loss from here on, but for each chain's last one, nothing but
                the losses need be written: it takes as long as moving.

        Raises:
            Stopped: the run is cancelled or out of time.
        """


@dataclass(frozen=True)
class TorchWalk:
    """Move after move of all chains, for any model and device.

    Attributes:
        law: of the outputs.
        losses: of them.
        moves: to be made in turn.
        dtype: of the states.
        place: the device, by its name, that the losses are for.
    """

    law: Law
    losses: Losses
    moves: Sequence[Kernel]
    dtype: torch.dtype
    place: str = "cpu"

    @property
    def plan(self) -> WalkPlan | None:
        """For laws, losses and moves that all have one, in float32."""
        law, loss = (getattr(part, "plan", lambda: None)() for part in (self.law, self.losses))
        starts = {block.start: number for number, block in enumerate(self.law.blocks)}
        starts[self.law.size] = len(starts)
        told = [move.plan(starts) for move in self.moves]
        moves = tuple(move for move in told if move is not None)
        others = len(moves) < len(told)
        if law is None or loss is None or others or self.dtype != torch.float32:
            return None
        seen = [move.directions for move in self.moves if isinstance(move, NullSpace)]
        names = tuple(move.name for move in self.moves)
        directions = seen[0] if seen else np.empty((0, 1))
        return WalkPlan(law, loss, moves, names, directions, self.place)

    def try_out(self, twin: Walk) -> None:
        """Holds a twin that makes steps in layers to this one; see :func:`hold`."""
        hold(twin, self.law, self.losses, self.moves, self.place)

    def draw(
        self, rng: torch.Generator, found: Population, run: Run, wanted: float = math.inf
    ) -> None:
        """As many at a time as there are chains; see :class:`Walk`."""
        _, chains, size = found.states.shape
        # One for all: fresh memory takes longer to fill.
        z = room(size, chains, device=found.states.device, dtype=self.dtype)
        for kept in range(len(found.states)):
            run.check()
            self._keep(found, kept, evaluated(self.law, self.losses, z.normal_(generator=rng)))

    def go(
        self,
        rng: torch.Generator,
        start: Start,
        level: float,
        scales: Scales,
        thin: int,
        found: Population,
        run: Run,
        wanted: float = math.inf,
    ) -> None:
        """Move by move; see :class:`Walk`."""
        state, made = evaluated(self.law, self.losses, start.z.T.contiguous()), 0
        state.train_loss.copy_(start.train_loss)
        for kept in range(len(found.states)):
            # Without thinning, the chain's start is its first state.
            for _ in range(thin if kept or thin > 1 else 0):
                run.check()
                move = self.moves[made % len(self.moves)]
                fixed = move.fixed_scale
                scale = scales.scale(move.name) if fixed is None else fixed
                state, info = move.step(rng, state, level, scale)
                # Only what adapts asks: on a GPU the answer takes until all that was asked is done.
                if fixed is None and scales.adapts:
                    scales.learn(move.name, float(info.taken.float().mean()))
                made += 1
            self._keep(found, kept, state)

    def _keep(self, found: Population, kept: int, state: State) -> None:
        found.states[kept] = state.z.T
        found.train_loss[kept] = state.train_loss
        found.gen_loss[kept] = self.losses.gen(state.outputs)
