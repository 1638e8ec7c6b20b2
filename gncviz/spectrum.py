"""Singular values of random and learned matrices, and how depth makes their rank collapse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gncviz.network import Network
from gncviz.prior import Prior
from gncviz.progress import Cancel
from gncviz.settings import SettingsError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

#: Quantiles that summarize a distribution of singular values.
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

#: Smaller ratios are rounding, for float64 resolves small singular values no further.
RESOLUTION = 1e-13

#: Draws a depth that :class:`PriorSpectra` keeps one by one, at most.
KEPT_DRAWS = 1000

#: Random numbers a depth may cost in :func:`prior_spectra`; wide, deep networks get fewer draws.
_NUMBERS_PER_DEPTH = 2**22
_STREAM = 2


def singular_values(matrices: ArrayLike) -> NDArray[np.float64]:
    """Singular values, largest first; NaN where a matrix is not finite (a diverged trial).

    Args:
        matrices: with shape (..., m, m').

    Returns:
        With shape (..., min(m, m')), float64.
    """
    matrices = np.asarray(matrices, dtype=float)
    finite = np.isfinite(matrices).all(axis=(-2, -1))
    values = np.linalg.svd(np.where(finite[..., None, None], matrices, 0), compute_uv=False)
    return np.where(finite[..., None], values, np.nan)


def effective_rank(matrices: ArrayLike) -> NDArray[np.float64]:
    """The exponential of the entropy of the singular values' shares.

    exp(−Σ p_i log p_i) with p_i = s_i / Σ s_j (Roy and Vetterli 2007). Between 1 (rank one) and
    min(m, m') (all singular values equal); NaN for a zero matrix.

    Args:
        matrices: with shape (..., m, m').

    Returns:
        With shape (...), float64.

    Example:
        >>> float(effective_rank(np.eye(4)).round(12))
        4.0
    """
    return _exponential_entropy(singular_values(matrices))


def stable_rank(matrices: ArrayLike) -> NDArray[np.float64]:
    """‖W‖_F² / ‖W‖₂², a rank that small singular values hardly move; NaN for a zero matrix.

    Args:
        matrices: with shape (..., m, m').

    Returns:
        With shape (...), float64.
    """
    squares = singular_values(matrices) ** 2
    with np.errstate(invalid="ignore"):
        return np.asarray(squares.sum(axis=-1) / squares[..., 0])


def lyapunov_exponents(width: int, count: int | None = None) -> NDArray[np.float64]:
    """Growth rates of the singular values of a product of Gaussian matrices.

    For square width × width factors with entries N(0, 1/width), (1/d) log s_i tends to
    λ_i = ½ [ψ((k − i + 1)/2) + log(2/k)] as the depth d grows, ψ the digamma function
    (Newman 1986).

    Args:
        width: the width k.
        count: how many, from the largest; all k by default.

    Returns:
        λ_1..λ_count, largest first, with shape (count,), float64.

    Raises:
        SettingsError: width is not positive, or count exceeds it.
    """
    from scipy.special import digamma

    count = width if count is None else count
    if not 1 <= count <= width:
        sentence = f"count should be between 1 and the width, {width}; got {count}."
        raise SettingsError([("count", sentence)])
    index = np.arange(1, count + 1)
    return np.asarray((digamma((width - index + 1) / 2) + np.log(2 / width)) / 2)


def summarize(
    matrices: NDArray[np.float64], weights: NDArray[np.float64] | None = None
) -> pd.DataFrame:
    """Quantiles of s_i/s_1 and of the effective rank over draws.

    Args:
        matrices: draws, with shape (N, m, m').
        weights: of the draws, with shape (N,); equal by default.

    Returns:
        One row per quantity, with "quantity" ("ratio" or "effective_rank"), "index" i (1 for the
        rank), and a column "q5" .. "q95" per quantile of :data:`gncviz.spectrum.QUANTILES`. Ratios
        below :data:`gncviz.spectrum.RESOLUTION` are NaN. No draws give no rows.
    """
    alive = _alive(matrices)
    ratios, ranks = _ratios_and_ranks(matrices[alive])
    return _quantile_table(ratios, ranks, None if weights is None else weights[alive])


def weighted_quantiles(
    values: NDArray[np.float64], weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """The :data:`gncviz.spectrum.QUANTILES` of each column.

    A quantile is the smallest value at which the cumulated weight reaches it.

    Args:
        values: with shape (N, columns), N at least one.
        weights: with shape (N,); equal by default.

    Returns:
        With shape (columns, quantiles), float64.
    """
    if weights is None:
        weights = np.full(len(values), 1 / len(values))
    order = np.argsort(values, axis=0)
    cumulated = np.cumsum(weights[order], axis=0) / weights.sum()
    rows = np.array([(cumulated < q - 1e-12).sum(axis=0) for q in QUANTILES]).clip(
        max=len(values) - 1
    )
    columns = np.arange(values.shape[1])
    return np.array([values[order[row, columns], columns] for row in rows]).T


@dataclass(frozen=True, eq=False)
class PriorSpectra:
    """Singular values under the prior at several depths.

    Made by :func:`gncviz.spectrum.prior_spectra_draws`.

    Draws whose matrix is zero (all units of a ReLU network dead) are left out.

    Attributes:
        table: quantiles over all draws, as :func:`prior_spectra` returns them.
        ratios: s_i/s_1 of single draws by depth, with shape (N, min(m, m')), N at most
            :data:`gncviz.spectrum.KEPT_DRAWS`; below :data:`gncviz.spectrum.RESOLUTION` they are
            rounding.
        effective_ranks: of the same draws by depth, with shape (N,).
    """

    table: pd.DataFrame
    ratios: Mapping[int, NDArray[np.float64]]
    effective_ranks: Mapping[int, NDArray[np.float64]]

    @property
    def depths(self) -> list[int]:
        """The depths that were drawn, in ascending order."""
        return sorted(self.ratios)


def prior_spectra(
    network: Network,
    prior: Prior,
    rows: int = 5,
    cols: int = 5,
    depths: Sequence[int] = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
    *,
    draws: int = 2000,
    seed: int = 0,
    cancel: Cancel | None = None,
) -> pd.DataFrame:
    """How the prior's singular values spread with depth, all else as in ``network``.

    Args:
        network: its depth is replaced by each of ``depths``.
        prior: the prior over weights.
        rows: rows m of W.
        cols: columns m' of W.
        depths: the depths d.
        draws: networks drawn a depth; fewer where they are very large.
        seed: fixes the draws.
        cancel: looked at between depths; when set, the depths done so far are returned.

    Returns:
        The columns of :func:`gncviz.spectrum.summarize` behind a column "depth".

    Raises:
        SettingsError: a depth is out of range.
    """
    found = prior_spectra_draws(
        network, prior, rows, cols, depths, draws=draws, seed=seed, cancel=cancel
    )
    return found.table


def prior_spectra_draws(
    network: Network,
    prior: Prior,
    rows: int = 5,
    cols: int = 5,
    depths: Sequence[int] = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
    *,
    draws: int = 2000,
    seed: int = 0,
    cancel: Cancel | None = None,
) -> PriorSpectra:
    """The same as :func:`gncviz.spectrum.prior_spectra`, with single draws beside the quantiles.

    Args:
        network: its depth is replaced by each of ``depths``.
        prior: the prior over weights.
        rows: rows m of W.
        cols: columns m' of W.
        depths: the depths d.
        draws: networks drawn a depth; fewer where they are very large.
        seed: fixes the draws.
        cancel: looked at between depths; when set, the depths done so far are returned.

    Raises:
        SettingsError: a depth is out of range.
    """
    parts = [summarize(np.empty((0, rows, cols))).assign(depth=[])]
    kept_ratios: dict[int, NDArray[np.float64]] = {}
    kept_ranks: dict[int, NDArray[np.float64]] = {}
    for depth in depths:
        if cancel is not None and cancel.is_set():
            break
        matrices = prior_matrices(network.replace(depth=depth), prior, rows, cols, draws, seed)
        ratios, ranks = _ratios_and_ranks(matrices[_alive(matrices)])
        parts.append(_quantile_table(ratios, ranks).assign(depth=depth))
        # Copies: a view would keep all draws in memory.
        kept_ratios[depth] = ratios[:KEPT_DRAWS].copy()
        kept_ranks[depth] = ranks[:KEPT_DRAWS].copy()
    table = pd.concat(parts[1:] or parts)
    table = table[["depth", *(name for name in table.columns if name != "depth")]]
    return PriorSpectra(table, kept_ratios, kept_ranks)


def _exponential_entropy(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the shares that singular values (..., q) have in their sum, with shape (...)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = values / values.sum(axis=-1, keepdims=True)
        terms = np.where(shares > 0, shares * np.log(shares), np.where(shares == 0, 0.0, np.nan))
    return np.asarray(np.exp(-terms.sum(axis=-1)))


def _alive(matrices: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of the (N, m, m') matrices are not zero."""
    return np.asarray(np.abs(matrices).max(axis=(1, 2), initial=0.0) > 0)


def _ratios_and_ranks(
    matrices: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """s_i/s_1 (N, min(m, m')) and effective ranks (N,) of matrices that are not zero."""
    values = singular_values(matrices)
    return values / values[:, :1], _exponential_entropy(values)


def _quantile_table(
    ratios: NDArray[np.float64],
    ranks: NDArray[np.float64],
    weights: NDArray[np.float64] | None = None,
) -> pd.DataFrame:
    """What :func:`summarize` returns."""
    if not len(ratios):
        return pd.DataFrame(columns=["quantity", "index", *map(_column, QUANTILES)])
    table = weighted_quantiles(np.column_stack([ratios, ranks]), weights)
    table[:-1][table[:-1] < RESOLUTION] = np.nan
    count = ratios.shape[1]
    return pd.DataFrame(
        {
            "quantity": ["ratio"] * count + ["effective_rank"],
            "index": [*range(1, count + 1), 1],
            **{_column(q): column for q, column in zip(QUANTILES, table.T, strict=True)},
        }
    )


def prior_matrices(
    network: Network, prior: Prior, rows: int, cols: int, draws: int, seed: int
) -> NDArray[np.float64]:
    """Draws of W under the prior.

    The same arguments give the same draws, here and in :func:`gncviz.mechanism.collapse`, so that
    figures of the two show the same networks.

    Args:
        network: the model.
        prior: the prior over its weights.
        rows: rows m of W.
        cols: columns m' of W.
        draws: how many, at most; fewer where the network is very large.
        seed: fixes them.

    Returns:
        With shape (N, m, m'), float64.
    """
    import torch

    from gncviz.compute import Streams, one_thread
    from gncviz.posterior.reduction import matrix_prior

    law = matrix_prior(network, prior, rows, cols)
    count = min(draws, max(_NUMBERS_PER_DEPTH // law.size, 100))
    generator = Streams(seed, _STREAM, torch.device("cpu")).generator(network.depth)
    with one_thread():
        return law.matrices(law.draw(count, generator).double()).contiguous().numpy()


def _column(quantile: float) -> str:
    return f"q{quantile * 100:.0f}"
