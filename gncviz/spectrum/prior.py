"""Singular values under the prior, against depth."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict, Unpack

import numpy as np

from gncviz.models.arrays import checked_size
from gncviz.models.asked import expect
from gncviz.network import Network
from gncviz.prior import Prior
from gncviz.progress import Cancel, Run
from gncviz.settings import sequence_of, time_budget, whole_number
from gncviz.spectrum.quantiles import quantile_table, summarize
from gncviz.spectrum.singular import alive, ratios_and_ranks

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

#: Depths that are looked at where nothing else is said.
DEPTHS = tuple(range(1, 11))

#: Draws a depth that :class:`PriorSpectra` keeps one by one, at most.
KEPT_DRAWS = 1000

#: Random numbers a depth may cost in :func:`prior_spectra`; wide, deep networks get fewer draws.
_NUMBERS_PER_DEPTH = 2**22
_LEAST_DRAWS = 100
#: Matrices that are looked at between two looks at the run.
_MATRICES = 2**13


@dataclass(frozen=True, eq=False)
class PriorSpectra:
    """Singular values under the prior at several depths.

    Made by :func:`gncviz.spectrum.prior_spectra_draws`.

    Draws whose matrix is zero (all units of a ReLU network dead) are left out.

    Attributes:
        table: quantiles over all draws, as :func:`prior_spectra` returns them.
        ratios: s_i/s_1 of single draws by depth, with shape (N, min(m, m')), N at most
            :data:`gncviz.spectrum.KEPT_DRAWS`; below :data:`gncviz.spectrum.RESOLUTION` they are
            rounding.
        effective_ranks: of the same draws by depth, with shape (N,).
    """

    table: pd.DataFrame
    ratios: Mapping[int, NDArray[np.float64]]
    effective_ranks: Mapping[int, NDArray[np.float64]]

    @property
    def depths(self) -> list[int]:
        """The depths that were drawn, in ascending order."""
        return sorted(self.ratios)


class Drawing(TypedDict, total=False):
    """How matrices are drawn, depth by depth.

    Attributes:
        draws: networks drawn a depth, 2000 by default; fewer where they are very large.
        seed: fixes the draws.
        cancel: looked at all the time; when set, the depths done so far are returned.
        seconds: time budget; likewise.
    """

    draws: int
    seed: int
    cancel: Cancel | None
    seconds: float | None


def prior_spectra(
    network: Network,
    prior: Prior,
    rows: int = 5,
    cols: int = 5,
    depths: Sequence[int] = DEPTHS,
    **drawing: Unpack[Drawing],
) -> pd.DataFrame:
    """How the prior's singular values spread with depth, all else as in ``network``.

    Args:
        network: its depth is replaced by each of ``depths``.
        prior: the prior over weights.
        rows: rows m of W.
        cols: columns m' of W.
        depths: the depths d.
        **drawing: ``draws`` (networks drawn a depth, 2000 by default; fewer where they are very
            large), ``seed`` (fixes them), ``cancel`` (looked at all the time; when set, the depths
            done so far are returned), ``seconds`` (time budget; likewise).

    Returns:
        The columns of :func:`gncviz.spectrum.summarize` behind a column "depth".

    Raises:
        SettingsError: a depth or another number is out of range.
    """
    return prior_spectra_draws(network, prior, rows, cols, depths, **drawing).table


def prior_spectra_draws(
    network: Network,
    prior: Prior,
    rows: int = 5,
    cols: int = 5,
    depths: Sequence[int] = DEPTHS,
    **drawing: Unpack[Drawing],
) -> PriorSpectra:
    """The same as :func:`gncviz.spectrum.prior_spectra`, with single draws beside the quantiles.

    The arguments are the same, and so are the errors.
    """
    import pandas as pd

    rows, cols = whole_number("rows", rows, 1), whole_number("cols", cols, 1)
    parts = [summarize(np.empty((0, rows, cols))).assign(depth=np.empty(0, dtype=int))]
    kept_ratios: dict[int, NDArray[np.float64]] = {}
    kept_ranks: dict[int, NDArray[np.float64]] = {}
    for deep, columns in by_depth(_ratios_and_rank, network, prior, rows, cols, depths, **drawing):
        depth, ratios, ranks = deep.depth, columns[:, :-1], columns[:, -1]
        parts.append(quantile_table(ratios, ranks).assign(depth=depth))
        # Copies: a view would keep all draws in memory.
        kept_ratios[depth] = ratios[:KEPT_DRAWS].copy()
        kept_ranks[depth] = ranks[:KEPT_DRAWS].copy()
    table = pd.concat(parts[1:] or parts)
    table = table[["depth", *(name for name in table.columns if name != "depth")]]
    return PriorSpectra(table, kept_ratios, kept_ranks)


def _ratios_and_rank(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Side by side, of those that are not zero."""
    return np.column_stack(ratios_and_ranks(matrices[alive(matrices)]))


def by_depth(
    of: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    network: Network,
    prior: Prior,
    rows: int,
    cols: int,
    depths: Sequence[int],
    draws: int = 2000,
    seed: int = 0,
    cancel: Cancel | None = None,
    seconds: float | None = None,
) -> Iterator[tuple[Network, NDArray[np.float64]]]:
    """Yields the network at each depth, with what is asked of draws of W.

    They are those of :func:`prior_matrices`, under a prior that keeps deep products from vanishing.
    The arguments are those of :func:`gncviz.spectrum.prior_spectra`, and ``of``: matrices
    (N, m, m') to a row for each, or for some.

    Raises:
        SettingsError: a depth is out of range, or too large; said before anything is drawn.
    """
    expect(network=network, prior=prior)
    run = Run(cancel=cancel, seconds=time_budget(seconds))
    for deep in _at_depths(network, prior, rows, cols, depths):
        matrices = prior_matrices(deep, _scale_free(deep, prior), rows, cols, draws, seed, run)
        parts = []
        for first in range(0, max(len(matrices), 1), _MATRICES):
            if run.stopped:
                return
            parts.append(of(matrices[first : first + _MATRICES]))
        yield deep, np.concatenate(parts)


def _at_depths(
    network: Network, prior: Prior, rows: int, cols: int, depths: Sequence[int]
) -> list[Network]:
    """The network at several depths, each of which fits into memory."""
    from gncviz.models.law import OutputShape, cheapest_law, held

    rows, cols = whole_number("rows", rows, 1), whole_number("cols", cols, 1)
    checked_size("rows", f"matrices of {rows} × {cols} numbers", rows * cols)
    networks = [
        network.replace(depth=depth) for depth in dict.fromkeys(sequence_of("depths", depths))
    ]
    for deep in networks:
        held(cheapest_law(deep, OutputShape((rows, cols)), prior))
    return networks


def _scale_free(network: Network, prior: Prior) -> Prior:
    """A prior whose matrices have the same directions, and do not vanish in deep products."""
    # A network that is not positively homogeneous leaves no choice.
    return prior.replace(normalize=True) if network.sigma.homogeneous else prior


def prior_matrices(
    network: Network,
    prior: Prior,
    rows: int,
    cols: int,
    draws: int,
    seed: int,
    run: Run | None = None,
) -> NDArray[np.float64]:
    """Draws of W under the prior.

    The same arguments give the same draws, here and in :func:`gncviz.mechanism.collapse`, so that
    figures of the two show the same networks.

    Args:
        network: the model.
        prior: the prior over its weights.
        rows: rows m of W.
        cols: columns m' of W.
        draws: how many, at most; fewer where the network is very large.
        seed: fixes them.
        run: asked all the time; where it is to end there are fewer.

    Returns:
        With shape (N, m, m'), float64.

    Raises:
        SettingsError: a number is out of range, or one network would not fit into memory.
    """
    from gncviz.devices import one_thread
    from gncviz.models.law import OutputShape, cheapest_law, drawn_outputs, held
    from gncviz.streams import Stream, torch_generator

    expect(network=network, prior=prior)
    rows, cols = whole_number("rows", rows, 1), whole_number("cols", cols, 1)
    draws, seed = whole_number("draws", draws, 1), whole_number("seed", seed)
    checked_size("rows", f"matrices of {rows} × {cols} numbers", rows * cols)
    law = held(cheapest_law(network, OutputShape((rows, cols)), prior))
    count = min(draws, max(_NUMBERS_PER_DEPTH // law.size, _LEAST_DRAWS))
    count = max(min(count, Run.room(rows * cols)), 1)
    rng = torch_generator(seed, Stream.SPECTRA, network.depth)
    with one_thread():
        flat = drawn_outputs(law, rows * cols, count, itertools.repeat(rng), run)
    return flat.reshape(-1, rows, cols)
