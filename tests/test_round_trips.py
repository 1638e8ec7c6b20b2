"""Nothing in a loop over steps waits for a GPU: no number is asked for, no mask made a list.

On a CPU the same is asked for and costs nothing, so that this can be told without a GPU.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.overrides import TorchFunctionMode

import gncviz as gv
from gncviz.descent import DescentSettings
from gncviz.descent.step import initial_weights
from gncviz.descent.steps import TorchSteps
from gncviz.network import Network
from gncviz.posterior.moves import Population, State, TorchWalk, evaluated, moves_for
from gncviz.posterior.moves.null_space import null_space_moves
from gncviz.posterior.problem import Problem
from gncviz.posterior.rejection.screen import TorchScreen
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.posterior.splitting.schedule import Adaptation, Fixed
from gncviz.posterior.splitting.target import Target
from gncviz.prior import Prior
from gncviz.progress import Run
from gncviz.task import Task

TASK = Task.random(rows=3, cols=3, measurements=6, seed=1)
CHAINS, LENGTH = 40, 12


#: What hands numbers to the host.
ASKING = {"item", "tolist", "cpu", "numpy", "nonzero", "masked_select"}
ASKING |= {"__float__", "__bool__", "__int__", "__index__"}


class RoundTrips(TorchFunctionMode):
    """Notes what has to wait for a device."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        name = function.__name__
        mask = args[1] if name == "__getitem__" else None
        if name in ASKING or (isinstance(mask, torch.Tensor) and mask.dtype == torch.bool):
            self.seen.append(name)
        return function(*args, **(kwargs or {}))


def test_it_sees_them() -> None:
    x = torch.ones(3)
    with RoundTrips() as trips:
        float(x.sum())
        bool(x.any())
        x[x > 0]
        x.sum().item()
        x.cpu()
    assert trips.seen == ["__float__", "__bool__", "__getitem__", "item", "cpu"]


@pytest.mark.parametrize("scales", [Fixed({}), Adaptation({})], ids=["fixed", "adaptive"])
@pytest.mark.parametrize("kind", ["refits", "slices"])
@pytest.mark.parametrize("activation", ["linear", "tanh"])
def test_walks(activation: str, kind: str, scales: Any) -> None:
    """With fixed step lengths; those that are learnt ask once a move."""
    settings = GuessAndCheckSettings(epsilon=0.1, device="cpu")
    network = Network(width=4, depth=2, activation=activation)
    where = Target(Problem.prepare(TASK, network, Prior(), settings), torch.float32)
    moves = list(where.moves)
    if kind == "slices":
        moves = [*moves[:2], *null_space_moves(where.law, where.losses, TASK.ball)]
    walk = TorchWalk(where.law, where.losses, moves, where.dtype)
    rng = torch.Generator().manual_seed(0)
    found = Population(torch.empty(LENGTH, CHAINS, where.size), *torch.empty(2, LENGTH, CHAINS))
    # What is on the device once stays there.

    def anywhere() -> State:
        return where.at(torch.randn(where.size, CHAINS, generator=rng))

    walk.go(rng, anywhere().start, 1e3, Fixed({}), 1, found, Run())
    state = anywhere()
    with RoundTrips() as trips:
        walk.go(rng, state.start, 1e3, scales, 1, found, Run())
    made = [moves[number % len(moves)] for number in range(LENGTH - 1)]
    learnt = sum(move.fixed_scale is None for move in made)
    assert len(trips.seen) == (learnt if scales.adapts else 0)


@pytest.mark.parametrize("step_rule", ["adaptive", "fixed"])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_epochs_of_gradient_descent(step_rule: str, momentum: float) -> None:
    network, count = Network(width=4, depth=3, activation="tanh"), 5
    asked = DescentSettings(trials=count, step_rule=step_rule, momentum=momentum)
    start = initial_weights(TASK, network, asked)
    steps = TorchSteps([TASK] * count, network, asked, start, torch.device("cpu"))
    with RoundTrips() as trips:
        steps._go(50, Run())
    assert trips.seen == []
    assert steps.epoch == 50


def test_plans_are_made_on_the_host() -> None:
    """Of whatever is on a device: a GPU's tensors are no arrays."""
    network = Network(width=4, depth=2)
    asked = DescentSettings(trials=2)
    start = initial_weights(TASK, network, asked)
    steps = TorchSteps([TASK] * 2, network, asked, start, torch.device("cpu"))
    settings = GuessAndCheckSettings(epsilon=0.1, device="cpu")
    problem = Problem.prepare(TASK, network, Prior(), settings)
    where = Target(problem, torch.float32)
    walk, screen = (
        TorchWalk(where.law, where.losses, where.moves, where.dtype),
        TorchScreen(problem),
    )
    with RoundTrips() as trips:
        plans = steps.plan, walk.plan, screen.plan
    assert None not in plans
    handed = [name for name in trips.seen if name in ("cpu", "numpy")]
    assert len(handed) > 0
    assert handed == ["cpu", "numpy"] * (len(handed) // 2)


#: A device that has no numbers: asking for one raises, as does meeting a tensor of the CPU.
NOWHERE = torch.device("meta")
PROBLEMS = {
    "sensing": (TASK, Network(width=4, depth=3)),
    "completion": (
        Task.random(rows=3, cols=3, measurements=6, kind="completion", seed=1),
        Network(width=4, activation="relu"),
    ),
    "tensor": (
        gv.TensorTask.random(shape=(3, 3, 3), rank=1, measurements=12, seed=0),
        gv.TensorNetwork(width=4, depth=2),
    ),
    **{
        loss: (gv.DataTask.load("moons", train=8, loss=loss, seed=0), Network(activation="tanh"))
        for loss in ("squared", "logistic", "errors")
    },
}


# Slow, for torch loads much of itself when such a device is first used.
@pytest.mark.slow
@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("compiled", [False, True])
def test_moves_stay_where_the_chains_are(name: str, compiled: bool) -> None:
    task, network = PROBLEMS[name]
    losses = task.losses(NOWHERE, torch.float32)
    for law in network.laws(task, Prior()):
        state = evaluated(law, losses, torch.empty(law.size, CHAINS, device=NOWHERE))
        for move in moves_for(law, losses, task.ball, compiled):
            # Whose numbers these are does not matter: there are none.
            state, info = move.step(None, state, 1.0, 0.3)  # type: ignore[arg-type]
            assert info.taken.device == state.z.device == NOWHERE
        assert losses.gen(state.outputs).device == NOWHERE


@pytest.mark.slow
@pytest.mark.parametrize("name", PROBLEMS)
def test_descent_stays_where_the_trials_are(name: str) -> None:
    task, network = PROBLEMS[name]
    asked = DescentSettings(trials=3)
    start = initial_weights(task, network, asked)
    steps = TorchSteps([task] * 3, network, asked, start, NOWHERE)
    steps._go(3, Run())
    steps.keep(np.array([True, False, True]))
    steps._go(6, Run())
    assert steps._flat.device == NOWHERE
