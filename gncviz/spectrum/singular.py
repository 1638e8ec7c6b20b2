"""Singular values of matrices, and ranks that count them smoothly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gncviz.models.arrays import real_numbers
from gncviz.settings import SettingsError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

#: Smaller ratios are rounding, for float64 resolves small singular values no further.
RESOLUTION = 1e-13


def singular_values(matrices: ArrayLike) -> NDArray[np.float64]:
    """Singular values, largest first; NaN where a matrix is not finite (a diverged trial).

    Args:
        matrices: with shape (..., m, m').

    Returns:
        With shape (..., min(m, m')), float64.

    Raises:
        SettingsError: they are no matrices.
    """
    stack = _stack(matrices)
    finite = np.asarray(np.isfinite(stack).all(axis=(-2, -1)))
    values = np.linalg.svd(np.where(finite[..., None, None], stack, 0), compute_uv=False)
    return np.where(finite[..., None], values, np.nan)


def _stack(matrices: ArrayLike) -> NDArray[np.float64]:
    found = real_numbers("matrices", matrices, "(..., m, m')")
    if found.ndim < 2 or 0 in found.shape[-2:]:
        sentence = f"matrices should have shape (..., m, m'); got {found.shape}."
        raise SettingsError([("matrices", sentence)])
    return found


def relative_singular_values(matrices: ArrayLike) -> NDArray[np.float64]:
    """Singular values over the largest, s_i/s_1; NaN for a matrix that is zero or not finite.

    Their squares and sums neither vanish nor overflow, whatever the scale of the matrix. Arguments,
    shapes and errors are those of :func:`singular_values`.
    """
    stack = _stack(matrices)
    largest = np.abs(stack).max(axis=(-2, -1), keepdims=True, initial=0.0)
    with np.errstate(invalid="ignore"):
        values = singular_values(stack / largest)
    return values / values[..., :1]


def effective_rank(matrices: ArrayLike) -> NDArray[np.float64]:
    """The exponential of the entropy of the singular values' shares.

    exp(−Σ p_i log p_i) with p_i = s_i / Σ s_j (Roy and Vetterli 2007). Between 1 (rank one) and
    min(m, m') (all singular values equal); NaN for a zero matrix.

    Args:
        matrices: with shape (..., m, m').

    Returns:
        With shape (...), float64.

    Raises:
        SettingsError: they are no matrices.

    Example:
        >>> float(effective_rank(np.eye(4)).round(12))
        4.0
    """
    return _exponential_entropy(relative_singular_values(matrices))


def stable_rank(matrices: ArrayLike) -> NDArray[np.float64]:
    """‖W‖_F² / ‖W‖₂², a rank that small singular values hardly move; NaN for a zero matrix.

    Args:
        matrices: with shape (..., m, m').

    Returns:
        With shape (...), float64.

    Raises:
        SettingsError: they are no matrices.
    """
    return np.asarray((relative_singular_values(matrices) ** 2).sum(axis=-1))


def alive(matrices: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of the (N, m, m') matrices are not zero."""
    return np.asarray(np.abs(matrices).max(axis=(1, 2), initial=0.0) > 0)


def ratios_and_ranks(
    matrices: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """s_i/s_1 (N, min(m, m')) and effective ranks (N,) of matrices that are not zero."""
    ratios = relative_singular_values(matrices)
    return ratios, _exponential_entropy(ratios)


def _exponential_entropy(ratios: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the shares that s_i/s_1 (..., q) have in their sum, with shape (...)."""
    shares = ratios / ratios.sum(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        terms = np.where(shares > 0, shares * np.log(shares), np.where(shares == 0, 0.0, np.nan))
    return np.asarray(np.exp(-terms.sum(axis=-1)))
