"""A sweep over the units of networks that have to be right at every sample so far.

Weights are standard normals, so that a vector of them and a fresh one span an ellipse whose points
are as likely as each other. Of the last layer, the points at which all samples stay right are an
arc, which is found exactly (as in linear elliptical slice sampling, Gessner et al. 2020), and one
is drawn from it. Of a hidden unit, they are looked for from a random point on, ever closer to where
the unit was (elliptical slice sampling, Murray et al. 2010); what it takes in is a point of an
ellipse, too, so that a look costs little.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from gncviz.kernels.plans import UnitsPlan
from gncviz.models.protocols import HardLabels, Stack
from gncviz.progress import Run

#: Points of a hidden unit's ellipse that are tried; after them it stays where it is.
TRIES = 8
#: Of the last layer's, before and after the hidden units.
TURNS = 2
#: Units that are moved together: in the last hidden layer, in the one before, where a look takes a
#: sum for each unit above; and farther down, where it takes whole layers, the share of a layer.
_ALONE, _FEW, _SHARE = 1, 4, 4


class Sweep(Protocol):
    """What moves all units once."""

    def go(self, z: Tensor, noise: Tensor, spots: Tensor, count: int, run: Run) -> None:
        """Moves chains that are right at the first samples; they stay so.

        Args:
            z: weights, with shape (C, D), float32; they change in place.
            noise: standard normals (C, ...), as many as the numbers that are moved.
            spots: uniform on (0, 1), with shape (C, ...).
            count: how many samples have to be right.
            run: asked all the time.

        Raises:
            Stopped: the run is cancelled or out of time.
        """


@dataclass(frozen=True)
class TorchSweep:
    """The sweep for any activation, on any device; see the module.

    Attributes:
        stack: the network; its inputs are the samples to be right at, in their order.
        hard: what is asked of these.
        rising: whether row m of the inputs is zero before sample m.
    """

    stack: Stack
    hard: HardLabels
    rising: bool

    @cached_property
    def groups(self) -> tuple[int, ...]:
        """Units of each hidden layer that are moved together."""
        widths = self.stack.widths
        wanted = [max(width // _SHARE, 1) for width in widths]
        for place, most in ((-1, _ALONE), (-2, _FEW)):
            if len(widths) >= -place:
                wanted[place] = min(most, widths[place])
        return tuple(
            next(size for size in range(most, 0, -1) if width % size == 0)
            for width, most in zip(widths, wanted, strict=True)
        )

    @property
    def noise(self) -> int:
        """Normals that a sweep of one chain takes."""
        units, rows = self.stack.shapes[-1]
        return self.stack.size + (2 * TURNS - 1) * units * rows

    @property
    def spots(self) -> int:
        """Uniform numbers that it takes."""
        sizes = zip(self.stack.widths, self.groups, strict=True)
        return sum(width // size for width, size in sizes) * TRIES + 2 * TURNS

    @property
    def networks(self) -> int:
        """As many whole networks a sweep evaluates, at most, by the terms of its sums."""
        shapes = self.stack.shapes
        sizes = [units * rows for units, rows in shapes]
        terms = 2 * sum(sizes) + (2 * TURNS - 1) * sizes[-1]
        for layer, size in enumerate(self.groups):
            looks = shapes[layer][0] // size * TRIES
            terms += looks * (size * shapes[layer + 1][0] + sum(sizes[layer + 2 :]))
        return math.ceil(terms / sum(sizes))

    @property
    def plan(self) -> UnitsPlan | None:
        """For activations that kernels know."""
        stack, targets = self.stack, self.hard.targets
        if stack.sigma is None:
            return None
        several = len(targets) > 1
        return UnitsPlan(
            stack.inputs,
            self.rising,
            tuple(stack.shapes),
            self.groups,
            stack.scales,
            stack.bias,
            stack.sigma,
            stack.slope,
            np.zeros(targets.shape[1]) if several else targets[0],
            targets.argmax(axis=0) if several else np.zeros(targets.shape[1], np.int64),
            TRIES,
            TURNS,
        )

    def go(self, z: Tensor, noise: Tensor, spots: Tensor, count: int, run: Run) -> None:
        """Layer by layer, all chains at a time; see :class:`Sweep`."""
        weights, at = layers_of(self.stack, z), _Cursor(noise, spots)
        rows = forward(self.stack, weights, self._inputs(z)[:, :count])
        for _ in range(TURNS):
            self._turn(weights[-1], rows, at)
        for layer, size in enumerate(self.groups):
            for begin in range(0, self.stack.widths[layer], size):
                run.check()
                rows = self._move(weights, rows, layer, slice(begin, begin + size), at)
        for _ in range(TURNS):
            self._turn(weights[-1], rows, at)

    def _inputs(self, like: Tensor) -> Tensor:
        return torch.tensor(self.stack.inputs, dtype=like.dtype, device=like.device)

    def right(self, outputs: Tensor, first: int = 0) -> Tensor:
        """At which samples outputs (C, K, n) are right, with shape (C, n).

        Args:
            outputs: at some samples.
            first: the number of the first of them.
        """
        return (self._margins(outputs, first) > 0).all(dim=1)

    def _margins(self, outputs: Tensor, first: int = 0) -> Tensor:
        """What has to be above zero, linear in the outputs, with shape (C, constraints, n)."""
        targets = torch.tensor(self.hard.targets, dtype=outputs.dtype, device=outputs.device)
        targets = targets[:, first : first + outputs.shape[2]]
        if len(targets) == 1:
            return outputs * targets
        own = (outputs * targets).sum(dim=1, keepdim=True)
        others = (targets.T == 0).nonzero()[:, 1].unflatten(0, (targets.shape[1], -1)).T
        return own - outputs.gather(1, others.expand(len(outputs), -1, -1))

    def _turn(self, last: Tensor, rows: list[Tensor], at: _Cursor) -> None:
        """Goes to a random point of the arc on which the last layer is right."""
        fresh, outputs = at.normals(last), rows[-1]
        there = fresh @ rows[-2]
        here = self._margins(outputs)
        ratios = (self._margins(there) / here).flatten(1)
        low, high = ratios.amax(1).atan() - math.pi / 2, ratios.amin(1).atan() + math.pi / 2
        free = (here > 0).flatten(1).all(dim=1) & (high > low)
        angle = torch.where(free, low + (high - low) * at.spot(), 0.0)[:, None, None]
        last.copy_(angle.cos() * last + angle.sin() * fresh)
        outputs.copy_(angle.cos() * outputs + angle.sin() * there)

    def _move(
        self,
        weights: list[Tensor],
        rows: list[Tensor],
        layer: int,
        units: slice,
        at: _Cursor,
    ) -> list[Tensor]:
        """Takes some units around an ellipse until all samples are right; gives the new rows."""
        before = weights[layer][:, units].clone()
        fresh, tries, kept = at.normals(before), at.tries(), before.clone()
        angle = 2 * math.pi * tries[0]
        low, high = angle - 2 * math.pi, angle
        done = torch.zeros_like(angle, dtype=torch.bool)
        for number in range(TRIES):
            if number:
                low, high = torch.where(angle < 0, angle, low), torch.where(angle < 0, high, angle)
                angle = low + (high - low) * tries[number]
            cos, sin = angle.cos()[:, None, None], angle.sin()[:, None, None]
            weights[layer][:, units] = cos * before + sin * fresh
            outputs = forward(self.stack, weights, rows[layer], layer)[-1]
            fits = ~done & self.right(outputs).all(dim=1)
            kept[fits] = weights[layer][fits, units]
            done |= fits
        weights[layer][:, units] = kept
        return [*rows[:layer], *forward(self.stack, weights, rows[layer], layer)]


class _Cursor:
    """Random numbers in the order in which they are used."""

    def __init__(self, noise: Tensor, spots: Tensor) -> None:
        self._noise, self._spots, self._place, self._seen = noise, spots, 0, 0

    def normals(self, like: Tensor) -> Tensor:
        """As many as some weights (C, units, rows) are."""
        size = like[0].numel()
        self._place += size
        return self._noise[:, self._place - size : self._place].view_as(like)

    def spot(self) -> Tensor:
        """One of each chain, with shape (C,)."""
        self._seen += 1
        return self._spots[:, self._seen - 1]

    def tries(self) -> Tensor:
        """Those of a group's tries, with shape (TRIES, C)."""
        self._seen += TRIES
        return self._spots[:, self._seen - TRIES : self._seen].T


