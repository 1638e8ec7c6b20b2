"""The known answers are known: each formula against draws, where these are enough."""

from __future__ import annotations

import math

import numpy as np
import pytest

import gncviz as gv
from tests.referee import truth
from tests.referee.toys import Ball, Normals, Piece, Pieces, Plateau, Signs, Worst
from tests.referee.truth import Truth

SHELLS = (Piece(1.0, 0.3, 2.0, 0.2), Piece(3.0, 0.3, 4.0, 1.0))
BALLS = (Piece(0.0, 0.5, 2.0, 0.2, floor=0.1), Piece(2.0, 0.7, 4.0, 1.0))
FREE, SHARED = Normals(), Normals(correlation=0.3)

#: Each with a task, a network, a threshold and the formula's answer.
TOYS = {
    "ball": (Ball(4, 1.0), FREE, 0.3, truth.ball(4, 1.0, math.sqrt(1.2))),
    "signs": (Signs(5), SHARED, 0.1, truth.orthant(5, 0.3, 0.0)),
    "worst": (Worst(5), SHARED, 0.2, truth.orthant(5, 0.3, 0.2)),
    "shells": (Pieces(3, SHELLS, shells=True), FREE, 0.5, Pieces(3, SHELLS, True).truth(0.5)),
    "balls": (Pieces(3, BALLS), FREE, 0.9, Pieces(3, BALLS).truth(0.9)),
    "plateau": (Plateau(3, 0.5), FREE, 0.4, truth.plateau(3, 0.5, 0.4 / 0.6)),
}


@pytest.mark.parametrize("name", TOYS)
def test_of_toys(name: str) -> None:
    task, network, epsilon, known = TOYS[name]
    rng, drawn = np.random.default_rng(1), 400_000
    normals = rng.standard_normal((task.target.size + 1, drawn))
    rho = network.correlation
    outputs = math.sqrt(rho) * normals[0] + math.sqrt(1 - rho) * normals[1:]
    agree(
        known, task.train_loss(outputs.T[..., None]), task.gen_loss(outputs.T[..., None]), epsilon
    )


@pytest.mark.parametrize("depth", [2, 3])
def test_of_columns(depth: int) -> None:
    width, measured, others = 3, np.array([0.5, -0.2]), np.array([0.3, 0.4])
    rng, drawn = np.random.default_rng(2), 400_000
    scale = np.sqrt((rng.chisquare(width, (depth - 1, drawn)) / width).prod(axis=0))
    seen, unseen = scale * rng.standard_normal((2, 2, drawn))
    train = ((seen - measured[:, None]) ** 2).mean(axis=0)
    gen = ((unseen - others[:, None]) ** 2).mean(axis=0)
    agree(truth.column(width, depth, measured, others, 0.05), train, gen, 0.05)


def test_of_caps() -> None:
    rng = np.random.default_rng(3)
    points = rng.standard_normal((400_000, 4))
    points /= np.linalg.norm(points, axis=1)[:, None]
    task = gv.Task(np.eye(4)[:, :1], np.eye(4)[:1, :, None])
    columns = points[..., None]
    agree(truth.cap(4, 0.2), task.train_loss(columns), task.gen_loss(columns), 0.2)


def agree(known: Truth, train: np.ndarray, gen: np.ndarray, epsilon: float) -> None:
    """Within 4 standard errors of independent draws: a false alarm once in 15 000."""
    fits = train < epsilon
    share, count = fits.mean(), fits.sum()
    assert count > 500
    assert abs(10**known.log10_acceptance - share) < 4 * math.sqrt(share / len(fits))
    error = gen[fits].std() / math.sqrt(count)
    assert abs(known.mean_gen_loss - gen[fits].mean()) < 4 * error
