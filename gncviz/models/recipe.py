"""Settings that describe a task, whatever its kind: what sweeps and stores hold of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import SerializerFunctionWrapHandler, model_serializer, model_validator

from gncviz.settings import Settings

if TYPE_CHECKING:
    from gncviz.models.law import OutputShape


#: What L_gen is called where a task says nothing else.
GEN_LABEL = "generalization loss"


class TaskRecipe(Settings):
    """Base of all settings that describe a task; ``model`` names its row in MODELS.

    The same recipe gives the same task (:func:`gncviz.models.drawn`). What is written of one says
    its model, unless it is that which there was before there were others.
    """

    model: ClassVar[str] = "matrix"

    @model_validator(mode="before")
    @classmethod
    def _without_model(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and data.get("model") == cls.model:
            return {name: value for name, value in data.items() if name != "model"}
        return data

    @model_serializer(mode="wrap")
    def _with_model(self, rest: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = rest(self)
        return written if self.model == TaskRecipe.model else {**written, "model": self.model}

    def seeded(self, seed: int) -> TaskRecipe:
        """The recipe for another seed of a sweep; itself where the task is the same for all.

        Args:
            seed: of the sweep.
        """
        return self

    def varied(self, **values: Any) -> TaskRecipe:
        """The recipe with other values of what a sweep goes over.

        Args:
            **values: by their names, those of :attr:`variable`.
        """
        changed: TaskRecipe = self.replace(**values)
        return changed

    @property
    def variable(self) -> frozenset[str]:
        """What of it can be swept: nothing of a task that is given as arrays."""
        return frozenset()

    @property
    def nested(self) -> bool:
        """Whether with fewer samples it has the first of those of more, and the same test."""
        return False

    @property
    def outline(self) -> OutputShape | None:
        """The shapes, where they are known without the task."""
        return None

    @property
    def gen_label(self) -> str:
        """What the task's L_gen is called."""
        return GEN_LABEL


class SeededRecipe(TaskRecipe):
    """Base of those that have a ``seed``, which is all that another task of theirs differs in."""

    def seeded(self, seed: int) -> Self:
        """The recipe of another one.

        Args:
            seed: of it.
        """
        changed: Self = self.replace(seed=seed)
        return changed

    @property
    def variable(self) -> frozenset[str]:
        """What of it can be swept: any of its settings."""
        return frozenset(type(self).model_fields)
