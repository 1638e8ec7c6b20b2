"""Settings that describe a task, whatever its kind: what sweeps and stores hold of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from gncviz.settings import Settings

if TYPE_CHECKING:
    from gncviz.models.law import OutputShape


#: What L_gen is called where a task says nothing else.
GEN_LABEL = "generalization loss"


class TaskRecipe(Settings):
    """Base of all settings that describe a task; ``model`` names its row in MODELS.

    The same recipe gives the same task (:func:`gncviz.models.drawn`).
    """

    model: ClassVar[str] = "matrix"

    def seeded(self, seed: int) -> TaskRecipe:
        """The recipe for another seed of a sweep; itself where the task is the same for all.

        Args:
            seed: of the sweep.
        """
        return self

    @property
    def outline(self) -> OutputShape | None:
        """The shapes, where they are known without the task."""
        return None

    @property
    def gen_label(self) -> str:
        """What the task's L_gen is called."""
        return GEN_LABEL
