"""Compiled walks do what their torch reference does, on the same normals."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch

from gncviz.activation import ACTIVATIONS
from gncviz.kernels import walk
from gncviz.kernels.random import STEP, normal_columns
from gncviz.network import Network
from gncviz.posterior import GuessAndCheckResult, guess_and_check
from gncviz.posterior.draws import Draws
from gncviz.posterior.moves import Population, State, TorchWalk
from gncviz.posterior.moves.layer_pcn import layer_moves
from gncviz.posterior.moves.pcn import CrankNicolson
from gncviz.posterior.problem import Problem
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.posterior.splitting import target as precision
from gncviz.posterior.splitting.levels import Reached
from gncviz.posterior.splitting.target import Target
from gncviz.prior import Prior
from gncviz.progress import Run, Stopped
from gncviz.task import Task

SENSING = Task.random(rows=4, cols=3, measurements=7, seed=1)
COMPLETION = Task.random(rows=4, cols=3, measurements=7, kind="completion", seed=1)
#: The smallest ε that float32 is used for.
FAINTEST = 1.001 * precision._FLOAT32_RESOLUTION**2
#: Two whole blocks, and some more.
CHAINS = 70
PRIORS = [
    Prior(family, normalize=normalize, scaling=scaling)
    for family in ("gaussian", "uniform")
    for normalize in (False, True, "product")
    for scaling in ("fan_in", "fan_out")
]


@dataclass(frozen=True)
class Scales:
    """Step lengths that differ, and what was learnt."""

    lengths: dict[str, float]
    shares: dict[str, list[float]]
    adapts: bool = False

    def scale(self, name: str) -> float:
        return self.lengths[name]

    def learn(self, name: str, share: float) -> None:
        self.shares.setdefault(name, []).append(share)


def target(network: Network, prior: Prior, task: Task) -> Target:
    settings = GuessAndCheckSettings(epsilon=0.1, device="cpu")
    return Target(Problem.prepare(task, network, prior, settings), torch.float32)


def reference(where: Target) -> TorchWalk:
    """Steps layer by layer, and nothing else."""
    moves = layer_moves(where.law, where.losses)
    return TorchWalk(where.law, where.losses, moves, where.dtype)


def compiled(where: Target) -> walk.CompiledWalk:
    plan = reference(where).plan
    assert plan is not None
    return walk.CompiledWalk(plan)


def scales_of(where: Target, adapts: bool = False) -> Scales:
    names = [move.name for move in reference(where).moves]
    return Scales({name: 0.1 + 0.3 / (i + 1) for i, name in enumerate(names)}, {}, adapts)


def start(where: Target) -> tuple[State, float]:
    """Chains below a level that many a step would leave."""
    normals = torch.randn(where.size, 5 * CHAINS, generator=torch.Generator().manual_seed(3))
    many = where.at(normals)
    below = many.train_loss.argsort()[:CHAINS]
    state = where.at(many.z[:, below].contiguous())
    return state, (1 + 1e-6) * float(state.train_loss.max())


def room(where: Target, length: int) -> Population:
    return Population(
        torch.full((length, CHAINS, where.size), torch.nan),
        *torch.full((2, length, CHAINS), torch.nan),
    )


def walked(
    where: Target,
    length: int,
    thin: int,
    scales: Scales | None = None,
    wanted: float = math.inf,
) -> Population:
    """What the twin makes of the start."""
    state, level = start(where)
    found = room(where, length)
    rng = torch.Generator().manual_seed(5)
    scales = scales or scales_of(where)
    compiled(where).go(rng, state.start, level, scales, thin, found, Run(), wanted)
    return found


def stepped(where: Target, length: int) -> Population:
    """What the reference makes of it with the same normals; every state is kept."""
    state, level = start(where)
    found, scales = room(where, length), scales_of(where)
    key = walk.key_from(torch.Generator().manual_seed(5))
    moves = itertools.cycle(reference(where).moves)
    for number in range(length):
        if number:
            move = next(moves)
            assert isinstance(move, CrankNicolson)
            rows = move.part.stop - move.part.start
            noise = torch.tensor(normal_columns(rows, CHAINS, number - 1, STEP, key))
            state, _ = move.moved(state, level, scales.scale(move.name), noise)
        found.states[number] = state.z.T
        found.train_loss[number] = state.train_loss
        found.gen_loss[number] = where.losses.gen(state.outputs)
    return found


def assert_same_way(where: Target) -> None:
    """Nearly all chains go the same way; a loss within rounding of the level may part some."""
    length = 2 * len(reference(where).moves) + 3
    found, expected = walked(where, length, 1), stepped(where, length)
    together = (found.states - expected.states).abs().amax(dim=(0, 2)) < 1e-4
    assert together.double().mean() > 0.9
    size = float(expected.train_loss[0].max())
    for ours, theirs in zip(found[1:], expected[1:], strict=True):
        torch.testing.assert_close(
            ours[:, together], theirs[:, together], rtol=2e-3, atol=2e-4 * size
        )
    # Some proposals were taken and some were not, unless all units are dead and one loss is all.
    stayed = (found.states[1:] == found.states[:-1]).all(dim=2).double().mean()
    assert stayed < 0.99
    assert stayed > 0.01 or expected.train_loss.std() < 1e-5 * size


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("depth", [1, 2, 3, 10, 30, 64])
@pytest.mark.parametrize("normalize", [False, True, "product"])
def test_goes_the_same_way(activation: str, depth: int, normalize: bool | str) -> None:
    network = Network(width=5, depth=depth, activation=activation)
    assert_same_way(target(network, Prior(normalize=normalize), SENSING))


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("prior", PRIORS, ids=str)
@pytest.mark.parametrize("task", [SENSING, COMPLETION], ids=["sensing", "completion"])
def test_goes_the_same_way_under_any_prior(activation: str, prior: Prior, task: Task) -> None:
    assert_same_way(target(Network(width=6, depth=3, activation=activation), prior, task))


@pytest.mark.parametrize("activation", ["linear", "tanh", "relu"])
@pytest.mark.parametrize("prior", PRIORS, ids=str)
def test_first_states_are_draws_of_the_prior(activation: str, prior: Prior) -> None:
    where = target(Network(width=6, depth=3, activation=activation), prior, SENSING)
    found = room(where, 3)
    compiled(where).draw(torch.Generator().manual_seed(5), found, Run())
    key = walk.key_from(torch.Generator().manual_seed(5))
    for number, z in enumerate(found.states):
        noise = torch.tensor(normal_columns(where.size, CHAINS, number, STEP, key))
        torch.testing.assert_close(z, noise.T, rtol=0, atol=0)
        state = where.at(noise)
        expected = state.train_loss, where.losses.gen(state.outputs)
        torch.testing.assert_close(found.train_loss[number], expected[0], rtol=2e-4, atol=1e-5)
        torch.testing.assert_close(found.gen_loss[number], expected[1], rtol=2e-4, atol=1e-5)


def test_first_states_that_are_not_wanted_are_not_written_but_for_the_last() -> None:
    where = target(Network(depth=3, width=4), Prior(normalize=True), SENSING)
    every, some = room(where, 5), room(where, 5)
    compiled(where).draw(torch.Generator().manual_seed(5), every, Run())
    wanted = float(every.train_loss.median())
    compiled(where).draw(torch.Generator().manual_seed(5), some, Run(), wanted)
    kept = every.train_loss < wanted
    kept[-1] = True
    assert 0.3 < kept.double().mean() < 0.8
    torch.testing.assert_close(some.states[kept], every.states[kept], rtol=0, atol=0)
    assert some.states[~kept].isnan().all()
    torch.testing.assert_close(some.train_loss, every.train_loss, rtol=0, atol=0)


def test_keeps_every_so_manyth_state_of_one_walk() -> None:
    where = target(Network(depth=3, width=4), Prior(normalize=True), SENSING)
    every, some = walked(where, 13, 1), walked(where, 3, 4)
    torch.testing.assert_close(some.states, every.states[4::4], rtol=0, atol=0)
    torch.testing.assert_close(some.gen_loss, every.gen_loss[4::4], rtol=0, atol=0)


def test_states_that_are_not_wanted_are_not_written_but_for_the_last() -> None:
    where = target(Network(depth=3, width=4), Prior(normalize=True), SENSING)
    every = walked(where, 5, 2)
    wanted = float(every.train_loss.median())
    some = walked(where, 5, 2, wanted=wanted)
    kept = every.train_loss < wanted
    kept[-1] = True
    assert 0.3 < kept.double().mean() < 0.8
    torch.testing.assert_close(some.states[kept], every.states[kept], rtol=0, atol=0)
    assert some.states[~kept].isnan().all()
    for ours, theirs in zip(some[1:], every[1:], strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=0)


def test_numbers_do_not_depend_on_the_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    where = target(Network(depth=3, width=4, activation="tanh"), Prior(), SENSING)
    whole = walked(where, 9, 2)
    monkeypatch.setattr(walk, "_PIECE", 0.0)
    for ours, theirs in zip(walked(where, 9, 2), whole, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=0)


def test_shares_that_are_taken_are_learnt_sweep_by_sweep() -> None:
    where = target(Network(depth=3, width=4), Prior(normalize=True), SENSING)
    adapting, fixed = scales_of(where, adapts=True), scales_of(where)
    swept, whole = walked(where, 8, 1, adapting), walked(where, 8, 1, fixed)
    # A sweep begins anew with what it knows, which changes roundings only.
    torch.testing.assert_close(swept.states, whole.states)
    assert {name: len(shares) for name, shares in adapting.shares.items()} == {
        "layers 1 to 1": 3,
        "layers 2 to 2": 2,
        "layers 3 to 3": 2,
    }
    moved = (whole.states[1:] != whole.states[:-1]).any(dim=2).double().mean(dim=1)
    assert adapting.shares["layers 2 to 2"] == pytest.approx(moved[1::3].tolist())


def test_a_run_that_is_to_end_is_heard() -> None:
    where = target(Network(), Prior(normalize=True), SENSING)
    state, level = start(where)
    rng = torch.Generator().manual_seed(5)
    with pytest.raises(Stopped):
        compiled(where).go(
            rng, state.start, level, scales_of(where), 4, room(where, 4), Run(seconds=-1.0)
        )


def test_where_there_is_a_twin() -> None:
    small = target(Network(), Prior(normalize=True), SENSING)
    assert isinstance(small.walk, walk.CompiledWalk)
    for network in (Network(width=1, depth=32), Network(width=4, depth=64)):
        assert isinstance(target(network, Prior(normalize=True), SENSING).walk, walk.CompiledWalk)
    for network in (
        Network(width=3, depth=33),
        Network(width=4, depth=65),
        Network(width=100, depth=3, activation="tanh"),
    ):
        assert isinstance(target(network, Prior(normalize=True), SENSING).walk, TorchWalk)
    assert isinstance(Target(small.problem, torch.float64).walk, TorchWalk)


def faintest(**settings: Any) -> GuessAndCheckResult:
    """A run at the smallest ε that float32 is used for."""
    task, network = Task.random(seed=0), Network(activation="tanh")
    asked = {"method": "splitting", "draws": 10**9, "device": "cpu", **settings}
    return guess_and_check(task, network, Prior(), FAINTEST, **asked)


def test_float32_tells_what_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of states that float32 holds for right at ε, few are not, and they are left out."""
    looked_at, kept, whole = [], [], Reached._fitting

    def counted(self: Reached, parts: list[Draws], turns: int) -> tuple[Draws, np.ndarray]:
        draws, island = whole(self, parts, turns)
        looked_at.append(sum(map(len, parts)))
        kept.append(len(draws))
        return draws, island

    monkeypatch.setattr(Reached, "_fitting", counted)
    post = faintest(samples=50)
    assert post.status == "ok"
    assert (post.train_loss < FAINTEST).all()
    assert 0.999 < sum(kept) / sum(looked_at) <= 1


@pytest.mark.slow
def test_float32_samples_what_float64_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where both are at hand they differ by four standard errors once in 16 000 times."""
    fast = faintest(samples=500)
    monkeypatch.setattr(precision, "_FLOAT32_RESOLUTION", 1.0)
    exact = faintest(samples=100, seed=1)
    assert exact.status == fast.status == "ok"
    error = math.hypot(fast.stderr, exact.stderr)
    assert abs(fast.mean_gen_loss - exact.mean_gen_loss) < 4 * error
    error = math.hypot(fast.log10_acceptance_stderr, exact.log10_acceptance_stderr)
    assert abs(fast.log10_acceptance - exact.log10_acceptance) < 4 * error
