"""The slice in what is not seen: compiled as in torch, and of the restricted prior's law."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.special
import torch
from numpy.typing import NDArray

from gncviz.kernels import walk
from gncviz.kernels.lanes import LANES_32
from gncviz.kernels.null_space_cpu import TRIES as COMPILED_TRIES
from gncviz.kernels.null_space_cpu import _orthonormalize
from gncviz.kernels.random import ANGLE, DIRECTION, normal_columns
from gncviz.network import Network
from gncviz.posterior.moves import TorchWalk
from gncviz.posterior.moves.layer_pcn import layer_moves
from gncviz.posterior.moves.null_space import TRIES, NullSpace, null_space_moves
from gncviz.prior import Prior
from gncviz.progress import Run
from gncviz.task import Task
from tests.kernels.test_walk import CHAINS, COMPLETION, SENSING, Scales, room, start, target
from tests.posterior.test_refit import copied, exact_start, level
from tests.posterior.test_refit import target as exact_target

CASES = [
    (Network(width=5, depth=2), Prior(), SENSING),
    (Network(width=5, depth=2), Prior(normalize=True), SENSING),
    (Network(width=4, depth=4), Prior(normalize=True), COMPLETION),
    (Network(width=4, depth=10), Prior(normalize="product", scaling="fan_out"), SENSING),
    (Network(depth=1), Prior(normalize=True), SENSING),
    (Network(width=5, depth=3, activation="tanh"), Prior(), SENSING),
    (Network(width=6, depth=3, activation="tanh"), Prior(normalize="product"), COMPLETION),
    (Network(width=5, depth=3, activation="leaky_relu"), Prior(normalize=True), SENSING),
]


@pytest.mark.parametrize(("network", "prior", "task"), CASES)
def test_compiled_slices_are_those_of_the_reference(
    network: Network, prior: Prior, task: Task
) -> None:
    where = target(network, prior, task)
    moves = null_space_moves(where.law, where.losses, task.ball)
    assert len(moves) == len(where.law.linear_blocks)
    plan = TorchWalk(where.law, where.losses, moves, where.dtype).plan
    assert plan is not None
    (state, below), found = start(where), room(where, 2)
    scales = Scales({move.name: 1.0 for move in moves}, {})
    rounds = len(moves)
    walk.CompiledWalk(plan).go(
        torch.Generator().manual_seed(5), state.start, below, scales, rounds + 1, found, Run()
    )
    state, _ = start(where)
    key = walk.key_from(torch.Generator().manual_seed(5))
    for number in range(rounds + 1):
        move = moves[number % rounds]
        rows = move.part.stop - move.part.start
        fresh = torch.tensor(normal_columns(rows, CHAINS, number, DIRECTION, key))
        angles = normal_columns(TRIES, CHAINS, number, ANGLE, key).astype(float)
        places = torch.tensor(scipy.special.erf(angles / math.sqrt(2)), dtype=torch.float32)
        before = state.z.clone()
        state, info = move.moved(state, below, fresh, places)
        share = scales.shares[move.name][number // rounds]
        assert share == pytest.approx(float(info.taken.double().mean()), abs=0.06)
        assert info.taken.double().mean() > 0.5
        assert not torch.equal(before, state.z)
    together = (found.states[0].T - state.z).abs().amax(dim=0) < 1e-2
    assert together.double().mean() > 0.9
    torch.testing.assert_close(
        found.train_loss[0, together], state.train_loss[together], rtol=1e-2, atol=1e-5
    )


@pytest.mark.parametrize("unit", [2.0**-30, 2.0**20])
def test_the_basis_of_what_is_seen_knows_no_unit(unit: float) -> None:
    rng = np.random.default_rng(3)
    rows = rng.standard_normal((4, 6, LANES_32)).astype(np.float32)
    rows[3] = rows[0] - 2 * rows[1]
    found = [_orthonormal(rows * np.float32(by)) for by in (1.0, unit)]
    np.testing.assert_array_equal(found[0], found[1])
    products = np.einsum("idl,jdl->lij", found[0], found[0])
    expected = np.broadcast_to(np.diag([1.0, 1.0, 1.0, 0.0]), products.shape)
    np.testing.assert_allclose(products, expected, atol=1e-5)


def _orthonormal(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Directions made orthonormal one after the other, with shape (q, D, lanes)."""
    basis, room = rows.copy().ravel(), np.zeros(2 * LANES_32, dtype=np.float32)
    for i in range(len(rows)):
        _orthonormalize(basis, i, rows.shape[1], room)
    return basis.reshape(rows.shape)


