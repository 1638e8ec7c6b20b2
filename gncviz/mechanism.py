"""What width and depth do to draws of the prior: the mechanisms behind the theorems, measured.

Width (Theorem 1: an anti-symmetric activation, no normalization): W tends to a matrix of
independent Gaussian entries, so that the training loss tells nothing about the generalization loss:
their rank correlation goes to zero. With other activations, such as ReLU, the entries of a row stay
dependent, and the correlation tends to a number of the task. Depth (Theorem 2: linear networks, a
Gaussian prior): W tends to rank one, at the rate that the Lyapunov exponents give; what other
activations do is measured here, and no theorem says it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gncviz.models.arrays import real_numbers
from gncviz.models.asked import expect
from gncviz.network import Network
from gncviz.prior import Prior
from gncviz.progress import Cancel, Run
from gncviz.settings import SettingsError, sequence_of, time_budget, whole_number
from gncviz.spectrum import (
    QUANTILES,
    RESOLUTION,
    weighted_quantiles,
)
from gncviz.spectrum.prior import DEPTHS, Drawing, by_depth
from gncviz.spectrum.singular import relative_singular_values

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from gncviz.models.protocols import AnyNetwork, AnyTask, Law

#: Widths at which the dependence of the losses is measured, besides the network's own.
WIDTHS = (5, 10, 20, 50, 100, 200, 500, 1000)

#: What the draws at one width may cost, in normal numbers.
_NUMBERS_PER_WIDTH = 2**23
#: With fewer draws than this a rank correlation says too little (its error is 0.1).
_FEWEST = 100

_DEPENDENCE_COLUMNS = ["width", "rank_correlation", "stderr", "draws"]
_COLLAPSE_COLUMNS = ["depth", *(f"q{q * 100:.0f}" for q in QUANTILES), "theory"]


def loss_dependence(
    task: AnyTask,
    network: AnyNetwork,
    prior: Prior,
    widths: Sequence[int] | None = None,
    draws: int = 8000,
    seed: int = 0,
    device: str = "cpu",
    cancel: Cancel | None = None,
    seconds: float | None = None,
) -> pd.DataFrame:
    """How much the training loss tells about the generalization loss, against width.

    Args:
        task: the task.
        network: its width is replaced by each of ``widths``.
        prior: the prior over weights.
        widths: the widths k; by default those of :data:`gncviz.mechanism.WIDTHS` that are at least
            min(m, m'), and the network's own.
        draws: networks drawn a width; fewer where they are large. A width at which a hundred
            networks are too many to draw in a fraction of a second is left out.
        seed: fixes the draws.
        device: where they are made.
        cancel: looked at all the time; when set, the widths done so far are returned.
        seconds: time budget; likewise.

    Returns:
        One row per width, from the smallest, with the columns "width", "rank_correlation"
        (Spearman's ρ of L_train and L_gen over draws of the prior), its "stderr", and "draws". See
        :func:`gncviz.mechanism.rank_correlation`.

    Raises:
        SettingsError: a width or another number is out of range, or the device is not there.
    """
    import pandas as pd

    from gncviz.models.law import cheapest_law

    expect(task=task, network=network, prior=prior)
    draws, seed = whole_number("draws", draws, 1), whole_number("seed", seed)
    least, run = min(task.output_shape), Run(cancel=cancel, seconds=time_budget(seconds))
    if widths is None:
        widths = [*(width for width in WIDTHS if width >= least), network.width]
    rows: list[tuple[int, float, float, int]] = []
    wanted: Any = network
    networks = [wanted.replace(width=width) for width in sequence_of("widths", widths)]
    for width, wide in sorted({one.width: one for one in networks}.items()):
        law = cheapest_law(wide, task, prior)
        count = min(draws, _NUMBERS_PER_WIDTH // law.cost)
        if count < min(_FEWEST, draws):
            continue
        losses = _losses(task, law, count, (seed, width), device, run)
        if run.stopped:
            break
        rho, stderr = rank_correlation(*losses)
        rows.append((width, rho, stderr, count))
    found = pd.DataFrame(rows, columns=_DEPENDENCE_COLUMNS, dtype=float)
    return found.astype({"width": int, "draws": int})


def _losses(
    task: AnyTask, law: Law, count: int, stream: tuple[int, int], device: str, run: Run
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """L_train and L_gen of draws, each with shape (count,); fewer where the run is to end."""
    from gncviz.devices import one_thread, resolve_device
    from gncviz.models.law import drawn_outputs
    from gncviz.streams import Stream, torch_generator

    place, (seed, width) = resolve_device(device), stream
    rng = torch_generator(seed, Stream.MECHANISM, width, place)
    with one_thread(place.type == "cpu"):
        flat = drawn_outputs(law, math.prod(task.output_shape), count, itertools.repeat(rng), run)
    outputs = flat.reshape(-1, *task.output_shape)
    return task.train_loss(outputs), task.gen_loss(outputs)


def rank_correlation(a: ArrayLike, b: ArrayLike) -> tuple[float, float]:
    """Spearman's ρ of pairs of values, with its standard error.

    The error is the infinitesimal jackknife's, exact as N grows whatever the dependence is (without
    any it becomes 1/√N): ρ is 12 E[F(a) G(b)] − 3 with F and G the distribution functions, and a
    pair moves it by 12 [F(a) G(b) + E G(b') 1{a' > a} + E F(a') 1{b' > b}], primes standing for the
    other pairs (Borkowf 2002).

    Args:
        a: with shape (N,).
        b: with shape (N,).

    Returns:
        (ρ, its standard error); NaN for fewer than three pairs, where one side is constant, or
        where a value is NaN.

    Raises:
        SettingsError: they are not pairs.

    Example:
        >>> rank_correlation([1, 2, 3], [1, 10, 100])[0]
        1.0
    """
    a, b = real_numbers("a", a, "(N,)"), real_numbers("b", b, "(N,)")
    if a.shape != b.shape or a.ndim != 1:
        sentence = f"b should have the shape of a, (N,); got {b.shape} for {a.shape}."
        raise SettingsError([("b", sentence)])
    count = len(a)
    if count < 3 or any(np.isnan(side).any() or (side == side[0]).all() for side in (a, b)):
        return math.nan, math.nan
    f, g = _distribution(a), _distribution(b)
    rho = float(np.corrcoef(f, g)[0, 1])
    influence = 12 * (f * g + _mean_above(a, g) + _mean_above(b, f))
    return rho, float(influence.std(ddof=1) / math.sqrt(count))


def _distribution(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of values that are smaller, and half of the equal ones: ranks, over N."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    smaller = np.cumsum(counts) - counts
    return np.asarray((smaller + counts / 2)[group] / len(values))


def _mean_above(place: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each place the sum of the values at higher ones, over N; equal places count half."""
    _, group = np.unique(place, return_inverse=True)
    sums = np.bincount(group, values)
    above = np.cumsum(sums[::-1])[::-1] - sums / 2
    return np.asarray(above[group] / len(place))


def rank_one_distance(matrices: ArrayLike) -> NDArray[np.float64]:
    """Relative Frobenius distance to the nearest matrix of rank one, √(1 − s₁²/‖W‖²).

    Args:
        matrices: with shape (..., m, m').

    Returns:
        With shape (...), float64, from 0 (rank one) to √(1 − 1/min(m, m')) (all singular values
        equal); NaN for a zero matrix and where one is not finite.

    Example:
        >>> rank_one_distance([[3.0, 0.0], [0.0, 4.0]]).item()
        0.6
    """
    squares = relative_singular_values(matrices) ** 2
    return np.asarray(np.sqrt(squares[..., 1:].sum(axis=-1) / squares.sum(axis=-1)))


def collapse(
    network: AnyNetwork,
    prior: Prior,
    rows: int = 5,
    cols: int = 5,
    depths: Sequence[int] = DEPTHS,
    seed: int = 0,
    cancel: Cancel | None = None,
    *,
    task: AnyTask | None = None,
    unfolding: str | None = None,
    draws: int = 2000,
    seconds: float | None = None,
) -> pd.DataFrame:
    """How near the prior's matrices are to rank one, against depth.

    Args:
        network: its depth is replaced by each of ``depths``.
        prior: the prior over weights.
        rows: rows m of W.
        cols: columns m' of W.
        depths: the depths d.
        seed: fixes the draws.
        cancel: looked at all the time; when set, the depths done so far are returned.
        task: a task whose outputs are drawn in place of (rows, cols) matrices.
        unfolding: which matrix of an output is looked at, by its name in the task's ``unfoldings``;
            the first one by default.
        draws: networks drawn a depth; fewer where they are very large.
        seconds: time budget; as with ``cancel``.

    Returns:
        One row per depth, with the columns "depth", the quantiles "q5" .. "q95" of
        :func:`gncviz.mechanism.rank_one_distance`, and "theory",
        :func:`gncviz.mechanism.collapse_theory` where no task is given. Values below
        :data:`gncviz.spectrum.RESOLUTION` are NaN, as are the quantiles where all draws are zero.

    Raises:
        SettingsError: a depth or another number is out of range.
    """
    import pandas as pd

    drawing: Drawing = {"draws": draws, "seed": seed, "cancel": cancel, "seconds": seconds}
    drawing |= {"task": task, "unfolding": unfolding}
    table = []
    of = rank_one_distance
    for deep, distance in by_depth(of, network, prior, rows, cols, depths, **drawing):
        theory = collapse_theory(deep, prior, rows, cols) if task is None else math.nan
        line = np.append(distance_quantiles(distance), theory)
        table.append([deep.depth, *np.where(line < RESOLUTION, np.nan, line)])
    return pd.DataFrame(table, columns=_COLLAPSE_COLUMNS, dtype=float).astype({"depth": int})


def distance_quantiles(
    distance: NDArray[np.float64], weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """The quantiles 5, 25, 50, 75 and 95 % of values that are not NaN.

    Args:
        distance: with shape (N,), such as from :func:`gncviz.mechanism.rank_one_distance`.
        weights: with shape (N,); equal by default.

    Returns:
        With shape (5,), float64; NaN where there are no values.
    """
    known = ~np.isnan(distance)
    if not known.any():
        return np.full(len(QUANTILES), np.nan)
    kept = None if weights is None else weights[known]
    return weighted_quantiles(distance[known, None], kept)[0]


def collapse_theory(network: Network, prior: Prior, rows: int, cols: int) -> float:
    """The distance to rank one that the Lyapunov exponents predict for a deep linear network.

    exp(−(d − 1)(λ₁ − λ₂) − g(m) − g(m') − log 2), the geometric mean of s₂/s₁ up to a factor that
    tends to one with depth. λ₁ − λ₂ = g(k), with g(x) = ½ [ψ(x/2) − ψ((x − 1)/2)] and ψ the
    digamma function. Nothing is fitted. The constant in front: with R from the QR decomposition of
    W, log R₂₂/R₁₁ has the mean −(d − 1) g(k) − g(m) exactly, since each factor is rotation
    invariant. Far down, R₁₁ = s₁ |v₁₁| and R₁₁ R₂₂ = s₁ s₂ |det V|, where v₁ and the 2 × 2 block V
    are of the first right singular vectors, which are uniformly distributed; the mean logarithms
    of their Beta distributed squares give the rest.

    Args:
        network: the model; its width k and depth d.
        prior: the prior over its weights.
        rows: rows m of W.
        cols: columns m' of W.

    Returns:
        The distance; NaN unless the network is linear, the prior Gaussian, and all sides are at
        least two.
    """
    from scipy.special import digamma

    expect(network=network, prior=prior)
    rows, cols = whole_number("rows", rows, 1), whole_number("cols", cols, 1)
    sides = np.array([network.width, rows, cols])
    if not (network.sigma.linear and prior.q.gaussian) or sides.min() < 2:
        return math.nan
    gap, at_rows, at_cols = (digamma(sides / 2) - digamma((sides - 1) / 2)) / 2
    return math.exp(-(network.depth - 1) * gap - at_rows - at_cols - math.log(2))
