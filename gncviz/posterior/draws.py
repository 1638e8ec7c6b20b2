"""Outputs with their losses: the one border between columns of numbers and rows of results."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gncviz.models.protocols import AnyTask


@dataclass(frozen=True)
class Draws:
    """Outputs with their losses: float64 NumPy arrays.

    Attributes:
        outputs: such as W, with shape ``(N, *output_shape)``.
        train_loss: L_train, with shape (N,).
        gen_loss: L_gen, with shape (N,).
    """

    outputs: NDArray[np.float64]
    train_loss: NDArray[np.float64]
    gen_loss: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.train_loss)

    def __getitem__(self, rows: slice | NDArray[np.bool_] | NDArray[np.int64]) -> Draws:
        return Draws(self.outputs[rows], self.train_loss[rows], self.gen_loss[rows])

    @classmethod
    def of(cls, task: AnyTask, outputs: NDArray[np.float64]) -> Draws:
        """Outputs ``(N, *output_shape)`` with their losses, by the float64 reference."""
        return cls(outputs, task.train_loss(outputs), task.gen_loss(outputs))

    @classmethod
    def of_columns(cls, task: AnyTask, columns: NDArray[np.float64]) -> Draws:
        """Flattened outputs (P, C) with their losses."""
        rows = np.ascontiguousarray(columns.T, dtype=float)
        return cls.of(task, rows.reshape(-1, *task.output_shape))

    @classmethod
    def none(cls, task: AnyTask) -> Draws:
        """No draws at all."""
        return cls(np.empty((0, *task.output_shape)), np.empty(0), np.empty(0))

    @classmethod
    def join(cls, parts: list[Draws], task: AnyTask) -> Draws:
        """One collection of several, in order."""
        if not parts:
            return cls.none(task)
        return cls(
            np.concatenate([part.outputs for part in parts]),
            np.concatenate([part.train_loss for part in parts]),
            np.concatenate([part.gen_loss for part in parts]),
        )


def output_size(task: AnyTask) -> int:
    """P, how many numbers an output has."""
    return math.prod(task.output_shape)
