"""A sampling problem made ready: the law of W, the losses, and exact checks of draws."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gncviz.compute import Streams, TaskTensors, resolve_device
from gncviz.network import Network
from gncviz.posterior.reduction import ReducedMatrixPrior, matrix_prior
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.prior import MatrixPrior, Prior
from gncviz.task import Task

#: Numbers of the random streams of one run.
POSTERIOR_STREAM, PRIOR_STREAM, SPLITTING_STREAM, COLLAPSED_STREAM, PILOT_STREAM = range(5)

_PRIOR_DRAWS = 10_000
#: Very large networks get fewer draws of the prior, so that these take a second at most.
_PRIOR_NUMBERS = 2**27
_MIN_PRIOR_DRAWS = 500

#: Random numbers in a block: large enough to hide the cost of a call, small enough for the cache.
_BLOCK_NUMBERS = 2**20


@dataclass(frozen=True)
class Draws:
    """Matrices with their losses: float64 NumPy arrays.

    Attributes:
        matrices: W, with shape (N, m, m').
        train_loss: L_train, with shape (N,).
        gen_loss: L_gen, with shape (N,).
    """

    matrices: NDArray[np.float64]
    train_loss: NDArray[np.float64]
    gen_loss: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.train_loss)

    def __getitem__(self, rows: slice | NDArray[np.bool_] | NDArray[np.int64]) -> Draws:
        return Draws(self.matrices[rows], self.train_loss[rows], self.gen_loss[rows])

    @classmethod
    def of(cls, task: Task, matrices: NDArray[np.float64]) -> Draws:
        """Matrices (N, m, m') with their losses."""
        return cls(matrices, task.train_loss(matrices), task.gen_loss(matrices))

    @staticmethod
    def none(task: Task) -> Draws:
        """No draws at all."""
        return Draws(np.empty((0, task.rows, task.cols)), np.empty(0), np.empty(0))

    @staticmethod
    def join(parts: list[Draws]) -> Draws:
        """One collection of several, in order."""
        return Draws(
            np.concatenate([part.matrices for part in parts]),
            np.concatenate([part.train_loss for part in parts]),
            np.concatenate([part.gen_loss for part in parts]),
        )


@dataclass(frozen=True)
class Problem:
    """What to sample, on which device.

    Attributes:
        task, network, prior, settings: as given to :func:`gncviz.guess_and_check`.
        law: the law of W under the prior, in its cheapest exact form.
        device: where the sampling runs.
    """

    task: Task
    network: Network
    prior: Prior
    settings: GuessAndCheckSettings
    law: MatrixPrior | ReducedMatrixPrior
    device: torch.device

    @classmethod
    def prepare(
        cls, task: Task, network: Network, prior: Prior, settings: GuessAndCheckSettings
    ) -> Problem:
        """Chooses the form of the law and the device."""
        law = matrix_prior(network, prior, task.rows, task.cols)
        return cls(task, network, prior, settings, law, resolve_device(settings.device))

    @cached_property
    def tensors(self) -> TaskTensors:
        """The task in float32, for screening draws."""
        return TaskTensors(self.task, self.device, torch.float32)

    @cached_property
    def block(self) -> int:
        """Draws in a block of the random stream; a power of two that depends on settings only."""
        wanted = max(_BLOCK_NUMBERS // self.law.size, 1)
        return int(min(max(1 << (wanted.bit_length() - 1), 4), 16384))

    def exact(self, entries: Tensor) -> Draws:
        """Recomputes draws in float64, from their float32 random numbers."""
        matrices = self.law.matrices(entries.double()).cpu().contiguous().numpy()
        return Draws.of(self.task, matrices)

    @cached_property
    def residual_size(self) -> float:
        """What float32's rounding of a residual is in proportion to."""
        squares = (self.task.measurements**2).sum(axis=(1, 2))
        return math.sqrt(float(max(np.mean(self.task.labels**2), squares.mean())))

    @cached_property
    def screen(self) -> float:
        """A float32 training loss above this is certainly not below ε in float64.

        The margin is on the root mean square residual, far wider than float32's rounding of it,
        which is in proportion to the measurements and labels.
        """
        root = math.sqrt(self.settings.epsilon)
        return (root * (1 + 1e-4) + 1e-5 * self.residual_size) ** 2

    @cached_property
    def prior_draws(self) -> Draws:
        """Unconditioned draws of the prior, from a stream of their own."""
        wanted = min(max(_PRIOR_NUMBERS // self.law.size, _MIN_PRIOR_DRAWS), _PRIOR_DRAWS)
        streams = Streams(self.settings.seed, PRIOR_STREAM, self.device)
        # Filled in place: small arrays kept between large, short-lived ones fragment the heap.
        matrices = np.empty((wanted, self.task.rows, self.task.cols))
        for i, first in enumerate(range(0, wanted, self.block)):
            entries = self.law.draw(self.block, streams.generator(i))[: wanted - first]
            drawn = self.law.matrices(entries.double()).cpu().numpy()
            matrices[first : first + self.block] = drawn
        return Draws.of(self.task, matrices)
