"""How long calls keep to their budgets, report where they are, and are stopped."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from gncviz.settings import SettingsError

#: Seconds between two reports; a screen shows no more than this, and reports cost time.
_INTERVAL = 0.1
#: Seconds in which a piece of work that is under way may still come to its end.
_MOMENT = 0.1
#: Numbers that one call keeps or works on at once, at most: a quarter of a gigabyte in float32.
#: The same on every machine, for what is cut to it decides a seed's numbers.
_NUMBERS = 2**26


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


class Why(StrEnum):
    """What ended a run before it was through."""

    CANCELLED = "cancelled"
    SECONDS = "out of time"
    DRAWS = "out of draws"


class Stopped(Exception):
    """A run is to end now, with what it has.

    Attributes:
        why: what ended it.
    """

    def __init__(self, why: Why) -> None:
        super().__init__(str(why))
        self.why = why


class Run:
    """One long call: its budget of draws, of seconds and of memory, its end, and its reports.

    Args:
        progress: a callable that takes :class:`Progress`, True for a tqdm bar, or None.
        cancel: asked between pieces of work; those take a fraction of a second each.
        seconds: time budget; None for no limit.
        draws: how many networks may be evaluated; None for no limit.
        paced: whether reports that come too fast are dropped; else each is passed on.

    Raises:
        SettingsError: nothing can be told to ``progress``, or ``cancel`` cannot be asked.

    Attributes:
        evaluated: networks evaluated so far.
        warnings: sentences about what it had to do without.
    """

    def __init__(
        self,
        progress: Callable[[Progress], object] | bool | None = None,
        cancel: Cancel | None = None,
        seconds: float | None = None,
        draws: int | None = None,
        paced: bool = True,
    ) -> None:
        _check("progress", progress, "a function of a Progress, True or None", _can_be_told)
        _check("cancel", cancel, "such as threading.Event()", lambda it: hasattr(it, "is_set"))
        self._paced = paced
        self._show = _TqdmBar() if progress is True else (progress or None)
        self._cancel = cancel
        self._seconds = math.inf if seconds is None else seconds
        self._draws = draws
        self._start = time.perf_counter()
        self._last = -math.inf
        self._over = math.inf
        self._told: Progress | None = None
        self.evaluated = 0
        self.warnings: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """Time since the call began."""
        return time.perf_counter() - self._start

    @property
    def seconds_left(self) -> float:
        """Of the budget; infinite without one."""
        return self._seconds - self.seconds

    @property
    def draws_left(self) -> float:
        """Of the budget; infinite without one."""
        return math.inf if self._draws is None else self._draws - self.evaluated

    @property
    def stopped(self) -> Why | None:
        """Why the run is to end, if it is: the caller asked for it, or the time is spent."""
        if self._cancel is not None and self._cancel.is_set():
            return Why.CANCELLED
        return Why.SECONDS if self.seconds_left <= 0 else None

    def is_set(self) -> bool:
        """Whether the run is to end: a run can be the :class:`Cancel` of what it consists of."""
        return self.stopped is not None

    def check(self) -> None:
        """Does nothing as long as the run may go on.

        Raises:
            Stopped: it is cancelled or out of time.
        """
        why = self.stopped
        if why is not None:
            raise Stopped(why)

    def hurry(self) -> None:
        """The same for a piece of work under way, which has a moment to be through.

        Raises:
            Stopped: it had its moment.
        """
        why = self.stopped
        if why is None:
            return
        self._over = min(self._over, self.seconds)
        if self.seconds - self._over > _MOMENT:
            raise Stopped(why)

    def grant(self, wanted: int) -> int:
        """How many of some networks may be evaluated; they count as evaluated from now on.

        Raises:
            Stopped: the run is cancelled, out of time, or has no draws left.
        """
        self.check()
        granted = int(min(wanted, self.draws_left))
        if granted <= 0:
            raise Stopped(Why.DRAWS)
        self.evaluated += granted
        return granted

    def pieces(self, size: int, most: float = math.inf) -> Iterator[tuple[int, int]]:
        """Yields (number, how many networks may be evaluated) of pieces, until the run is to end.

        Args:
            size: networks in a piece; the last one may have fewer.
            most: in all pieces together.
        """
        for number in itertools.count():
            try:
                granted = self.grant(int(min(size, max(most - number * size, 0))))
            except Stopped:
                return
            yield number, granted

    def spend(self, draws: int) -> None:
        """Counts networks that are evaluated all together or not at all.

        Raises:
            Stopped: the run is cancelled, out of time, or has fewer draws left.
        """
        self.check()
        if draws > self.draws_left:
            raise Stopped(Why.DRAWS)
        self.evaluated += draws

    def warn(self, sentence: str) -> None:
        """Notes what the run had to do without, once; results say so."""
        if sentence not in self.warnings:
            self.warnings += (sentence,)

    def start_over(self, sentence: str) -> None:
        """Notes why all that was evaluated is lost; the time goes on."""
        self.warn(sentence)
        self.evaluated = 0

    @staticmethod
    def room(numbers_each: int) -> int:
        """How many things of so many numbers each fit into the memory of a run; none perhaps."""
        return _NUMBERS // max(numbers_each, 1)

    def report(
        self,
        fraction: float,
        message: str,
        partial: Callable[[], Any] | None = None,
    ) -> None:
        """Tells where the run is, unless the last report is too fresh; the end is always told."""
        seconds = self.seconds
        early = self._paced and fraction < 1 and seconds - self._last < _INTERVAL
        if self._show is None or early:
            return
        self._last = seconds
        self._told = Progress(min(fraction, 1.0), message, seconds, partial)
        self._show(self._told)

    def wait_for(self, what: str) -> None:
        """Tells that the run gets no further at the moment, and why."""
        told = self._told
        self.report(told.fraction if told else 0.0, what, told.partial if told else None)


def _can_be_told(given: Any) -> bool:
    return isinstance(given, bool) or callable(given)


def _check(name: str, given: Any, wanted: str, fits: Callable[[Any], bool]) -> None:
    if given is not None and not fits(given):
        raise SettingsError([(name, f"{name} should be {wanted}; got {given!r}.")])


class _TqdmBar:
    def __init__(self) -> None:
        from tqdm.auto import tqdm

        self._bar = tqdm(total=1.0, bar_format="{l_bar}{bar}| {elapsed}<{remaining} {desc}")

    def __call__(self, report: Progress) -> None:
        self._bar.set_description_str(report.message, refresh=False)
        self._bar.update(report.fraction - self._bar.n)
        if report.fraction >= 1:
            self._bar.close()
