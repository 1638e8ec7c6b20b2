"""The law of the output of any network: its weights drawn from the prior, block by block."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gncviz.models.arrays import checked_size
from gncviz.models.products import TERM_BY_TERM, frobenius_norm
from gncviz.words import grouped

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray
    from torch import Generator, Tensor

    from gncviz.models.protocols import AnyNetwork, AnyTask, Law, Readout, Stack
    from gncviz.prior import Prior
    from gncviz.progress import Run


#: Random numbers of one draw that are made between two looks at a run; a multiple of 16.
PIECE = 2**22

#: Random numbers that are made in one go: large enough to hide the cost of a call, small enough for
#: the cache, and for a run to hear that it is to end.
_CHUNK_NUMBERS = 2**20


@dataclass(frozen=True)
class OutputShape:
    """As much of a task as a law asks for.

    Attributes:
        output_shape: of one output.
        inputs: of the network; None for the identity.
    """

    output_shape: tuple[int, ...]
    inputs: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class DirectLaw:
    """Entries of Q in, outputs out: Definitions 2 and 3 to the letter.

    Attributes:
        network: the network.
        prior: the prior over its weights.
        task: tells the shapes, and the inputs.
    """

    network: Any
    prior: Prior
    task: Any

    @property
    def readout(self) -> Readout | None:
        """None: of any network nothing is known that would allow to integrate a block out."""
        return None

    @property
    def unreadable(self) -> str | None:
        """What a readout would need."""
        return "a network whose output is linear in its last layer"

    @property
    def stack(self) -> Stack | None:
        """None: of any network nothing is known of units."""
        return None

    @cached_property
    def shapes(self) -> list[tuple[int, int]]:
        """Shapes of the blocks, W_1..W_d."""
        return list(self.network.blocks(self.task))

    @cached_property
    def scales(self) -> list[float]:
        """Their factors."""
        return [self.prior.layer_scale(shape) for shape in self.shapes]

    @cached_property
    def blocks(self) -> tuple[slice, ...]:
        """The entries of each block."""
        ends = np.cumsum([0, *(rows * cols for rows, cols in self.shapes)])
        return tuple(slice(int(a), int(b)) for a, b in itertools.pairwise(ends))

    @property
    def size(self) -> int:
        """D, how many random numbers one draw takes."""
        return self.blocks[-1].stop

    @property
    def cost(self) -> int:
        """The time of one draw, in units of one normal number."""
        return self.size

    @property
    def moving_cost(self) -> int:
        """The same from given normals."""
        return self.cost

    def draw(self, count: int, rng: Generator, run: Run | None = None) -> Tensor:
        """Draws of Q for ``count`` networks, with shape (D, count), float32.

        A narrow network's draws run innermost in memory, as its products like it (see
        :func:`gncviz.models.products.product`); a wide one's one after the other.

        Raises:
            Stopped: the run is to end.
        """
        import torch

        narrow = all(cols <= TERM_BY_TERM for _, cols in self.shapes[1:])
        if not narrow:
            empty = torch.empty(count, self.size, device=rng.device)
            return filled(self.prior, empty, rng, run).T
        return filled(self.prior, torch.empty(self.size, count, device=rng.device), rng, run)

    def from_normals(self, normals: Tensor) -> Tensor:
        """Draws of Q for independent standard normals."""
        return self.prior.from_normal(normals)

    def layers(self, entries: Tensor) -> list[Tensor]:
        """The blocks before scaling, views with shape (rows, columns, C)."""
        parts = zip(self.blocks, self.shapes, strict=True)
        return [entries[block].unflatten(0, shape) for block, shape in parts]

    def inputs_like(self, entries: Tensor) -> Tensor | None:
        """The task's inputs, with shape (d_in, N, 1)."""
        return inputs_on(self.task, entries)

    def weights(self, entries: Tensor) -> list[Tensor]:
        """The blocks before normalization, each with shape (rows, columns, C)."""
        return [
            layer * scale for layer, scale in zip(self.layers(entries), self.scales, strict=True)
        ]

    def outputs(self, entries: Tensor) -> Tensor:
        """Flattened outputs (P, C) for entries (D, C).

        An output that is exactly zero has no direction; it stays zero under normalization.
        """
        weights, inputs = self.weights(entries), self.inputs_like(entries)
        found = self.network.forward(weights, inputs)
        flat = found.reshape(-1, entries.shape[1])
        if not self.prior.normalize:
            return flat
        norm = frobenius_norm(flat[:, None])[:, 0]
        if self.prior.normalize == "product":
            return flat / norm
        shrink = norm.pow(-1 / len(weights))
        found = self.network.forward([layer * shrink for layer in weights], inputs)
        return found.reshape(-1, entries.shape[1])


