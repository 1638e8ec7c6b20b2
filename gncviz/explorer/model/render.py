"""Painting the page from several threads, one at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Render:
    """Paints the present state whenever it is called, from whichever thread.

    The page's thread and a run's both change what is to be seen. A call that comes while another
    thread paints returns at once, and that thread paints once more: so what is seen in the end is
    the last state, two threads are never inside one figure, and nobody who holds a lock waits here.

    Args:
        paint: shows the present state, all of it; what it sets may call this again.
    """

    def __init__(self, paint: Callable[[], object]) -> None:
        self._paint = paint
        self._lock = threading.Lock()
        self._wanted = False
        self._painter = 0

    @property
    def painting(self) -> bool:
        """Whether it is this thread that paints: what it is told now are echoes of its own doing.

        An echo may be of a state that has passed, when the page's thread has gone on meanwhile.
        """
        return self._painter == threading.get_ident()

    def __call__(self) -> None:
        """Sees to it that the state of now is seen."""
        self._wanted = True
        # Asked again after letting go: somebody may have called just before, and gone away.
        while self._wanted and self._lock.acquire(blocking=False):
            try:
                self._wanted, self._painter = False, threading.get_ident()
                self._paint()
            finally:
                self._painter = 0
                self._lock.release()
