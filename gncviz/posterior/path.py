"""The ε-path: Guess & Check posteriors at a whole range of thresholds, from one run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gncviz.posterior.islands import NORMAL_95
from gncviz.settings import SettingsError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gncviz.posterior.problem import Draws


#: Fewer draws than this have no trustworthy standard error.
FEWEST = 20


@dataclass(frozen=True)
class PathPoint:
    """The posterior at one ε.

    Attributes:
        epsilon: the threshold.
        mean_gen_loss: E[L_gen | L_train < ε].
        stderr: its standard error.
        log10_acceptance: log10 P(L_train < ε).
        log10_acceptance_stderr: its standard error.
        effective_samples: how many independent draws the mean is worth.
    """

    epsilon: float
    mean_gen_loss: float
    stderr: float
    log10_acceptance: float
    log10_acceptance_stderr: float
    effective_samples: float

    @property
    def acceptance(self) -> float:
        """P(L_train < ε)."""
        return float(10.0**self.log10_acceptance)


COLUMNS = (
    "epsilon",
    "mean_gen_loss",
    "stderr",
    "log10_acceptance",
    "log10_acceptance_stderr",
    "effective_samples",
)


def path_frame(points: Sequence[PathPoint]) -> pd.DataFrame:
    """The path as a table, one row an ε, from the largest down."""
    import pandas as pd

    ordered = sorted(points, key=lambda point: -point.epsilon)
    return pd.DataFrame(
        [[getattr(point, name) for name in COLUMNS] for point in ordered], columns=list(COLUMNS)
    ).astype(float)


def acceptance_interval(log10_acceptance: float, log10_stderr: float) -> tuple[float, float]:
    """95 % interval of a probability from its decimal logarithm and that one's standard error."""
    width = NORMAL_95 * log10_stderr
    return 10.0 ** min(log10_acceptance - width, 0.0), 10.0 ** min(log10_acceptance + width, 0.0)


def covers(path: pd.DataFrame, epsilon: float) -> bool:
    """Whether an ε lies between the smallest and the largest of a path."""
    if not len(path):
        return False
    low, high = float(path["epsilon"].min()), float(path["epsilon"].max())
    return low * (1 - 1e-12) <= epsilon <= high * (1 + 1e-12)


def interpolate(path: pd.DataFrame, epsilon: float) -> PathPoint:
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

    return PathPoint(
        epsilon,
        at("mean_gen_loss", log=True),
        at("stderr", log=True),
        at("log10_acceptance"),
        at("log10_acceptance_stderr"),
        at("effective_samples"),
    )


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
        return cls(math.inf, draws, np.full(len(draws), 1 / len(draws)))

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
        share = count / drawn
        points.append(
            PathPoint(
                float(epsilon),
                float(gen[:count].mean()),
                float(gen[:count].std(ddof=1) / math.sqrt(count)),
                math.log10(share),
                math.sqrt((1 - share) / count) / math.log(10),
                float(count),
            )
        )
    return points


def thresholds(epsilon: float, prior: Draws, decades: float) -> NDArray[np.float64]:
    """Thresholds a fixed factor apart; ε is one of them.

    Args:
        epsilon: the threshold of a run.
        prior: draws of the prior; the largest threshold is near the median of their L_train.
        decades: how far below ε the smallest is.
    """
    top = float(np.median(prior.train_loss))
    up = max(math.floor(math.log10(top / epsilon) / _SPACING), 0) if top > epsilon else 0
    steps = np.arange(min(up, _MOST), -round(decades / _SPACING) - 1, -1)
    return np.asarray(epsilon * 10.0 ** (_SPACING * steps))


#: Decades from one threshold to the next, and how many there are above ε at most.
_SPACING, _MOST = 0.1, 100
