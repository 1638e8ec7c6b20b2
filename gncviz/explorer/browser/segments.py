"""One of a few, side by side: the page's views."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import anywidget
import traitlets


class Segments(anywidget.AnyWidget):
    """A segmented control, for screen readers a list of tabs.

    Args:
        label: what is chosen here, for those who do not see it.
        options: the names.
        value: the one that is chosen at first.

    Attributes:
        value: the one that is chosen.
        near: the one that somebody reached for last, by pointer or by keyboard.
    """

    _esm = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")

    label = traitlets.Unicode().tag(sync=True)
    options = traitlets.List(traitlets.Unicode()).tag(sync=True)
    value = traitlets.Unicode().tag(sync=True)
    near = traitlets.Unicode().tag(sync=True)

    def __init__(self, label: str, options: Sequence[str], value: str) -> None:
        super().__init__(label=label, options=list(options), value=value)
