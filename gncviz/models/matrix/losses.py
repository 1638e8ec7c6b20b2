"""The two losses of linear measurements on columns."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gncviz.kernels.plans import LossPlan, Misfit
from gncviz.models.matrix.generalization import Unmeasured

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gncviz.models.matrix.problem import LinearProblem
    from gncviz.models.matrix.readings import Readings


#: Entries of an output up to which losses are told kernels.
_LARGEST_COMPILED = 512


class LinearLosses:
    """L_train (Eq. 2) and L_gen (Eq. 3, or of what is held out) of flattened arrays.

    Args:
        task: the task.
        device: where the tensors live.
        dtype: float32 for screening draws, float64 where losses are reported.
    """

    def __init__(self, task: LinearProblem, device: torch.device, dtype: torch.dtype) -> None:
        self._task, self._device, self._dtype = task, device, dtype
        self._train = _MeanSquare(task.readings, device, dtype)
        self.unit = self._train.unit

    def plan(self) -> LossPlan | None:
        """The losses for kernels; None where outputs are large, for these are multiplied whole."""
        if self._task.size > _LARGEST_COMPILED:
            return None
        gen = self._task.generalization
        unseen = _unseen(gen) if isinstance(gen, Unmeasured) else _misfit(gen.readings, 1.0)
        return LossPlan(_misfit(self._task.readings, math.sqrt(self.unit)), unseen)

    def train(self, outputs: Tensor) -> Tensor:
        """L_train over :attr:`unit` of flattened arrays (..., P, C), with shape (..., C)."""
        return self._train(outputs)

    def gen(self, outputs: Tensor) -> Tensor:
        """L_gen of flattened arrays (..., P, C), with shape (..., C)."""
        return self._gen(outputs)

    @cached_property
    def _gen(self) -> Callable[[Tensor], Tensor]:
        gen = self._task.generalization
        if isinstance(gen, Unmeasured):
            return _UnmeasuredSquare(gen, self._device, self._dtype)
        held_out = _MeanSquare(gen.readings, self._device, self._dtype)
        return lambda outputs: held_out(outputs).mul_(held_out.unit)


class _MeanSquare:
    """The mean squared residual of readings, over ``unit``: that of the residuals' own size."""

    def __init__(self, readings: Readings, device: torch.device, dtype: torch.dtype) -> None:
        # A power of two, so that nothing is rounded that would not be anyway.
        self._scale = scale = 2.0 ** round(math.log2(readings.size)) if readings.size > 0 else 1.0
        self.unit = scale * scale
        span = readings.span
        self._labels = torch.tensor(readings.labels / scale, device=device, dtype=dtype)[:, None]
        self._places = _places(span.entries, device)
        if self._places is None:
            self._measurements = torch.tensor(span.stacked / scale, device=device, dtype=dtype)

    def __call__(self, outputs: Tensor) -> Tensor:
        if self._places is None:
            seen = self._measurements @ outputs
        else:
            seen = outputs.index_select(-2, self._places).div_(self._scale)
        return seen.sub_(self._labels).square_().mean(dim=-2)


class _UnmeasuredSquare:
    """The mean squared error along what is not measured."""

    def __init__(self, gen: Unmeasured, device: torch.device, dtype: torch.dtype) -> None:
        self._truth = torch.tensor(gen.truth[:, None], device=device, dtype=dtype)
        self._count = gen.span.unmeasured
        self._places = _places(gen.span.entries, device)
        if self._places is None:
            self._basis = torch.tensor(gen.span.basis, device=device, dtype=dtype)

    def __call__(self, outputs: Tensor) -> Tensor:
        error = outputs - self._truth
        if self._places is None:
            error -= self._basis.T @ (self._basis @ error)
        else:
            error.index_fill_(-2, self._places, 0.0)
        return error.square_().sum(dim=-2) / self._count


def _places(entries: NDArray[np.int64] | None, device: torch.device) -> Tensor | None:
    return None if entries is None else torch.tensor(entries, device=device)


def _misfit(readings: Readings, scale: float) -> Misfit:
    """The mean squared residual of readings for kernels, over the square of a scale."""
    span, labels = readings.span, readings.labels / scale
    if span.entries is not None and scale == 1.0:
        return Misfit(np.empty((0, span.size)), span.entries, labels)
    return Misfit(span.stacked / scale, np.empty(0, dtype=np.int64), labels)


def _unseen(gen: Unmeasured) -> Misfit:
    """The mean squared error along what is not measured, for kernels."""
    span, truth = gen.span, gen.truth
    if span.entries is not None:
        others = np.delete(np.arange(len(truth)), span.entries)
        return Misfit(np.empty((0, len(truth))), others, truth[others])
    complement = span.complement.reshape(-1, len(truth))
    return Misfit(complement, np.empty(0, dtype=np.int64), complement @ truth)
