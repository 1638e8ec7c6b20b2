"""The map from a normal to a χ variable, as a table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

#: The table: beyond this many standard deviations lies a probability of 1e-17.
_REACH = 8.5
_STEP = 1 / 32


@dataclass(frozen=True)
class ChiFromNormal:
    """The increasing map that turns a standard normal into a χ variable: F_χ⁻¹(Φ(z)).

    A cubic Hermite table; its error, below 1e-8, is under float32's rounding.

    Attributes:
        degrees: the degrees of freedom ν, one for each of J variables.
        coefficients: of the cubic in each cell, with shape (4, J·cells).
    """

    degrees: tuple[int, ...]
    coefficients: Tensor

    @classmethod
    def table(cls, degrees: list[int]) -> ChiFromNormal:
        """Tabulates the map for the given degrees of freedom."""
        cells = np.concatenate([_hermite_cells(nu) for nu in degrees], axis=1)
        return cls(tuple(degrees), torch.from_numpy(cells))

    def to(self, device: torch.device, dtype: torch.dtype) -> ChiFromNormal:
        """The same table elsewhere or in another precision."""
        if self.coefficients.device == device and self.coefficients.dtype == dtype:
            return self
        return ChiFromNormal(self.degrees, self.coefficients.to(device, dtype))

    def __call__(self, normals: Tensor) -> Tensor:
        """χ variables for normals with shape (K·J, N), the degrees cycling along the first axis."""
        cells = self.coefficients.shape[1] // len(self.degrees)
        place = ((normals + _REACH) / _STEP).clamp(0, cells - 1e-3)
        cell = place.floor()
        offset = place - cell
        first = torch.arange(len(self.degrees), device=normals.device) * cells
        index = cell.long() + first.repeat(len(normals) // len(first))[:, None]
        a, b, c, d = (row[index] for row in self.coefficients)
        return a + offset * (b + offset * (c + offset * d))


def _hermite_cells(degrees: int) -> np.ndarray:
    from scipy.special import gammainccinv, gammaincinv, gammaln, ndtr, xlogy

    half = degrees / 2
    z = np.arange(-_REACH, _REACH + _STEP / 2, _STEP)
    # Through the nearer tail, where the probability keeps its digits.
    chi_square = np.where(
        z < 0, gammaincinv(half, ndtr(z)), gammainccinv(half, ndtr(-np.maximum(z, 0)))
    )
    value = np.sqrt(2 * chi_square)
    log_normal = -(z**2) / 2 - np.log(2 * np.pi) / 2
    log_chi = (
        np.log(2) - np.log(2) * half - gammaln(half) + xlogy(degrees - 1, value) - value**2 / 2
    )
    slope = np.exp(log_normal - log_chi) * _STEP
    low, high, left, right = value[:-1], value[1:], slope[:-1], slope[1:]
    return np.stack(
        [low, left, 3 * (high - low) - 2 * left - right, 2 * (low - high) + left + right]
    )
