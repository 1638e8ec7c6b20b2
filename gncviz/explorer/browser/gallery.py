"""Small pictures, one of which is chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets


class Gallery(anywidget.AnyWidget):
    """Buttons with pictures on them, all in one widget.

    Args:
        cards: what is on them (:class:`gncviz.explorer.words.gallery.Card`).

    Attributes:
        chosen: the key of the one that is chosen; empty for none.
    """

    _esm = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")

    cards = traitlets.List(traitlets.Dict()).tag(sync=True)
    chosen = traitlets.Unicode("").tag(sync=True)

    def __init__(self, cards: list[Any]) -> None:
        super().__init__(cards=cards)
