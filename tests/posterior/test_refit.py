"""The refit move: it leaves the restricted prior as it is, and gets about where others do not."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch

from gncviz.network import Network
from gncviz.posterior.moves import layer_moves
from gncviz.posterior.problem import Problem
from gncviz.posterior.refit import Refit, _cholesky, _solve_lower, _solve_upper, can_refit
from gncviz.posterior.rounds import moves_for
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.posterior.target import Target
from gncviz.prior import Prior
from gncviz.task import Task

# Few measurements and a wide ball, so that plain draws give thousands of exact starting points.
TASK = Task.random(rows=3, cols=4, measurements=4, seed=3)
EPSILON = 0.05
CHAINS = 4000


def target(network: Network | None = None, prior: Prior | None = None, task: Task = TASK) -> Target:
    settings = GuessAndCheckSettings(epsilon=EPSILON, device="cpu")
    problem = Problem.prepare(task, network or Network(width=4), prior or Prior(), settings)
    return Target(problem, torch.float64)


def exact_start(where: Target, generator: torch.Generator) -> torch.Tensor:
    """Independent draws of the prior restricted to what fits."""
    kept: list[torch.Tensor] = []
    while sum(part.shape[1] for part in kept) < CHAINS:
        states = where.draw(50_000, generator)
        kept.append(states[:, where.train_loss(where.matrices(states)) < EPSILON])
    return torch.cat(kept, dim=1)[:, :CHAINS].contiguous()


def made(
    where: Target, states: torch.Tensor, scale: float, generator: torch.Generator
) -> tuple[torch.Tensor, float]:
    """The states after one refit, and the share of proposals taken."""
    proposal = Refit(where, scale).propose(states, EPSILON, scale, generator)
    assert proposal.log_ratio is not None
    taken = where.train_loss(where.matrices(proposal.after)) < EPSILON
    taken &= torch.rand(CHAINS, generator=generator).log() < proposal.log_ratio
    return torch.where(taken, proposal.after, states), float(taken.double().mean())


@pytest.mark.parametrize("activation", ["linear", "tanh", "leaky_relu"])
@pytest.mark.parametrize("depth", [2, 3])
def test_leaves_the_restricted_prior_invariant(activation: str, depth: int) -> None:
    """Means of many functions, before and after five moves: 5 standard errors, and 60 of them.

    A false alarm once in 30 000 runs of all cases.
    """
    where = target(Network(width=4, depth=depth, activation=activation))
    generator = torch.Generator().manual_seed(1)
    before = exact_start(where, generator)
    after = before
    for scale in (0.15, 0.5, 0.9, 0.15, 0.5):
        after, taken = made(where, after, scale, generator)
        assert taken > 0.02
    for observe in (
        lambda z: where.gen_loss(where.matrices(z))[None],
        lambda z: where.train_loss(where.matrices(z))[None],
        lambda z: where.matrices(z),
        lambda z: z.square()[::5],
        lambda z: z.square().sum(dim=0, keepdim=True),
    ):
        old, new = observe(before).numpy(), observe(after).numpy()
        error = np.hypot(old.std(axis=1), new.std(axis=1)) / math.sqrt(CHAINS)
        assert (abs(new.mean(axis=1) - old.mean(axis=1)) < 5 * error).all()


def test_moves_on_where_small_thresholds_hold_other_moves_fast() -> None:
    where = target(Network(width=5), task=Task.random(seed=0))
    generator = torch.Generator().manual_seed(0)
    refit = Refit(where, 0.15)
    states = where.draw(500, generator)
    for _ in range(60):  # Down to a threshold that no draw of the prior meets.
        proposal = refit.propose(states, 1e-6, 0.5, generator)
        states = proposal.after
    fits = where.train_loss(where.matrices(states)) < 1e-6
    assert fits.double().mean() > 0.3
    states = states[:, fits]
    proposal = refit.propose(states, 1e-6, 0.15, generator)
    new = where.train_loss(where.matrices(proposal.after)) < 1e-6
    new &= torch.rand(len(new), generator=generator).log() < proposal.log_ratio
    assert new.double().mean() > 0.05
    moved = (proposal.after - states)[:, new].norm(dim=0)
    assert moved.median() > 1.0


def test_where_it_is_used() -> None:
    assert can_refit(target())
    assert can_refit(target(Network(depth=4, activation="relu")))
    assert not can_refit(target(Network(depth=1)))
    assert not can_refit(target(prior=Prior(normalize=True)))
    assert not can_refit(target(prior=Prior("uniform")))
    many = Task.random(rows=7, cols=7, measurements=40, seed=0)
    assert not can_refit(target(Network(width=7), task=many))
    assert [move.name for move in moves_for(target())][-1] == "refit by 0.5"


def test_deep_networks_move_few_layers_at_their_ends_and_many_between() -> None:
    where = target(Network(depth=50))
    parts = [
        move.propose(where.draw(2, torch.Generator()), 1.0, 0.1, torch.Generator()).part
        for move in layer_moves(where)
    ]
    assert len(parts) == 8
    assert parts[0].start == 0
    assert parts[-1].stop == where.size
    assert all(a.stop == b.start for a, b in itertools.pairwise(parts))
    assert parts[0] == where.layers[0]
    assert parts[-1] == where.layers[-1]


def test_batched_factorization_solves() -> None:
    rng = np.random.default_rng(0)
    roots = rng.standard_normal((7, 5, 9))
    matrices = np.einsum("nij,nkj->nik", roots, roots)
    right = rng.standard_normal((7, 5))
    factor = _cholesky(torch.tensor(matrices).permute(1, 2, 0).contiguous())
    lower = np.tril(factor.permute(2, 0, 1).numpy())
    np.testing.assert_allclose(lower @ lower.transpose(0, 2, 1), matrices)
    solved = _solve_upper(factor, _solve_lower(factor, torch.tensor(right).T.contiguous()))
    expected = np.linalg.solve(matrices, right[:, :, None])[:, :, 0]
    np.testing.assert_allclose(solved.T.numpy(), expected)