def layers_of(stack: Stack, z: Tensor) -> list[Tensor]:
    """Views of the weights (C, D), layer by layer, each with shape (C, units, rows).

    Args:
        stack: the network.
        z: the weights.
    """
    parts = z.split([units * rows for units, rows in stack.shapes], dim=1)
    return [part.unflatten(1, shape) for part, shape in zip(parts, stack.shapes, strict=True)]


def forward(stack: Stack, weights: list[Tensor], rows: Tensor, first: int = 0) -> list[Tensor]:
    """Rows of a layer and of all after it, then the outputs.

    Args:
        stack: the network.
        weights: layer by layer, each (C, units, rows).
        rows: what the first layer here is applied to, with shape (C, rows, n), or (rows, n) for all
            chains.
        first: that layer.
    """
    return [rows, *_passed(stack, weights, rows, first)]


def _passed(stack: Stack, weights: list[Tensor], rows: Tensor, first: int) -> Iterator[Tensor]:
    for layer, one in enumerate(weights[first:], start=first):
        if rows.ndim == 2:
            taken = (one.flatten(0, 1) @ rows).unflatten(0, one.shape[:2])
        else:
            taken = one @ rows
        if layer < len(stack.widths):
            rows = stack.function(taken) * stack.scales[layer]
            if stack.bias is not None:
                constant = rows.new_full((len(rows), 1, rows.shape[2]), stack.bias)
                rows = torch.cat([rows, constant], dim=1)
            yield rows
        else:
            yield taken
