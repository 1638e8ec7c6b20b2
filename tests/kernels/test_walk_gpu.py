"""The fused Triton kernel walks as the CPU's compiled one does, on the same normals.

Without a GPU it runs in Triton's interpreter, so that networks are small here and walks short.
"""

from __future__ import annotations

import importlib
import math
import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
import torch

from gncviz.activation import ACTIVATIONS
from gncviz.kernels import FUSED_WALK, has_twin, twin, walk
from gncviz.kernels.plans import WalkPlan
from gncviz.network import Network
from gncviz.posterior import Status, guess_and_check
from gncviz.posterior.moves import Population, TorchWalk, moves_for
from gncviz.posterior.splitting import rounds, work
from gncviz.posterior.splitting.target import Target
from gncviz.prior import Prior
from gncviz.progress import Run, Stopped
from gncviz.task import Task
from tests.kernels.test_walk import Scales, reference, scales_of, start, target
from tests.test_round_trips import RoundTrips

pytest.importorskip("triton", reason="Triton is for Linux on x86-64 only")

SENSING = Task.random(rows=4, cols=3, measurements=7, seed=1)
COMPLETION = Task.random(rows=3, cols=4, measurements=7, kind="completion", seed=1)
#: Columns go in two tiles and are padded.
UNEVEN = Task.random(rows=2, cols=9, measurements=7, seed=1)
#: Chains side by side in the interpreter, where it hardly matters how many they are.
LANES = 128
#: As many as :mod:`tests.kernels.test_walk` lets start.
CHAINS = 70
PRIORS = [
    Prior(family, normalize=normalize, scaling=scaling)
    for family, scaling in (("gaussian", "fan_in"), ("uniform", "fan_out"))
    for normalize in (False, True, "product")
]


@pytest.fixture
def walks(monkeypatch: pytest.MonkeyPatch, device: str) -> Any:
    """The module of the kernel's twin."""
    module = importlib.import_module(FUSED_WALK[0])
    if device == "cpu":
        monkeypatch.setattr(module, "LANES", LANES)
    return module


def room(where: Target, length: int, place: str) -> Population:
    return Population(
        torch.full((length, CHAINS, where.size), torch.nan, device=place),
        *torch.full((2, length, CHAINS), torch.nan, device=place),
    )


def plan_of(where: Target, place: str) -> WalkPlan:
    plan = reference(where).plan
    assert plan is not None
    return replace(plan, place=place)


def went(
    made: Any,
    where: Target,
    place: str,
    length: int,
    thin: int = 1,
    scales: Scales | None = None,
    wanted: float = math.inf,
) -> Population:
    """What a twin makes of the start."""
    state, level = start(where)
    found = room(where, length, place)
    begin = type(state.start)(*(part.to(place, copy=True) for part in state.start))
    # A GPU's generator makes other keys.
    rng = torch.Generator().manual_seed(5)
    scales = scales or scales_of(where)
    made.go(rng, begin, level, scales, thin, found, Run(), wanted)
    return Population(*(part.cpu() for part in found))


def assert_close(found: Population, expected: Population) -> None:
    """Nearly all chains went the same way; a loss within rounding of the level may part some."""
    together = ((found.states - expected.states).abs() < 1e-4).all(dim=2).all(dim=0)
    assert together.double().mean() > 0.95
    size = float(expected.train_loss[0].max())
    for ours, theirs in zip(found[1:], expected[1:], strict=True):
        torch.testing.assert_close(
            ours[:, together], theirs[:, together], rtol=1e-3, atol=1e-4 * size
        )


def agree(walks: Any, where: Target, place: str, length: int = 0) -> None:
    """The twin of a GPU and that of the CPU walk the same way."""
    length = length or len(reference(where).moves) + 3
    plan = plan_of(where, place)
    found = went(walks.FusedWalk(plan), where, place, length)
    expected = went(walk.CompiledWalk(replace(plan, place="cpu")), where, "cpu", length)
    assert_close(found, expected)
    stayed = (found.states[1:] == found.states[:-1]).all(dim=2).double().mean()
    assert stayed < 0.99
    assert stayed > 0.01 or expected.train_loss.std() < 1e-5 * float(expected.train_loss[0].max())


@pytest.mark.parametrize("number", range(len(ACTIVATIONS)))
def test_every_activation_and_prior(number: int, walks: Any, device: str) -> None:
    """Each activation meets one prior, and each prior one activation."""
    network = Network(width=3, depth=2, activation=list(ACTIVATIONS)[number])
    agree(walks, target(network, PRIORS[number], SENSING), device)


