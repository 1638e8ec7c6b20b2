"""The training losses of linear measurements side by side, one a trial, for gradient descent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gncviz.kernels.plans import Quadratic

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gncviz.models.matrix.problem import LinearProblem
    from gncviz.models.protocols import TrialLosses

#: Numbers of an output up to which a matrix with that many sides is worth having a trial.
_SMALL = 1024


def trial_losses(tasks: Sequence[LinearProblem], device: torch.device) -> TrialLosses:
    """The losses of one task a trial, in float64.

    Args:
        tasks: of one shape.
        device: where the tensors live.
    """
    if tasks[0].size <= _SMALL or any(task.entries is None for task in tasks):
        return QuadraticLosses.of(tasks, device)
    return EntryLosses.of(tasks, device)


@dataclass(frozen=True)
class QuadraticLosses:
    """The training loss of each trial as a quadratic form of E = W − W*.

    W* is the ground truth, or any other output with the smallest L_train there is. L_train = least
    + ‖R E‖² with R = A/√n over flattened outputs, and its gradient by W is E C with C = 2 RᵀR: one
    small product a trial, whatever the number of measurements.

    Attributes:
        nearest: W*, with shape (T, P).
        least: the smallest L_train there is, with shape (T,).
        root: R, with shape (T, n, P); rows of zeros where a trial has fewer measurements.
        curvature: C, with shape (T, P, P); with shape (P, P) when all trials share one
            task, which makes one product of all of theirs.
        offset: −W* C, with shape (T, 1, P); or (P,).
    """

    nearest: Tensor
    least: Tensor
    root: Tensor
    curvature: Tensor
    offset: Tensor

    @classmethod
    def of(cls, tasks: Sequence[LinearProblem], device: torch.device) -> QuadraticLosses:
        """The losses of one task a trial."""
        most = max(task.count for task in tasks)
        roots = {id(task): _root(task, most) for task in tasks}
        readings = [task.readings for task in tasks]
        nearest = torch.tensor(np.stack([one.nearest for one in readings]), device=device)
        least = torch.tensor([one.least for one in readings], dtype=torch.float64, device=device)
        root = torch.tensor(np.stack([roots[id(task)] for task in tasks]), device=device)
        curvature = 2 * root.mT @ root
        offset = -nearest[:, None] @ curvature
        if len(roots) == 1:
            curvature, offset = curvature[0], offset[0, 0]
        return cls(nearest, least, root, curvature, offset)

    def train(self, outputs: Tensor) -> Tensor:
        """L_train (Eq. 2) of one flattened output a trial (P, T), with shape (T,)."""
        error = outputs.T - self.nearest
        return torch.bmm(self.root, error[:, :, None]).square_().sum(dim=(1, 2)).add_(self.least)

    def slope(self, outputs: Tensor) -> Tensor:
        """The gradient of L_train by flattened outputs (P, T), with the same shape."""
        flat = outputs.T
        if self.curvature.ndim == 2:
            return torch.addmm(self.offset, flat, self.curvature).T
        return torch.baddbmm(self.offset, flat[:, None], self.curvature)[:, 0].T

    def quadratic(self) -> Quadratic | None:
        """The same for kernels; None where no output fits, so that a constant is left."""
        if self.least.any():
            return None
        return Quadratic(self.nearest.cpu().numpy(), self.root.cpu().numpy())

    def select(self, trials: Tensor) -> QuadraticLosses:
        """The losses of some of the trials."""
        parts = self.nearest[trials], self.least[trials], self.root[trials]
        if self.curvature.ndim == 2:
            return QuadraticLosses(*parts, self.curvature, self.offset)
        return QuadraticLosses(*parts, self.curvature[trials], self.offset[trials])


def _root(task: LinearProblem, rows: int) -> NDArray[np.float64]:
    root = np.zeros((rows, task.size))
    root[: task.count] = task.readings.span.stacked / math.sqrt(task.count)
    return root


@dataclass(frozen=True)
class EntryLosses:
    """The same where single entries are measured, for outputs too large for quadratic forms.

    Attributes:
        nearest: an array with the observed entries, with shape (P, T).
        share: 1/n at the measured entries and 0 elsewhere, with shape (P, T).
    """

    nearest: Tensor
    share: Tensor

    @classmethod
    def of(cls, tasks: Sequence[LinearProblem], device: torch.device) -> EntryLosses:
        """The losses of one task a trial."""
        nearest = np.stack([task.readings.nearest for task in tasks], axis=1)
        share = np.zeros_like(nearest)
        for trial, task in enumerate(tasks):
            share[task.entries, trial] = 1 / task.count
        return cls(torch.tensor(nearest, device=device), torch.tensor(share, device=device))

    def train(self, outputs: Tensor) -> Tensor:
        """L_train (Eq. 2) of one flattened output a trial (P, T), with shape (T,)."""
        return ((outputs - self.nearest).square_() * self.share).sum(dim=0)

    def slope(self, outputs: Tensor) -> Tensor:
        """The gradient of L_train by flattened outputs (P, T), with the same shape."""
        return (outputs - self.nearest) * self.share * 2

    def select(self, trials: Tensor) -> EntryLosses:
        """The losses of some of the trials."""
        return EntryLosses(self.nearest[:, trials], self.share[:, trials])
