"""Draws of the prior, of which those come out that may fit.

The fused twin of :class:`TorchScreen` on a GPU is :class:`gncviz.kernels.gpu.screen.FusedScreen`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch

from gncviz.devices import numbers_in_flight
from gncviz.kernels.plans import ScreenPlan
from gncviz.progress import Stopped
from gncviz.streams import Stream, counter_key, torch_generator

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from gncviz.posterior.problem import Problem
    from gncviz.progress import Run

#: Numbers worked on in one go on a GPU, which needs more in flight than a CPU's cache holds.
_GPU_NUMBERS = 2**26
#: Draws by which a twin is tried out, and how far its losses may be off: less than what is allowed
#: for rounding where draws are screened; float32 does not hold what is larger than the largest.
_TRIED, _RELATIVE, _ABSOLUTE = 128, 1e-4, 2e-5
_LARGEST = float(np.finfo(np.float32).max)


class Screen(Protocol):
    """Numbered draws of the prior, looked at in float32."""

    @property
    def normals(self) -> bool:
        """Whether candidates are given as standard normals; else as entries of Q."""

    @property
    def unit(self) -> int:
        """Ranges of draws begin at multiples of it."""

    @property
    def least(self) -> int:
        """Draws to look at in the first go."""

    @property
    def most(self) -> int:
        """Draws to look at in one go later."""

    def candidates(self, first: int, count: int) -> tuple[Tensor, NDArray[np.int64]]:
        """Draws that may fit, (D, A), float32, and their places (A,), from 0 on.

        Args:
            first: number of the first draw looked at.
            count: draws.

        Raises:
            torch.OutOfMemoryError: a GPU's memory is too small for so many.
            NoRoom: too many of them may fit.
        """


class TorchScreen:
    """Block after block of torch's random numbers, for any model and device.

    Args:
        problem: tells law, losses and ε.
    """

    normals = False

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        # The tensors are made here, once, and not by whichever thread comes first.
        self._sight, self._level = problem.sight, problem.screen
        self.unit = self.least = problem.block

    @cached_property
    def most(self) -> int:
        """Draws to look at in one go later: on a GPU many blocks together."""
        problem = self._problem
        if problem.device.type != "cuda":
            return self.unit
        numbers = self.unit * max(problem.law.size, problem.output_size)
        return self.unit * max(numbers_in_flight(problem.device, _GPU_NUMBERS) // numbers, 1)

    @property
    def plan(self) -> ScreenPlan | None:
        """For laws and losses that both have one and are those of whole outputs."""
        problem = self._problem
        law, loss = (getattr(part, "plan", lambda: None)() for part in self._sight)
        if law is None or loss is None or self._sight[0] is not problem.law:
            return None
        key = counter_key(problem.settings.seed, Stream.POSTERIOR)
        return ScreenPlan(law, loss, self._level, key, str(problem.device))

    def try_out(self, twin: Any) -> None:
        """Holds a twin's losses of the first draws to those of float64.

        Raises:
            ArithmeticError: they are others.
        """
        problem, found = self._problem, twin.below(math.inf, 0, _TRIED)
        normals = torch.from_numpy(twin.weights(np.arange(_TRIED)))
        exact = problem.exact(problem.law, normals, normals=True)
        losses = exact.train_loss / problem.unit, exact.gen_loss
        for ours, theirs in zip(losses, (found.train_loss, found.gen_loss), strict=True):
            there = np.full(_TRIED, np.inf)
            there[found.draws] = theirs
            # What float32 does not hold is not below infinity.
            here = np.where(ours < _LARGEST, ours, np.inf)
            roots = np.sqrt(here), np.sqrt(there)
            if not np.allclose(*roots, rtol=_RELATIVE, atol=_ABSOLUTE):
                raise ArithmeticError("its losses are not those of the same draws in float64.")

    def candidates(self, first: int, count: int) -> tuple[Tensor, NDArray[np.int64]]:
        """Draws that may fit; see :class:`Screen`."""
        problem = self._problem
        blocks = range(first // self.unit, -(-(first + count) // self.unit))
        rngs = [self._rng(block) for block in blocks]
        parts = [problem.law.draw(self.unit, rng, problem.run) for rng in rngs]
        entries = (parts[0] if len(parts) == 1 else torch.cat(parts, dim=1))[:, :count]
        places = (problem.train_loss(entries) < self._level).nonzero().flatten()
        return entries[:, places], places.cpu().numpy()

    def _rng(self, block: int) -> torch.Generator:
        problem = self._problem
        return torch_generator(problem.settings.seed, Stream.POSTERIOR, block, problem.device)


class Pieces:
    """Ranges of draws, (first, how many), until a run is to end.

    Each has as many as there were before it, within bounds: what is looked at in vain once enough
    draws fit is no more than what was needed.

    Args:
        run: grants draws.
        least: draws in the first range.
        most: draws in a range.

    Attributes:
        most: may be lowered on the way.
    """

    def __init__(self, run: Run, least: int, most: int) -> None:
        self._run, self._least, self.most = run, least, most

    def __iter__(self) -> Iterator[tuple[int, int]]:
        first = 0
        while True:
            wanted = min(max(first, self._least), max(self.most, 1))
            try:
                granted = self._run.grant(wanted)
            except Stopped:
                return
            yield first, granted
            first += granted
