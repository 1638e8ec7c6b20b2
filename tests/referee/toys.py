"""Toy models of the referee: standard normals, and losses whose small values are known sets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from gncviz.models.simple import SimpleNetwork, SimpleTask
from tests.referee.truth import Truth, pieces


class Normals(SimpleNetwork):
    """z itself, with shape (D, 1); equally correlated if asked for."""

    correlation: float = 0.0

    def blocks(self, task):
        return [(task.target.size + 1, 1)]

    def forward(self, weights, inputs=None):
        shared, own = weights[0][:1], weights[0][1:]
        return math.sqrt(self.correlation) * shared + math.sqrt(1 - self.correlation) * own


class Ball(SimpleTask):
    """L_train is the mean square distance from a center on the first axis; L_gen is z_1²."""

    def __init__(self, size: int, offset: float) -> None:
        self.target = np.zeros((size, 1))
        self.target[0] = offset

    def train_of(self, outputs, target):
        return (outputs - target).square().mean(dim=0)

    def gen_of(self, outputs, target):
        return outputs[0].square()


class Signs(SimpleTask):
    """L_train is the share of wrong signs, tied nearly everywhere; L_gen is (the mean of z)²."""

    def __init__(self, size: int) -> None:
        self.target = np.ones((size, 1))

    def train_of(self, outputs, target):
        return (outputs <= 0).to(outputs.dtype).mean(dim=0)

    def gen_of(self, outputs, target):
        return outputs.mean(dim=0).square()


class Worst(Signs):
    """L_train is how far the worst coordinate is from the orthant."""

    def train_of(self, outputs, target):
        return (-outputs.amin(dim=0)).clamp_min(0.0)


class Piece(NamedTuple):
    """A region that small losses lie in, and what L_gen is there on average.

    Attributes:
        place: its center's distance from the origin; of a shell, its radius.
        size: how far it reaches where the loss is one above its floor.
        power: its L_train is floor + (distance/size)^power.
        loss: mean L_gen in it.
        floor: the least L_train in it.
    """

    place: float
    size: float
    power: float
    loss: float
    floor: float = 0.0

    def reach(self, epsilon: float) -> float:
        """How far it reaches at a threshold."""
        return self.size * max(epsilon - self.floor, 0.0) ** (1 / self.power)


class Pieces(SimpleTask):
    """L_train is that of the nearest of some pieces; L_gen is its loss times another square.

    That is the square of a last coordinate, which has no part in L_train.
    """

    def __init__(self, size: int, pieces: Sequence[Piece], shells: bool = False) -> None:
        self.target, self.pieces, self.shells = np.zeros((size + 1, 1)), pieces, shells

    def _each(self, outputs):
        """L_train in each piece, with shape (pieces, C)."""
        first, rest = outputs[0], outputs[1:-1].square().sum(dim=0)
        found = []
        for piece in self.pieces:
            if self.shells:
                distance = ((first.square() + rest).sqrt() - piece.place).abs()
            else:
                distance = ((first - piece.place).square() + rest).sqrt()
            found.append(piece.floor + (distance / piece.size) ** piece.power)
        return torch.stack(found)

    def train_of(self, outputs, target):
        return self._each(outputs).amin(dim=0)

    def gen_of(self, outputs, target):
        losses = outputs.new_tensor([piece.loss for piece in self.pieces])
        return losses[self._each(outputs).argmin(dim=0)] * outputs[-1].square()

    def truth(self, epsilon: float) -> Truth:
        """What is known at a threshold at which the pieces do not meet."""
        rows = [(one.place, one.reach(epsilon), one.loss) for one in self.pieces]
        places, radii, losses = np.array(rows).T
        return pieces(self.target.size - 1, places, radii, losses, self.shells)


class Plateau(SimpleTask):
    """L_train is one but for z_1 beyond an edge, where the others' squares decide.

    L_gen is z_1².
    """

    def __init__(self, size: int, edge: float) -> None:
        self.target, self.edge = np.zeros((size, 1)), edge

    def train_of(self, outputs, target):
        mean = outputs[1:].square().mean(dim=0)
        return torch.where(outputs[0] > self.edge, mean / (1 + mean), torch.ones_like(mean))

    def gen_of(self, outputs, target):
        return outputs[0].square()
