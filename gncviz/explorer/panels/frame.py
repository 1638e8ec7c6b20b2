"""The room of a tab for what a run found, or for the reason why there is nothing."""

from __future__ import annotations

import contextlib
import html
from collections.abc import Iterator
from typing import Any

import ipywidgets as widgets


class Frame:
    """Widgets that are seen once there is something in them; words are there until then.

    What is of an earlier run stays, dimmed, and says so.

    Args:
        content: what is seen once there is something.
    """

    def __init__(self, content: list[Any]) -> None:
        self._whose = widgets.HTML().add_class("gv-whose")
        self._content = widgets.VBox([self._whose, *content]).add_class("gv-frame")
        self._empty = widgets.HTML()
        self.widget = widgets.VBox([self._content, self._empty]).add_class("gv-room")

    @contextlib.contextmanager
    def showing(self, *, filled: bool, whose: str, empty: str) -> Iterator[None]:
        """Shows content or words; the content itself is to be put in meanwhile.

        A mark comes before what it marks and goes after it.

        Args:
            filled: whether there is content.
            whose: which run it is of, in a few words; empty if it is of the present one.
            empty: what to say where there is none, as HTML.
        """
        if whose:
            self._mark(whose)
        yield
        if not whose:
            self._mark("")
        self._empty.value = f'<div class="gv-empty">{empty}</div>'
        self._content.layout.display = None if filled else "none"
        self._empty.layout.display = "none" if filled else None

    def _mark(self, whose: str) -> None:
        self._whose.value = html.escape(whose)
        self._whose.layout.display = None if whose else "none"
        (self._content.add_class if whose else self._content.remove_class)("gv-earlier")
