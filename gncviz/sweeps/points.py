"""The points of a sweep: the settings of one computation, which are also its name."""

from __future__ import annotations

import functools
import hashlib
import json
from functools import cached_property
from typing import Any, ClassVar, Literal

from gncviz.descent.settings import DescentSettings
from gncviz.models import AnyNetworkSettings, AnyRecipe, FixedTask
from gncviz.models.recipe import TaskRecipe
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.prior import Prior
from gncviz.settings import Settings, SettingsError

#: Part of every point's key: to be raised when a change makes the numbers of stored results wrong,
#: or gives a setting another default.
REVISION = 3


def recipe_of(task: Any) -> TaskRecipe:
    """A task as settings; one that has been drawn stays the one that it is.

    Raises:
        SettingsError: it is neither a task nor settings of one.
    """
    if isinstance(task, TaskRecipe):
        return task
    if not hasattr(task, "recipe"):
        sentence = f"task should be a Task, or settings such as TaskSettings(); got {task!r}."
        raise SettingsError([("task", sentence)])
    recipe: TaskRecipe = task.recipe
    # One that would be drawn anew with every seed is held where it is.
    return recipe if recipe.seeded(0) is recipe else FixedTask(recipe=recipe)


class Point(Settings):
    """One computation. Two points of the same settings are the same point."""

    #: Settings that decide where and how long it runs, not what it is; not part of the key.
    _ASIDE: ClassVar[dict[str, set[str]]] = {}

    kind: str
    task: AnyRecipe
    network: AnyNetworkSettings

    @cached_property
    def key(self) -> str:
        """A name made of the settings that decide the result."""
        text = json.dumps([REVISION, self.identity], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    @property
    def identity(self) -> dict[str, Any]:
        """The settings that decide the result and are not at their default, JSON-ready.

        So a new setting leaves all stored results what they are: those at its default.
        """
        return self._decisive({"kind": self.kind, **_not_default(self)})

    @property
    def settings(self) -> dict[str, Any]:
        """All settings that decide the result, JSON-ready, whatever the defaults become."""
        return self._decisive(self.model_dump(mode="json"))

    def _decisive(self, data: dict[str, Any]) -> dict[str, Any]:
        for part, names in self._ASIDE.items():
            for name in names:
                data[part].pop(name, None)
        return data


class GuessAndCheckPoint(Point):
    """A Guess & Check run, with its ε-path and the prior's mean beside it."""

    _ASIDE: ClassVar[dict[str, set[str]]] = {"sampling": {"device"}}

    kind: Literal["guess_and_check"] = "guess_and_check"
    prior: Prior
    sampling: GuessAndCheckSettings


class CurvePoint(Point):
    """A learning curve: Guess & Check with the first n training samples of its task, for every n.

    Of ``sampling``, ε and the method are none of its settings.
    """

    _ASIDE: ClassVar[dict[str, set[str]]] = {"sampling": {"device", "epsilon", "method"}}

    kind: Literal["learning_curve"] = "learning_curve"
    prior: Prior
    sampling: GuessAndCheckSettings


#: What Guess & Check computes.
Sampled = GuessAndCheckPoint | CurvePoint


class DescentPoint(Point):
    """One trial of gradient descent."""

    _ASIDE: ClassVar[dict[str, set[str]]] = {"descent": {"device", "trials", "seeds"}}

    kind: Literal["gradient_descent"] = "gradient_descent"
    descent: DescentSettings


def _not_default(settings: Settings) -> dict[str, Any]:
    """The fields that are not at their default, JSON-ready; of settings inside others too."""
    defaults = _defaults(type(settings))
    told = {name: value for name, value in settings if value != defaults.get(name, _REQUIRED)}
    inner = {name: value for name, value in told.items() if isinstance(value, Settings)}
    found = settings.model_dump(mode="json", include=set(told) - set(inner))
    return {**found, **{name: _not_default(value) for name, value in inner.items()}}


#: Equals no value.
_REQUIRED = object()


@functools.cache
def _defaults(kind: type[Settings]) -> dict[str, Any]:
    return {
        name: field.get_default(call_default_factory=True)
        for name, field in kind.model_fields.items()
        if not field.is_required()
    }
