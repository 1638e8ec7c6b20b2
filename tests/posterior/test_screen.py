"""Draws looked at in pieces: how large these are, where memory runs short, and twins that fail."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch

from gncviz import kernels
from gncviz.kernels.plans import ScreenPlan
from gncviz.network import Network
from gncviz.posterior import GuessAndCheckResult, guess_and_check
from gncviz.posterior.problem import Problem
from gncviz.posterior.rejection import screen
from gncviz.posterior.rejection.screen import Pieces, TorchScreen
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.prior import Prior
from gncviz.progress import Run
from gncviz.settings import SettingsError
from gncviz.task import Task

TASK = Task.random(rows=3, cols=4, measurements=4, seed=1)


def run(**settings: Any) -> GuessAndCheckResult:
    asked = {"epsilon": 0.05, "samples": 10**7, "draws": 200_011, "method": "plain"}
    return guess_and_check(TASK, Network(), **{**asked, "device": "cpu", **settings})


def test_pieces_are_as_long_as_all_before_them() -> None:
    pieces = Pieces(Run(draws=1003), 10, 100)
    begun = list(itertools.islice(pieces, 6))
    assert begun == [(0, 10), (10, 10), (20, 20), (40, 40), (80, 80), (160, 100)]
    pieces = Pieces(Run(draws=103), 10, 40)
    assert list(pieces) == [(0, 10), (10, 10), (20, 20), (40, 40), (80, 23)]
    assert list(Pieces(Run(draws=0), 10, 40)) == []


def test_blocks_are_fewer_where_memory_runs_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the numbers are the same; how much fits is learnt."""
    usual, tried, candidates = run(), [], TorchScreen.candidates

    def short(self: TorchScreen, first: int, count: int) -> object:
        tried.append(count)
        if count > 2 * self.unit:
            raise torch.cuda.OutOfMemoryError
        return candidates(self, first, count)

    monkeypatch.setattr(TorchScreen, "most", property(lambda self: 8 * self.unit))
    monkeypatch.setattr(TorchScreen, "candidates", short)
    monkeypatch.setattr("gncviz.posterior.rejection.threads_for", lambda _: 1)
    halved = run()
    np.testing.assert_array_equal(halved.matrices, usual.matrices)
    assert (halved.draws, halved.warnings) == (usual.draws, ())
    unit = min(count for count in tried if count > 20_000) // 2
    assert [count for count in tried if count > 2 * unit] == [4 * unit]


