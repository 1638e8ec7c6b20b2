"""Moves of the rare-event sampler, each reversible with respect to the prior.

A move proposes; the proposal is taken when its training loss is below the level, and this alone
leaves the prior restricted to {L_train < level} invariant. Proposals work on all chains at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from gncviz.network import batched_product
from gncviz.posterior.orthogonal import directions
from gncviz.posterior.target import Target

#: Proposed states and matrices from the present ones: (states, flat, scale, generator).
Propose = Callable[[Tensor, Tensor, float, torch.Generator], tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Move:
    """A way to propose.

    Attributes:
        name: tells it apart from the others; step lengths are adapted by name.
        propose: the proposal.
        largest: the largest step length.
    """

    name: str
    propose: Propose
    largest: float = 1.0


def moves_for(target: Target) -> list[list[Move]]:
    """One list a slot of a sweep; a sweep takes one move from each, in turn."""
    everything = Move("all", _crank_nicolson(target, target.parts[0]))
    network = [everything]
    if len(target.layers) > 2:
        # Layers differ widely in how far they can move; one at a time, each takes its own step.
        network += [
            Move(f"layer {i}", _crank_nicolson(target, layer))
            for i, layer in enumerate(target.layers, start=1)
        ]
    slots = [network]
    if target.turns_right:
        slots.append([Move("shape", _reshape(target))])
    turns = []
    if target.turns_left:
        turns.append([Move("turn left", _turn_left(target), math.pi)])
    if target.turns_right:
        turns.append([Move("turn right", _turn_right(target), math.pi)])
    return slots + 2 * turns


def _crank_nicolson(target: Target, part: slice) -> Propose:
    """Preconditioned Crank–Nicolson on a part of z: √(1−β²)·z + β·ξ (Cotter et al. 2013)."""

    def propose(
        states: Tensor, _: Tensor, scale: float, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        noise = torch.empty_like(states[part]).normal_(generator=generator)
        proposal = states.clone()
        proposal[part] = noise.mul_(scale).add_(states[part], alpha=math.sqrt(1 - scale * scale))
        return proposal, target.matrices(proposal)

    return propose


def _turn_left(target: Target) -> Propose:
    """W and L turned by a small angle in a random plane of R^m."""

    def propose(
        states: Tensor, flat: Tensor, scale: float, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        part, m = target.parts[1], target.rows
        turn = _plane_turn(m, flat, scale, generator)
        proposal = states.clone()
        proposal[part] = turn(states[part].unflatten(0, (m, m))).flatten(0, 1)
        return proposal, turn(flat.unflatten(0, (m, -1))).flatten(0, 1)

    return propose


def _turn_right(target: Target) -> Propose:
    """W and R turned by a small angle in a random plane of R^m'."""

    def propose(
        states: Tensor, flat: Tensor, scale: float, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        part, m = target.parts[2], target.cols
        turn = _plane_turn(m, flat, scale, generator)
        proposal = states.clone()
        proposal[part] = _transposed(turn, states[part].unflatten(0, (m, m)))
        return proposal, _transposed(turn, flat.unflatten(0, (-1, m)))

    return propose


def _transposed(turn: Callable[[Tensor], Tensor], matrix: Tensor) -> Tensor:
    return turn(matrix.transpose(0, 1)).transpose(0, 1).flatten(0, 1)


def _plane_turn(
    side: int, like: Tensor, scale: float, generator: torch.Generator
) -> Callable[[Tensor], Tensor]:
    """A rotation by an angle N(0, scale²) in a uniformly random plane, for each chain.

    The plane does not depend on the state and the angle is symmetric, so that the turn and its
    inverse are proposed alike.
    """
    chains = like.shape[-1]
    normals = like.new_empty(2 * side + 1, chains).normal_(generator=generator)
    first, second = normals[:side], normals[side : 2 * side]
    angle = normals[-1] * scale
    first = first / first.norm(dim=0)
    second = second - (first * second).sum(dim=0) * first
    second = second / second.norm(dim=0)
    cosine, sine = angle.cos() - 1, angle.sin()

    def turn(matrix: Tensor) -> Tensor:
        """Turns the columns of matrices with shape (side, s, C)."""
        a = (first[:, None] * matrix).sum(dim=0)
        b = (second[:, None] * matrix).sum(dim=0)
        along = first[:, None] * (cosine * a - sine * b)
        return matrix + along.addcmul_(second[:, None], cosine * b + sine * a)

    return turn


def _reshape(target: Target) -> Propose:
    """A Crank–Nicolson step on all of z that keeps the directions of W nearly where they are.

    z stands for W(z) = U S Vᵀ. With any map z → (U, V) to orthogonal matrices, (z, L, R) →
    (z', L U U'ᵀ, V' Vᵀ R) preserves the Haar measure and is undone by the step back, so the move
    is reversible even where U and V are rough approximations of the singular vectors. W becomes
    L U S' Vᵀ R: new singular values, old directions, so that z may go far.
    """
    normals, left, right = target.parts

    def propose(
        states: Tensor, _: Tensor, scale: float, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        m, p = target.rows, target.cols
        noise = torch.empty_like(states[normals]).normal_(generator=generator)
        proposal = states.clone()
        kept = math.sqrt(1 - scale * scale)
        proposal[normals] = noise.mul_(scale).add_(states[normals], alpha=kept)
        before = target.coordinates.matrices(states[normals].T)
        after = target.coordinates.matrices(proposal[normals].T)
        (u, v), (u2, v2) = directions(before), directions(after)
        turn = batched_product(_batch(states[left], m), batched_product(u, u2.transpose(1, 2)))
        back = batched_product(batched_product(v2, v.transpose(1, 2)), _batch(states[right], p))
        proposal[left] = turn.permute(1, 2, 0).flatten(0, 1)
        proposal[right] = back.permute(1, 2, 0).flatten(0, 1)
        matrix = batched_product(batched_product(turn, after), back)
        return proposal, matrix.permute(1, 2, 0).reshape(m * p, -1)

    return propose


def _batch(rows: Tensor, side: int) -> Tensor:
    return rows.unflatten(0, (side, side)).permute(2, 0, 1)
