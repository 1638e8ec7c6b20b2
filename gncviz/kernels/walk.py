"""Chains that go on below a level, by the compiled kernel, in pieces that hear Cancel."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from gncviz.kernels.dense_cpu import ROOM, walk
from gncviz.kernels.lanes import LANES_32 as LANES
from gncviz.kernels.lanes import room
from gncviz.kernels.plans import STEP_IN_LAYERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gncviz.kernels.plans import Misfit, WalkPlan
    from gncviz.progress import Run

#: Seconds that one call of the kernel takes at most, and what a term of a sum takes, at worst.
_PIECE, _TERM = 0.05, 1e-9
#: The largest number in float32.
_MOST = float(np.finfo(np.float32).max)


class CompiledWalk:
    """The twin of :class:`gncviz.posterior.moves.walk.TorchWalk`.

    Args:
        plan: what walks.
    """

    def __init__(self, plan: WalkPlan) -> None:
        law, self._plan = plan.law, plan
        shapes = np.array(law.layers.shapes, dtype=np.int64)
        rows, inner = shapes.T
        outputs = rows[-1] * inner[0]
        starts = _places(rows * inner)
        places = _places([inner[0] ** 2, *(rows * inner[0])])
        suffixes = _places([*(inner * rows[-1]), rows[-1] ** 2])
        self._network: tuple[Any, ...] = (
            shapes,
            starts,
            places,
            suffixes,
            np.array(law.scales, np.float32),
            law.layers.sigma,
            np.float32(law.layers.slope),
            law.even,
            law.normalize,
            *_arrays(plan.loss.train),
            *_arrays(plan.loss.gen),
            np.array(plan.seen, np.float32),
        )
        targets = len(plan.loss.train.target), len(plan.loss.gen.target)
        directions = len(plan.seen) * (rows * inner).max()
        self._most_rows = int(max(starts[-1], places[-1], suffixes[-1], directions, *targets)) + 8
        terms = 3 * starts[-1] * inner[0] + targets[0] * outputs + 30 * starts[-1]
        terms += len(plan.seen) * directions
        self._seconds = _TERM * LANES * float(terms)
        self._moves = np.array(plan.moves, dtype=np.int64)

    def go(
        self,
        rng: torch.Generator,
        start: Any,
        level: float,
        scales: Any,
        thin: int,
        found: Any,
        run: Run,
        wanted: float = math.inf,
    ) -> None:
        """Many moves of block after block; see :class:`gncviz.posterior.moves.walk.Walk`."""
        key = key_from(rng)
        z, loss = (np.ascontiguousarray(part.numpy()) for part in start)
        chains, kept = (z, loss[:, None]), _kept(found, wanted)
        # Where the state after so many moves is kept.
        count = len(found.states)
        slots = np.full((count - (thin == 1)) * thin + 1, -1)
        slots[thin if thin > 1 else 0 :: thin] = np.arange(count)
        sweep = len(self._moves) if scales.adapts else len(slots)
        for begun in range(0, len(slots) - 1, sweep):
            moves = np.arange(begun, min(begun + sweep, len(slots) - 1)) % len(self._moves)
            names = [self._plan.names[move] for move in moves]
            lengths = np.array([scales.scale(name) for name in names], np.float32)
            here = slots[begun : begun + len(moves) + 1].copy()
            here[0] = slots[0] if begun == 0 else -1
            taken = self._blocks(
                chains,
                np.float32(min(level, _MOST)),
                self._moves[moves],
                lengths,
                begun,
                key,
                here,
                kept,
                run,
            )
            for name, count in zip(names, taken, strict=True):
                scales.learn(name, count / len(z))

    def draw(self, rng: torch.Generator, found: Any, run: Run, wanted: float = math.inf) -> None:
        """Steps in all layers that keep nothing of where they begin, and are all taken."""
        count, chains, size = found.states.shape
        begin = np.zeros((chains, size), np.float32), np.zeros((chains, 1), np.float32)
        moves = np.array([(STEP_IN_LAYERS, 0, len(self._network[0]))] * count, np.int64)
        slots = np.arange(-1, count)
        lengths, kept = np.ones(count, np.float32), _kept(found, wanted)
        level, key = np.float32(np.inf), key_from(rng)
        self._blocks(begin, level, moves, lengths, 0, key, slots, kept, run)

    def _blocks(
        self,
        chains: tuple[Any, ...],
        level: np.float32,
        moves: NDArray[np.int64],
        lengths: NDArray[np.float32],
        begun: int,
        key: int,
        slots: NDArray[np.int64],
        kept: tuple[Any, ...],
        run: Run,
    ) -> NDArray[np.int64]:
        """Makes some moves of all chains; returns how many proposals were taken, move by move."""
        blocks = -(-len(chains[0]) // LANES)
        taken = np.zeros((blocks, len(moves)), np.int64)
        numbers = room((ROOM, self._most_rows * LANES), np.float32)
        words = room((2, self._most_rows * LANES), np.uint32)
        together = max(int(_PIECE / (self._seconds * len(moves))), 1)
        for first in range(0, blocks, together):
            run.check()
            blocks_now = first, min(first + together, blocks)
            told = level, moves, lengths, begun, np.uint64(key), slots, *kept, taken, *blocks_now
            walk(*(*self._network, *chains, *told, numbers, words))
        return taken.sum(axis=0)


def key_from(rng: torch.Generator) -> int:
    """A key for the kernel's own random numbers, drawn from a stream."""
    return int(torch.empty((), dtype=torch.int64).random_(generator=rng))


def _kept(found: Any, wanted: float) -> tuple[Any, ...]:
    """Where states are kept, and which."""
    states, *losses = (part.numpy() for part in found)
    return np.float32(min(wanted, _MOST)), states, *(part[:, :, None] for part in losses)


def _places(sizes: Any) -> NDArray[np.int64]:
    """Where parts of these sizes begin when they lie one after the other, and where all end."""
    return np.array([0, *itertools.accumulate(sizes)], dtype=np.int64)


def _arrays(misfit: Misfit) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]:
    return (
        np.array(misfit.matrix, np.float32, order="C"),
        np.array(misfit.places, np.int64),
        np.array(misfit.target, np.float32),
    )
