"""Singular values under the prior, against depth."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import numpy as np

from gncviz.models.arrays import checked_size
from gncviz.models.asked import expect
from gncviz.models.law import OutputShape, cheapest_law, drawn_outputs, held
from gncviz.prior import Prior
from gncviz.progress import Cancel, Run
from gncviz.settings import SettingsError, sequence_of, time_budget, whole_number
from gncviz.spectrum.quantiles import quantile_table, summarize
from gncviz.spectrum.singular import alive, ratios_and_ranks

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gncviz.models.protocols import AnyNetwork, AnyTask

#: Depths that are looked at where nothing else is said.
DEPTHS = tuple(range(1, 11))

#: Draws a depth that :class:`PriorSpectra` keeps one by one, at most.
KEPT_DRAWS = 1000

#: Random numbers a depth may cost in :func:`prior_spectra`; wide, deep networks get fewer draws.
_NUMBERS_PER_DEPTH = 2**22
_LEAST_DRAWS = 100
#: Matrices that are looked at between two looks at the run.
_MATRICES = 2**13
#: Copies of a matrix that are held while its singular values are found.
_TO_DECOMPOSE = 5


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
    """What is drawn and how, depth by depth.

    Attributes:
        task: of what the outputs are; (rows, cols) matrices by default.
        unfolding: which of the task's unfoldings is looked at; its first one by default.
        draws: networks drawn a depth, 2000 by default; fewer where they are very large.
        seed: fixes the draws.
        cancel: looked at all the time; when set, the depths done so far are returned.
        seconds: time budget; likewise.
    """

    task: AnyTask | None
    unfolding: str | None
    draws: int
    seed: int
    cancel: Cancel | None
    seconds: float | None


def prior_spectra(
    network: AnyNetwork,
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
        **drawing: ``task`` (a task whose outputs are drawn, such as a :class:`gncviz.TensorTask`,
            in place of (rows, cols) matrices), ``unfolding`` (which matrix of an output is looked
            at, by its name in the task's ``unfoldings``; the first one by default), ``draws``
            (networks drawn a depth, 2000 by default; fewer where they are very large), ``seed``
            (fixes them), ``cancel`` (looked at all the time; when set, the depths done so far are
            returned), ``seconds`` (time budget; likewise).

    Returns:
        The columns of :func:`gncviz.spectrum.summarize` behind a column "depth".

    Raises:
        SettingsError: a depth or another number is out of range.
    """
    return prior_spectra_draws(network, prior, rows, cols, depths, **drawing).table


def prior_spectra_draws(
    network: AnyNetwork,
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

    parts = [summarize(np.empty((0, 1, 1))).assign(depth=np.empty(0, dtype=int))]
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
    network: AnyNetwork,
    prior: Prior,
    rows: int,
    cols: int,
    depths: Sequence[int],
    task: AnyTask | None = None,
    unfolding: str | None = None,
    draws: int = 2000,
    seed: int = 0,
    cancel: Cancel | None = None,
    seconds: float | None = None,
) -> Iterator[tuple[Any, NDArray[np.float64]]]:
    """Yields the network at each depth, with what is asked of draws of W, or of its unfolding.

    They are those of :func:`prior_matrices`, under a prior that keeps deep products from vanishing.
    The arguments are those of :func:`gncviz.spectrum.prior_spectra`, and ``of``: matrices
    (N, m, m') to a row for each, or for some.

    Raises:
        SettingsError: a depth is out of range, or too large; said before anything is drawn.
    """
    expect(network=network, prior=prior, **({} if task is None else {"task": task}))
    run, shown = Run(cancel=cancel, seconds=time_budget(seconds)), _Shown.of(task, rows, cols)
    for deep in _at_depths(network, prior, shown, depths):
        free = prior.replace(normalize=True) if network.homogeneous else prior
        matrices = shown.unfolded(_outputs(deep, free, shown, draws, seed, run), unfolding)
        parts = []
        for first in range(0, max(len(matrices), 1), _MATRICES):
            if run.stopped:
                return
            parts.append(of(matrices[first : first + _MATRICES]))
        yield deep, np.concatenate(parts)


@dataclass(frozen=True)
class _Shown:
    """What is drawn: outputs of a task, or matrices of which nothing but the sides is known.

    Attributes:
        outline: the shape of an output, and the network's inputs.
        unfoldings: of outputs; None for matrices, which are their own.
    """

    outline: Any
    unfoldings: Callable[[NDArray[np.float64]], dict[str, NDArray[np.float64]]] | None = None

    @classmethod
    def of(cls, task: AnyTask | None, rows: int, cols: int) -> _Shown:
        if task is not None:
            return cls(task, task.unfoldings)
        sides = whole_number("rows", rows, 1), whole_number("cols", cols, 1)
        size = f"{sides[0]} × {sides[1]} numbers"
        what = f"matrices of {size}, held {_TO_DECOMPOSE} times to be decomposed"
        checked_size("rows", what, _TO_DECOMPOSE * math.prod(sides))
        return cls(OutputShape(sides))

    @property
    def size(self) -> int:
        return math.prod(self.outline.output_shape)

    def unfolded(self, outputs: NDArray[np.float64], name: str | None) -> NDArray[np.float64]:
        """An unfolding of outputs, with shape (N, rows, cols)."""
        found = {"W": outputs} if self.unfoldings is None else self.unfoldings(outputs)
        if name is None:
            return next(iter(found.values()))
        if name not in found:
            sentence = f"unfolding should be one of {', '.join(found)}; got {name!r}."
            raise SettingsError([("unfolding", sentence)])
        return found[name]


def _at_depths(
    network: AnyNetwork, prior: Prior, shown: _Shown, depths: Sequence[int]
) -> list[Any]:
    """The network at several depths, each of which fits into memory."""
    wanted: Any = network
    networks = [wanted.replace(depth=depth) for depth in sequence_of("depths", depths)]
    different = list({deep.depth: deep for deep in networks}.values())
    for deep in different:
        held(cheapest_law(deep, shown.outline, prior))
    return different


def prior_matrices(
    network: AnyNetwork,
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
    expect(network=network, prior=prior)
    return _outputs(network, prior, _Shown.of(None, rows, cols), draws, seed, run)


def _outputs(
    network: AnyNetwork, prior: Prior, shown: _Shown, draws: int, seed: int, run: Run | None = None
) -> NDArray[np.float64]:
    """The same of any outputs, with shape (N, *output_shape)."""
    from gncviz.devices import one_thread
    from gncviz.streams import Stream, torch_generator

    draws, seed = whole_number("draws", draws, 1), whole_number("seed", seed)
    law = held(cheapest_law(network, shown.outline, prior))
    count = min(draws, max(_NUMBERS_PER_DEPTH // law.size, _LEAST_DRAWS))
    count = max(min(count, Run.room(shown.size)), 1)
    rng = torch_generator(seed, Stream.SPECTRA, network.depth)
    with one_thread():
        flat = drawn_outputs(law, shown.size, count, itertools.repeat(rng), run)
    return flat.reshape(-1, *shown.outline.output_shape)
