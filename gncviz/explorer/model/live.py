"""Acting a moment after the last of several changes."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Settled:
    """Calls a function when nothing has changed any more for a while.

    Args:
        action: called in a thread of its own.
        seconds: how long nothing may have changed.
    """

    def __init__(self, action: Callable[[], object], seconds: float = 0.25) -> None:
        self._action, self._seconds = action, seconds
        self._timer: threading.Timer | None = None

    def changed(self) -> None:
        """Tells that something has changed."""
        self.forget()
        self._timer = threading.Timer(self._seconds, self._action)
        self._timer.daemon = True
        self._timer.start()

    def forget(self) -> None:
        """Lets a change that was told go unanswered."""
        if self._timer is not None:
            self._timer.cancel()