def filled(prior: Prior, entries: Tensor, rng: Generator, run: Run | None = None) -> Tensor:
    """Independent draws of Q, made in place.

    Very many are made piece by piece, so that a run need not wait for them; they are the same.

    Args:
        prior: tells Q.
        entries: to write to; contiguous.
        rng: of them.
        run: asked before each piece.

    Raises:
        Stopped: the run is to end.
    """
    if run is None or entries.is_cuda or entries.numel() <= PIECE:
        return prior.fill(entries, rng)
    # torch makes normals sixteen at a time, and the last ones apart.
    ends = range(PIECE, entries.numel() - 16, PIECE)
    for piece in entries.view(-1).tensor_split(tuple(ends)):
        run.check()
        prior.fill(piece, rng)
    return entries


def inputs_on(task: AnyTask, like: torch.Tensor) -> Tensor | None:
    """A task's inputs as a tensor (d_in, N, 1) of the same kind as another; None for none."""
    import torch

    if task.inputs is None:
        return None
    return torch.tensor(task.inputs, dtype=like.dtype, device=like.device)[:, :, None]


def direct_law(network: AnyNetwork, task: AnyTask, prior: Prior) -> DirectLaw:
    """The law of the output of any network.

    Args:
        network: the model.
        task: tells the shapes, and the inputs.
        prior: over the weights.
    """
    return DirectLaw(network, prior, task)


def cheapest_law(network: AnyNetwork, task: Any, prior: Prior) -> Law:
    """The law of the output in the form that is the cheapest to draw from.

    Args:
        network: the model.
        task: tells the shapes; an :class:`OutputShape` will do.
        prior: over the weights.
    """
    return cheapest(network.laws(task, prior))


def cheapest(laws: Iterable[Law]) -> Law:
    """The form of a law that is the cheapest to draw from.

    Args:
        laws: its exact forms.
    """
    return min(laws, key=lambda law: law.cost)


def held(law: Law) -> Law:
    """A law, if one draw of it fits into memory.

    Args:
        law: of the output.

    Raises:
        SettingsError: it does not; said before anything is allocated.
    """
    checked_size("width", f"that of a network of {grouped(law.size)} random numbers", law.size)
    return law


def chunk_size(law: Law, outputs: int) -> int:
    """Draws to make at once, a power of two that depends on settings only.

    Args:
        law: what is drawn from.
        outputs: how many numbers an output has.
    """
    wanted = max(_CHUNK_NUMBERS // max(law.size, outputs), 1)
    return int(min(1 << (wanted.bit_length() - 1), 16384))


def drawn_outputs(
    law: Law,
    outputs: int,
    count: int,
    rngs: Iterator[Generator],
    run: Run | None = None,
    share: float = 1.0,
) -> NDArray[np.float64]:
    """Outputs of draws, in float64 from float32 entries; fewer where the run is to end.

    Args:
        law: what is drawn from.
        outputs: P, how many numbers an output has.
        count: draws wanted.
        rngs: the generator of each chunk.
        run: asked all the time.
        share: of the time that the run has left, how much all chunks but the first may take.

    Returns:
        Flattened outputs as rows, with shape (count, P) or fewer, none perhaps.
    """
    from gncviz.progress import Run, Stopped

    within = Run() if run is None else Run(cancel=run, seconds=share * run.seconds_left)
    chunk = chunk_size(law, outputs)
    # Filled in place: small arrays kept between large, short-lived ones fragment the heap.
    rows = np.empty((count, outputs))
    for first in range(0, count, chunk):
        try:
            if first:
                within.check()
            entries = law.draw(min(chunk, count - first), next(rngs), within if first else run)
        except Stopped:
            return rows[:first].copy()
        rows[first : first + chunk] = law.outputs(entries.double()).T.cpu().numpy()
    return rows
