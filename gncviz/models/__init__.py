"""The kinds of model: a folder each, and a row in :data:`MODELS`.

Samplers, gradient descent, spectra and sweeps know :mod:`gncviz.models.protocols` and nothing of a
kind. What settings hold of one, its task's recipe and its network, is told apart here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationInfo

from gncviz.models.data.recipes import DataSettings, GivenData, TableData
from gncviz.models.data.task import DataTask
from gncviz.models.dense.network import Network
from gncviz.models.matrix.recipes import GivenTask, TableTask, TaskSettings
from gncviz.models.matrix.task import Task
from gncviz.models.protocols import AnyTask
from gncviz.models.recipe import TaskRecipe
from gncviz.models.tensor.network import TensorNetwork
from gncviz.models.tensor.recipes import GivenTensor, TensorTaskSettings
from gncviz.models.tensor.task import TensorTask
from gncviz.settings import Settings, SettingsError

__all__ = [
    "MODELS",
    "AnyNetworkSettings",
    "AnyRecipe",
    "FixedTask",
    "Model",
    "drawn",
    "named",
    "outline",
    "usual_network",
]


@dataclass(frozen=True)
class Model:
    """A kind of model.

    Attributes:
        recipes: settings of its tasks, those of one that can be set value by value first; the first
            one that has all fields of some data is meant.
        draw: makes the task that a recipe describes.
        network: settings of its networks.
        label: what is learnt, in a word for people, such as "matrices".
        made_by: what is called in Python with the fields of the first recipe, in ``gncviz``.
        read_by: what is called with the name of a file, in ``gncviz``.
        load: makes a task of a file (a path, ``held_out`` and ``seed``); None where it makes none.
        without: the parts of an experiment that it does not have, by their names.
    """

    recipes: tuple[type[TaskRecipe], ...]
    draw: Callable[[Any], AnyTask]
    network: type[Settings]
    label: str = ""
    made_by: str = ""
    read_by: str = ""
    load: Callable[..., AnyTask] | None = None
    without: frozenset[str] = frozenset()


#: By name, which recipes carry as ``model``.
MODELS: dict[str, Model] = {
    "matrix": Model(
        (TaskSettings, GivenTask, TableTask),
        Task.from_recipe,
        Network,
        "matrices",
        made_by="Task.random",
        read_by="Task.load",
        load=Task.load,
    ),
    "tensor": Model(
        (TensorTaskSettings, GivenTensor),
        TensorTask.from_recipe,
        TensorNetwork,
        "tensors",
        made_by="TensorTask.random",
        read_by="TensorTask.load",
        load=TensorTask.load,
    ),
    "data": Model(
        (DataSettings, GivenData, TableData),
        DataTask.from_recipe,
        Network,
        "networks on data",
        made_by="DataTask.load",
        read_by="DataTask.read",
        load=DataTask.read,
        without=frozenset({"spectra", "mechanism"}),
    ),
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
    if isinstance(value, Mapping) and "model" in value:
        kinds = [*named(value["model"]).recipes]
        value = {name: one for name, one in value.items() if name != "model"}
    return _settings("task", value, (*kinds, FixedTask), "a task's settings")


def _network(value: Any, about: ValidationInfo) -> Any:
    """Settings of a network, of the kind that the task is of where that is known."""
    every = tuple(model.network for model in MODELS.values())
    task = about.data.get("task")
    if task is None:
        return _settings("network", value, every, "a network, such as Network(width=5)")
    kind = named(task.model).network
    wanted = f"a network, such as {kind.__name__}(width=5)"
    if isinstance(value, every) and not isinstance(value, kind):
        wanted = f"a {kind.__name__}, for the task is one of {named(task.model).label}"
    return _settings("network", value, (kind,), wanted)


def _settings(name: str, value: Any, kinds: tuple[type[Settings], ...], wanted: str) -> Settings:
    if isinstance(value, kinds):
        return value
    if isinstance(value, Mapping):
        for kind in kinds:
            if set(value) <= set(kind.model_fields):
                return kind(**value)
        return kinds[0](**value)
    raise SettingsError([(name, f"{name} should be {wanted}; got {value!r}.")])


def named(name: Any) -> Model:
    """A kind of model by its name.

    Args:
        name: which recipes carry.

    Raises:
        SettingsError: there is none.
    """
    if name not in MODELS:
        sentence = f"model should be one of {', '.join(MODELS)}; got {name}."
        raise SettingsError([("model", sentence)])
    return MODELS[name]


def usual_network(before: Mapping[str, Any]) -> Any:
    """The network that settings have where nobody says another: one of the task's kind.

    Args:
        before: the fields that are known, ``task`` among them where it is valid.
    """
    return named(before["task"].model if "task" in before else TaskRecipe.model).network()


#: Fields of settings that hold a recipe or a network of any kind; the recipe comes first.
AnyRecipe = Annotated[Any, BeforeValidator(_recipe)]
AnyNetworkSettings = Annotated[Any, BeforeValidator(_network)]


class FixedTask(TaskRecipe):
    """One drawn task, the same for every seed.

    Args:
        recipe: of the task, its seed included.
    """

    recipe: AnyRecipe

    def varied(self, **values: Any) -> FixedTask:
        """The same task with other values, such as fewer samples of it."""
        return FixedTask(recipe=self.recipe.varied(**values))

    @property
    def variable(self) -> frozenset[str]:
        """That of the recipe."""
        found: frozenset[str] = self.recipe.variable
        return found

    @property
    def nested(self) -> bool:
        """Whether the recipe is."""
        return bool(self.recipe.nested)

    @property
    def train(self) -> int:
        """How many samples are trained on; of data only."""
        return int(self.recipe.train)

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
