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
        # In units of the radius, from the ball's centre: neither is lost in the other's rounding.
        size = len(self.center)
        mean, spread = self._tilted()
        steps = rng.standard_normal((count, size))
        reach = rng.random((count, 1)) ** (1 / size)
        evenly = reach * steps / np.linalg.norm(steps, axis=1, keepdims=True)
        u = np.where(rng.random((count, 1)) < 0.5, evenly, mean + spread * steps)
        inside = (u**2).sum(axis=1) < 1
        mixture = np.logaddexp(-_log_volume(size), _log_normal(u - mean, spread)) - math.log(2)
        v = self.center + self.radius * u
        density = _log_normal(v, np.sqrt(self.variances)) + size * math.log(self.radius)
        return v, np.where(inside, density - mixture, -math.inf)

    def _tilted(self) -> tuple[Array, Array]:
        """Mean and standard deviations of the tilted law in those units, each with shape (q,)."""

        def law(log_eta: float) -> tuple[Array, Array]:
            eta, relative = math.exp(log_eta), math.exp(log_eta - math.log(self.radius))
            total = self.variances + eta**2
            mean = -self.center * (eta / total) * relative
            return mean, np.sqrt(self.variances / total) * relative

        apart = float((self.center**2 + self.variances).sum())
        if math.sqrt(apart) <= self.radius:
            return -self.center / self.radius, np.sqrt(self.variances) / self.radius
        # A larger η hardly tilts, a smaller one gives draws that are all inside.
        low = math.log(1e-6 * self.radius)
        high = math.log(1e6) + math.log(float(self.variances.max()) + self.radius**2) / 2
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            mean, spread = law(middle)
            # Of hypot, so that no square overflows.
            within = math.hypot(*mean, *spread) < 1
            low, high = (middle, high) if within else (low, middle)
        return law(low)


def _log_volume(size: int) -> float:
    """Of the ball of radius one."""
    return size / 2 * math.log(math.pi) - math.lgamma(size / 2 + 1)


def _log_normal(x: Array, spread: Array) -> Array:
    terms = (x / spread) ** 2 + np.log(2 * math.pi) + 2 * np.log(spread)
    return np.asarray(terms.sum(axis=1) / -2)
