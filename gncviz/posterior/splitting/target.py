"""What the rare-event sampler moves on: standard normals, their outputs, the losses."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from gncviz.kernels import has_twin, twin
from gncviz.models.protocols import Law, Losses
from gncviz.posterior.draws import Draws
from gncviz.posterior.moves import Kernel, State, TorchWalk, Walk, evaluated, moves_for
from gncviz.posterior.moves.null_space import NullSpace
from gncviz.posterior.moves.refit import Refit
from gncviz.posterior.problem import Problem
from gncviz.posterior.splitting.shape import Shape

#: Below this ratio of √ε to the size of a residual, float32 cannot tell what fits from what does
#: not closely enough. At it, one draw in ten thousand or so is misjudged, and left out.
_FLOAT32_RESOLUTION = 3e-4

#: Products of more small factors than this leave float32's range.
_FLOAT32_DEPTH = 100

#: Generalization losses from here on are near the end of float32's range.
_FLOAT32_LOSS = 1e30

#: States that have to fit into memory together for islands to be worth their name.
_LEAST_STATES = 64


def splittable(problem: Problem) -> str | None:
    """None where a population fits into memory; else how far it is from that."""
    size = problem.moving_law.size
    if problem.run.room(size) >= _LEAST_STATES:
        return None
    gigabytes = 4 * size * _LEAST_STATES / 1e9
    return (
        f"a population of {_LEAST_STATES} networks or more in memory; of this size they take "
        f"{gigabytes:.2g} GB"
    )


def nimble(problem: Problem) -> bool:
    """Whether splitting is compiled for a problem, and moves ten times as fast."""
    return Target.of(problem).compiled


@dataclass(frozen=True)
class Target:
    """The prior in coordinates fit for moving, with the losses on top.

    Attributes:
        problem: the sampling problem.
        dtype: float32, or float64 where ε is too small for it or losses are too large.
    """

    problem: Problem
    dtype: torch.dtype

    @classmethod
    def of(cls, problem: Problem) -> Target:
        """Chooses the precision."""
        coarse = math.sqrt(problem.threshold) >= _FLOAT32_RESOLUTION
        shallow = len(problem.network.blocks(problem.task)) <= _FLOAT32_DEPTH
        small = problem.prior_draws.gen_loss.max(initial=0.0) < _FLOAT32_LOSS
        return cls(problem, torch.float32 if coarse and shallow and small else torch.float64)

    @cached_property
    def law(self) -> Law:
        """The law in its form for moving."""
        return self.problem.moving_law

    @cached_property
    def losses(self) -> Losses:
        """The losses in this precision."""
        return self.problem.task.losses(self.problem.device, self.dtype)

    @cached_property
    def moves(self) -> Sequence[Kernel]:
        """The moves, to be made in turn."""
        return self._reference.moves

    @cached_property
    def _reference(self) -> TorchWalk:
        def walk(compiled: bool) -> TorchWalk:
            moves = moves_for(self.law, self.losses, self.problem.task.ball, compiled)
            place = str(self.problem.device)
            return TorchWalk(self.law, self.losses, moves, self.dtype, place)

        fast = walk(compiled=True)
        return fast if has_twin(fast, self.problem.device) else walk(compiled=False)

    @property
    def compiled(self) -> bool:
        """Whether the moves have a compiled twin."""
        return has_twin(self._reference, self.problem.device)

    @cached_property
    def walk(self) -> Walk:
        """The moves as they are made.

        Raises:
            Stopped: the run is to end before a kernel is compiled.
        """
        reference: Walk = self._reference
        return twin(reference, self.problem.device, self.problem.run)

    @property
    def bold(self) -> bool:
        """Whether some moves go as far as they can whatever ε is."""
        return any(isinstance(move, Refit) for move in self.moves)

    @property
    def slices(self) -> bool:
        """Whether some moves go through what the measurements do not see."""
        return any(isinstance(move, NullSpace) for move in self.moves)

    def evaluations(self, shape: Shape) -> int:
        """Networks that are evaluated for a population below a level, at most."""
        made = itertools.islice(itertools.cycle(self.moves), shape.length * shape.thin)
        return shape.columns * sum(move.networks for move in made)

    @property
    def size(self) -> int:
        """D, the numbers in a state."""
        return self.law.size

    def at(self, z: Tensor) -> State:
        """The state of chains at z (D, C)."""
        return evaluated(self.law, self.losses, z)

    def exact(self, z: Tensor) -> Draws:
        """Recomputes rows z (C, D) in float64."""
        return self.problem.exact(self.law, z.T.contiguous(), normals=True)
