"""The ε-path: Guess & Check posteriors at a whole range of thresholds, from one run."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gncviz.posterior.estimate import NAMES, Estimate, counted
from gncviz.settings import SettingsError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gncviz.posterior.draws import Draws

#: Fewer draws than this have no trustworthy standard error.
FEWEST = 20

COLUMNS = ("epsilon", *NAMES)

#: Decades from one threshold to the next, and how many there are above ε at most.
_SPACING, _MOST = 0.1, 100

#: One row of a path: ε and what is known there.
PathPoint = tuple[float, Estimate]


def path_frame(points: Iterable[PathPoint]) -> pd.DataFrame:
    """The path as a table, one row an ε, from the largest down."""
    import pandas as pd

    ordered = sorted(points, key=lambda point: -point[0])
    rows = [[epsilon, *(getattr(found, name) for name in NAMES)] for epsilon, found in ordered]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(float)


def path_points(path: pd.DataFrame) -> list[PathPoint]:
    """The rows of a table made by :func:`path_frame`."""
    rows = path[list(COLUMNS)].itertuples(index=False, name=None)
    return [(epsilon, Estimate(*numbers)) for epsilon, *numbers in rows]


def covers(path: pd.DataFrame, epsilon: float) -> bool:
    """Whether an ε lies between the smallest and the largest of a path."""
    if not len(path):
        return False
    low, high = float(path["epsilon"].min()), float(path["epsilon"].max())
    return low * (1 - 1e-12) <= epsilon <= high * (1 + 1e-12)


def interpolate(path: pd.DataFrame, epsilon: float) -> Estimate:
    """The posterior at an ε on the path: log-log between the rows around it.

    Raises:
        SettingsError: ε is outside the path.
    """
    if not len(path):
        raise SettingsError([("epsilon", "epsilon has no posterior: the run passed no level.")])
    rows = path.sort_values("epsilon")
    if not covers(path, epsilon):
        low, high = rows["epsilon"].iloc[0], rows["epsilon"].iloc[-1]
        sentence = f"epsilon should be within the path, {low:.4g} to {high:.4g}; got {epsilon!r}."
        raise SettingsError([("epsilon", sentence)])
    place = math.log(epsilon)
    grid = np.log(rows["epsilon"].to_numpy())

    def at(name: str, log: bool = False) -> float:
        values = rows[name].to_numpy()
        if log and (values > 0).all():
            return math.exp(np.interp(place, grid, np.log(values)))
        return float(np.interp(place, grid, values))

    positive = {"mean_gen_loss", "stderr"}
    return Estimate(**{name: at(name, log=name in positive) for name in NAMES})


@dataclass(frozen=True)
class Slice:
    """Draws of the posterior at one ε of the path, for pictures of it.

    Attributes:
        epsilon: the threshold; infinity for the prior.
        draws: some of the draws, which may depend on each other.
        weights: theirs, adding up to one.
    """

    epsilon: float
    draws: Draws
    weights: NDArray[np.float64]

    @classmethod
    def of_prior(cls, draws: Draws) -> Slice:
        """All draws of the prior, whatever their loss."""
        return cls(math.inf, draws, np.full(len(draws), 1 / max(len(draws), 1)))

    def below(self, epsilon: float) -> Slice:
        """Those that fit a smaller ε too: draws of the posterior there.

        Args:
            epsilon: the smaller threshold.
        """
        fits = self.draws.train_loss < epsilon
        weights = self.weights[fits]
        return Slice(epsilon, self.draws[fits], weights / max(weights.sum(), 1e-300))


def counted_path(draws: Draws, drawn: int, epsilons: NDArray[np.float64]) -> list[PathPoint]:
    """Rows of the path from independent draws of the prior, by counting those below each ε.

    Args:
        draws: all those that fit the largest of ``epsilons``.
        drawn: how many were drawn in all.
        epsilons: from the largest down; ends where too few fit.
    """
    order = np.argsort(draws.train_loss)
    train, gen = draws.train_loss[order], draws.gen_loss[order]
    points = []
    for epsilon in epsilons:
        count = int(np.searchsorted(train, epsilon))
        if count < FEWEST:
            break
        points.append((float(epsilon), counted(gen[:count], drawn)))
    return points


def thresholds(epsilon: float, prior: Draws, decades: float) -> NDArray[np.float64]:
    """Thresholds a fixed factor apart; ε is one of them.

    Args:
        epsilon: the threshold of a run.
        prior: draws of the prior; the largest threshold is near the median of their L_train.
        decades: how far below ε the smallest is.
    """
    top = float(np.median(prior.train_loss)) if len(prior) else epsilon
    up = 0
    if top > epsilon:
        up = max(math.floor((math.log10(top) - math.log10(epsilon)) / _SPACING), 0)
    steps = np.arange(min(up, _MOST), -round(decades / _SPACING) - 1, -1)
    found = np.asarray(epsilon * 10.0 ** (_SPACING * steps))
    # Far down, thresholds and their squares would end as zeros.
    return found[(found >= np.finfo(float).tiny) | (found == epsilon)]
