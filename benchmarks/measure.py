"""Timing two ways of doing the same, turn by turn."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Comparison:
    """What one benchmark found.

    Attributes:
        name: what was timed.
        unit: of what the two times are given, such as "µs a draw".
        naive, ours: the median times.
        target: the ratio that is wanted; None where there is none.
    """

    name: str
    unit: str
    naive: float
    ours: float
    target: float | None = None

    @property
    def ratio(self) -> float:
        """How many times faster ours is."""
        return self.naive / self.ours

    def to_dict(self) -> dict[str, Any]:
        """For JSON, with the ratio."""
        return {**asdict(self), "ratio": self.ratio}


def compare(
    name: str,
    unit: str,
    naive: tuple[Callable[[], object], float],
    ours: tuple[Callable[[], object], float],
    *,
    repeats: int = 5,
    target: float | None = None,
) -> Comparison:
    """Times two calls in turn and takes the medians.

    Turn by turn, both see the same moments of a machine that others use too.

    Args:
        name: what is timed.
        unit: what the times are given in.
        naive: a call, and how many units of work it does, in millions for times in µs.
        ours: the same of the package.
        repeats: how often each is timed, after one call to warm up.
        target: the wanted ratio.
    """
    times: dict[str, list[float]] = {"naive": [], "ours": []}
    for turn in range(repeats + 1):
        for key, (call, work) in (("naive", naive), ("ours", ours)):
            start = time.perf_counter()
            call()
            if turn:
                times[key].append((time.perf_counter() - start) / work)
    medians = {key: statistics.median(values) for key, values in times.items()}
    return Comparison(name, unit, medians["naive"], medians["ours"], target)
