"""The kinds of model: a folder each, and a row in :data:`MODELS`.

Samplers, gradient descent, spectra and sweeps know :mod:`gncviz.models.protocols` and nothing of a
kind. What settings hold of one, its task's recipe and its network, is told apart here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator

from gncviz.models.data.recipes import DataSettings, GivenData
from gncviz.models.data.task import DataTask
from gncviz.models.dense.network import Network
from gncviz.models.matrix.recipes import GivenTask, TableTask, TaskSettings
from gncviz.models.matrix.task import Task
from gncviz.models.protocols import AnyTask
from gncviz.models.recipe import TaskRecipe
from gncviz.settings import Settings, SettingsError

__all__ = [
    "MODELS",
    "AnyNetworkSettings",
    "AnyRecipe",
    "FixedTask",
    "Model",
    "drawn",
    "outline",
    "settings_of",
]


@dataclass(frozen=True)
class Model:
    """A kind of model.

    Attributes:
        recipes: settings of its tasks; the first one that has all fields of some data is meant.
        draw: makes the task that a recipe describes.
        network: settings of its networks.
    """

    recipes: tuple[type[TaskRecipe], ...]
    draw: Callable[[Any], AnyTask]
    network: type[Settings]


#: By name, which recipes carry as ``model``.
MODELS: dict[str, Model] = {
    "matrix": Model((TaskSettings, GivenTask, TableTask), Task.from_recipe, Network),
    "data": Model((DataSettings, GivenData), DataTask.from_recipe, Network),
}


def drawn(recipe: TaskRecipe) -> AnyTask:
    """The task that a recipe describes.

    Args:
        recipe: of any kind.
    """
    if isinstance(recipe, FixedTask):
        return drawn(recipe.recipe)
    return MODELS[recipe.model].draw(recipe)


def outline(recipe: TaskRecipe) -> Any:
    """As much of a task as tells the shapes of weights and outputs; all of it where it takes that.

    Args:
        recipe: of any kind.
    """
    return recipe.outline or drawn(recipe)


def _recipe(value: Any) -> Any:
    kinds = [kind for model in MODELS.values() for kind in model.recipes]
    return _settings("task", value, (*kinds, FixedTask), "a task's settings")


def _network(value: Any) -> Any:
    kinds = [model.network for model in MODELS.values()]
    return _settings("network", value, tuple(kinds), "a network, such as Network(width=5)")


def _settings(name: str, value: Any, kinds: tuple[type[Settings], ...], wanted: str) -> Settings:
    if isinstance(value, kinds):
        return value
    if isinstance(value, Mapping):
        for kind in kinds:
            if set(value) <= set(kind.model_fields):
                return kind(**value)
        return kinds[0](**value)
    raise SettingsError([(name, f"{name} should be {wanted}; got {value!r}.")])


def settings_of(name: str, task: Any, network: Any) -> tuple[Settings, Settings]:
    """Settings of a task and a network of one kind, from what was stored of them.

    Args:
        name: of the kind.
        task: settings, or the values of their fields.
        network: likewise.

    Raises:
        SettingsError: there is no such kind, or these are no settings of it.
    """
    if name not in MODELS:
        raise SettingsError([("model", f"model should be one of {', '.join(MODELS)}; got {name}.")])
    model = MODELS[name]
    recipe = _settings("task", task, (*model.recipes, FixedTask), "a task's settings")
    return recipe, _settings("network", network, (model.network,), "a network's settings")


#: Fields of settings that hold a recipe or a network of any kind.
AnyRecipe = Annotated[Any, BeforeValidator(_recipe)]
AnyNetworkSettings = Annotated[Any, BeforeValidator(_network)]


class FixedTask(TaskRecipe):
    """One drawn task, the same for every seed.

    Args:
        recipe: of the task, its seed included.
    """

    recipe: AnyRecipe

    @property
    def model(self) -> str:  # type: ignore[override]
        """That of the recipe."""
        return str(self.recipe.model)

    @property
    def outline(self) -> Any:
        """That of the recipe."""
        return self.recipe.outline

    @property
    def gen_label(self) -> str:
        """That of the recipe."""
        return str(self.recipe.gen_label)
