"""The law of W in the limit of width: independent Gaussian rows, and their covariance (App. A.2).

Column j of W is the network at the standard basis vector e_j. All e_j are alike, so at every layer
the covariance of the columns has one number on its diagonal and another one off it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gncviz.settings import SettingsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gncviz.activation import Sigma
    from gncviz.network import Network
    from gncviz.prior import Prior

    Array = NDArray[np.float64]
    Function = Callable[[Array], Array]

#: Where one-sided slopes at zero are looked at.
_NEAR = 1e-12
#: The Gauss–Legendre panels of an integral over a normal variable: it is cut off at ten standard
#: deviations, and zero, where activations have their kinks, is an end of two panels.
_END, _PANELS, _NODES = 10.0, 40, 16


class Covariance(NamedTuple):
    """Of m' exchangeable numbers: ``same`` on the diagonal, ``other`` off it."""

    same: float
    other: float

    def times(self, factor: float) -> Covariance:
        """Of the numbers multiplied by the factor's root."""
        return Covariance(self.same * factor, self.other * factor)

    def matrix(self, size: int) -> Array:
        """As an array, with shape (size, size)."""
        return np.full((size, size), self.other) + (self.same - self.other) * np.eye(size)

    def across(self, flat: Array, cols: int) -> Array:
        """X (I ⊗ K) for X whose rows are flattened matrices (m, m').

        Args:
            flat: X, with shape (N, m·m').
            cols: m'.
        """
        by_row = flat.reshape(len(flat), -1, cols)
        shared = by_row.sum(axis=2, keepdims=True)
        return ((self.same - self.other) * by_row + self.other * shared).reshape(flat.shape)


def row_covariance(network: Network, prior: Prior, rows: int, cols: int) -> Covariance:
    """K, the covariance of each row of W as the width goes to infinity.

    The first layer's units are the prior's entries themselves; those of later layers are Gaussian.

    Args:
        network: its activation and depth; the width plays no part.
        prior: not normalized.
        rows: m.
        cols: m'.

    Raises:
        SettingsError: there is no such limit.
    """
    _check(network, prior)
    variance, function = prior.q.variance, _function(network)
    straight, factor = network.sigma.homogeneous, 1.0
    if prior.scaling != "fan_in":
        # Units shrink like 1/√k, so that σ acts as its slopes at zero; the last layer makes up for
        # it, as it is divided by √m and not by √k.
        function, straight, factor = _tangent(network), True, cols / rows
    found = _first_layer(function, prior, cols)
    for _ in range(network.depth - 2):
        before = found.times(variance)
        found = _arc_cosine(function, before) if straight else _by_quadrature(function, before)
    found = found.times(variance * factor)
    if not math.isfinite(found.same):
        _refuse("activation", "an activation that is square-integrable: W diverges with this one")
    if found.same <= 0:
        _refuse("activation", "an activation that is not zero: W vanishes with this one")
    return found


def _check(network: Network, prior: Prior) -> None:
    if network.depth < 2:
        got = (
            f"a depth of at least 2; got {network.depth}: without a hidden layer there is no width"
        )
        _refuse("depth", got)
    if prior.normalize:
        _refuse(
            "normalize",
            f"a prior without normalization; got normalize={prior.normalize!r}: divided by its "
            "norm W is not Gaussian any more. Use gncviz.guess_and_check with a large width",
        )


def _refuse(name: str, wanted: str) -> None:
    raise SettingsError([(name, f"The limit of width needs {wanted}.")])


def _function(network: Network) -> Function:
    import torch

    sigma, slope = network.sigma, network.negative_slope

    def function(x: Array) -> Array:
        return np.asarray(sigma.function(torch.from_numpy(np.ascontiguousarray(x)), slope))

    return function


def _tangent(network: Network) -> Function:
    """What σ is near zero: a straight line on either side."""
    left, right = _slopes(network.sigma, network.negative_slope)
    return lambda x: np.where(x > 0, right * x, left * x)


def _slopes(sigma: Sigma, negative_slope: float) -> tuple[float, float]:
    import torch

    x = torch.tensor([-_NEAR, 0.0, _NEAR], dtype=torch.float64)
    y = sigma.function(x, negative_slope)
    if y[1] != 0:
        wanted = "fan-in scaling where σ(0) is not zero: with fan-out W grows like the width's root"
        _refuse("scaling", wanted)
    left, _, right = sigma.derivative(x, y, negative_slope).tolist()
    return left, right


def _first_layer(function: Function, prior: Prior, cols: int) -> Covariance:
    """Of σ(q/√m') for independent entries q of the prior."""
    import torch

    z, weights = _normal_rule()
    units = prior.from_normal(torch.from_numpy(z.copy())).numpy() / math.sqrt(cols)
    values = function(units)
    return Covariance(float(weights @ values**2), float(weights @ values) ** 2)


def _arc_cosine(function: Function, before: Covariance) -> Covariance:
    """Of σ(u), u Gaussian, for σ a straight line on either side of zero (Cho and Saul 2009).

    σ(x) = odd·x + even·|x|, and E|u||u'| = (2/π)(√(1−ρ²) + ρ·arcsin ρ) for unit variances.
    """
    right, left = function(np.array([1.0, -1.0])) * (1, -1)
    odd, even = (right + left) / 2, (right - left) / 2
    share = min(before.other / before.same, 1.0) if before.same > 0 else 0.0
    both = 2 / math.pi * (math.sqrt(1 - share**2) + share * math.asin(share))
    return Covariance(
        float(odd**2 + even**2) * before.same,
        float(odd**2 * share + even**2 * both) * before.same,
    )


def _by_quadrature(function: Function, before: Covariance) -> Covariance:
    """Of σ(u), u Gaussian with a covariance that is nowhere negative, for any σ.

    u and u' share a normal part z and have one each of their own, given which they are independent:
    E σ(u)σ(u') = E[E[σ(u) | z]²].
    """
    z, weights = _normal_rule()
    shared = math.sqrt(before.other)
    own = math.sqrt(max(before.same - before.other, 0.0))
    given = function(shared * z[:, None] + own * z) @ weights
    same = weights @ function(math.sqrt(before.same) * z) ** 2
    return Covariance(float(same), float(weights @ given**2))


@cache
def _normal_rule() -> tuple[Array, Array]:
    """Nodes and weights of an integral over a standard normal variable, each with shape (J,)."""
    ends = np.linspace(-_END, _END, _PANELS + 1)
    inner, inner_weights = np.polynomial.legendre.leggauss(_NODES)
    half = _END / _PANELS
    middles = (ends[:-1] + ends[1:]) / 2
    nodes = (middles[:, None] + half * inner).ravel()
    weights = np.tile(half * inner_weights, _PANELS) * np.exp(-(nodes**2) / 2)
    return nodes, weights / weights.sum()
