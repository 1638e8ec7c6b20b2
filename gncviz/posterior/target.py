"""What the rare-event sampler moves on: states, the matrices they stand for, and their losses."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from gncviz.compute import TaskTensors
from gncviz.posterior.coordinates import NormalCoordinates
from gncviz.posterior.problem import Draws, Problem
from gncviz.prior import MatrixPrior

#: Below this ratio of √ε to the size of a residual, float32 cannot tell what fits from what does
#: not closely enough: one draw in a thousand would be misjudged.
_FLOAT32_RESOLUTION = 3e-3

#: Products of more small factors than this leave float32's range.
_FLOAT32_DEPTH = 100


@dataclass(frozen=True)
class Target:
    """The prior in coordinates fit for moving, with the losses on top.

    A state is a column of D standard normals.

    Attributes:
        problem: the sampling problem.
        dtype: float32, or float64 where ε is too small for it.
    """

    problem: Problem
    dtype: torch.dtype

    @classmethod
    def of(cls, problem: Problem) -> Target:
        """Chooses the precision."""
        least = _FLOAT32_RESOLUTION * problem.residual_size
        coarse = math.sqrt(problem.settings.epsilon) >= least
        shallow = problem.network.depth <= _FLOAT32_DEPTH
        return cls(problem, torch.float32 if coarse and shallow else torch.float64)

    @property
    def rows(self) -> int:
        """Rows m of W."""
        return self.problem.task.rows

    @property
    def cols(self) -> int:
        """Columns m' of W."""
        return self.problem.task.cols

    @cached_property
    def coordinates(self) -> NormalCoordinates:
        """The map from normals to W."""
        return NormalCoordinates.of(self.problem.network, self.problem.prior, self.rows, self.cols)

    @property
    def size(self) -> int:
        """D, the numbers in a state."""
        return self.coordinates.size

    @cached_property
    def layers(self) -> list[slice]:
        """Blocks of normals that belong together: those of one layer each."""
        law = self.coordinates.law
        if not isinstance(law, MatrixPrior):
            return [slice(0, self.size)]
        ends = np.cumsum([0, *(rows * cols for rows, cols in law.shapes)])
        return [slice(int(a), int(b)) for a, b in itertools.pairwise(ends)]

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """States drawn from the prior, with shape (D, count)."""
        empty = torch.empty(self.size, count, device=self.problem.device, dtype=self.dtype)
        return empty.normal_(generator=generator)

    def matrices(self, states: Tensor) -> Tensor:
        """W, flattened, with shape (m·m', C), for states (D, C)."""
        matrices = self.coordinates.matrices(states.T)
        return matrices.permute(1, 2, 0).reshape(self.rows * self.cols, -1)

    @cached_property
    def tensors(self) -> TaskTensors:
        """The task in this target's precision."""
        return TaskTensors(self.problem.task, self.problem.device, self.dtype)

    def train_loss(self, flat: Tensor) -> Tensor:
        """L_train of flattened matrices (m·m', C), with shape (C,)."""
        return self.tensors.train_loss_of(flat)

    def gen_loss(self, flat: Tensor) -> Tensor:
        """L_gen of flattened matrices (m·m', C), with shape (C,)."""
        return self.tensors.gen_loss_of(flat)

    def exact(self, states: Tensor) -> Draws:
        """Recomputes states (D, C) in float64."""
        flat = self.matrices(states.double())
        matrices = flat.T.reshape(-1, self.rows, self.cols).cpu().contiguous().numpy()
        return Draws.of(self.problem.task, matrices)
