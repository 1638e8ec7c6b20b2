"""Gradient descent: time an epoch of one trial."""

from __future__ import annotations

from collections.abc import Iterator

import gncviz as gv
from benchmarks import naive
from benchmarks.measure import Comparison, compare
from gncviz.network import Network

#: Ours keeps about 240 records a run, which in a run of a few hundred epochs would be all of it.
_EPOCHS, _NAIVE_EPOCHS = 3000, 300


def comparisons(device: str) -> Iterator[Comparison]:
    """8 and 64 trials at depth 2, and 8 deep ones."""
    task = gv.Task.random(seed=0)
    for depth, trials, target in ((2, 8, 10.0), (2, 64, 60.0), (10, 8, None)):
        network = Network(width=5, depth=depth)

        def published(network: Network = network) -> object:
            return naive.gradient_descent(
                task, network, lr=1e-4, init_scale=1e-3, epochs=_NAIVE_EPOCHS, device=device
            )

        def ours(network: Network = network, trials: int = trials) -> object:
            return gv.gradient_descent(
                task, network, trials=trials, lr=1e-4, epochs=_EPOCHS, tolerance=0, device=device
            )

        yield compare(
            f"gradient descent, d={depth}, {trials} trials",
            "µs a trial-epoch",
            (published, _NAIVE_EPOCHS / 1e6),
            (ours, trials * _EPOCHS / 1e6),
            target=target,
        )