def test_tries_are_as_many() -> None:
    assert COMPILED_TRIES == TRIES


def unseen_move(where: object, block: int) -> NullSpace:
    ball = where.problem.task.ball
    (move,) = [m for m in null_space_moves(where.law, where.losses, ball) if m.block == block]
    return move


@pytest.mark.parametrize(
    ("activation", "prior"),
    [
        *(("linear", Prior(normalize=normalize)) for normalize in (False, True, "product")),
        *(("leaky_relu", Prior(normalize=normalize)) for normalize in (False, True)),
        *(("tanh", Prior(normalize=normalize)) for normalize in (False, "product")),
    ],
)
def test_leaves_the_restricted_prior_invariant(activation: str, prior: Prior) -> None:
    """Means of many functions, before and after: 5 standard errors, and 60 of them."""
    where = exact_target(Network(width=4, depth=3, activation=activation), prior)
    rng = torch.Generator().manual_seed(1)
    before = exact_start(where, rng)
    after = copied(before)
    for _ in range(2):
        for block in where.law.linear_blocks:
            after, info = unseen_move(where, block).step(rng, after, level(where), 1.0)
            assert info.taken.double().mean() > 0.5
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
        error = np.hypot(old.std(axis=1), new.std(axis=1)) / math.sqrt(old.shape[1])
        assert (abs(new.mean(axis=1) - old.mean(axis=1)) < 5 * error).all()


def test_what_is_not_seen_of_one_layer_is_drawn_afresh() -> None:
    """Without normalization, in closed form: W's unmeasured entries are N(0, 1/m') again."""
    task = Task.random(rows=4, cols=3, measurements=8, kind="completion", seed=5)
    where = exact_target(Network(depth=1), Prior(), task, epsilon=1.0)
    rng = torch.Generator().manual_seed(2)
    state = where.at(torch.full((where.size, 4000), 0.5, dtype=torch.float64))
    below = 2 * float(state.train_loss.max())
    after, info = unseen_move(where, 0).step(rng, copied(state), below, 1.0)
    assert info.taken.all()
    seen = np.zeros(12, bool)
    seen[task.entries] = True
    torch.testing.assert_close(after.z[seen], state.z[seen])
    # The ellipse through 0.5 and a fresh draw: cos(angle)·0.5 + sin(angle)·N(0, 1).
    free = after.z[~seen].numpy()
    assert abs(free.mean(axis=1)).max() < 5 * free.std() / math.sqrt(4000)
    np.testing.assert_allclose((free**2).mean(axis=1), 0.5 * 0.25 + 0.5, atol=0.06)


def test_where_it_is_used() -> None:
    def used(network: Network, prior: Prior, task: Task = SENSING) -> list[int]:
        where = target(network, prior, task)
        return [move.block for move in null_space_moves(where.law, where.losses, task.ball)]

    assert used(Network(depth=3), Prior(normalize=True)) == [0, 1, 2]
    assert used(Network(depth=3, activation="relu"), Prior(normalize=True)) == [2]
    assert used(Network(depth=3, activation="tanh"), Prior(normalize=True)) == []
    assert used(Network(depth=3), Prior("uniform")) == []
    assert used(Network(width=60), Prior()) == []
    moves = target(Network(depth=3), Prior(normalize=True), SENSING).moves
    assert [move.name for move in moves] == [
        *(f"layers {i} to {i}" for i in (1, 2, 3)),
        "null space of layer 1",
        *(f"layers {i} to {i}" for i in (1, 2, 3)),
        "null space of layer 3",
    ]
    wide = target(Network(width=100, depth=3), Prior("uniform", normalize=True), SENSING)
    assert len(wide.moves) == len(layer_moves(wide.law, wide.losses))
