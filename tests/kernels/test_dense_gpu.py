"""The fused Triton kernel does what the law and the losses say, on the same counters.

Without a GPU it runs in Triton's interpreter, which takes a thousand times as long as a CPU would:
networks are small here, and a wide one is among the slow tests. What Triton's compiler makes of it
is looked at for cards that need not be there.
"""

from __future__ import annotations

import importlib
import math
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch

from gncviz.activation import ACTIVATIONS
from gncviz.devices import NoRoom
from gncviz.kernels.plans import ScreenPlan
from gncviz.kernels.random import DRAW, draw_normals, normal_columns
from gncviz.models.dense.law import DenseLaw
from gncviz.network import Network
from gncviz.posterior import Status, guess_and_check
from gncviz.prior import Prior
from gncviz.task import Task

pytest.importorskip("triton", reason="Triton is for Linux on x86-64 only")

SENSING = Task.random(rows=4, cols=3, measurements=7, seed=1)
COMPLETION = Task.random(rows=3, cols=4, measurements=7, kind="completion", seed=1)
#: A group of rows is not full, columns go in two tiles and are padded.
UNEVEN = Task.random(rows=2, cols=9, measurements=7, seed=1)
#: Draws side by side in the interpreter, where it hardly matters how many they are.
LANES = 1024
#: All counters of a draw change here.
TURN = 2**32
KEY = 2**62 + 12345


@pytest.fixture
def screens(monkeypatch: pytest.MonkeyPatch, device: str) -> Any:
    """The module of the kernel's twin."""
    module = importlib.import_module("gncviz.kernels.gpu.screen")
    if device == "cpu":
        monkeypatch.setattr(module, "LANES", LANES)
    return module


