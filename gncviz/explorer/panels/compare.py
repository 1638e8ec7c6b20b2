"""The table of the runs that are kept, with what can be done with each."""

from __future__ import annotations

import functools
from collections.abc import Callable

import ipywidgets as widgets

from gncviz.experiment.run import Experiment
from gncviz.explorer.model.pins import Pin
from gncviz.explorer.words import report

Guard = Callable[[Callable[[], object]], Callable[..., None]]


class ComparePanel:
    """A row of numbers for each kept run and for the present one; nothing while none is kept.

    Args:
        restore: called with the letter of the run whose settings are wanted back.
        remove: called with the letter of the run to let go.
        guard: makes event handlers whose failures are seen.
    """

    def __init__(
        self, restore: Callable[[str], object], remove: Callable[[str], object], guard: Guard
    ) -> None:
        self._restore, self._remove, self._guard = restore, remove, guard
        self._table = widgets.HTML().add_class("gv-compare-table")
        self._actions = widgets.HBox([]).add_class("gv-compare-actions")
        self.widget = widgets.VBox([self._table, self._actions]).add_class("gv-compare")
        self._letters: tuple[str, ...] = ()
        self.show((), None)

    def show(self, pins: tuple[Pin, ...], now: Experiment | None) -> None:
        """Shows the kept runs beside the present one."""
        self.widget.layout.display = None if pins else "none"
        self._table.value = report.comparison(pins, now)
        letters = tuple(pin.letter for pin in pins)
        if letters != self._letters:
            self._letters = letters
            for old in self._actions.children:
                old.close()
            self._actions.children = [part for letter in letters for part in self._buttons(letter)]

    def _buttons(self, letter: str) -> list[widgets.Widget]:
        restore = widgets.Button(
            description=f"Restore {letter}", tooltip=f"Put the settings of {letter} back"
        )
        restore.on_click(self._guard(functools.partial(self._restore, letter)))
        remove = widgets.Button(
            description=f"Remove {letter}", tooltip=f"Take {letter} out of table and figures"
        )
        remove.on_click(self._guard(functools.partial(self._remove, letter)))
        return [restore, remove]
