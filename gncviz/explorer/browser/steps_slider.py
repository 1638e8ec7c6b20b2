"""A slider over a few values, which need not be evenly spaced."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import anywidget
import traitlets


class StepsSlider(anywidget.AnyWidget):
    """The browser's own slider: one widget, with its label and what it stands at.

    Args:
        label: what it sets.

    Attributes:
        values: what it can stand at, as people read it.
        index: where it stands.
        asked: whether the reader is to move this one now.
    """

    _esm = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")

    label = traitlets.Unicode().tag(sync=True)
    values = traitlets.List(traitlets.Unicode()).tag(sync=True)
    index = traitlets.Int(0).tag(sync=True)
    asked = traitlets.Bool(False).tag(sync=True)

    def __init__(self, label: str) -> None:
        super().__init__(label=label)

    def show(self, values: Sequence[str], index: int, *, asked: bool) -> None:
        """Sets all of it in one message."""
        with self.hold_sync():
            self.values, self.index, self.asked = list(values), index, asked
