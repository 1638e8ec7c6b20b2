"""What measurements see of a matrix or a tensor, and what they do not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gncviz.models.arrays import checked_size, frozen
from gncviz.models.products import rows_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Numbers in the directions of a ball, at most.
_LARGEST_BALL = 2**26


@dataclass(frozen=True, eq=False)
class Span:
    """The span of n measurements of arrays of one shape, such as (m, m') matrices.

    Attributes:
        shape: of what is measured, P numbers in all.
        given: A_1..A_n, with shape (n, ...); None where single entries are observed.
        entries: the places of these in the flattened array, with shape (n,); else None.
    """

    shape: tuple[int, ...]
    given: NDArray[np.float64] | None
    entries: NDArray[np.int64] | None

    @property
    def size(self) -> int:
        """P."""
        return math.prod(self.shape)

    @property
    def count(self) -> int:
        """The number n of measurements."""
        found = self.given if self.entries is None else self.entries
        assert found is not None
        return len(found)

    @cached_property
    def measurements(self) -> NDArray[np.float64]:
        """A_1..A_n, with shape (n, ...).

        Raises:
            SettingsError: one-hot arrays are too many to be held.
        """
        if self.given is not None:
            return self.given
        return frozen(self._one_hot("measurements").reshape(-1, *self.shape))

    def _one_hot(self, name: str) -> NDArray[np.float64]:
        what = f"{self.count} one-hot arrays of {' × '.join(map(str, self.shape))}"
        checked_size(name, what, self.count * self.size)
        found = np.zeros((self.count, self.size))
        found[np.arange(self.count), self.entries] = 1.0
        return found

    @property
    def stacked(self) -> NDArray[np.float64]:
        """The measurements as rows, with shape (n, P)."""
        return self.measurements.reshape(self.count, -1)

    def seen(self, flat: NDArray[np.float64]) -> NDArray[np.float64]:
        """<A_i, W> of flattened arrays (..., P), with shape (..., n)."""
        if self.entries is not None:
            return flat[..., self.entries]
        return rows_times(flat, self.stacked.T)

    @property
    def norms(self) -> NDArray[np.float64]:
        """‖A_i‖, with shape (n,); a single one where single entries are observed."""
        return np.ones(1) if self.entries is not None else np.linalg.norm(self.stacked, axis=1)

    @cached_property
    def basis(self) -> NDArray[np.float64]:
        """An orthonormal basis of it, with shape (q, P).

        Raises:
            SettingsError: it is too large to be held.
        """
        if self.entries is not None:
            return frozen(self._one_hot("measured_basis"))
        _, values, directions = np.linalg.svd(self.stacked, full_matrices=False)
        rounding = max(self.stacked.shape) * np.finfo(float).eps * values.max(initial=0.0)
        return frozen(directions[values > rounding])

    @property
    def rank(self) -> int:
        """Its dimension q, how many of the measurements are linearly independent."""
        return self.count if self.entries is not None else len(self.basis)

    @property
    def independent(self) -> bool:
        """Whether no measurement depends on others: then any labels can be met."""
        return self.rank == self.count

    @property
    def unmeasured(self) -> int:
        """The dimension of its complement."""
        return self.size - self.rank

    @cached_property
    def complement(self) -> NDArray[np.float64]:
        """An orthonormal basis of its complement, with shape (unmeasured, ...).

        Raises:
            SettingsError: it is too large to be held.
        """
        checked_size("complement", f"a basis of {self.size} directions", self.size**2)
        *_, directions = np.linalg.svd(self.stacked, full_matrices=True)
        return frozen(directions[-self.unmeasured :].reshape(-1, *self.shape).copy())

    @cached_property
    def directions(self) -> NDArray[np.float64] | None:
        """P with ‖P·vec(W)‖² = Σ_i <A_i, W>², with shape (q, P); None if too large to hold."""
        if self.entries is not None:
            return self.basis if self.count * self.size <= _LARGEST_BALL else None
        # Of the triangle's columns, the lengths of the measurements and the angles between them.
        _, triangle = np.linalg.qr(self.stacked @ self.basis.T)
        return np.asarray(triangle @ self.basis)
