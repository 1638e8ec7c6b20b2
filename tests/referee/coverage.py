"""How often 95 % intervals hold the truth, and whether draws are draws of the posterior.

``python -m tests.referee.coverage`` tries it and writes down what came of it; half an hour or more.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kstest

import gncviz as gv
from gncviz.posterior.estimate import NORMAL_95
from tests.referee.record import provenance
from tests.referee.truth import Truth, column

RECORD = Path(__file__).parent / "coverage.json"
METHODS = ("plain", "splitting", "collapsed")
#: Width, depth, the observed and the other entries of a column, and ε: answers known for all.
SETTINGS: dict[str, tuple[int, int, list[float], list[float], float]] = {
    "width 8, depth 2": (8, 2, [0.5, 0.5], [0.5, 0.5], 0.02),
    "width 10, depth 4": (10, 4, [0.4, 0.4, 0.4], [0.4, 0.4, 0.4], 0.05),
    "width 40, depth 2": (40, 2, [0.5, -0.5, 0.2], [0.3], 0.05),
}
#: Networks and priors whose draws are calibrated, on 3 × 3 matrices.
CALIBRATED = {
    "width 4, depth 2": (gv.Network(width=4), gv.Prior(), METHODS),
    "width 3, depth 3, normalized": (
        gv.Network(width=3, depth=3),
        gv.Prior(normalize=True),
        METHODS[:2],
    ),
}
_EPSILON, _MEASURED = 0.02, 4

Pairs = NDArray[np.bool_]


def intervals(name: str, method: str, runs: int, first: int = 0) -> Pairs:
    """Whether the 95 % intervals of runs hold the truth.

    Args:
        name: of a setting.
        method: of :func:`gncviz.guess_and_check`.
        runs: how many, each of another seed.
        first: of the seeds.

    Returns:
        With shape (runs, 2): of the mean loss, of the logarithm of the acceptance.
    """
    width, depth, measured, others, epsilon = SETTINGS[name]
    known = column(width, depth, np.array(measured), np.array(others), epsilon)
    entries = np.array([*measured, *others])[:, None]
    task = gv.Task(entries, np.eye(len(entries))[: len(measured), :, None])
    network = gv.Network(width=width, depth=depth)
    return np.array(
        [
            _holds(_run(task, network, gv.Prior(), epsilon, method, first + i), known)
            for i in range(runs)
        ]
    )


def _holds(post: gv.GuessAndCheckResult, known: Truth) -> tuple[bool, bool]:
    loss = abs(post.mean_gen_loss - known.mean_gen_loss)
    acceptance = abs(post.log10_acceptance - known.log10_acceptance)
    return loss <= NORMAL_95 * post.stderr, acceptance <= NORMAL_95 * post.log10_acceptance_stderr


def _run(
    task: gv.Task, network: gv.Network, prior: gv.Prior, epsilon: float, method: str, seed: int
):
    return gv.guess_and_check(
        task,
        network,
        prior,
        epsilon=epsilon,
        method=method,
        samples=400,
        seed=seed,
        device="cpu",
    )


def ranks(name: str, method: str, runs: int, first: int = 0) -> NDArray[np.float64]:
    """Where networks of the prior stand among the draws of their posteriors.

    A network is drawn from the prior and measured with an error that is even in the ball of
    {L_train < ε}: then it is itself one draw of the posterior, so that the share of the others
    that have a smaller statistic is even between 0 and 1 (Talts et al. 2018).

    Args:
        name: of a calibrated setting.
        method: of :func:`gncviz.guess_and_check`.
        runs: how many networks.
        first: of the seeds.

    Returns:
        With shape (runs, 2): by the squares and by the sum of the entries that are not measured.
    """
    network, prior, _ = CALIBRATED[name]
    found = []
    for seed in range(first, first + runs):
        truth, task = _measured(network, prior, seed)
        post = _run(task, network, prior, _EPSILON, method, seed)
        pairs = zip(_statistics(post.matrices), _statistics(truth[None]), strict=True)
        found.append([float(post.weights @ (these < it)) for these, it in pairs])
    return np.array(found)


def _measured(
    network: gv.Network, prior: gv.Prior, seed: int
) -> tuple[NDArray[np.float64], gv.Task]:
    """A network of the prior, and the task of its entries with errors."""
    rng = np.random.default_rng([seed, 11])
    wanted = rng.integers(2**31)
    blank = gv.Task.random(rows=3, cols=3, measurements=_MEASURED, kind="completion", seed=seed)
    drawn = gv.guess_and_check(
        blank,
        network,
        prior,
        epsilon=1e6,
        method="plain",
        samples=1,
        seed=int(wanted),
        device="cpu",
    )
    truth, step = drawn.matrices[0], rng.standard_normal(_MEASURED)
    step *= rng.random() ** (1 / _MEASURED) * math.sqrt(_MEASURED * _EPSILON) / np.linalg.norm(step)
    measurements = np.eye(9)[:_MEASURED].reshape(-1, 3, 3)
    labels = (measurements * truth).sum(axis=(1, 2)) + step
    return truth, gv.Task(truth, measurements, labels=labels)


def _statistics(matrices: NDArray[np.float64]) -> Iterator[NDArray[np.float64]]:
    flat = matrices.reshape(len(matrices), -1)
    yield (flat[:, _MEASURED:] ** 2).sum(axis=1)
    yield flat[:, _MEASURED:].sum(axis=1)


def record(runs: int = 1000, networks: int = 400) -> dict[str, Any]:
    """What is kept: shares of intervals that hold the truth, and p-values of the ranks."""
    covered = [
        {"setting": name, "method": method, "mean loss": loss, "log acceptance": acceptance}
        for name in SETTINGS
        for method in METHODS
        for loss, acceptance in [intervals(name, method, runs).mean(axis=0).tolist()]
    ]
    calibrated = [
        {"setting": name, "method": method, "squares": p[0], "sum": p[1]}
        for name, (_, _, methods) in CALIBRATED.items()
        for method in methods
        for p in [[float(kstest(one, "uniform").pvalue) for one in ranks(name, method, networks).T]]
    ]
    found = {"runs": runs, "covered": covered, "networks": networks, "calibrated": calibrated}
    return {**provenance(), **found}


if __name__ == "__main__":
    RECORD.write_text(json.dumps(record(), indent=1) + "\n", encoding="utf-8")