@pytest.mark.parametrize(
    ("network", "prior", "task"),
    [
        (Network(depth=1), PRIORS[0], SENSING),
        (Network(depth=1), PRIORS[4], COMPLETION),
        (Network(width=5, depth=3, activation="sin"), PRIORS[1], COMPLETION),
        (Network(width=3, depth=3, activation="leaky_relu"), PRIORS[1], SENSING),
        (Network(width=2, depth=2, activation="tanh"), PRIORS[0], UNEVEN),
        (Network(width=2, depth=8, activation="relu"), PRIORS[4], SENSING),
        (Network(width=2, depth=10, activation="tanh"), PRIORS[1], SENSING),
    ],
    ids=["one layer", "one, uniform", "completion", "direction", "uneven", "eight", "groups"],
)
def test_shapes(network: Network, prior: Prior, task: Task, walks: Any, device: str) -> None:
    agree(walks, target(network, prior, task), device)


@pytest.mark.slow
@pytest.mark.parametrize("prior", PRIORS, ids=str)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("task", [SENSING, COMPLETION], ids=["sensing", "completion"])
def test_every_activation_with_every_prior(
    activation: str, prior: Prior, task: Task, walks: Any, device: str
) -> None:
    agree(walks, target(Network(width=3, depth=3, activation=activation), prior, task), device)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("network", "prior"),
    [
        (Network(width=20, depth=3, activation="tanh"), PRIORS[0]),
        (Network(width=2, depth=30), PRIORS[1]),
        (Network(width=2, depth=30, activation="sin"), PRIORS[4]),
    ],
    ids=["wide", "deep", "deep, by factors"],
)
def test_larger_networks(network: Network, prior: Prior, walks: Any, device: str) -> None:
    agree(walks, target(network, prior, Task.random(seed=0)), device)


def small() -> Target:
    return target(Network(width=2, depth=2, activation="tanh"), Prior(), SENSING)


@pytest.mark.parametrize("network", [Network(depth=1), Network(width=3, depth=3)], ids=str)
@pytest.mark.parametrize("prior", [PRIORS[1], PRIORS[5]], ids=str)
def test_first_states_are_draws_of_the_prior(
    network: Network, prior: Prior, walks: Any, device: str
) -> None:
    where = target(network, prior, SENSING)
    plan = plan_of(where, device)
    found, expected = room(where, 2, device), room(where, 2, "cpu")
    for made, kept in (
        (walks.FusedWalk(plan), found),
        (walk.CompiledWalk(replace(plan, place="cpu")), expected),
    ):
        made.draw(torch.Generator().manual_seed(5), kept, Run())
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours.cpu(), theirs, rtol=1e-3, atol=1e-5)


def test_programs_side_by_side(walks: Any, device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walks, "LANES", 32)
    agree(walks, small(), device)


def test_keeps_every_so_manyth_state_of_one_walk(walks: Any, device: str) -> None:
    where = small()
    made = walks.FusedWalk(plan_of(where, device))
    every, some = went(made, where, device, 10), went(made, where, device, 3, 3)
    for ours, theirs in zip(some, every, strict=True):
        torch.testing.assert_close(ours, theirs[3::3], rtol=0, atol=0)


def test_states_that_are_not_wanted_are_not_written_but_for_the_last(
    walks: Any, device: str
) -> None:
    where = small()
    made = walks.FusedWalk(plan_of(where, device))
    every = went(made, where, device, 4)
    wanted = float(every.train_loss.median())
    some = went(made, where, device, 4, wanted=wanted)
    kept = every.train_loss < wanted
    kept[-1] = True
    assert 0.3 < kept.double().mean() < 0.9
    torch.testing.assert_close(some.states[kept], every.states[kept], rtol=0, atol=0)
    assert some.states[~kept].isnan().all()
    for ours, theirs in zip(some[1:], every[1:], strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=0)


