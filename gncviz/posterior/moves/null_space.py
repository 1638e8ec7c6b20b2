"""A slice in the directions of one layer that the measurements do not see.

Where y is linear in a layer Z, y = L Z R up to a factor, measurements see A·vec(L Z R) of it: as
many directions as there are independent measurements. In the others Z can go anywhere without a
normalization; with one, anywhere where the norm of L Z R lets the measured part fit. The move takes
what is unseen of Z, a Gaussian vector, around an ellipse through itself and a fresh draw, and
shrinks towards where it was until it fits (elliptical slice sampling, Murray et al. 2010).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import torch
from torch import Tensor

from gncviz.kernels.plans import NULL_SPACE
from gncviz.models.protocols import Ball, Law, Losses
from gncviz.posterior.moves.state import Info, Kernel, State, propose

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: More measured directions than this, or weights of a layer, make it too expensive.
_MOST_DIRECTIONS, _MOST_WEIGHTS = 32, 128
#: Points of the ellipse that are tried; after them the chain stays where it is.
TRIES = 4
#: A direction of which less than this share is left, others taken out, counts as unseen.
RESOLUTION = 1e-4


def null_space_moves(law: Law, losses: Losses, ball: Ball | None) -> list[Kernel]:
    """A move for each layer that has directions that are not seen, at a reasonable price.

    Args:
        law: what is moved about in.
        losses: of its outputs.
        ball: {L_train < ε}, where it is one.
    """
    linear = getattr(law, "linear_blocks", ())
    if ball is None or not 1 <= len(ball.center) <= _MOST_DIRECTIONS:
        return []
    sizes = [block.stop - block.start for block in law.blocks]
    fit = [i for i in linear if len(ball.center) < sizes[i] <= _MOST_WEIGHTS]
    return [NullSpace(law, losses, ball, block) for block in fit]


@dataclass(frozen=True)
class NullSpace:
    """The move; see the module.

    Attributes:
        law: one that is linear in the block, whose entries are the normals themselves.
        losses: of its outputs.
        ball: {L_train < ε}.
        block: number of the layer, from 0 on.
        fixed_scale: of no use to a slice.
    """

    law: Law
    losses: Losses
    ball: Ball
    block: int
    fixed_scale: float = 1.0
    networks: ClassVar[int] = TRIES

    def plan(self, starts: dict[int, int]) -> tuple[int, int, int]:
        """A slice in one layer."""
        return NULL_SPACE, self.block, self.block + 1

    @property
    def name(self) -> str:
        """Tells it apart from other moves."""
        return f"null space of layer {self.block + 1}"

    @property
    def part(self) -> slice:
        """The coordinates that it changes."""
        return self.law.blocks[self.block]

    @cached_property
    def directions(self) -> NDArray[np.float64]:
        """What is measured, with shape (q, P): only its span counts, so in a unit of its own."""
        _, exponent = np.frexp(np.abs(self.ball.directions).max(initial=0.0))
        return np.ldexp(self.ball.directions, -exponent)

    @cached_property
    def _tensors(self) -> dict[tuple[torch.device, torch.dtype], Tensor]:
        return {}

    def _on(self, like: Tensor) -> Tensor:
        """The same with shape (q, rows, cols), where a state is, in its precision."""
        place = (like.device, like.dtype)
        if place not in self._tensors:
            rows, cols = self.law.task.output_shape  # type: ignore[attr-defined]
            directions = torch.tensor(self.directions.reshape(-1, rows, cols))
            self._tensors[place] = directions.to(like)
        return self._tensors[place]

    def step(
        self, rng: torch.Generator, state: State, level: float, scale: float
    ) -> tuple[State, Info]:
        """One step of all chains; see :class:`gncviz.posterior.moves.Kernel`."""
        fresh = torch.empty_like(state.z[self.part]).normal_(generator=rng)
        places = state.z.new_empty(TRIES, state.z.shape[1]).uniform_(-1, 1, generator=rng)
        return self.moved(state, level, fresh, places)

    def moved(
        self, state: State, level: float, fresh: Tensor, places: Tensor
    ) -> tuple[State, Info]:
        """The step for given random numbers.

        Args:
            state: below the level; used up.
            level: what every chain has to stay below.
            fresh: standard normals, with the shape of the part.
            places: uniform on ±1, with shape (TRIES, C): where in the bracket to try.
        """
        seen = self._seen(state.z)
        here, there = _unseen(state.z[self.part], seen), _unseen(fresh, seen)
        center = state.z[self.part] - here
        taken = torch.zeros_like(state.train_loss, dtype=torch.bool)
        angle = math.pi * places[0]
        low, high = angle - 2 * math.pi, angle
        for number in range(TRIES):
            if number:
                low, high = torch.where(angle < 0, angle, low), torch.where(angle < 0, high, angle)
                angle = low + (high - low) * (0.5 + 0.5 * places[number])
            after = center + angle.cos() * here + angle.sin() * there
            point, settle = propose(self.law, self.losses, state, self.part, after)
            fits = ~taken & (point.train_loss < level)
            state, _ = settle(fits)
            taken = taken | fits
        return state, Info(taken, TRIES * len(taken))

    def _seen(self, z: Tensor) -> Tensor:
        """An orthonormal basis of what is seen of the layer, with shape (q, D_part, C)."""
        left, right = self.law.around(self.law.from_normals(z), self.block)  # type: ignore[attr-defined]
        rows = torch.einsum("qmn,mkc,lnc->qklc", self._on(z), left, right).flatten(1, 2)
        for i, row in enumerate(rows):
            size = row.norm(dim=0)
            # Once more, for what rounding leaves of a small rest.
            for _ in range(2):
                for other in rows[:i]:
                    row.sub_((other * row).sum(dim=0) * other)
            rest = row.norm(dim=0)
            row.mul_(torch.where(rest > RESOLUTION * size, 1 / rest, 0.0))
        return rows


def _unseen(vector: Tensor, seen: Tensor) -> Tensor:
    """A vector (D, C) without its components along a basis (q, D, C)."""
    rest = vector.clone()
    for direction in seen:
        rest.sub_((direction * rest).sum(dim=0) * direction)
    return rest
