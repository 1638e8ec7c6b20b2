"""Sweeps on a dask cluster: the same numbers, whoever dies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import pytest

from gncviz.progress import Progress
from gncviz.sweeps import SweepResult, SweepSettings, run_sweep
from tests.sweeps.small import DESCENT, QUICK, numbers

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """A cluster of two processes."""
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def here(settings: SweepSettings) -> SweepResult:
    with ThreadPoolExecutor(2) as pool:
        return run_sweep(settings, executor=pool)


def all_numbers(result: SweepResult) -> dict[str, str]:
    assert result.complete
    return {key: numbers(found) for key, found in result.findings.items()}


def test_a_cluster_gives_the_numbers_of_a_thread(client: Any) -> None:
    with client.get_executor() as executor:
        there = run_sweep(QUICK, executor=executor)
    assert all_numbers(there) == all_numbers(here(QUICK))


@pytest.mark.slow
def test_a_worker_that_is_killed_does_not_lose_the_sweep(client: Any) -> None:
    settings = QUICK.replace(descent=DESCENT.replace(epochs=4_000, tolerance=0.0), seeds=(2, 3))
    pids = client.run(os.getpid)
    killed: list[int] = []

    def kill(progress: Progress) -> None:
        if killed or progress.partial is None or not progress.partial().found:
            return
        busy = [address for address, tasks in client.processing().items() if tasks]
        killed.append(pids[busy[0]])
        psutil.Process(pids[busy[0]]).kill()

    with client.get_executor() as executor:
        there = run_sweep(settings, executor=executor, progress=kill)
    assert len(killed) == 1
    assert not psutil.pid_exists(killed[0])
    assert all_numbers(there) == all_numbers(here(settings))
