"""The lattice in its file: one array a quantity, one row a place. Reading it needs NumPy alone."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gncviz.lattice.grid import EPSILONS, WORLDS, Place

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The file that comes with gncviz; scripts/lattice.py makes it.
PATH = Path(__file__).parent / "lattice.npz"


@dataclass(frozen=True, eq=False)
class Run:
    """What is known at a place.

    Attributes:
        place: where.
        prior_mean: E[L_gen] under the prior.
        prior_stderr: its standard error.
        prior_shares: share of the prior's draws in each bin, with shape (B,).
        prior_ratio: quartiles of the prior's s₂/s₁, with shape (3,).
        fit_mean: E[L_gen | L_train < ε] at each ε of :data:`gncviz.lattice.grid.EPSILONS`, with
            shape (E,); NaN where the run did not come so far. So are the following.
        fit_stderr: its standard error, with shape (E,).
        log10_acceptance: log10 P(L_train < ε), with shape (E,).
        effective_samples: what the mean is worth, with shape (E,).
        fit_shares: share of the draws that fit in each bin, with shape (E, B).
        fit_ratio: quartiles of their s₂/s₁, with shape (E, 3).
        descent_gen: L_gen at the end of each trial of gradient descent, with shape (T,).
        descent_train: L_train there, with shape (T,).
        warnings: how many there were.
    """

    place: Place
    prior_mean: float
    prior_stderr: float
    prior_shares: NDArray[np.float32]
    prior_ratio: NDArray[np.float32]
    fit_mean: NDArray[np.float32]
    fit_stderr: NDArray[np.float32]
    log10_acceptance: NDArray[np.float32]
    effective_samples: NDArray[np.float32]
    fit_shares: NDArray[np.float32]
    fit_ratio: NDArray[np.float32]
    descent_gen: NDArray[np.float32]
    descent_train: NDArray[np.float32]
    warnings: float

    @property
    def epsilons(self) -> tuple[float, ...]:
        """The thresholds at which draws that fit are known, from the largest down."""
        known = zip(EPSILONS, self.fit_mean, strict=True)
        return tuple(epsilon for epsilon, mean in known if np.isfinite(mean))


@dataclass(frozen=True, eq=False)
class Lattice:
    """All runs, and the guesses of the story's first step.

    Attributes:
        guesses: from :func:`gncviz.lattice.guesses.guesses`.
        made: commit, machine and versions that made it.
    """

    guesses: Mapping[str, NDArray[np.float32]]
    made: Mapping[str, str]
    _rows: Mapping[Place, int]
    _columns: Mapping[str, NDArray[np.float32]]

    def at(self, place: Place) -> Run:
        """The run at a place.

        Raises:
            KeyError: there is none.
        """
        row = self._rows[place]
        return Run(place, **{name: column[row] for name, column in self._columns.items()})

    def along(self, name: str, place: Place) -> list[Run]:
        """The runs of a place's world that differ from it in one number only, in its order.

        Args:
            name: "width" or "depth".
            place: one of them.
        """
        world = WORLDS[place.world]
        values = {"width": world.widths, "depth": world.depths}[name]
        return [self.at(_with(place, name, value)) for value in values]


def pack(
    path: Path,
    found: Mapping[Place, Mapping[str, NDArray[Any]]],
    guesses: Mapping[str, NDArray[Any]],
    made: Mapping[str, str],
) -> None:
    """Writes a lattice.

    Args:
        path: of the file.
        found: what was recorded at each place (:func:`gncviz.lattice.record.recorded`).
        guesses: of the first step.
        made: what made it.
    """
    names = next(iter(found.values()))
    columns = {name: np.stack([record[name] for record in found.values()]) for name in names}
    plain: Any = {name: array.astype(np.float32) for name, array in {**columns, **guesses}.items()}
    places = [[p.world, str(p.width), str(p.depth), p.activation] for p in found]
    np.savez_compressed(path, places=places, made=json.dumps(dict(made)), **plain)


@functools.cache
def lattice() -> Lattice:
    """The lattice that comes with gncviz."""
    with np.load(PATH) as stored:
        arrays = dict(stored)
    places = [
        Place(world, int(width), int(depth), activation)
        for world, width, depth, activation in arrays.pop("places")
    ]
    made = json.loads(str(arrays.pop("made")))
    ours = {name for name in Run.__annotations__ if name != "place"}
    columns = {name: arrays.pop(name) for name in ours}
    return Lattice(arrays, made, {place: row for row, place in enumerate(places)}, columns)


def _with(place: Place, name: str, value: int) -> Place:
    width, depth = (value, place.depth) if name == "width" else (place.width, value)
    return Place(place.world, width, depth, place.activation)
