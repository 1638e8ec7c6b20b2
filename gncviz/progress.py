"""How long calls report where they are, and how they are stopped."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

#: Seconds between two reports; a screen shows no more than this, and reports cost time.
_INTERVAL = 0.1


class Cancel(Protocol):
    """Anything with ``is_set``, such as ``threading.Event``."""

    def is_set(self) -> bool:
        """Whether the run should stop."""


@dataclass(frozen=True)
class Progress:
    """One report of a running call.

    Attributes:
        fraction: share of the work that is done, from 0 to 1.
        message: where it stands, in words.
        seconds: time since the start, in seconds.
        partial: makes the result so far, where the call can.
    """

    fraction: float
    message: str
    seconds: float
    partial: Callable[[], Any] | None = None

    @property
    def seconds_left(self) -> float:
        """Seconds left if the rest goes at the same pace; NaN before anything is done."""
        if self.fraction <= 0:
            return math.nan
        return self.seconds * (1 - self.fraction) / self.fraction


class Reporter:
    """Paces the reports of one call and watches for its end.

    Args:
        progress: a callable that takes :class:`Progress`, True for a tqdm bar, or None.
        cancel: looked at between chunks of work.
        seconds: time budget; None for no limit.
        paced: whether reports that come too fast are dropped; else each is passed on.
    """

    def __init__(
        self,
        progress: Callable[[Progress], object] | bool | None = None,
        cancel: Cancel | None = None,
        seconds: float | None = None,
        paced: bool = True,
    ) -> None:
        self._paced = paced
        self._show = _TqdmBar() if progress is True else (progress or None)
        self._cancel = cancel
        self._budget = math.inf if seconds is None else seconds
        self._start = time.perf_counter()
        self._last = -math.inf

    @property
    def seconds(self) -> float:
        """Time since the call began."""
        return time.perf_counter() - self._start

    @property
    def cancelled(self) -> bool:
        """Whether the caller asked to stop."""
        return self._cancel is not None and self._cancel.is_set()

    @property
    def out_of_time(self) -> bool:
        """Whether the time budget is spent."""
        return self.seconds >= self._budget

    def update(
        self,
        fraction: float,
        message: str,
        partial: Callable[[], Any] | None = None,
    ) -> None:
        """Reports, unless the last one is too fresh; the end (fraction 1) is always reported."""
        seconds = self.seconds
        early = self._paced and fraction < 1 and seconds - self._last < _INTERVAL
        if self._show is None or early:
            return
        self._last = seconds
        self._show(Progress(min(fraction, 1.0), message, seconds, partial))


class _TqdmBar:
    def __init__(self) -> None:
        from tqdm.auto import tqdm

        self._bar = tqdm(total=1.0, bar_format="{l_bar}{bar}| {elapsed}<{remaining} {desc}")

    def __call__(self, report: Progress) -> None:
        self._bar.set_description_str(report.message, refresh=False)
        self._bar.update(report.fraction - self._bar.n)
        if report.fraction >= 1:
            self._bar.close()
