"""Stored settings of data, which the page shows at once; reading one needs NumPy and pandas."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gncviz.experiment.export import read_settings, write_settings
from gncviz.experiment.learning.result import Learned
from gncviz.models.data.plane import Plane

if TYPE_CHECKING:
    from gncviz.experiment.settings import ExperimentSettings

#: Where those are that come with gncviz; scripts/learned.py makes them.
FOLDER = Path(__file__).parent / "learned"

#: What of it is plain.
_PLAIN = ("status", "message", "warnings", "seconds")
#: Settings that a server may change, without another result.
_BUDGETS = ("draws", "seconds", "device")
_PLACES = ("across", "up", "x", "labels")


def keep(path: Path, found: Learned, made: Mapping[str, str]) -> None:
    """Writes what is known of a setting.

    Args:
        path: of the file.
        found: all of it.
        made: commit, machine and versions that made it.
    """
    assert found.curve is not None
    assert found.descent is not None
    plain = {name: getattr(found, name) for name in _PLAIN}
    arrays: dict[str, Any] = {"curve": found.curve.to_numpy(dtype=float)}
    plain |= {"curve": list(found.curve.columns), "descent": found.descent.to_dict("list")}
    if found.plane is not None:
        plane = found.plane
        arrays |= {name: getattr(plane, name) for name in _PLACES}
        arrays["regions"] = np.stack(list(plane.regions.values()))
        plain |= {"classes": list(plane.classes), "regions": list(plane.regions)}
    settings = write_settings(found.settings).decode()
    np.savez_compressed(
        path, plain=json.dumps(plain), settings=settings, made=json.dumps(dict(made)), **arrays
    )


def read(path: Path) -> Learned:
    """What :func:`keep` wrote.

    Args:
        path: of the file.
    """
    import pandas as pd

    with np.load(path) as stored:
        arrays = dict(stored)
    plain = json.loads(str(arrays["plain"]))
    plane = None
    if "regions" in arrays:
        regions = dict(zip(plain["regions"], arrays["regions"], strict=True))
        places = {name: arrays[name] for name in _PLACES}
        plane = Plane(**places, classes=tuple(plain["classes"]), regions=regions)
    curve = pd.DataFrame(arrays["curve"], columns=plain["curve"]).astype({"n": int})
    return Learned(
        read_settings(str(arrays["settings"])),
        plane,
        curve,
        pd.DataFrame(plain["descent"]),
        plain["status"],
        plain["message"],
        tuple(plain["warnings"]),
        plain["seconds"],
        json.loads(str(arrays["made"])),
    )


def known(settings: ExperimentSettings) -> Learned | None:
    """What is stored of a setting; None where nothing is.

    Args:
        settings: of data; where a run of them would go, and how long it may take, are no matter.
    """
    return next((replace(one, settings=settings) for one in _all() if _same(one, settings)), None)


@functools.cache
def _all() -> tuple[Learned, ...]:
    return tuple(read(path) for path in sorted(FOLDER.glob("*.npz")))


def _same(one: Learned, settings: ExperimentSettings) -> bool:
    stored = one.settings
    sampling = {name: getattr(stored.guess_and_check, name) for name in _BUDGETS}
    descent = {name: getattr(stored.descent, name) for name in _BUDGETS if name != "draws"}
    asked = settings.replace(
        guess_and_check=settings.guess_and_check.replace(**sampling),
        descent=settings.descent.replace(**descent),
    )
    return bool(asked == stored)
