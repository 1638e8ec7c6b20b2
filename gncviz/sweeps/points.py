"""The points of a sweep: the settings of one computation, which are also its name."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import Any, ClassVar, Literal

from gncviz.descent.settings import DescentSettings
from gncviz.network import Network
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.prior import Prior
from gncviz.settings import Settings
from gncviz.task import Task, TaskSettings

#: Part of every point's key: to be raised when a change makes the numbers of stored results wrong.
REVISION = 1

Row = tuple[float, ...]


class GivenTask(Settings):
    """A task of the user's own arrays; see :class:`gncviz.Task`.

    Args:
        ground_truth: W*, m rows of m' numbers.
        measurements: A_1..A_n, each m rows of m' numbers.
    """

    ground_truth: tuple[Row, ...]
    measurements: tuple[tuple[Row, ...], ...]


Recipe = TaskSettings | GivenTask


def recipe_of(task: Task | TaskSettings | GivenTask) -> Recipe:
    """A task as settings."""
    if not isinstance(task, Task):
        return task
    return task.settings or GivenTask(**task.to_dict())


def task_of(recipe: Recipe) -> Task:
    """The task that settings describe."""
    if isinstance(recipe, TaskSettings):
        return Task.from_settings(recipe)
    return Task(recipe.ground_truth, recipe.measurements)


class Point(Settings):
    """One computation. Two points of the same settings are the same point."""

    #: Settings that decide where and how long it runs, not what it is; not part of the key.
    _ASIDE: ClassVar[dict[str, set[str]]] = {}

    kind: str
    task: Recipe
    network: Network

    @cached_property
    def key(self) -> str:
        """A name made of the settings that decide the result."""
        text = json.dumps([REVISION, self.identity], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    @property
    def identity(self) -> dict[str, Any]:
        """The settings that decide the result, as JSON-ready data."""
        data: dict[str, Any] = json.loads(self.model_dump_json())
        for part, names in self._ASIDE.items():
            for name in names:
                del data[part][name]
        return data


class GuessAndCheckPoint(Point):
    """A Guess & Check run, with its ε-path and the prior's mean beside it."""

    _ASIDE: ClassVar[dict[str, set[str]]] = {"sampling": {"device"}}

    kind: Literal["guess_and_check"] = "guess_and_check"
    prior: Prior
    sampling: GuessAndCheckSettings


class DescentPoint(Point):
    """One trial of gradient descent."""

    _ASIDE: ClassVar[dict[str, set[str]]] = {"descent": {"device", "trials", "seeds"}}

    kind: Literal["gradient_descent"] = "gradient_descent"
    descent: DescentSettings
