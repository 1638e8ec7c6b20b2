"""What a move works on, and what it tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from gncviz.models.protocols import Law, Losses


class Start(NamedTuple):
    """Where C chains begin.

    Attributes:
        z: as in :class:`State`, but a row a chain, with shape (C, D).
        train_loss: the one that let them in, whatever rounding makes of it now, with shape (C,).
    """

    z: Tensor
    train_loss: Tensor


class State(NamedTuple):
    """C chains, all of them below a level. Their L_gen follows from the outputs, when it is asked.

    Attributes:
        z: where they are: independent standard normals under the prior, with shape (D, C).
        outputs: flattened, with shape (P, C).
        train_loss: L_train in the losses' unit, with shape (C,).
    """

    z: Tensor
    outputs: Tensor
    train_loss: Tensor

    @property
    def start(self) -> Start:
        """Where chains that are here begin."""
        return Start(self.z.T, self.train_loss)


class Population(NamedTuple):
    """Chains' states that are kept, P of each of C chains, a row each.

    Attributes:
        states: z, with shape (P, C, D).
        train_loss: L_train in the losses' unit, with shape (P, C).
        gen_loss: L_gen, with shape (P, C).
    """

    states: Tensor
    train_loss: Tensor
    gen_loss: Tensor


class Info(NamedTuple):
    """What a move did.

    Attributes:
        taken: which proposals were taken, with shape (C,).
        evaluated: how many networks were evaluated.
    """

    taken: Tensor
    evaluated: int


class Kernel(Protocol):
    """A Markov kernel that leaves the prior restricted to {L_train < level} as it is."""

    @property
    def name(self) -> str:
        """Tells it apart from the others; step lengths are adapted by name."""

    @property
    def fixed_scale(self) -> float | None:
        """Its step length; None where that is adapted."""

    @property
    def networks(self) -> int:
        """How many are evaluated for a chain's step, at most."""

    def plan(self, starts: dict[int, int]) -> tuple[int, int, int] | None:
        """The move for kernels: its kind, and the layers that it changes; None where it has none.

        Args:
            starts: the number of the layer that begins at a coordinate.
        """

    def step(
        self, rng: torch.Generator, state: State, level: float, scale: float
    ) -> tuple[State, Info]:
        """One step of all chains; the state that is given is used up.

        Args:
            rng: of all random numbers.
            state: below the level.
            level: what every chain has to stay below, in the losses' unit.
            scale: step length.
        """


def evaluated(law: Law, losses: Losses, z: Tensor) -> State:
    """The state of chains at z (D, C)."""
    outputs = law.outputs(law.from_normals(z))
    return State(z, outputs, losses.train(outputs))


def propose(
    law: Law, losses: Losses, state: State, part: slice, after: Tensor
) -> tuple[State, Callable[[Tensor], tuple[State, Info]]]:
    """Goes where a move would go, and can go back.

    Args:
        law: of the outputs.
        losses: of them.
        state: before; its numbers are overwritten.
        part: the coordinates that change.
        after: what they would be, with shape (D_part, C).

    Returns:
        The state there, and what to call with the proposals that are taken, with shape (C,): it
        leaves the other chains where they were.
    """
    before = state.z[part].clone()
    state.z[part] = after
    there = evaluated(law, losses, state.z)

    def settle(taken: Tensor) -> tuple[State, Info]:
        state.z[part] = torch.where(taken, after, before)
        state.outputs.copy_(torch.where(taken, there.outputs, state.outputs))
        state.train_loss.copy_(torch.where(taken, there.train_loss, state.train_loss))
        return state, Info(taken, len(taken))

    return there, settle
