"""The ε-path: Guess & Check posteriors at a whole range of thresholds, from one run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gncviz.settings import SettingsError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


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


def interpolate(path: pd.DataFrame, epsilon: float) -> PathPoint:
    """The posterior at an ε on the path: log-log between the rows around it.

    Raises:
        SettingsError: ε is outside the path.
    """
    if not len(path):
        raise SettingsError([("epsilon", "epsilon has no posterior: the run passed no level.")])
    rows = path.sort_values("epsilon")
    low, high = float(rows["epsilon"].iloc[0]), float(rows["epsilon"].iloc[-1])
    if not low * (1 - 1e-12) <= epsilon <= high * (1 + 1e-12):
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


def plain_path(
    train_loss: NDArray[np.float64], gen_loss: NDArray[np.float64], draws: int, epsilon: float
) -> pd.DataFrame:
    """The path below ε from plain draws: each draw that fits a smaller threshold counts for it.

    Args:
        train_loss: of the accepted draws, with shape (N,).
        gen_loss: theirs, with shape (N,).
        draws: how many were checked.
        epsilon: the threshold they were checked against.
    """
    points = []
    order = np.argsort(train_loss)
    ordered, gen = train_loss[order], gen_loss[order]
    threshold = epsilon
    while (count := int(np.searchsorted(ordered, threshold))) >= _FEWEST:
        share = count / draws
        points.append(
            PathPoint(
                threshold,
                float(gen[:count].mean()),
                float(gen[:count].std(ddof=1) / math.sqrt(count)),
                math.log10(share),
                math.sqrt((1 - share) / count) / math.log(10),
                float(count),
            )
        )
        # Losses of zero would let the path go on for ever.
        if threshold < epsilon * 1e-12:
            break
        threshold *= _SPACING
    return path_frame(points)


#: Fewer draws than this have no trustworthy standard error.
_FEWEST = 20
_SPACING = 10**-0.1
