"""Random streams that never repeat or depend on grouping, and an ordered map in threads."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from gncviz import compute
from gncviz.compute import Streams, TaskTensors, ordered_map, resolve_device
from gncviz.settings import SettingsError
from gncviz.task import Task

CPU = torch.device("cpu")


def numbers(streams: Streams, block: int, count: int = 20_000) -> np.ndarray:
    """The first normals of a block."""
    generator = streams.generator(block)
    return torch.randn(count, generator=generator, device=generator.device).cpu().numpy()


def test_blocks_never_share_a_seed() -> None:
    """torch's CPU generator looks at 32 bits of a seed, so those must differ.

    300 000 numbers spread over 32 bits: a map that lost a bit would send 20 pairs together.
    """
    for stride in (1, 0x9E3779B1):
        low = np.array([compute._mix(2**32 - 100_000 + stride * i) % 2**32 for i in range(300_000)])
        assert len(np.unique(low)) == len(low)
    assert all(0 <= compute._mix(n) < 2**63 for n in (0, 1, 2**63, 2**64 - 1, 2**64 + 5))


@pytest.mark.parametrize("seed", [0, 1, 2**63 - 1])
def test_generators_take_distinct_seeds(seed: int) -> None:
    streams = [Streams(seed, purpose, CPU) for purpose in (0, 1)]
    seeds = [s.generator(i).initial_seed() % 2**32 for s in streams for i in range(2000)]
    assert len(set(seeds)) == len(seeds)


def test_a_block_depends_on_seed_purpose_and_number_alone(device: torch.device) -> None:
    first = numbers(Streams(3, 0, device), 7)
    again = Streams(3, 0, device)
    for block in (0, 7, 2):
        numbers(again, block)
    np.testing.assert_array_equal(numbers(again, 7), first)
    for other in (
        numbers(Streams(4, 0, device), 7),
        numbers(Streams(3, 1, device), 7),
        numbers(again, 8),
    ):
        assert not np.array_equal(other, first)


def test_neighbouring_blocks_are_uncorrelated(device: torch.device) -> None:
    """Correlations of 30 blocks within 6 standard errors: a false alarm in 1e-6."""
    streams = Streams(0, 0, device)
    blocks = np.stack([numbers(streams, i) for i in range(30)])
    correlation = np.corrcoef(blocks)[np.triu_indices(30, 1)]
    assert abs(correlation).max() < 6 / np.sqrt(blocks.shape[1])


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_ordered_map_keeps_the_order(threads: int) -> None:
    def slow_first(item: int) -> int:
        time.sleep(0.002 * (item % 3 == 0))
        return item * item

    assert list(ordered_map(slow_first, range(40), threads)) == [i * i for i in range(40)]
    assert list(ordered_map(slow_first, [], threads)) == []


@pytest.mark.parametrize("threads", [1, 3])
def test_ordered_map_is_lazy(threads: int) -> None:
    started: list[int] = []

    def note(item: int) -> int:
        started.append(item)
        return item

    results: Iterator[int] = ordered_map(note, itertools.count(), threads)
    assert started == []
    assert [next(results) for _ in range(10)] == list(range(10))
    results.close()  # type: ignore[attr-defined]
    assert len(started) <= 10 + 2 * threads


@pytest.mark.parametrize("threads", [1, 3])
def test_ordered_map_passes_exceptions_on(threads: int) -> None:
    def fails_at_five(item: int) -> int:
        if item == 5:
            raise RuntimeError("no five")
        return item

    seen: list[int] = []
    before = torch.get_num_threads()
    with pytest.raises(RuntimeError, match="no five"):
        seen.extend(ordered_map(fails_at_five, itertools.count(), threads))
    assert seen == [0, 1, 2, 3, 4]
    assert torch.get_num_threads() == before


def test_ordered_map_runs_side_by_side_with_one_torch_thread_each() -> None:
    meeting = threading.Barrier(2, timeout=10)

    def meet(_: int) -> int:
        meeting.wait()
        return torch.get_num_threads()

    assert list(ordered_map(meet, range(4), 2)) == [1] * 4


@pytest.mark.parametrize("stop_early", [False, True])
def test_ordered_map_restores_the_threads(stop_early: bool) -> None:
    before = torch.get_num_threads()
    results = ordered_map(lambda x: x, range(20), 2)
    next(results)
    if stop_early:
        results.close()  # type: ignore[attr-defined]
    else:
        list(results)
    found: list[int] = []
    later = threading.Thread(target=lambda: found.append(torch.get_num_threads()))
    later.start()
    later.join()
    assert torch.get_num_threads() == before
    assert found == [before]


def test_resolve_device() -> None:
    assert resolve_device("cpu").type == "cpu"
    assert resolve_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")
    with pytest.raises(SettingsError, match=r"device 'cuda:99' is not here") as caught:
        resolve_device("cuda:99")
    assert caught.value.problems[0][0] == "device"


@pytest.mark.parametrize(
    "task", [Task.random(seed=1), Task.random(rows=3, cols=6, kind="completion")]
)
def test_task_tensors_are_the_task_s_losses(task: Task, device: torch.device) -> None:
    matrices = np.random.default_rng(0).standard_normal((50, task.rows, task.cols))
    for dtype, tolerance in ((torch.float64, 1e-12), (torch.float32, 1e-4)):
        tensors = TaskTensors(task, device, dtype)
        moved = torch.tensor(matrices, device=device, dtype=dtype)
        kept = moved.clone()
        train, gen = tensors.train_loss(moved).cpu(), tensors.gen_loss(moved).cpu()
        np.testing.assert_allclose(train, task.train_loss(matrices), rtol=tolerance)
        np.testing.assert_allclose(gen, task.gen_loss(matrices), rtol=tolerance)
        assert torch.equal(moved, kept)
