"""Decision regions: which class networks give to each point of the plane."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gncviz.settings import SettingsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gncviz.models.data.task import DataTask


@dataclass(frozen=True, eq=False)
class Plane:
    """A grid over two inputs, the samples on it, and the regions of some networks.

    Attributes:
        across: places of the grid, from left to right, with shape (S,).
        up: likewise from below, with shape (S,).
        x: training samples, with shape (n, 2).
        labels: the place of each one's class among them all, with shape (n,).
        classes: their names.
        regions: the place of the class at each point, with shape (S, S), rows from below, by what
            gives it.
    """

    across: NDArray[np.float64]
    up: NDArray[np.float64]
    x: NDArray[np.float64]
    labels: NDArray[np.int64]
    classes: tuple[Any, ...]
    regions: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)

    @classmethod
    def of(cls, task: Any) -> Plane:
        """The plane of a task, without regions.

        Args:
            task: over a grid, :meth:`gncviz.DataTask.over_grid`.

        Raises:
            SettingsError: it is none.
        """
        grid = getattr(task, "grid", None)
        if grid is None:
            sentence = "task should be one over a grid: task.over_grid() of two inputs."
            raise SettingsError([("task", sentence)])
        places = {name: place for place, name in enumerate(task.classes)}
        labels = np.array([places[label] for label in task.y_train.tolist()], dtype=np.int64)
        across, up = grid
        return cls(across, up, task.x_train, labels, tuple(task.classes))

    def sides(self, task: DataTask, outputs: NDArray[np.float64]) -> NDArray[np.uint8]:
        """The class at each point, with shape (S, S).

        Args:
            task: the one over the grid.
            outputs: of one network, or of an average of several, with shape (K, n + S²).
        """
        there = outputs[:, task.count :]
        found = there.argmax(axis=0) if len(there) > 1 else there[0] > 0
        shaped: NDArray[np.uint8] = found.astype(np.uint8).reshape(len(self.up), len(self.across))
        return shaped

    def with_regions(self, more: Mapping[str, NDArray[np.uint8]]) -> Plane:
        """The same with more regions, after those that there are."""
        return replace(self, regions={**self.regions, **more})
