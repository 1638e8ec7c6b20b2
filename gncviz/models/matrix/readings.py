"""What was read off an array by measurements, exactly or with noise, and how far another is off."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from string import ascii_lowercase
from typing import TYPE_CHECKING

import numpy as np

from gncviz.models.arrays import frozen
from gncviz.models.matrix.span import Span
from gncviz.models.protocols import Ball

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Readings:
    """Values y_i that stand for <A_i, W>.

    Attributes:
        span: the measurements A_1..A_n.
        given: y, with shape (n,); None where they are those of ``source``, without noise.
        source: W*, flattened, with shape (P,), where the values are its own.
    """

    span: Span
    given: NDArray[np.float64] | None = None
    source: NDArray[np.float64] | None = None

    @cached_property
    def labels(self) -> NDArray[np.float64]:
        """y, with shape (n,), float64."""
        if self.given is not None:
            return self.given
        assert self.source is not None
        if self.span.entries is not None:
            return frozen(self.source[self.span.entries])
        axes = ascii_lowercase[: len(self.span.shape)]
        truth = self.source.reshape(self.span.shape)
        return frozen(np.einsum(f"N{axes},{axes}->N", self.span.measurements, truth))

    def loss(self, flat: NDArray[np.float64]) -> NDArray[np.float64]:
        """The mean squared residual of flattened arrays (..., P), with shape (...)."""
        return np.asarray(((self.span.seen(flat) - self.labels) ** 2).mean(axis=-1))

    @cached_property
    def size(self) -> float:
        """The size of a residual <A_i, W> − y_i, what its rounding is in proportion to.

        The root mean square of the labels or of the measurements' norms, whichever is larger.
        """
        norms, labels = self.span.norms, self.labels
        largest = max(norms.max(), np.abs(labels).max())
        if largest == 0:
            return 0.0
        squares = [np.mean((part / largest) ** 2) for part in (norms, labels)]
        return float(largest * np.sqrt(max(squares)))

    @cached_property
    def nearest(self) -> NDArray[np.float64]:
        """An array with the smallest loss there is, flattened: the source, or by least squares."""
        if self.source is not None:
            return self.source
        if self.span.entries is not None:
            found = np.zeros(self.span.size)
            found[self.span.entries] = self.labels
            return frozen(found)
        return frozen(np.linalg.lstsq(self.span.stacked, self.labels, rcond=None)[0])

    @cached_property
    def least(self) -> float:
        """The smallest loss there is: above zero only where noise has labels contradict."""
        if self.source is not None or self.span.independent:
            return 0.0
        return float(self.loss(self.nearest))

    @cached_property
    def ball(self) -> Ball | None:
        """{loss < ε} as a ball in what is measured; None where that is too large to hold."""
        directions = self.span.directions
        if directions is None:
            return None
        return Ball(directions, directions @ self.nearest, self.span.count, self.least)
