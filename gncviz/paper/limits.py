"""Where the panels over width lead: stored, so that showing one needs neither torch nor a wait."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gncviz.paper.panels import FIGURES, PANELS, panel_settings, scalings_of
from gncviz.sweeps.limit import width_limits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gncviz.sweeps.settings import SweepSettings

#: scripts/gallery.py writes it.
PATH = Path(__file__).parent / "tables" / "limits.json"


def panel_limits(settings: SweepSettings) -> NDArray[np.float64] | None:
    """The same as :func:`gncviz.sweeps.width_limits`, for panels of the paper without computing.

    Args:
        settings: of a sweep, a panel's or any other.
    """
    stored = _stored().get(settings)
    return width_limits(settings) if stored is None else np.array(stored)


def width_panels() -> Iterator[tuple[str, SweepSettings]]:
    """The panels over width, under both conventions, each by a name."""
    for figure, activation in PANELS:
        if FIGURES[figure].over == "width":
            for scaling in scalings_of(activation):
                yield (
                    f"{figure} {activation} {scaling}",
                    panel_settings(figure, activation, scaling=scaling),
                )


def computed() -> dict[str, list[float]]:
    """What the file keeps: a loss for each seed, by the panel's name; half a minute."""
    found = {name: width_limits(settings) for name, settings in width_panels()}
    return {name: limits.tolist() for name, limits in found.items() if limits is not None}


@functools.cache
def _stored() -> dict[SweepSettings, list[float]]:
    stored = json.loads(PATH.read_text(encoding="utf-8")) if PATH.exists() else {}
    return {settings: stored[name] for name, settings in width_panels() if name in stored}