def test_numbers_do_not_depend_on_the_pieces(
    walks: Any, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = small()
    whole = went(walks.FusedWalk(plan_of(where, device)), where, device, 3, 2)
    monkeypatch.setattr(walks, "_PIECE", 0.0)
    pieces = went(walks.FusedWalk(plan_of(where, device)), where, device, 3, 2)
    for ours, theirs in zip(pieces, whole, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-7)


def test_shares_that_are_taken_are_learnt_sweep_by_sweep(walks: Any, device: str) -> None:
    where, learnt = small(), []
    plan = plan_of(where, device)
    for made, place in (
        (walks.FusedWalk(plan), device),
        (walk.CompiledWalk(replace(plan, place="cpu")), "cpu"),
    ):
        scales = scales_of(where, adapts=True)
        went(made, where, place, 6, scales=scales)
        learnt.append(scales.shares)
    assert learnt[0].keys() == learnt[1].keys()
    for name, shares in learnt[0].items():
        # A chain in a hundred may be parted from its twin by rounding.
        assert shares == pytest.approx(learnt[1][name], abs=0.02)
    assert [len(shares) for shares in learnt[0].values()] == [3, 2]


def test_a_run_that_is_to_end_is_heard(walks: Any, device: str) -> None:
    where = small()
    state, level = start(where)
    begin = type(state.start)(*(part.to(device) for part in state.start))
    made, found = walks.FusedWalk(plan_of(where, device)), room(where, 4, device)
    with pytest.raises(Stopped):
        made.go(torch.Generator(), begin, level, scales_of(where), 4, found, Run(seconds=-1.0))


class Started:
    """In place of a kernel: counts how often it is started."""

    def __init__(self) -> None:
        self.times = 0

    def __getitem__(self, grid: Any) -> Any:
        def start(*_: Any, **__: Any) -> None:
            self.times += 1

        return start


@pytest.mark.parametrize("adapts", [False, True])
def test_nothing_is_asked_but_once_a_sweep(
    adapts: bool, walks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, kernel = small(), Started()
    made = walks.FusedWalk(plan_of(where, "cpu"))
    monkeypatch.setattr(walks, "walk", kernel)
    state, level = start(where)
    scales, found = scales_of(where, adapts), room(where, 3, "cpu")
    with RoundTrips() as trips:
        made.draw(torch.Generator(), found, Run())
        made.go(torch.Generator(), state.start, level, scales, 4, found, Run())
    # Twelve moves, two a sweep.
    assert kernel.times == (7 if adapts else 2)
    assert trips.seen == (["tolist"] * 6 if adapts else [])


def fused(network: Network, prior: Prior, place: str = "cuda") -> bool:
    """Whether the CPU's compiled moves of a setting have a twin on a GPU."""
    where = target(network, prior, SENSING)
    moves = moves_for(where.law, where.losses, SENSING.ball, compiled=True)
    made = TorchWalk(where.law, where.losses, moves, where.dtype, place)
    return has_twin(made, torch.device(place))


def test_where_there_is_a_twin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name == "triton" or None)
    assert fused(Network(activation="tanh"), Prior(), "cuda:1")
    assert fused(Network(depth=10), Prior(normalize=True))
    # Too deep for float32, too large for a thread, and with slices.
    assert not fused(Network(depth=70), Prior(normalize=True))
    assert not fused(Network(width=100, depth=3, activation="tanh"), Prior())
    assert not fused(Network(), Prior())


def test_slices_are_the_cpus_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert target(Network(), Prior(), SENSING).slices
    # Where the fused kernel has no slices, moves are those of torch, as they were.
    monkeypatch.setattr(WalkPlan, "fused", True)
    monkeypatch.setattr(WalkPlan, "device", "cpu")
    refits = target(Network(), Prior(), SENSING)
    assert refits.bold
    assert isinstance(refits.walk, TorchWalk)


@pytest.fixture
def taken(walks: Any, device: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The same where a plan's device is taken for a GPU."""
    monkeypatch.setattr(WalkPlan, "fused", True)
    monkeypatch.setattr(WalkPlan, "device", torch.device(device).type)
    # The interpreter works for one thread at a time.
    monkeypatch.setattr("gncviz.posterior.splitting.threads_for", lambda *_, **__: 1)
    return walks


def test_guess_and_check_takes_it(taken: Any, device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taken, "LANES", 1024)
    monkeypatch.setattr(rounds, "_PILOT_LENGTH", 4)
    for name in ("_LENGTH", "_LEAST_STRIDE", "_THIN"):
        monkeypatch.setattr(work, name, 3)
    lengths: list[int] = []
    go = taken.FusedWalk.go

    def noted(self: Any, rng: Any, start: Any, *args: Any, **kwargs: Any) -> None:
        lengths.append(len(start.z))
        go(self, rng, start, *args, **kwargs)

    monkeypatch.setattr(taken.FusedWalk, "go", noted)
    task = Task.random(rows=2, cols=2, measurements=2, seed=1)
    network = Network(width=2, depth=2, activation="tanh")
    asked: dict[str, Any] = {"method": "splitting", "samples": 200, "seed": 2, "device": device}
    post = guess_and_check(task, network, epsilon=0.03, **asked)
    assert post.status is Status.OK
    assert post.warnings == ()
    assert len(lengths) > 3
    plain = guess_and_check(
        task, network, epsilon=0.03, method="plain", samples=20_000, seed=3, device="cpu"
    )
    # Five standard errors or so of either.
    assert abs(math.log(post.acceptance / plain.acceptance)) < 0.5
    assert (task.train_loss(post.matrices) < 0.03).all()


def test_a_twin_is_tried_out(taken: Any, device: str) -> None:
    where = small()
    made = replace(where._reference, place=device)
    run = Run()
    assert isinstance(twin(made, torch.device(device), run), taken.FusedWalk)
    assert run.warnings == ()


@pytest.mark.parametrize("what", ["broken", "states", "losses"])
def test_a_twin_that_does_not_do_what_it_should_is_not_taken(
    what: str, taken: Any, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Any, plan: Any) -> None:
        raise RuntimeError("Failed to find C compiler.\nSet CC.")

    go = taken.FusedWalk.go

    def off(self: Any, rng: Any, start: Any, *args: Any) -> None:
        go(self, rng, start, *args)
        found = args[3]
        if what == "states":
            found.states[1:] = found.states[:1].clone()
            found.train_loss[1:], found.gen_loss[1:] = found.train_loss[0], found.gen_loss[0]
        else:
            found.gen_loss[1:] *= 1.01

    if what == "broken":
        monkeypatch.setattr(taken.FusedWalk, "__init__", broken)
    else:
        monkeypatch.setattr(taken.FusedWalk, "go", off)
    made, run = replace(small()._reference, place=device), Run()
    assert twin(made, torch.device(device), run) is made
    (said,) = run.warnings
    why = "Failed to find C compiler." if what == "broken" else f"its {what} are not those of"
    assert f"does not work here, and the slower way was taken: {why}" in said


#: Compiles the kernel for a card, and prints how it keeps its numbers.
COMPILED = """
import pathlib, re, subprocess, sys, tempfile
import triton
from triton import compile
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from gncviz.kernels.gpu.steps import walk
floats = "scales lengths matrix target gen_matrix gen_target losses kept kept_train kept_gen room"
types = {name: "i32" for name in walk.arg_names}
types |= {name: "*i32" for name in ("layers", "moves", "places", "gen_places", "taken")}
types |= {name: "*fp32" for name in floats.split()} | {"key": "*i64"}
types |= {name: "fp32" for name in ("level", "wanted", "slope")}
sigma, normalize, card, tile = map(int, sys.argv[1:])
constants = {
    "SIGMA": sigma, "EVEN": normalize > 0, "NORMALIZE": normalize, "RESCALE": normalize == 1,
    "PICKS": False, "GEN_PICKS": False, "COLS": 2 * tile, "TILE": tile, "LANES": 32,
}
types |= {name: "constexpr" for name in constants}
target = GPUTarget("cuda", card, 32)
made = compile(ASTSource(walk, types, constants), target, {"num_warps": 1})
dump = pathlib.Path(triton.__file__).parent / "backends" / "nvidia" / "bin" / "cuobjdump"
with tempfile.NamedTemporaryFile() as file:
    file.write(made.asm["cubin"])
    file.flush()
    used = subprocess.check_output([dump, "--dump-resource-usage", file.name], text=True)
numbers = [re.search(name + r":(\\d+)", used)[1] for name in ("REG", "STACK", "LOCAL")]
print(made.metadata.shared, ".local" in made.asm["ptx"], *numbers)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sigma", "normalize", "card", "tile"), [(0, 0, 80, 5), (1, 2, 90, 8), (3, 1, 75, 8)]
)
def test_it_compiles_for_cards(sigma: int, normalize: int, card: int, tile: int) -> None:
    """To machine code, without local memory, and with next to no shared memory."""
    done = subprocess.run(
        [sys.executable, "-c", COMPILED, *map(str, (sigma, normalize, card, tile))],
        env={key: value for key, value in os.environ.items() if key != "TRITON_INTERPRET"},
        capture_output=True,
        text=True,
        check=True,
    )
    shared, local, registers, *spilt = done.stdout.split()
    assert int(shared) < 100
    assert local == "False"
    assert 32 <= int(registers) <= 255
    assert spilt == ["0", "0"]
