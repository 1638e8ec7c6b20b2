"""What is known of the referee's targets: acceptance and mean loss by integrals on a line.

Nothing here is shared with the package. Integrals are sums over a fine, even grid, which for these
smooth integrands that vanish at both ends are right to many digits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gamma, log_ndtr
from scipy.stats import chi2, ncx2, norm

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Truth:
    """What a target is known to have.

    Attributes:
        log10_acceptance: log10 P(L_train < ε).
        mean_gen_loss: E[L_gen | L_train < ε].
    """

    log10_acceptance: float
    mean_gen_loss: float


def mixture(weights: Array, losses: Array | float) -> Truth:
    """Parts of the acceptance probability (N,), and the mean loss of each."""
    total = weights.sum()
    return Truth(math.log10(total), float((weights * losses).sum() / total))


def ball(size: int, offset: float, radius: float) -> Truth:
    """Of {|z − c|² < radius²}, z standard normal and c on the first axis; the loss is z_1²."""
    z = offset + radius * np.linspace(-1, 1, 20_001)
    others = chi2.cdf(radius**2 - (z - offset) ** 2, size - 1)
    return mixture(norm.pdf(z) * others * (z[1] - z[0]), z**2)


def orthant(size: int, correlation: float, edge: float) -> Truth:
    """Of {z_i > −edge for all i}, z equally correlated; loss (the mean of z)²."""
    shared = np.linspace(-12, 12, 20_001)
    own = math.sqrt(1 - correlation)
    least = (-edge - math.sqrt(correlation) * shared) / own
    hazard = np.exp(norm.logpdf(least) - log_ndtr(-least))
    mean = math.sqrt(correlation) * shared + own * hazard
    spread = own**2 * (1 + least * hazard - hazard**2) / size
    weights = np.exp(norm.logpdf(shared) + size * log_ndtr(-least)) * (shared[1] - shared[0])
    return mixture(weights, mean**2 + spread)


def pieces(
    size: int, distances: Array, radii: Array, losses: Array, spheres: bool = False
) -> Truth:
    """Of several balls, or of shells about the origin, that do not meet; one loss in each.

    Args:
        size: of z, standard normal.
        distances: of the balls' centers from the origin, or the shells' middles.
        radii: of the balls, or half of the shells' thickness.
        losses: of each.
        spheres: whether they are shells.
    """
    if spheres:
        ends = [np.maximum(distances + sign * radii, 0.0) ** 2 for sign in (1, -1)]
        return mixture(chi2.cdf(ends[0], size) - chi2.cdf(ends[1], size), losses)
    return mixture(ncx2.cdf(radii**2, size, np.maximum(distances, 1e-12) ** 2), losses)


def plateau(size: int, edge: float, least: float) -> Truth:
    """Of {z_1 > edge, mean of the others' squares < least}; loss z_1²."""
    weight = norm.sf(edge) * chi2.cdf(least * (size - 1), size - 1)
    return Truth(math.log10(weight), float(1 + edge * norm.pdf(edge) / norm.sf(edge)))


def column(width: int, depth: int, measured: Array, others: Array, epsilon: float) -> Truth:
    """Of a linear network with one input, some entries of W observed.

    Given the layers before the last, W is N(0, s² I), and s² is a product of independent χ²_k/k.

    Args:
        width: k.
        depth: d.
        measured: W* where it is observed, with shape (n,).
        others: W* where it is not.
        epsilon: the threshold.
    """
    log_squares, weights = scale_law(width, depth - 1)
    squares, count = np.exp(log_squares), len(measured)
    off = max(float(measured @ measured), 1e-300)
    fits = ncx2.cdf(count * epsilon / squares, count, off / squares)
    return mixture(weights * np.nan_to_num(fits), squares + float(others @ others) / len(others))


def scale_law(width: int, factors: int) -> tuple[Array, Array]:
    """Log of a product of independent χ²_k/k: a grid, and the probability of each place."""
    grid = np.linspace(-60, 20, 2**16)
    step = grid[1] - grid[0]
    if factors == 1:
        return grid, width * chi2.pdf(width * np.exp(grid), width) * np.exp(grid) * step
    # The Fourier transform of log χ²_k is a ratio of gamma functions.
    frequency = 2 * math.pi * np.fft.rfftfreq(len(grid), step)
    inner = frequency < 200
    one = np.zeros(len(frequency), complex)
    one[inner] = gamma(width / 2 + 1j * frequency[inner]) / gamma(width / 2)
    one *= np.exp(1j * frequency * math.log(2 / width))
    wave = np.conj(one**factors * np.exp(-1j * frequency * grid[0]))
    return grid, np.maximum(np.fft.irfft(wave, len(grid)), 0.0)


def cap(size: int, epsilon: float) -> Truth:
    """Of {(t − 1)² < ε} for t a coordinate of a point drawn evenly from the unit sphere.

    The loss is what the other coordinates are, on average: (1 − t²)/(size − 1).
    """
    t = np.linspace(1 - math.sqrt(epsilon), 1, 20_001)[:-1]
    density = np.exp((size - 3) / 2 * np.log1p(-(t**2)))
    whole = math.exp(math.lgamma((size - 1) / 2) - math.lgamma(size / 2)) * math.sqrt(math.pi)
    return mixture(density / whole * (t[1] - t[0]), (1 - t**2) / (size - 1))
