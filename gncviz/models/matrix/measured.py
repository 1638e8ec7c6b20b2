"""A task of linear measurements as a value: immutable, made of a recipe or of arrays, and back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol, Self

from gncviz.models.matrix import files
from gncviz.models.matrix.parts import Parts
from gncviz.models.matrix.problem import LinearProblem
from gncviz.models.recipe import TaskRecipe
from gncviz.settings import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable


class PartsRecipe(Protocol):
    """Settings that describe a task."""

    def parts(self) -> Parts:
        """The task's parts."""


class MeasuredTask(LinearProblem):
    """Base of tasks of linear measurements.

    Attributes:
        settings: the recipe of a random one; None where it was made of a person's own arrays.
    """

    settings: Any
    #: Settings of a random task, and those that arrays stand for.
    _random: type[TaskRecipe]
    _own: Callable[[Mapping[str, Any]], Any]

    @classmethod
    def of_parts(cls, parts: Parts, settings: Any = None) -> Self:
        """The task that is made of some parts.

        Args:
            parts: the losses, and the ground truth.
            settings: the recipe they come from, if any.
        """
        task = cls.__new__(cls)
        vars(task).update(_parts=parts, settings=settings)
        return task

    def __setattr__(self, name: str, value: Any) -> None:
        kind = type(self).__name__
        raise AttributeError(f"a {kind} is immutable; make a new one instead of setting {name}.")

    @classmethod
    def from_recipe(cls, recipe: Any) -> Self:
        """The task that settings describe.

        Args:
            recipe: how it is drawn, or its arrays.
        """
        return cls.of_parts(recipe.parts(), recipe if isinstance(recipe, cls._random) else None)

    @property
    def recipe(self) -> Any:
        """The task as settings."""
        return type(self)._own(self._parts.arrays()) if self.settings is None else self.settings

    def save(self, path: Path | str | IO[bytes]) -> None:
        """Writes the task's arrays to an npz file, for ``load``.

        Args:
            path: of the file, folders are made; or a file that is open for bytes.

        Raises:
            SettingsError: the path does not end with .npz.
        """
        files.save(path, self._parts)

    def to_dict(self) -> dict[str, Any]:
        """The task as JSON-ready data: its recipe where it has one, its arrays otherwise."""
        if self.settings is not None:
            return {"settings": self.settings.model_dump()}
        found: dict[str, Any] = self.recipe.model_dump(exclude_none=True)
        return found

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`to_dict`.

        Args:
            data: what that gave, through JSON or not.

        Raises:
            SettingsError: it is not the data of a task.
        """
        settings = data.get("settings", {}) if isinstance(data, Mapping) else None
        if not isinstance(settings, Mapping):
            got = type(data if settings is None else settings).__name__
            sentence = (
                f"data should be what to_dict gave: a dict, of settings or arrays; got {got}."
            )
            raise SettingsError([("data", sentence)])
        if settings:
            return cls.from_recipe(cls._random(**settings))
        return cls.from_recipe(cls._own(data))

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy is made anew, so that its arrays are as read-only as these.
        if self.settings is not None:
            return type(self).from_recipe, (self.settings,)
        return type(self).from_dict, (self._parts.arrays(),)

    def __repr__(self) -> str:
        sides = "×".join(map(str, self.output_shape))
        start = f"{type(self).__name__}({sides}, n={self.count}"
        if self.held_out is not None:
            return f"{start}, held out {self.held_out.span.count})"
        origin = "arrays" if self.settings is None else f"{self.settings!r}"
        return f"{start}, from {origin})"
