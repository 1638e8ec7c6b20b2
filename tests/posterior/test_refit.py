"""The refit move: it leaves the restricted prior as it is, and gets about where others do not."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch

from gncviz.network import Network
from gncviz.posterior.moves import State
from gncviz.posterior.moves.cholesky import cholesky, solve_lower, solve_upper
from gncviz.posterior.moves.layer_pcn import layer_moves
from gncviz.posterior.moves.refit import Refit, refittable
from gncviz.posterior.problem import Problem
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.posterior.splitting.schedule import descend
from gncviz.posterior.splitting.shape import Shape
from gncviz.posterior.splitting.target import Target
from gncviz.prior import Prior
from gncviz.task import Task

# Few measurements and a wide ball, so that plain draws give thousands of exact starting points.
TASK = Task.random(rows=3, cols=4, measurements=4, seed=3)
EPSILON = 0.05
CHAINS = 4000


def target(
    network: Network | None = None,
    prior: Prior | None = None,
    task: Task = TASK,
    epsilon: float = EPSILON,
) -> Target:
    settings = GuessAndCheckSettings(epsilon=epsilon, device="cpu")
    problem = Problem.prepare(task, network or Network(width=4), prior or Prior(), settings)
    return Target(problem, torch.float64)


def exact_start(where: Target, rng: torch.Generator) -> State:
    """Independent draws of the prior restricted to what fits."""
    kept: list[torch.Tensor] = []
    while sum(part.shape[1] for part in kept) < CHAINS:
        state = where.at(torch.randn(where.size, 50_000, generator=rng, dtype=where.dtype))
        kept.append(state.z[:, state.train_loss < level(where)])
    return where.at(torch.cat(kept, dim=1)[:, :CHAINS].contiguous())


def level(where: Target) -> float:
    """ε in the losses' unit."""
    return where.problem.threshold


def refit(where: Target, scale: float) -> Refit:
    """The move."""
    ball = where.problem.task.ball
    assert ball is not None
    return Refit(where.law, where.losses, ball, scale)


def copied(state: State) -> State:
    """A step uses up the state that it is given."""
    return State(*(part.clone() for part in state))


@pytest.mark.parametrize("activation", ["linear", "tanh", "leaky_relu"])
@pytest.mark.parametrize("depth", [2, 3])
def test_leaves_the_restricted_prior_invariant(activation: str, depth: int) -> None:
    """Means of many functions, before and after five moves: 5 standard errors, and 60 of them.

    A false alarm once in 30 000 runs of all cases.
    """
    where = target(Network(width=4, depth=depth, activation=activation))
    rng = torch.Generator().manual_seed(1)
    before = exact_start(where, rng)
    after = copied(before)
    for scale in (0.15, 0.5, 0.9, 0.15, 0.5):
        after, info = refit(where, scale).step(rng, after, level(where), scale)
        assert info.evaluated == CHAINS
        assert info.taken.double().mean() > 0.02
        again = where.at(after.z)
        torch.testing.assert_close(again.outputs, after.outputs)
        assert (after.train_loss < level(where)).all()
    for observe in (
        lambda state: where.losses.gen(state.outputs)[None],
        lambda state: state.train_loss[None],
        lambda state: state.outputs,
        lambda state: state.z.square()[::5],
        lambda state: state.z.square().sum(dim=0, keepdim=True),
    ):
        old, new = observe(before).numpy(), observe(after).numpy()
        error = np.hypot(old.std(axis=1), new.std(axis=1)) / math.sqrt(CHAINS)
        assert (abs(new.mean(axis=1) - old.mean(axis=1)) < 5 * error).all()


def test_moves_on_where_small_thresholds_hold_other_moves_fast() -> None:
    where = target(Network(width=5), task=Task.random(seed=0), epsilon=1e-6)
    rng = torch.Generator().manual_seed(0)
    # Down to a threshold that no draw of the prior meets.
    *_, reached = descend(where, Shape(1, 256, 4), level(where), rng)
    before = where.at(reached.population.states[-1].T.contiguous())
    assert (before.train_loss < level(where)).all()
    after, info = refit(where, 0.15).step(rng, copied(before), level(where), 0.15)
    assert info.taken.double().mean() > 0.05
    moved = (after.z - before.z)[:, info.taken].norm(dim=0)
    assert moved.median() > 1.0


def why_not(where: Target) -> str | None:
    """What is in the way of a refit."""
    assert where.problem.task.ball is not None
    return refittable(where.law, where.problem.task.ball)


def test_where_it_is_used() -> None:
    assert why_not(target()) is None
    assert why_not(target(Network(depth=4, activation="relu"))) is None
    assert "two layers" in str(why_not(target(Network(depth=1))))
    assert "normalization" in str(why_not(target(prior=Prior(normalize=True))))
    assert "Gaussian" in str(why_not(target(prior=Prior("uniform"))))
    many = Task.random(rows=7, cols=7, measurements=40, seed=0)
    assert "40 directions" in str(why_not(target(Network(width=7), task=many)))
    nothing = Task(np.eye(2), np.zeros((1, 2, 2)))
    assert "0 directions" in str(why_not(target(task=nothing)))
    assert [move.name for move in target().moves][-1] == "refit by 0.5"


def test_deep_networks_move_few_layers_at_their_ends_and_many_between() -> None:
    where = target(Network(depth=50))
    parts = [move.part for move in layer_moves(where.law, where.losses)]  # type: ignore[attr-defined]
    assert len(parts) == 8
    assert parts[0].start == 0
    assert parts[-1].stop == where.size
    assert all(a.stop == b.start for a, b in itertools.pairwise(parts))
    assert parts[0] == where.law.blocks[0]
    assert parts[-1] == where.law.blocks[-1]


def test_batched_factorization_solves() -> None:
    rng = np.random.default_rng(0)
    roots = rng.standard_normal((7, 5, 9))
    matrices = np.einsum("nij,nkj->nik", roots, roots)
    right = rng.standard_normal((7, 5))
    factor = cholesky(torch.tensor(matrices).permute(1, 2, 0).contiguous())
    lower = np.tril(factor.permute(2, 0, 1).numpy())
    np.testing.assert_allclose(lower @ lower.transpose(0, 2, 1), matrices)
    solved = solve_upper(factor, solve_lower(factor, torch.tensor(right).T.contiguous()))
    expected = np.linalg.solve(matrices, right[:, :, None])[:, :, 0]
    np.testing.assert_allclose(solved.T.numpy(), expected)
