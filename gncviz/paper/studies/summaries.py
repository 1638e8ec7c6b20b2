"""Numbers that several studies take from their tables."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike


def of(table: pd.DataFrame, **where: Any) -> pd.DataFrame:
    """The rows with these values in their columns.

    Args:
        table: of a study.
        **where: column and value.
    """
    for name, value in where.items():
        table = table[table[name] == value]
    return table


def mean_error(values: ArrayLike) -> tuple[float, float]:
    """Mean over the tasks and its standard error; NaN for fewer than two.

    Args:
        values: one a task.
    """
    array = np.asarray(values, dtype=float)
    if len(array) < 2:
        return (float(array[0]) if len(array) else math.nan), math.nan
    return float(array.mean()), float(array.std(ddof=1) / math.sqrt(len(array)))


def spread(table: pd.DataFrame, value: str, x: str, curve: str) -> pd.DataFrame:
    """Median and quartiles over the tasks, as points of a figure.

    Args:
        table: of a study; rows with NaN are left out.
        value: the column that is summarized.
        x: the column along the axis.
        curve: the column that tells curves apart.

    Returns:
        With the columns x, y, low, high, curve, doubt; doubt is the share of tasks with a doubtful
        point.
    """
    import pandas as pd

    groups = table.dropna(subset=[value]).groupby([curve, x], sort=False)
    rows = [
        {
            "x": at,
            "y": part[value].median(),
            "low": part[value].quantile(0.25),
            "high": part[value].quantile(0.75),
            "curve": name,
            "doubt": float((part["doubt"] != "").mean()),
        }
        for (name, at), part in groups
    ]
    found = pd.DataFrame(rows, columns=["x", "y", "low", "high", "curve", "doubt"])
    return found.sort_values(["curve", "x"], kind="stable", ignore_index=True)


def settled(table: pd.DataFrame) -> pd.DataFrame:
    """Guess & Check's points that can be relied on.

    Args:
        table: of a study.
    """
    return of(table, method="guess_and_check", doubt="")


def factors(table: pd.DataFrame, column: str, first: float, last: float) -> list[float]:
    """Loss at one value of a column over that at another, for each task that has both.

    Args:
        table: rows of one method, a task each and value.
        column: what differs, such as "depth".
        first: value of the denominator.
        last: value of the numerator.
    """
    wide = table.pivot_table(index="seed", columns=column, values="mean_gen_loss")
    wide = wide.reindex(columns=[first, last]).dropna()
    return [float(one) for one in wide[last] / wide[first]]
