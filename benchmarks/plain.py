"""Plain Guess & Check: time a draw."""

from __future__ import annotations

from collections.abc import Iterator

import gncviz as gv
from benchmarks import naive
from benchmarks.measure import Comparison, compare
from gncviz.network import Network
from gncviz.prior import Prior

#: name, network, normalized, ε, naive draws and batch, our draws, target.
_CASES = [
    ("k=5, d=2", Network(width=5), False, 0.02, 400_000, 100_000, 4_000_000, 4.0),
    ("k=160, d=2, linear", Network(width=160), False, 0.02, 20_000, 10_000, 1_000_000, 20.0),
    (
        "k=160, d=2, tanh",
        Network(width=160, activation="tanh"),
        False,
        0.02,
        20_000,
        10_000,
        100_000,
        None,
    ),
    (
        "k=5, d=5, normalized",
        Network(width=5, depth=5),
        True,
        0.0035,
        400_000,
        100_000,
        2_000_000,
        None,
    ),
    (
        "k=5, d=10, normalized",
        Network(width=5, depth=10),
        True,
        0.0035,
        200_000,
        100_000,
        1_000_000,
        None,
    ),
]


def comparisons(device: str) -> Iterator[Comparison]:
    """One comparison a case; on a GPU both ways get more work."""
    task = gv.Task.random(seed=0)
    more = 10 if device.startswith("cuda") else 1
    for name, network, normalize, epsilon, slow, batch, fast, target in _CASES:
        slow, fast = slow * more, fast * more

        def published(
            network: Network = network,
            normalize: bool = normalize,
            epsilon: float = epsilon,
            slow: int = slow,
            batch: int = batch,
        ) -> object:
            return naive.guess_and_check(
                task, network, epsilon, slow, normalize=normalize, batch=batch, device=device
            )

        def ours(
            network: Network = network,
            normalize: bool = normalize,
            epsilon: float = epsilon,
            fast: int = fast,
        ) -> object:
            return gv.guess_and_check(
                task,
                network,
                Prior(normalize=normalize),
                epsilon,
                method="plain",
                samples=10**7,
                draws=fast,
                device=device,
            )

        yield compare(
            f"Guess & Check, {name}",
            "µs a draw",
            (published, slow / 1e6),
            (ours, fast / 1e6),
            target=target,
        )
