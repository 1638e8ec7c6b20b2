"""Devices by name, and an ordered map in threads."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator

import pytest
import torch

from gncviz.devices import (
    NoRoom,
    halved,
    numbers_in_flight,
    ordered_map,
    resolve_device,
    room,
    thread_pool,
    where_it_fits,
)
from gncviz.settings import SettingsError


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
    assert len(started) <= 10 + threads + 1


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


def test_a_pool_runs_torch_single_threaded_inside_and_around() -> None:
    before = torch.get_num_threads()
    with thread_pool(2) as pool:
        assert torch.get_num_threads() == 1
        assert pool.submit(torch.get_num_threads).result() == 1
    assert torch.get_num_threads() == before


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


@pytest.mark.parametrize("error", [torch.cuda.OutOfMemoryError, NoRoom])
@pytest.mark.parametrize(("room", "unit"), [(100, 8), (40, 8), (8, 8), (5, 1)])
def test_work_that_does_not_fit_is_done_in_halves(
    room: int, unit: int, error: type[Exception]
) -> None:
    tried: list[int] = []

    def work(first: int, count: int) -> list[int]:
        tried.append(count)
        if count > room:
            raise error
        return list(range(first, first + count))

    parts = halved(work, 16, 90, unit)
    assert [number for part in parts for number in part] == list(range(16, 106))
    assert all(part[0] % unit == 0 for part in parts)
    assert max(map(len, parts)) <= room
    assert tried[0] == 90
    assert len(parts) == 1 or len(parts) < 4 * 90 / room + 1


def test_what_does_not_fit_at_all_is_no_endless_work() -> None:
    def work(*_: int) -> None:
        raise torch.cuda.OutOfMemoryError

    with pytest.raises(torch.OutOfMemoryError):
        halved(work, 0, 1000, 8)


@pytest.fixture
def full_gpu(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A GPU without free memory, and where work was tried."""
    monkeypatch.setattr(
        "gncviz.devices.resolve_device",
        lambda name: torch.device("cuda:1" if name == "auto" else name),
    )
    return []


def test_a_full_gpu_is_left_for_the_cpu_with_a_word(full_gpu: list[str]) -> None:
    said: list[str] = []

    def work(device: torch.device) -> str:
        full_gpu.append(str(device))
        if device.type == "cuda":
            raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return "done"

    assert where_it_fits("auto", work, said.append) == "done"
    assert full_gpu == ["cuda:1", "cpu"]
    assert said == ["The memory of cuda:1 ran short, so that this was computed on the CPU."]
    with pytest.raises(SettingsError, match=r"'cuda:1' has too little memory left; 'auto'"):
        where_it_fits("cuda:1", work, said.append)
    assert len(said) == 1


def test_processes_share_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes a part of what the others left, so that there is always something left."""
    free, total = 80 * 2**30, 80 * 2**30
    monkeypatch.setattr("torch.cuda.mem_get_info", lambda _: (free, total))
    gpu = torch.device("cuda")
    assert numbers_in_flight(gpu, 2**26) == 2**26
    for _ in range(100):
        taken = 16 * numbers_in_flight(gpu, 2**40)
        free -= taken
        assert 0 < taken < free
    assert numbers_in_flight(gpu, 2**26) < 2**26
    free = 0
    assert numbers_in_flight(gpu, 2**26) == 1


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_room_is_an_array_to_be_filled(dtype: torch.dtype) -> None:
    found = room(3, 4, device=torch.device("cpu"), dtype=dtype)
    assert (found.shape, found.dtype, found.device.type) == ((3, 4), dtype, "cpu")
    assert found.is_contiguous()
    assert bool((found.fill_(2) == 2).all())
