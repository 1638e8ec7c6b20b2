"""One GPU: against the naive loop on the same card, and against the CPU beside it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

import torch

import gncviz as gv
from benchmarks import naive
from benchmarks.measure import Comparison, compare
from gncviz.models import drawn
from gncviz.network import Network
from gncviz.paper.panels import ACTIVATIONS, panel_settings
from gncviz.posterior.moves import Population
from gncviz.posterior.problem import Problem
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.posterior.splitting.schedule import Fixed
from gncviz.posterior.splitting.target import Target
from gncviz.prior import Prior
from gncviz.progress import Run

#: name, network, naive draws and batch, our draws, target.
_PLAIN = [
    ("k=5, d=2", Network(width=5), 10_000_000, 1_000_000, 10**9, 30.0),
    ("k=160, d=2", Network(width=160, activation="tanh"), 1_000_000, 50_000, 10**7, None),
    ("k=5, d=10", Network(width=5, depth=10), 10_000_000, 1_000_000, 10**8, None),
]
_TRIALS, _EPOCHS, _NAIVE_EPOCHS = (8, 1024), 3000, 300
_PARTICLES, _MOVES = 65_536, 60
#: Rows and columns of the product that measures a card, and how often it is made.
_SIDE, _PRODUCTS = 8192, 5
#: Draws of a trial in the paper's Figure 1, as many accepted ones as there may be, and trials.
_FIGURE_DRAWS, _MOST_ACCEPTED, _SEEDS = 10**8, 10**7, 8


def missing() -> str | None:
    """Why nothing can be measured here; None where it can."""
    if torch.cuda.is_available():
        return None
    return "No GPU is here: torch sees no CUDA device, so that there is nothing to measure."


def comparisons(device: str) -> Iterator[Comparison]:
    """Guess & Check, gradient descent and splitting; the other way of splitting is the CPU's."""
    task = gv.Task.random(seed=0)
    for case in _PLAIN:
        yield _plain(task, *case, device=device)
    for trials in _TRIALS:
        yield _descent(task, trials, device)
    yield _splitting(task, device)


def draws_a_second(one: Comparison, attained: float) -> str:
    """The rates of a comparison of times a draw, in words.

    Args:
        one: the comparison.
        attained: operations a second, from :func:`operations_a_second`.
    """
    network = next(network for name, network, *_ in _PLAIN if one.name.endswith(name))
    share = 1e9 / one.ours * operations(network) / attained
    return (
        f"{one.name}: {1e9 / one.ours:.3g} draws a second, naively {1e9 / one.naive:.3g}; products "
        f"of layers are {100 * share:.2g} % of what a large product attains"
    )


def operations(network: Network) -> int:
    """Multiplications and additions in the products of a 5 × 5 network's layers."""
    shapes = network.blocks(gv.Task.random(seed=0))
    return 2 * sum(rows * inner * shapes[0][1] for rows, inner in shapes[1:])


def operations_a_second(device: str) -> float:
    """What a card attains in float32, by one large product: nothing larger is asked of it."""
    left, right = torch.randn(2, _SIDE, _SIDE, device=device)
    best = math.inf
    for _ in range(_PRODUCTS + 1):
        begun = time.perf_counter()
        # Asked for, so that all of it is done.
        float((left @ right)[0, 0])
        best = min(best, time.perf_counter() - begun)
    return 2 * _SIDE**3 / best


def figure_1(device: str) -> Iterator[str]:
    """Figure 1 with as many draws a trial as in the paper: what each activation takes, in words."""
    for activation in ACTIVATIONS:
        begun, accepted = time.perf_counter(), 0
        places = list(panel_settings(1, activation, seeds=_SEEDS).places())
        for place in places:
            point = place.guess_and_check
            post = gv.guess_and_check(
                *(drawn(point.task), point.network, point.prior, point.sampling.epsilon),
                method="plain",
                draws=_FIGURE_DRAWS,
                samples=_MOST_ACCEPTED,
                seed=point.sampling.seed,
                device=device,
            )
            accepted += len(post.weights)
        seconds = time.perf_counter() - begun
        yield (
            f"Figure 1, {activation}: {len(places)} trials of {_FIGURE_DRAWS:.0e} draws in "
            f"{seconds:.0f} s, {accepted} accepted"
        )


def _plain(
    task: gv.Task,
    name: str,
    network: Network,
    slow: int,
    batch: int,
    fast: int,
    target: float | None,
    device: str,
) -> Comparison:
    def published() -> object:
        return naive.guess_and_check(
            task, network, 0.02, slow, normalize=False, batch=batch, device=device
        )

    def ours() -> object:
        asked = {"method": "plain", "samples": 10**7, "draws": fast, "device": device}
        post = gv.guess_and_check(task, network, epsilon=0.02, **asked)
        for sentence in post.warnings:
            print(sentence)
        return post

    return compare(
        f"Guess & Check, {name}",
        "ns a draw",
        (published, slow / 1e9),
        (ours, fast / 1e9),
        target=target,
    )


def _descent(task: gv.Task, trials: int, device: str) -> Comparison:
    network = Network(width=5)

    def published() -> object:
        return naive.gradient_descent(
            task, network, lr=1e-4, init_scale=1e-3, epochs=_NAIVE_EPOCHS, device=device
        )

    def ours() -> object:
        return gv.gradient_descent(
            task, network, trials=trials, lr=1e-4, epochs=_EPOCHS, tolerance=0, device=device
        )

    return compare(
        f"gradient descent, {trials} trials",
        "µs a trial-epoch",
        (published, _NAIVE_EPOCHS / 1e6),
        (ours, trials * _EPOCHS / 1e6),
    )


def _splitting(task: gv.Task, device: str) -> Comparison:
    work = _PARTICLES * _MOVES / 1e9
    return compare(
        f"splitting, {_PARTICLES} particles; the CPU",
        "ns a move",
        (_Walk(task, "cpu"), work),
        (_Walk(task, device), work),
    )


class _Walk:
    """Moves of as many chains, from the prior and below a level that most of them fulfil."""

    def __init__(self, task: gv.Task, device: str) -> None:
        settings = GuessAndCheckSettings(epsilon=0.02, device=device)
        # Both ways have a compiled kernel for it, and make the same moves.
        network = Network(width=5, activation="tanh")
        problem = Problem.prepare(task, network, Prior(), settings)
        self._target = Target(problem, torch.float32)
        self._rng = torch.Generator(problem.device).manual_seed(0)
        shape = (1, _PARTICLES)
        self._found = Population(
            torch.empty(1, _PARTICLES, self._target.size, device=problem.device),
            *(torch.empty(shape, device=problem.device) for _ in range(2)),
        )

    def __call__(self) -> float:
        z = torch.empty(self._target.size, _PARTICLES, device=self._rng.device)
        state = self._target.at(z.normal_(generator=self._rng))
        level = 2 * float(state.train_loss.max())
        self._target.walk.go(self._rng, state.start, level, Fixed({}), _MOVES, self._found, Run())
        # Asked for, so that all of it is done.
        return float(self._found.train_loss.sum())
