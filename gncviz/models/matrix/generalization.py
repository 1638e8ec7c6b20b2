"""What generalization is measured by: all that is not measured, or what was held out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from gncviz.models.products import rows_times
from gncviz.models.recipe import GEN_LABEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gncviz.models.matrix.readings import Readings
    from gncviz.models.matrix.span import Span


@dataclass(frozen=True, eq=False)
class Unmeasured:
    """The mean squared error along all directions that are not measured (Eq. 3).

    Attributes:
        truth: W*, flattened, with shape (P,).
        span: of the measurements.
    """

    label: ClassVar[str] = GEN_LABEL

    truth: NDArray[np.float64]
    span: Span

    def loss(self, flat: NDArray[np.float64]) -> NDArray[np.float64]:
        """L_gen of flattened arrays (..., P), with shape (...)."""
        error = flat - self.truth
        if self.span.entries is None:
            basis = self.span.basis
            unseen = error - rows_times(rows_times(error, basis.T), basis)
        else:
            unseen = error
            unseen[..., self.span.entries] = 0.0
        return np.asarray((unseen**2).sum(axis=-1) / self.span.unmeasured)

    @property
    def residuals(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """B (h, m·m') and t (h,) with L_gen = ‖B vec(W) − t‖²/h.

        Raises:
            SettingsError: they are too large to be held.
        """
        unseen = self.span.complement.reshape(-1, self.span.size)
        return unseen, unseen @ self.truth


@dataclass(frozen=True, eq=False)
class HeldOut:
    """The mean squared residual of readings that are not trained on.

    Attributes:
        readings: the measurements that are held out, and their values.
    """

    label: ClassVar[str] = "held-out loss"

    readings: Readings

    def loss(self, flat: NDArray[np.float64]) -> NDArray[np.float64]:
        """L_gen of flattened arrays (..., P), with shape (...)."""
        return self.readings.loss(flat)

    @property
    def residuals(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """B (h, m·m') and t (h,) with L_gen = ‖B vec(W) − t‖²/h.

        Raises:
            SettingsError: they are too large to be held.
        """
        return self.readings.span.stacked, self.readings.labels
