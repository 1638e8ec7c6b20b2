"""Undo and redo of settings."""

from __future__ import annotations

import time
from collections.abc import Callable

import traitlets

from gncviz.experiment.settings import ExperimentSettings

#: Changes that follow each other faster than this are one: a slider that is being moved.
_ONE_MOVE = 0.7

#: As many steps as anybody goes back.
_MOST = 200


class History(traitlets.HasTraits):
    """The settings that were, in order, and where among them the page stands.

    Args:
        first: the settings to begin with.
        clock: seconds that only grow.

    Attributes:
        can_undo: whether there is a setting to go back to.
        can_redo: whether there is one to go forward to.
    """

    can_undo = traitlets.Bool(False)
    can_redo = traitlets.Bool(False)

    def __init__(
        self, first: ExperimentSettings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._steps = [first]
        self._place = 0
        self._clock = clock
        self._changed = -float("inf")

    def record(self, settings: ExperimentSettings) -> None:
        """Notes that the settings are these now; what was undone before is forgotten."""
        if settings == self._steps[self._place]:
            return
        now = self._clock()
        moving = now - self._changed < _ONE_MOVE and self._place > 0 and not self.can_redo
        kept = self._steps[: self._place + (0 if moving else 1)]
        self._steps = [*kept, settings][-_MOST:]
        self._changed = now
        self._go(len(self._steps) - 1)

    def undo(self) -> ExperimentSettings:
        """Goes back by one; returns the settings there, the first ones if there is no way back."""
        return self._go(max(self._place - 1, 0))

    def redo(self) -> ExperimentSettings:
        """Goes forward by one; returns the settings there."""
        return self._go(min(self._place + 1, len(self._steps) - 1))

    def _go(self, place: int) -> ExperimentSettings:
        self._place = place
        self.can_undo = place > 0
        self.can_redo = place < len(self._steps) - 1
        return self._steps[place]