class Setting:
    """One setting, by the kernel and by float64."""

    def __init__(
        self, screens: Any, network: Network, prior: Prior, task: Task, place: str, level: float = 1
    ) -> None:
        self.law = DenseLaw(network, prior, task)
        self.exact = task.losses(torch.device("cpu"), torch.float64)
        law, loss = self.law.plan(), task.losses(torch.device("cpu"), torch.float32).plan()
        plan = ScreenPlan(law, loss, level, KEY, place)
        assert plan.pays
        self.screen = screens.FusedScreen(plan)

    def losses(self, draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """L_train in its unit and L_gen of some draws, in float64."""
        z = torch.from_numpy(self.screen.weights(draws)).double()
        y = self.law.outputs(self.law.from_normals(z))
        return self.exact.train(y).numpy(), self.exact.gen(y).numpy()


def agree(setting: Setting, first: int, count: int) -> None:
    """All draws are below infinity, in order, and their losses are those of float64."""
    found = setting.screen.below(math.inf, first, count)
    np.testing.assert_array_equal(found.draws, np.arange(first, first + count))
    train, gen = setting.losses(found.draws)
    np.testing.assert_allclose(found.train_loss, train, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found.gen_loss, gen, rtol=1e-4, atol=1e-6)


PRIORS = [
    Prior(family, normalize=normalize, scaling=scaling)
    for family, scaling in (("gaussian", "fan_in"), ("uniform", "fan_out"))
    for normalize in (False, True, "product")
]


@pytest.mark.parametrize("number", range(len(ACTIVATIONS)))
def test_every_activation_and_prior(number: int, screens: Any, device: str) -> None:
    """Each activation meets one prior, and each prior one activation."""
    network = Network(width=3, depth=2, activation=list(ACTIVATIONS)[number])
    agree(Setting(screens, network, PRIORS[number], SENSING, device), TURN - 50, 200)


@pytest.mark.parametrize(
    ("network", "prior", "task"),
    [
        (Network(depth=1), PRIORS[0], SENSING),
        (Network(width=5, depth=2, activation="sin"), PRIORS[1], COMPLETION),
        (Network(width=2, depth=2, activation="tanh"), PRIORS[0], UNEVEN),
        (Network(width=2, depth=12, activation="relu"), PRIORS[1], SENSING),
    ],
    ids=["one layer", "completion", "uneven", "deep"],
)
def test_shapes(network: Network, prior: Prior, task: Task, screens: Any, device: str) -> None:
    agree(Setting(screens, network, prior, task, device), 0, 200)


@pytest.mark.slow
@pytest.mark.parametrize("prior", PRIORS, ids=str)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_with_every_prior(
    activation: str, prior: Prior, screens: Any, device: str
) -> None:
    network = Network(width=5, depth=3, activation=activation)
    agree(Setting(screens, network, prior, SENSING, device), TURN - 50, 200)


@pytest.mark.slow
@pytest.mark.parametrize(
    "network",
    [Network(width=160, activation="tanh"), Network(width=5, depth=40)],
    ids=["wide", "deep"],
)
def test_large_networks(network: Network, screens: Any, device: str) -> None:
    task = Task.random(seed=0)
    agree(Setting(screens, network, Prior(normalize=True), task, device), 0, 256)


def test_accepted_sets_are_the_same(screens: Any, device: str) -> None:
    """But for draws whose loss is within float32's rounding of the level."""
    setting = Setting(screens, Network(width=3, activation="tanh"), Prior(), SENSING, device)
    draws = np.arange(1000, 3000)
    train, _ = setting.losses(draws)
    level = float(np.quantile(train, 0.1))
    found = setting.screen.below(level, 1000, 2000)
    certain = abs(train / level - 1) > 1e-5
    assert 190 <= len(found.draws) <= 210
    np.testing.assert_array_equal(np.isin(draws, found.draws)[certain], (train < level)[certain])
    # Whatever is looked at together.
    parts = [setting.screen.below(level, first, 1000) for first in (1000, 2000)]
    for name in ("draws", "train_loss", "gen_loss"):
        np.testing.assert_array_equal(
            np.concatenate([getattr(part, name) for part in parts]), getattr(found, name)
        )


def test_more_than_there_is_room_for(
    screens: Any, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screens, "_CAPACITY", 99)
    setting = Setting(screens, Network(depth=1), Prior(), SENSING, device)
    with pytest.raises(NoRoom, match="100 of 100 draws fit; there is room for 99"):
        setting.screen.below(math.inf, 0, 100)
    assert len(setting.screen.below(math.inf, 0, 99).draws) == 99


def test_draws_are_those_of_their_numbers() -> None:
    draws = np.array([7, 2 * TURN + 3, 0, TURN - 1, *range(64)])
    z = draw_normals(11, draws, KEY)
    assert z.shape == (11, 68)
    for move, chain in ((0, 7), (2, 3), (0, 0)):
        column = normal_columns(11, chain + 1, move, DRAW, KEY)[:, chain]
        np.testing.assert_array_equal(z[:, list(draws).index(move * TURN + chain)], column)
    assert draw_normals(11, np.empty(0, np.int64), KEY).shape == (11, 0)
    # A weight has a normal of its own.
    rows = importlib.import_module("gncviz.kernels.gpu.screen")._counters(((5, 3), (2, 5)))[2]
    assert len(set(rows)) == len(rows) == 25


def test_guess_and_check_takes_it(
    screens: Any, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Just the draws that fit come out, in order, however many there is room for at a time."""
    monkeypatch.setattr(ScreenPlan, "device", torch.device(device).type)
    # The interpreter works for one thread at a time.
    monkeypatch.setattr("gncviz.posterior.rejection.threads_for", lambda _: 1)
    monkeypatch.setattr(screens.FusedScreen, "least", 256)
    network, seen = Network(width=3), []
    weights = screens.FusedScreen.weights

    def noted(self: Any, draws: np.ndarray) -> np.ndarray:
        seen.append((self, draws))
        return weights(self, draws)

    monkeypatch.setattr(screens.FusedScreen, "weights", noted)
    asked: dict[str, Any] = {"epsilon": 0.3, "method": "plain", "seed": 5, "device": device}
    post = guess_and_check(SENSING, network, samples=10**6, draws=1500, **asked)
    assert (post.status, post.draws, post.warnings) == (Status.BUDGET_EXHAUSTED, 1500, ())

    screen, law = seen[0][0], DenseLaw(network, Prior(), SENSING)
    z = torch.from_numpy(weights(screen, np.arange(1500))).double()
    matrices = law.outputs(z).T.numpy().reshape(-1, 4, 3)
    fits = SENSING.train_loss(matrices) < 0.3
    assert 10 < fits.sum() < 1500
    np.testing.assert_allclose(post.matrices, matrices[fits], rtol=1e-12)

    monkeypatch.setattr(screens, "_CAPACITY", 200)
    few = guess_and_check(SENSING, network, samples=20, draws=1500, **asked)
    assert (few.status, few.draws) == (Status.OK, np.flatnonzero(fits)[19] + 1)
    np.testing.assert_array_equal(few.matrices, post.matrices[:20])


#: Compiles the kernel for a card, and prints how it keeps its numbers.
COMPILED = """
import sys
from triton import compile
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from gncviz.kernels.gpu.dense import look
floats = "scales matrix target gen_matrix gen_target train_losses gen_losses room"
types = {name: "i32" for name in look.arg_names}
types |= {name: "*i32" for name in ("layers", "places", "gen_places", "found")}
types |= {name: "*fp32" for name in floats.split()} | {"draws": "*i64"}
types |= {"level": "fp32", "slope": "fp32", "key": "i64", "begin": "i64"}
sigma, normalize, card = map(int, sys.argv[1:])
constants = {
    "SIGMA": sigma, "EVEN": normalize > 0, "NORMALIZE": normalize, "RESCALE": normalize == 1,
    "PICKS": False, "GEN_PICKS": False, "COLS": 5, "TILE": 5, "LANES": 128,
}
types |= {name: "constexpr" for name in constants}
target = GPUTarget("cuda", card, 32)
made = compile(ASTSource(look, types, constants), target, {"num_warps": 4})
print(made.metadata.shared, ".local" in made.asm["ptx"], len(made.asm["cubin"]))
"""


@pytest.mark.slow
@pytest.mark.parametrize(("sigma", "normalize", "card"), [(0, 0, 80), (1, 2, 90), (3, 1, 75)])
def test_it_compiles_for_cards(sigma: int, normalize: int, card: int) -> None:
    """To machine code, without local memory, and with next to no shared memory."""
    done = subprocess.run(
        [sys.executable, "-c", COMPILED, str(sigma), str(normalize), str(card)],
        env={key: value for key, value in os.environ.items() if key != "TRITON_INTERPRET"},
        capture_output=True,
        text=True,
        check=True,
    )
    shared, local, size = done.stdout.split()
    assert int(shared) < 100
    assert local == "False"
    assert int(size) > 1000
