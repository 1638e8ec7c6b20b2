"""Islands go on side by side, and what they find is the same on any number of threads."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch

import gncviz as gv
from gncviz import devices

MOONS = gv.DataTask.load("moons", train=6, test=50, seed=0)
RELU = gv.Network(width=6, depth=2, activation="relu")


@contextmanager
def on_threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def curve() -> np.ndarray:
    found = gv.learning_curve(MOONS, RELU, samples=40, seed=3, device="cpu")
    return np.concatenate([found.table.to_numpy().ravel(), found.log10_islands.ravel()])


def split() -> np.ndarray:
    task, network = gv.Task.random(seed=0), gv.Network(width=5, depth=2)
    post = gv.guess_and_check(
        task, network, epsilon=0.05, method="splitting", samples=40, seed=3, device="cpu"
    )
    return np.append(post.gen_loss, post.log10_acceptance)


@pytest.mark.parametrize(("sample", "most"), [(curve, 4), (split, 2)])
def test_one_to_four_threads_find_the_same(
    sample: Any, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And there are so many of them: a pool of one would find the same as well."""
    pools: list[int] = []

    class Pool(ThreadPoolExecutor):
        def __init__(self, threads: int, *args: Any, **rest: Any) -> None:
            pools.append(threads)
            super().__init__(threads, *args, **rest)

    monkeypatch.setattr(devices, "ThreadPoolExecutor", Pool)
    found = []
    for count in (1, 2, 3, 4):
        with on_threads(count):
            found.append(sample())
    assert pools == [min(count, most) for count in (1, 2, 3, 4)]
    for other in found[1:]:
        np.testing.assert_array_equal(other, found[0])
