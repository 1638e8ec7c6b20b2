"""The law of W as the image of standard normals, in as few of them as the law allows.

The rare-event sampler moves in these coordinates, where the prior is N(0, I) whatever its family,
so that one reversible move serves every setting.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from gncviz.network import Network
from gncviz.posterior.reduction import ReducedMatrixPrior, reducible
from gncviz.prior import MatrixPrior, Prior

#: What the map from a normal to a χ variable costs, in units of one normal, measured on a CPU.
_CHI_COST = 5

#: How many times cheaper the reduced form has to be.
_WORTH = 3

#: The table of that map: beyond this many standard deviations lies a probability of 1e-17.
_REACH = 8.5
_STEP = 1 / 32


@dataclass(frozen=True)
class NormalCoordinates:
    """W as a function of D independent standard normals.

    Attributes:
        law: the law of W; a :class:`MatrixPrior`, or, with fewer coordinates, its reduced form.
    """

    law: MatrixPrior | ReducedMatrixPrior

    @classmethod
    def of(cls, network: Network, prior: Prior, rows: int, cols: int) -> NormalCoordinates:
        """The cheapest coordinates for a setting."""
        full = MatrixPrior(network, prior, rows, cols)
        if not reducible(network, prior, rows, cols):
            return cls(full)
        reduced = ReducedMatrixPrior(network, prior, rows, cols)
        cost = reduced.size + (network.depth - 1) * min(rows, cols) * (_CHI_COST - 1)
        # The full form can move layer by layer, which is worth some coordinates.
        return cls(reduced if _WORTH * cost < full.size else full)

    @property
    def size(self) -> int:
        """D, the number of coordinates."""
        return self.law.size

    def matrices(self, normals: Tensor) -> Tensor:
        """W for each row of ``normals`` (N, D), with shape (N, m, m')."""
        if isinstance(self.law, MatrixPrior):
            return self.law.matrices(self.law.prior.from_normal(normals))
        chi = self._chi.to(normals.device, normals.dtype)
        count = (self.law.network.depth - 1) * len(chi.degrees)
        entries = torch.cat([chi(normals[:, :count].T), normals[:, count:].T])
        return self.law.matrices(entries.T)

    @cached_property
    def _chi(self) -> ChiFromNormal:
        small = min(self.law.rows, self.law.cols)
        return ChiFromNormal.table([self.law.network.width - i for i in range(small)])


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
    from scipy.stats import chi, norm

    z = np.arange(-_REACH, _REACH + _STEP / 2, _STEP)
    # Through the nearer tail, where the probability keeps its digits.
    value = np.where(
        z < 0, chi.ppf(norm.cdf(z), degrees), chi.isf(norm.sf(np.maximum(z, 0)), degrees)
    )
    slope = np.exp(norm.logpdf(z) - chi.logpdf(value, degrees)) * _STEP
    low, high, left, right = value[:-1], value[1:], slope[:-1], slope[1:]
    return np.stack(
        [low, left, 3 * (high - low) - 2 * left - right, 2 * (low - high) + left + right]
    )
