"""A Gaussian vector in a ball: independent draws with weights, however rare the ball is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

#: Halvings of the interval in which the tilt is looked for, on a logarithmic axis.
_HALVINGS = 60


@dataclass(frozen=True)
class GaussianInBall:
    """v ~ N(0, diag D) given ‖v − c‖ < radius, in the q directions in which D is not zero.

    Half of the draws are uniform in the ball, the others come from N(0, D) tilted by
    exp(−‖v − c‖²/2η²), with η such that ‖v − c‖² is the radius squared on average: among tilts the
    one that is best where the ball is rare. The weight is the Gaussian density over that of the
    mixture (Owen and Zhou 2000), so it is bounded.

    Attributes:
        center: c, with shape (q,).
        variances: D, with shape (q,), all above zero.
        radius: of the ball.
    """

    center: Array
    variances: Array
    radius: float

    def draw(self, count: int, rng: Generator) -> tuple[Array, Array]:
        """Draws, and logarithms of weights whose mean is the ball's probability.

        Args:
            count: N.
            rng: of all random numbers.

        Returns:
            v, with shape (N, q), and the log-weights, with shape (N,); −∞ outside the ball.
        """
        size = len(self.center)
        mean, variance = self._tilted()
        steps = rng.standard_normal((count, size))
        reach = self.radius * rng.random((count, 1)) ** (1 / size)
        evenly = self.center + reach * steps / np.linalg.norm(steps, axis=1, keepdims=True)
        v = np.where(rng.random((count, 1)) < 0.5, evenly, mean + np.sqrt(variance) * steps)
        inside = ((v - self.center) ** 2).sum(axis=1) < self.radius**2
        mixture = np.logaddexp(-self._log_volume, _log_normal(v - mean, variance)) - math.log(2)
        return v, np.where(inside, _log_normal(v, self.variances) - mixture, -math.inf)

    def _tilted(self) -> tuple[Array, Array]:
        """Mean and variances of the tilted law, each with shape (q,)."""

        def law(noise: float) -> tuple[Array, Array]:
            gain = self.variances / (self.variances + noise)
            return gain * self.center, gain * noise

        def squares(noise: float) -> float:
            mean, variance = law(noise)
            return float(((mean - self.center) ** 2 + variance).sum())

        square = self.radius**2
        if float((self.center**2 + self.variances).sum()) <= square:
            return np.zeros_like(self.center), self.variances
        # More noise than this hardly tilts, less gives draws that are all inside.
        most = 1e12 * (float(self.variances.max()) + square)
        low, high = math.log(1e-12 * square), math.log(most)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if squares(math.exp(middle)) < square else (low, middle)
        return law(math.exp(low))

    @property
    def _log_volume(self) -> float:
        half = len(self.center) / 2
        return half * math.log(math.pi) + 2 * half * math.log(self.radius) - math.lgamma(half + 1)


def _log_normal(x: Array, variances: Array) -> Array:
    terms = x**2 / variances + np.log(2 * math.pi * variances)
    return np.asarray(terms.sum(axis=1) / -2)
