"""Gradient descent by the compiled kernel: batches of trials, in pieces that hear Cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gncviz.kernels.descent_cpu import descend
from gncviz.kernels.lanes import LANES_64, in_lanes, out_of_lanes
from gncviz.progress import Run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gncviz.kernels.plans import DescentPlan

#: Seconds that one call of the kernel takes at most, and what a term of a sum takes, at worst.
_PIECE, _TERM = 0.05, 1e-9

Look = tuple[int, "NDArray[np.float64]", "NDArray[np.float64]"]


class CompiledSteps:
    """The twin of :class:`gncviz.descent.steps.TorchSteps`.

    Args:
        plan: what runs.
    """

    def __init__(self, plan: DescentPlan) -> None:
        self._plan = plan
        self._shapes = np.array(plan.layers.shapes, dtype=np.int64)
        self._count = len(plan.weights)
        self._weights = in_lanes(plan.weights)
        self._velocity = np.zeros_like(self._weights)
        self._mean_square = np.zeros(self._weights.shape[::2])
        self._truth = in_lanes(plan.loss.truth)
        self._root = in_lanes(plan.loss.root.reshape(self._count, -1))
        terms = 3 * plan.layers.weights * plan.layers.shapes[0][1] + 2 * self._root.shape[1]
        self._most = max(int(_PIECE / (_TERM * terms * len(self._weights) * LANES_64)), 1)

    def keep(self, rows: NDArray[np.bool_]) -> None:
        """Goes on with some of the trials."""
        parts = [self._weights, self._velocity, self._mean_square[:, None], self._truth, self._root]
        kept = [in_lanes(out_of_lanes(part, self._count)[rows]) for part in parts]
        self._weights, self._velocity, mean_square, self._truth, self._root = kept
        self._mean_square = np.ascontiguousarray(mean_square[:, 0])
        self._count = int(rows.sum())

    def advance(
        self, epoch: int, stops: Sequence[int], bounds: NDArray[np.float64], run: Run
    ) -> list[Look]:
        """Goes through some of the stops; see :class:`gncviz.descent.steps.Steps`."""
        while True:
            ahead = [stop for stop in stops if stop <= epoch + self._most]
            until = ahead or [epoch + self._most]
            looks = self._descend(epoch, until, bounds)
            epoch = looks[-1][0]
            if ahead or run.stopped:
                return looks

    def _descend(self, epoch: int, stops: list[int], bounds: NDArray[np.float64]) -> list[Look]:
        groups, size = self._truth.shape[:2]
        outputs = np.empty((len(stops), groups, size, LANES_64))
        losses = np.empty((len(stops), groups, LANES_64))
        layers, rule = self._plan.layers, self._plan.rule
        done = descend(
            self._shapes, layers.sigma, layers.slope,
            self._weights, self._velocity, self._mean_square, self._truth, self._root, *rule,
            epoch, np.array(stops), self._plan.tolerance, bounds, outputs, losses,
        )  # fmt: skip
        rows = outputs.transpose(0, 1, 3, 2).reshape(len(stops), -1, size)[:, : self._count]
        losses = losses.reshape(len(stops), -1)[:, : self._count]
        return list(zip(stops[:done], rows, losses, strict=False))
