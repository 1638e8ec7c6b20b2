"""Chains that go on below a level, by the fused kernel: all moves that a moment allows at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from gncviz.kernels.gpu.layout import Columns, losses, options, padded, tensor
from gncviz.kernels.gpu.steps import walk

if TYPE_CHECKING:
    from torch import Tensor

    from gncviz.kernels.plans import WalkPlan
    from gncviz.progress import Run

#: Chains side by side in a program, each a thread's: as few as there may be, for chains are few.
LANES = 32
#: Seconds that one call of the kernel is to take at most; what a term of a sum takes, by estimate,
#: and programs that are at work at a time, of which more take turns.
_PIECE, _TERM, _AT_ONCE = 0.2, 4e-9, 2**11
#: Terms that the normals of a weight and its way to memory and back are as long as.
_OTHERWISE = 40
#: The largest number in float32.
_MOST = float(np.finfo(np.float32).max)


class _Chains(NamedTuple):
    """Chains on their way.

    Attributes:
        room: with shape (programs, height, LANES), float32; their normals are in the first rows.
        losses: L_train, with shape (programs · LANES,), float32.
        key: of their random numbers, with shape (1,), int64.
        number: how many there are.
    """

    room: Tensor
    losses: Tensor
    key: Tensor
    number: int


class _Turns(NamedTuple):
    """Moves to be made in turn.

    Attributes:
        layers: the first one that each changes, and the one after the last, (S, 2), int32.
        lengths: √(1 − β²) and β of each, with shape (S, 2), float32.
        taken: counts proposals that were taken, with shape (S,), int32.
    """

    layers: Tensor
    lengths: Tensor
    taken: Tensor


class FusedWalk:
    """The twin of :class:`gncviz.posterior.moves.walk.TorchWalk` on a GPU, for steps in layers.

    Steps are those of :class:`gncviz.kernels.walk.CompiledWalk` but for rounding.

    Args:
        plan: what walks, and where.
    """

    def __init__(self, plan: WalkPlan) -> None:
        law, columns = plan.law, Columns.of(plan.law)
        shapes = np.array(law.layers.shapes)
        starts = np.cumsum([0, *shapes.prod(axis=1)])
        depth, outputs = len(shapes), int(shapes[-1][0]) * columns.width
        slot = padded(int(shapes[:, 0].max()), 4) * columns.width + 1
        # One after the other: where chains are, where they may go, what layers give, the output.
        self._size = int(starts[-1])
        prefix = 2 * self._size
        trial = prefix + (depth - 1) * slot
        self._height = trial + 2 * slot + outputs
        self._rows = self._height, self._size, prefix, trial, slot, trial + 2 * slot, outputs
        self._plan = plan
        self._network = (
            self._tensor([*zip(*shapes.T, starts[:-1], strict=True)], torch.int32),
            self._tensor(law.scales, torch.float32),
            depth,
        )
        self._losses = losses(plan.loss, columns, plan.place)
        self._options = {**options(law, plan.loss, columns), "LANES": LANES}
        self._moves = self._tensor([move[1:] for move in plan.moves], torch.int32)
        self._everywhere = self._tensor([(0, depth)], torch.int32)
        measured = len(plan.loss.train.target) * outputs
        terms = self._size * (columns.width + _OTHERWISE) + measured
        self._seconds = _TERM * float(terms)

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
        """All moves, or a sweep at a time; see :class:`gncviz.posterior.moves.walk.Walk`."""
        chains = self._chains(rng, start.z, start.train_loss)
        names, without = self._plan.names, int(thin > 1)
        total = (len(found.states) - 1 + without) * thin
        sweep = len(names) if scales.adapts else max(total, 1)
        for begun in range(0, max(total, 1), sweep):
            count = min(sweep, total - begun)
            made = names[:count]
            turns = self._turns(self._moves, [scales.scale(name) for name in made])
            self._make(chains, turns, begun, count, level, thin, without, found, wanted, run)
            # Only what adapts asks: the answer takes until all that was asked is done.
            if scales.adapts:
                for name, taken in zip(made, turns.taken.tolist(), strict=False):
                    scales.learn(name, taken / chains.number)

    def draw(self, rng: torch.Generator, found: Any, run: Run, wanted: float = math.inf) -> None:
        """Steps in all layers that keep nothing of where they begin, and are all taken."""
        count, chains, size = found.states.shape
        begin = found.states.new_zeros(chains, size), found.states.new_zeros(chains)
        turns = self._turns(self._everywhere, [1.0])
        self._make(
            self._chains(rng, *begin), turns, 0, count, math.inf, 1, 1, found, wanted, run
        )  # fmt: skip

    def _tensor(self, numbers: Any, dtype: torch.dtype) -> Tensor:
        return tensor(numbers, dtype, self._plan.place)

    def _chains(self, rng: torch.Generator, z: Tensor, loss: Tensor) -> _Chains:
        """Chains from where they begin: rows z (C, D), and their losses (C,)."""
        count, size = z.shape
        programs = -(-count // LANES)
        # The last chain stands in for those that a batch lacks: it is like all others.
        filled = torch.arange(programs * LANES, device=z.device).clamp_max(count - 1)
        room = z.new_empty(programs, self._height, LANES)
        room[:, :size] = z[filled].view(programs, LANES, size).transpose(1, 2)
        # The key stays where it is made: to ask for it would be to wait.
        key = torch.empty(1, dtype=torch.int64, device=rng.device).random_(generator=rng)
        return _Chains(room, loss[filled], key.to(z.device), count)

    def _turns(self, layers: Tensor, scales: list[float]) -> _Turns:
        beta = np.ones(len(layers), np.float32)
        beta[: len(scales)] = scales[: len(layers)]
        lengths = np.stack([np.sqrt(np.float32(1) - beta * beta), beta], axis=1)
        taken = torch.zeros(len(layers), dtype=torch.int32, device=layers.device)
        return _Turns(layers, self._tensor(lengths, torch.float32), taken)

    def _make(
        self,
        chains: _Chains,
        turns: _Turns,
        begun: int,
        count: int,
        level: float,
        thin: int,
        skip: int,
        found: Any,
        wanted: float,
        run: Run,
    ) -> None:
        """Makes some moves of all chains, in pieces of a moment each."""
        programs, end = len(chains.room), begun + count
        each = self._seconds * math.ceil(programs / _AT_ONCE)
        piece = max(int(_PIECE / each), 1)
        told = min(level, _MOST), min(wanted, _MOST), self._plan.law.layers.slope
        population = found.states, found.train_loss, found.gen_loss, thin, skip, len(found.states)
        for first in range(begun, max(end, begun + 1), piece):
            if first > begun:
                # So that no more is on its way than a piece when the run is to end.
                _wait_for(chains.room)
            run.check()
            # Triton starts kernels on the present device, whatever their tensors are on.
            with torch.cuda.device_of(chains.room):
                walk[(programs,)](
                    *self._network, turns.layers, turns.lengths, len(turns.layers), chains.key,
                    first, min(piece, end - first), *told, *self._losses, chains.losses,
                    turns.taken, *population, chains.number, self._size, chains.room, *self._rows,
                    **self._options, num_warps=max(LANES // 32, 1),
                )  # fmt: skip


def _wait_for(where: Tensor) -> None:
    """Until a device has done what it was asked for."""
    if where.is_cuda:
        torch.cuda.current_stream(where.device).synchronize()