@pytest.mark.parametrize("method", ["plain", "splitting", "collapsed", "auto"])
def test_a_full_gpu_is_left_for_the_cpu(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a word, within the same time, and to the same numbers as on the CPU from the start."""
    asked: dict[str, Any] = {"method": method, "draws": 20_000, "samples": 50, "epsilon": 0.3}
    usual = run(**asked)
    monkeypatch.setattr(
        "gncviz.devices.resolve_device",
        lambda name: torch.device("cuda" if name == "auto" else name),
    )
    prepare, given = Problem.prepare.__func__, []

    def full(cls: type[Problem], *arguments: Any) -> Problem:
        found = prepare(cls, *arguments[:-1], torch.device("cpu"))
        *_, run, device = arguments
        given.append((str(device), run.evaluated))
        if device.type == "cuda":
            run.spend(1234)
            raise torch.cuda.OutOfMemoryError
        return found

    monkeypatch.setattr(Problem, "prepare", classmethod(full))
    post = run(**{**asked, "device": "auto"})
    assert given == [("cuda", 0), ("cpu", 0)]
    assert (post.device, post.draws) == ("cpu", usual.draws)
    np.testing.assert_array_equal(post.matrices, usual.matrices)
    assert post.warnings[len(usual.warnings) :] == (
        "The memory of cuda ran short, so that this was computed on the CPU.",
    )
    with pytest.raises(SettingsError, match="too little memory left"):
        run(**{**asked, "device": "cuda"})


def problem(epsilon: float = 0.05, **settings: Any) -> Problem:
    asked = GuessAndCheckSettings(epsilon=epsilon, device="cpu", **settings)
    return Problem.prepare(TASK, Network(), Prior(), asked)


class Twin:
    """A twin in NumPy, with losses off by a factor."""

    off = 1.0

    def __init__(self, plan: ScreenPlan) -> None:
        self.plan = plan

    def weights(self, draws: np.ndarray) -> np.ndarray:
        return np.random.default_rng(0).standard_normal((35, len(draws))).astype(np.float32)

    def below(self, level: float, first: int, count: int) -> Any:
        assert (level, first) == (np.inf, 0)
        where = problem()
        z = torch.from_numpy(self.weights(np.arange(count)))
        exact = where.exact(where.law, z, normals=True)
        found = type("Found", (), {})()
        found.draws = np.arange(count)
        found.train_loss = exact.train_loss / where.unit
        found.gen_loss = exact.gen_loss * self.off
        return found


class OffTwin(Twin):
    off = 1.01


class BrokenTwin(Twin):
    def __init__(self, plan: ScreenPlan) -> None:
        raise RuntimeError("Failed to find C compiler.\nSet CC.")


class FullTwin(Twin):
    def __init__(self, plan: ScreenPlan) -> None:
        raise torch.cuda.OutOfMemoryError


@pytest.fixture
def with_twin(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(ScreenPlan, "device", "cpu")
    return monkeypatch


@pytest.mark.parametrize(
    ("name", "warning"),
    [
        ("Twin", None),
        ("OffTwin", "its losses are not those of the same draws in float64."),
        ("BrokenTwin", "Failed to find C compiler."),
    ],
)
def test_a_twin_that_does_not_do_what_it_should_is_not_taken(
    name: str, warning: str | None, with_twin: pytest.MonkeyPatch
) -> None:
    with_twin.setattr(ScreenPlan, "twin", (__name__, name))
    where, reference = problem(), TorchScreen(problem())
    found = kernels.twin(reference, where.device, where.run)
    assert (found is reference) == (warning is not None)
    if warning is None:
        assert where.run.warnings == ()
    else:
        (said,) = where.run.warnings
        assert said.endswith(f"does not work here, and the slower way was taken: {warning}")


def test_a_twin_without_memory_is_no_broken_one(with_twin: pytest.MonkeyPatch) -> None:
    with_twin.setattr(ScreenPlan, "twin", (__name__, "FullTwin"))
    with pytest.raises(torch.OutOfMemoryError):
        kernels.twin(TorchScreen(problem()), torch.device("cpu"), Run())


def test_a_run_says_what_it_did_without(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = run(draws=20_000)
    monkeypatch.setattr(ScreenPlan, "device", "cpu")
    monkeypatch.setattr(ScreenPlan, "twin", (__name__, "BrokenTwin"))
    post = run(draws=20_000)
    np.testing.assert_array_equal(post.matrices, usual.matrices)
    assert "the slower way was taken" in post.warnings[0]
    assert post.at(0.04).warnings == post.warnings


def test_the_twin_is_for_gpus_and_where_triton_is(monkeypatch: pytest.MonkeyPatch) -> None:
    reference, gpu = TorchScreen(problem()), torch.device("cuda")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name == "triton" or None)
    assert kernels.has_twin(reference, gpu)
    assert not kernels.has_twin(reference, torch.device("cpu"))
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert not kernels.has_twin(reference, gpu)


@pytest.mark.parametrize(
    ("network", "prior", "has"),
    [
        (Network(), Prior(), True),
        (Network(width=160, activation="tanh"), Prior("uniform", normalize=True), True),
        (Network(depth=40), Prior(normalize=True), True),
        # A factor's norm leaves float32's range, a linear network has a shorter law, what lies
        # between layers takes too much of a card, and a thread would take too long.
        (Network(depth=40, activation="tanh"), Prior(normalize=True), False),
        (Network(width=160), Prior(), False),
        (Network(width=2100, activation="relu"), Prior(), False),
        (Network(width=160, depth=200, activation="relu"), Prior(), False),
    ],
)
def test_what_the_fused_kernel_applies_to(network: Network, prior: Prior, has: bool) -> None:
    settings = GuessAndCheckSettings(device="cpu")
    # A run that is over draws nothing of the prior.
    run = Run(seconds=1e-9)
    plan = TorchScreen(Problem.prepare(TASK, network, prior, settings, run)).plan
    assert (plan is not None and plan.pays) == has


def test_memory_that_is_free_bounds_blocks_on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    where = problem()
    object.__setattr__(where, "device", torch.device("cuda"))
    looks = TorchScreen.__new__(TorchScreen)
    looks._problem, looks.unit = where, where.block
    for free, blocks in ((80 * 2**30, 2**26), (2**30, 2**23), (0, 1)):
        monkeypatch.setattr("torch.cuda.mem_get_info", lambda _, free=free: (free, free))
        looks.__dict__.pop("most", None)
        numbers = where.block * where.law.size
        assert looks.most == where.block * max(blocks // numbers, 1)
    assert screen._GPU_NUMBERS == 2**26
