"""What is wrong, in sentences; failures of event handlers among them."""

from __future__ import annotations

import functools
import html
import logging
from collections.abc import Callable, Sequence

import ipywidgets as widgets

log = logging.getLogger(__name__)


class Banner:
    """A line for each thing that is wrong; nothing is seen while all is well."""

    def __init__(self) -> None:
        self.widget = widgets.HTML().add_class("gv-banner")

    def show(self, sentences: Sequence[str] = ()) -> None:
        """Shows what is wrong; without sentences, that nothing is."""
        self.widget.value = "".join(
            f'<p role="alert">{html.escape(sentence)}</p>' for sentence in sentences
        )
        self.widget.layout.display = None if sentences else "none"

    def guard(self, action: Callable[[], object]) -> Callable[..., None]:
        """An event handler that shows a failure here, where it would else vanish.

        Args:
            action: what to do; it is told nothing of the event.
        """
        return lambda *_: self._attempt(action)

    def guarded(self, action: Callable[..., object]) -> Callable[..., None]:
        """The same for an action that is told something."""
        return functools.partial(self._attempt, action)

    def _attempt(self, action: Callable[..., object], *told: object) -> None:
        try:
            action(*told)
        except Exception as error:
            log.exception("A callback failed.")
            self.show([f"Something went wrong here: {error}"])
