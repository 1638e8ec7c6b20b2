"""The buttons that start and stop a run, and those that act on what it found."""

from __future__ import annotations

import ipywidgets as widgets


class Toolbar:
    """Run, Cancel and how far a run is; undo, redo and pin.

    Args:
        live: whether changes run by themselves at first.
    """

    def __init__(self, live: bool) -> None:
        self.run = widgets.Button(
            description="Run", button_style="primary", tooltip="Run this setting"
        )
        self.cancel = widgets.Button(
            description="Cancel", disabled=True, tooltip="Stop; what was found so far stays"
        )
        self.live = widgets.Checkbox(
            value=live,
            description="Live",
            indent=False,
            tooltip="After the first run, every change of the settings runs by itself",
        ).add_class("gv-live")
        self._bar = widgets.FloatProgress(min=0.0, max=1.0, value=0.0)
        self.undo = widgets.Button(
            description="Undo", disabled=True, tooltip="Back to the settings before"
        )
        self.redo = widgets.Button(
            description="Redo", disabled=True, tooltip="Forward to the settings that were undone"
        )
        self.pin = widgets.Button(
            description="Pin",
            disabled=True,
            tooltip="Keep this run: later ones are drawn over it and stand beside it in a table",
        )
        self.save = widgets.Button(
            description="Save …", tooltip="Figure, tables, settings and Python lines to take away"
        )
        row = [self.run, self.cancel, self.live, self._bar, self.undo, self.redo]
        row += [self.pin, self.save]
        self.widget = widgets.HBox(row).add_class("gv-run")

    def show(self, running: bool, done: float, found: bool) -> None:
        """Shows what can be done.

        Args:
            running: whether a run is under way.
            done: how much of it, from 0 to 1.
            found: whether there is something to pin.
        """
        self.cancel.disabled = not running
        self.pin.disabled = not found
        self._bar.value = done if running else 0.0
        self._bar.layout.visibility = "visible" if running else "hidden"
