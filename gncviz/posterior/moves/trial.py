"""A twin's first moves, held to what torch makes of the same normals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from gncviz.models.protocols import Law, Losses
from gncviz.posterior.moves.state import Kernel, Population, Start, evaluated
from gncviz.progress import Run
from gncviz.streams import Stream, torch_generator

#: Chains that try a twin out, and how far they step.
_CHAINS, _BETA = 96, 0.3
#: How far normals, and roots of losses over their median, may be off: more than rounding ever is.
_OFF = 1e-3


@dataclass(frozen=True)
class _Steady:
    """Steps that are all as long."""

    adapts: ClassVar[bool] = False

    def scale(self, name: str) -> float:
        return _BETA

    def learn(self, name: str, share: float) -> None:
        """Nothing is learnt."""


def hold(twin: Any, law: Law, losses: Losses, moves: Sequence[Kernel], place: str) -> None:
    """Lets a twin draw, and then step once in every part, and looks at each state.

    Args:
        twin: a :class:`gncviz.posterior.moves.Walk` of Crank–Nicolson steps.
        law: of the outputs.
        losses: of them.
        moves: the steps, to be made in turn.
        place: the device by its name.

    Raises:
        ArithmeticError: states or losses are others than torch's.
    """
    drawn, walked = (_room(length, law.size, place) for length in (1, len(moves) + 1))
    twin.draw(_rng(place), drawn, Run())
    key = int(torch.empty(1, dtype=torch.int64, device=place).random_(generator=_rng(place)))
    _same(drawn.states[0].T, _noise(law.size, 0, key, place), "first states")
    _same_losses(law, losses, drawn, 0)
    order = drawn.train_loss[0].argsort()[: _CHAINS // 2].repeat(2)
    # Just those are below it.
    level = (1 + _OFF) * float(drawn.train_loss[0, order].max())
    start = Start(drawn.states[0, order], drawn.train_loss[0, order])
    twin.go(_rng(place), start, level, _Steady(), 1, walked, Run())
    _same(walked.states[0], drawn.states[0, order], "starts")
    for number, move in enumerate(moves):
        part: slice = move.part  # type: ignore[attr-defined]
        z = walked.states[number].T.contiguous()
        after = z.clone()
        noise = _noise(part.stop - part.start, number, key, place)
        after[part] = math.sqrt(1 - _BETA**2) * z[part] + _BETA * noise
        loss = evaluated(law, losses, after).train_loss
        # Rounding decides where a loss is as good as the level.
        clear = (loss / level - 1).abs() > _OFF
        expected = torch.where(loss < level, after, z)
        _same(walked.states[number + 1].T[:, clear], expected[:, clear], "states")
        _same_losses(law, losses, walked, number + 1)


def _rng(place: str) -> torch.Generator:
    """The generator that keys come from, anew."""
    return torch_generator(0, Stream.TRIAL, 0, place)


def _room(length: int, size: int, place: str) -> Population:
    states = torch.full((length, _CHAINS, size), torch.nan, device=place)
    return Population(states, *torch.full((2, length, _CHAINS), torch.nan, device=place))


def _noise(rows: int, move: int, key: int, place: str) -> Tensor:
    """The normals of a move, as the CPU's kernels make them, with shape (rows, chains)."""
    from gncviz.kernels.random import STEP, normal_columns

    return torch.tensor(normal_columns(rows, _CHAINS, move, STEP, key), device=place)


def _same_losses(law: Law, losses: Losses, found: Population, number: int) -> None:
    """Whether losses that were kept are those of the states that were kept with them."""
    exact = evaluated(law, losses, found.states[number].T.contiguous())
    for kept, made in (
        (found.train_loss[number], exact.train_loss),
        (found.gen_loss[number], losses.gen(exact.outputs)),
    ):
        size = made.median().sqrt().clamp_min(torch.finfo(made.dtype).tiny)
        _same(kept.sqrt() / size, made.sqrt() / size, "losses")


def _same(ours: Tensor, theirs: Tensor, name: str) -> None:
    if not torch.allclose(ours, theirs, rtol=_OFF, atol=_OFF, equal_nan=True):
        raise ArithmeticError(f"its {name} are not those of torch on the same normals.")
