"""Devices by name, and an ordered map in threads."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator

import pytest
import torch

from gncviz.devices import ordered_map, resolve_device
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
