"""What draws of singular values have in common: quantiles, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gncviz.models.arrays import real_numbers
from gncviz.settings import SettingsError
from gncviz.spectrum.singular import RESOLUTION, alive, ratios_and_ranks

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

#: Quantiles that summarize a distribution of singular values.
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def summarize(matrices: ArrayLike, weights: ArrayLike | None = None) -> pd.DataFrame:
    """Quantiles of s_i/s_1 and of the effective rank over draws.

    Args:
        matrices: draws, with shape (N, m, m').
        weights: of the draws, with shape (N,); equal by default.

    Returns:
        One row per quantity, with "quantity" ("ratio" or "effective_rank"), "index" i (1 for the
        rank), and a column "q5" .. "q95" per quantile of :data:`gncviz.spectrum.QUANTILES`. Ratios
        below :data:`gncviz.spectrum.RESOLUTION` are NaN. No draws give no rows.

    Raises:
        SettingsError: they are no matrices, or no weights of these.
    """
    matrices = real_numbers("matrices", matrices, "(N, m, m')")
    if matrices.ndim != 3 or 0 in matrices.shape[1:]:
        sentence = f"matrices should have shape (N, m, m'); got {matrices.shape}."
        raise SettingsError([("matrices", sentence)])
    weights = _checked(weights, len(matrices))
    kept = alive(matrices) & (weights > 0)
    ratios, ranks = ratios_and_ranks(matrices[kept])
    return quantile_table(ratios, ranks, weights[kept])


def weighted_quantiles(values: ArrayLike, weights: ArrayLike | None = None) -> NDArray[np.float64]:
    """The :data:`gncviz.spectrum.QUANTILES` of each column.

    A quantile is the smallest value at which the cumulated weight reaches it.

    Args:
        values: with shape (N, columns), N at least one.
        weights: with shape (N,); equal by default.

    Returns:
        With shape (columns, quantiles), float64.

    Raises:
        SettingsError: there are no values, or these are no weights of them.
    """
    values = real_numbers("values", values, "(N, columns)")
    if values.ndim != 2 or not len(values):
        sentence = f"values should have shape (N, columns), N at least one; got {values.shape}."
        raise SettingsError([("values", sentence)])
    weights = _checked(weights, len(values))
    order = np.argsort(values, axis=0)
    cumulated = np.cumsum(weights[order], axis=0) / weights.sum()
    rows = np.array([(cumulated < q - 1e-12).sum(axis=0) for q in QUANTILES]).clip(
        max=len(values) - 1
    )
    columns = np.arange(values.shape[1])
    return np.array([values[order[row, columns], columns] for row in rows]).T


def _checked(weights: ArrayLike | None, count: int) -> NDArray[np.float64]:
    """Weights as they may be; equal ones where there are none."""
    if weights is None:
        return np.ones(count)
    found = real_numbers("weights", weights, "(N,)")
    if found.shape != (count,) or not (found >= 0).all() or (count and not found.any()):
        sentence = f"weights should be {count} numbers of zero or more, not all zero."
        raise SettingsError([("weights", sentence)])
    return found


def quantile_table(
    ratios: NDArray[np.float64],
    ranks: NDArray[np.float64],
    weights: NDArray[np.float64] | None = None,
) -> pd.DataFrame:
    """What :func:`summarize` returns."""
    import pandas as pd

    count = ratios.shape[1]
    table = np.full((count + 1, len(QUANTILES)), np.nan)
    if len(ratios):
        table = weighted_quantiles(np.column_stack([ratios, ranks]), weights)
    table[:-1][table[:-1] < RESOLUTION] = np.nan
    found = pd.DataFrame(
        {
            "quantity": ["ratio"] * count + ["effective_rank"],
            "index": [*range(1, count + 1), 1],
            **{_column(q): column for q, column in zip(QUANTILES, table.T, strict=True)},
        }
    )
    return found if len(ratios) else found[:0]


def _column(quantile: float) -> str:
    return f"q{quantile * 100:.0f}"
