"""Compiled gradient descent does what its torch reference does, to rounding."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gncviz import kernels
from gncviz.activation import ACTIVATIONS
from gncviz.descent import DescentSettings
from gncviz.descent.step import initial_weights
from gncviz.descent.steps import TorchSteps, steps_of
from gncviz.kernels.descent import CompiledSteps
from gncviz.kernels.plans import SIGMAS
from gncviz.network import Network
from gncviz.prior import Prior
from gncviz.progress import Run
from gncviz.task import Task

CPU = torch.device("cpu")
#: More than fit side by side, and not a multiple.
TASKS = [Task.random(rows=3, cols=4, measurements=6 - i % 2, seed=i % 3) for i in range(11)]
STOPS = [0, 1, 2, 7, 40]
NEVER = np.full(len(TASKS), np.inf)


def both(network: Network, **settings: object) -> tuple[TorchSteps, CompiledSteps]:
    """The reference and its twin at epoch 0."""
    asked = {"trials": len(TASKS), "tolerance": 0.0, "init_scale": 1.0, "lr": 0.02, **settings}
    wanted = DescentSettings(**asked)
    start = initial_weights(TASKS[0], network, wanted)
    reference = TorchSteps(TASKS, network, wanted, start.copy(), CPU)
    compiled = steps_of(TASKS, network, wanted, start.copy(), CPU, Run())
    assert isinstance(compiled, CompiledSteps)
    return reference, compiled


def assert_same_way(reference: TorchSteps, compiled: CompiledSteps, bounds: np.ndarray) -> None:
    """Looks at all stops, one by one and in one go."""
    looks = compiled.advance(0, STOPS, bounds, Run())
    assert [epoch for epoch, *_ in looks] == STOPS
    before = 0
    for stop, (_, outputs, losses) in zip(STOPS, looks, strict=True):
        (expected,) = reference.advance(before, [stop], bounds, Run())
        size = np.abs(expected.outputs).max()
        # Forty steps of thirty layers make the last digits a thousand times as large.
        np.testing.assert_allclose(outputs, expected.outputs, rtol=0, atol=1e-7 * size)
        np.testing.assert_allclose(losses, expected.losses, rtol=1e-6, atol=1e-14)
        before = stop


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("depth", [1, 2, 3, 10, 30])
@pytest.mark.parametrize("step_rule", ["adaptive", "fixed"])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("init", ["uniform", Prior()])
def test_goes_the_same_way(
    activation: str, depth: int, step_rule: str, momentum: float, init: str | Prior
) -> None:
    network = Network(width=5, depth=depth, activation=activation)
    reference, compiled = both(network, step_rule=step_rule, momentum=momentum, init=init)
    assert_same_way(reference, compiled, NEVER)


def test_goes_on_with_those_that_are_kept() -> None:
    reference, compiled = both(Network(width=6, depth=3, activation="tanh"), momentum=0.5)
    rows = np.arange(len(TASKS)) % 4 != 1
    for steps in (reference, compiled):
        steps.advance(0, [13], NEVER, Run())
        steps.keep(rows)
    (expected,), (found,) = (
        steps.advance(13, [29], NEVER[rows], Run()) for steps in (reference, compiled)
    )
    np.testing.assert_allclose(found[1], expected.outputs, rtol=1e-9)
    assert len(found[2]) == rows.sum()


def test_ends_at_the_first_look_where_a_trial_has_ended() -> None:
    _, compiled = both(Network(width=5), tolerance=1e-3)
    looks = compiled.advance(0, list(range(0, 5000, 5)), NEVER, Run())
    losses = np.stack([losses for *_, losses in looks])
    assert (losses[:-1] >= 1e-3).all()
    assert (losses[-1] < 1e-3).any()
    _, compiled = both(Network(width=5))
    low = losses[0].copy()
    low[4] /= 2
    assert len(compiled.advance(0, STOPS, low, Run())) == 1


def test_a_run_that_is_to_end_stops_in_the_middle() -> None:
    _, compiled = both(Network(width=60, depth=4))
    run = Run(seconds=1e-9)
    ((epoch, outputs, _),) = compiled.advance(0, [10**8], NEVER, run)
    assert 0 < epoch < 10**6
    assert np.isfinite(outputs).all()


def test_every_activation_has_a_number() -> None:
    assert set(SIGMAS) == set(ACTIVATIONS)
    assert sorted(SIGMAS.values()) == list(range(len(SIGMAS)))


def test_what_has_no_twin_is_done_by_the_reference() -> None:
    for rows, network in ((3, Network(width=130, depth=3)), (40, Network(width=40))):
        task = Task.random(rows=rows, cols=40, measurements=30, kind="completion", seed=0)
        asked = DescentSettings(trials=1)
        start = initial_weights(task, network, asked)
        assert isinstance(steps_of([task], network, asked, start, CPU, Run()), TorchSteps)
    reference, _ = both(Network())
    assert kernels.twin(reference, torch.device("cuda"), Run()) is reference
