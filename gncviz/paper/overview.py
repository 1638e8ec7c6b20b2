"""The 33 panels at a glance: medians and how many claims hold, small enough to be read at once."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import TypedDict

from gncviz.paper.claims import claims_of
from gncviz.paper.panels import FIGURES
from gncviz.sweeps.result import SweepResult

#: scripts/gallery.py writes it from the tables.
PATH = Path(__file__).parent / "tables" / "overview.json"


class Glance(TypedDict):
    """One panel.

    Attributes:
        figure: its number in the paper.
        activation: of the network.
        over: "width" or "depth".
        values: of that.
        medians: over the seeds, of the generalization loss by method; None where nothing is known.
        claims: how many there are.
        holding: how many of them hold here.
    """

    figure: int
    activation: str
    over: str
    values: list[float]
    medians: dict[str, list[float | None]]
    claims: int
    holding: int


@functools.cache
def overview() -> tuple[Glance, ...]:
    """All panels, in the order of the paper."""
    return tuple(json.loads(PATH.read_text(encoding="utf-8")))


def glance(figure: int, activation: str, result: SweepResult) -> Glance:
    """A panel at a glance.

    Args:
        figure: its number in the paper.
        activation: of the network.
        result: all of its points.
    """
    known = FIGURES[figure]
    table = result.summary().pivot(index=known.over, columns="method", values="median")
    claims = claims_of(known, activation, "fan_in", result)
    return Glance(
        figure=figure,
        activation=activation,
        over=known.over,
        values=[float(value) for value in table.index],
        medians={str(method): _rounded(table[method]) for method in table.columns},
        claims=len(claims),
        holding=sum(bool(claim.holds) for claim in claims),
    )


def _rounded(values: Iterable[float]) -> list[float | None]:
    return [None if math.isnan(value) else float(f"{value:.3g}") for value in values]
