"""The two losses of a matrix task on columns."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gncviz.kernels.plans import LossPlan, Misfit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gncviz.models.matrix.task import Task


class MatrixLosses:
    """L_train (Eq. 2) and L_gen (Eq. 3) of flattened matrices.

    Args:
        task: the task.
        device: where the tensors live.
        dtype: float32 for screening draws, float64 where losses are reported.
    """

    def __init__(self, task: Task, device: torch.device, dtype: torch.dtype) -> None:
        self._task, self._device, self._dtype = task, device, dtype
        # A power of two, so that nothing is rounded that would not be anyway.
        scale = 2.0 ** round(math.log2(task.residual_size)) if task.residual_size > 0 else 1.0
        self.unit = scale * scale
        self._labels = self._tensor(task.labels / scale)[:, None]
        self._measured = None if task.entries is None else self._places(task.entries)
        if self._measured is None:
            self._measurements = self._tensor(task.stacked / scale)

    def _tensor(self, array: NDArray[np.float64]) -> Tensor:
        return torch.tensor(array, device=self._device, dtype=self._dtype)

    def _places(self, places: NDArray[np.int64]) -> Tensor:
        return torch.tensor(places, device=self._device)

    @cached_property
    def _truth(self) -> Tensor:
        return self._tensor(self._task.ground_truth.reshape(-1, 1))

    @cached_property
    def _basis(self) -> Tensor:
        return self._tensor(self._task.measured_basis)

    def plan(self) -> LossPlan:
        """The losses for kernels."""
        task, scale = self._task, math.sqrt(self.unit)
        nothing, nowhere = np.empty((0, task.rows * task.cols)), np.empty(0, dtype=np.int64)
        truth = task.ground_truth.ravel()
        if task.entries is not None:
            others = np.delete(np.arange(len(truth)), task.entries)
            seen = Misfit(nothing, task.entries, task.labels / scale)
            return LossPlan(seen, Misfit(nothing, others, truth[others]))
        complement = task.complement.reshape(-1, len(truth))
        seen = Misfit(task.stacked / scale, nowhere, task.labels / scale)
        return LossPlan(seen, Misfit(complement, nowhere, complement @ truth))

    def train(self, outputs: Tensor) -> Tensor:
        """L_train over :attr:`unit` of flattened matrices (m·m', C), with shape (C,)."""
        if self._measured is None:
            residual = self._measurements @ outputs
        else:
            residual = outputs[self._measured]
        return residual.sub_(self._labels).square_().mean(dim=-2)

    def gen(self, outputs: Tensor) -> Tensor:
        """L_gen of flattened matrices (m·m', C), with shape (C,)."""
        error = outputs - self._truth
        if self._measured is None:
            error -= self._basis.T @ (self._basis @ error)
        else:
            error[self._measured] = 0.0
        return error.square_().sum(dim=-2) / self._task.unmeasured
