"""What is wrong, in sentences; failures of event handlers among them."""

from __future__ import annotations

import functools
import html
import itertools
import logging
import re
import threading
from collections.abc import Callable, Sequence

import ipywidgets as widgets

#: Where files are on the server is nobody's business on the page.
_PATHS = re.compile(r"(?:[A-Za-z]:)?(?:[/\\\\][\w.~+-]+){2,}[/\\\\]?")

log = logging.getLogger(__name__)


class Banner:
    """A line for each thing that is wrong; nothing is seen while all is well.

    Whoever knows about a topic says what holds of it now, in place of what held before; nobody
    takes back what another said.
    """

    def __init__(self) -> None:
        self.widget = widgets.HTML().add_class("gv-banner")
        self._said: dict[str, tuple[str, ...]] = {}
        self._failed = itertools.count()
        # The page's thread and a run's both have something to say.
        self._lock = threading.Lock()
        self._write()

    def show(self, topic: str, sentences: Sequence[str] = ()) -> None:
        """Shows what is wrong about a topic, in place of what was.

        Args:
            topic: what the sentences are about.
            sentences: all that is wrong about it now; none if nothing is.
        """
        with self._lock:
            if tuple(sentences) != self._said.get(topic, ()):
                self._said[topic] = tuple(sentences)
                self._write()

    def forget_failures(self) -> None:
        """Takes back what failed: somebody has seen it, and does something else."""
        with self._lock:
            if failures := [topic for topic in self._said if topic.startswith(_FAILURE)]:
                for topic in failures:
                    del self._said[topic]
                self._write()

    def guard(self, action: Callable[[], object]) -> Callable[..., None]:
        """An event handler that shows a failure here, where it would else vanish.

        The failure stays until the same action has gone well, or is forgotten.

        Args:
            action: what to do; it is told nothing of the event.
        """
        attempt = self.guarded(action)
        return lambda *_: attempt()

    def guarded(self, action: Callable[..., object]) -> Callable[..., None]:
        """The same for an action that is told something."""
        return functools.partial(self._attempt, f"{_FAILURE}{next(self._failed)}", action)

    def _attempt(self, topic: str, action: Callable[..., object], *told: object) -> None:
        try:
            action(*told)
        except Exception as error:
            log.exception("A callback failed.")
            self.show(topic, [f"Something went wrong here: {_PATHS.sub('…', str(error))}"])
        else:
            self.show(topic)

    def _write(self) -> None:
        # Two handlers may meet the same failure.
        sentences = dict.fromkeys(one for said in self._said.values() for one in said)
        self.widget.value = "".join(
            f'<p role="alert">{html.escape(sentence)}</p>' for sentence in sentences
        )
        self.widget.layout.display = None if sentences else "none"


_FAILURE = "failure "
