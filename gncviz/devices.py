"""Where the work runs, and on how many threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from gncviz.settings import SettingsError, known_device

if TYPE_CHECKING:
    import torch

T = TypeVar("T")
R = TypeVar("R")

#: Of a GPU's free memory, one process takes a part in so many at a time; and bytes that a number
#: takes, with the ones that are made of it.
_SHARES, _BYTES_EACH = 8, 16


def resolve_device(name: str) -> torch.device:
    """The device that a setting names; "auto" is the GPU where there is one.

    Raises:
        SettingsError: it is no device, or a GPU that this machine does not have.
    """
    import torch

    try:
        known_device(name)
    except ValueError as error:
        raise SettingsError([("device", str(error))]) from None
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(name)
    count = torch.cuda.device_count()
    if device.type == "cuda" and (device.index or 0) >= count:
        sentence = f"device {name!r} is not here: this machine has {count} CUDA devices; "
        raise SettingsError([("device", sentence + "allowed are 'auto' and 'cpu'.")])
    return device


class NoRoom(Exception):
    """What a piece of work found does not fit into the room that it has for it."""


def halved(work: Callable[[int, int], R], first: int, count: int, unit: int = 1) -> list[R]:
    """Works on a range, or in halves where a GPU's memory, or the work's own room, is too small.

    Args:
        work: called with the first number of a range and how many they are.
        first: of the whole range.
        count: likewise.
        unit: ranges begin at multiples of it from the first one on, and none is smaller.

    Returns:
        What the ranges gave, in order.

    Raises:
        torch.OutOfMemoryError: not even one unit fits.
        NoRoom: likewise.
    """
    import torch

    try:
        return [work(first, count)]
    except (torch.OutOfMemoryError, NoRoom):
        if count <= unit:
            raise
    # Only here, for until then the exception holds on to all that was allocated.
    give_back_memory()
    half = -(-count // (2 * unit)) * unit
    return [
        *halved(work, first, half, unit),
        *halved(work, first + half, count - half, unit),
    ]


def where_it_fits(
    name: str, work: Callable[[torch.device], R], start_over: Callable[[str], object]
) -> R:
    """Works on the device that a setting names; "auto" goes on on the CPU where a GPU is full.

    Args:
        name: of the device.
        work: called with it, and with the CPU where a GPU's memory is too small.
        start_over: told why in a sentence, before the work begins anew.

    Raises:
        SettingsError: see :func:`resolve_device`; or memory does not suffice, and it was the GPU
            that was asked for.
    """
    import torch

    device = resolve_device(name)
    try:
        return work(device)
    except torch.OutOfMemoryError:
        if device.type == "cpu":
            raise
    give_back_memory()
    if name != "auto":
        sentence = f"device {name!r} has too little memory left; 'auto' goes on on the CPU then."
        raise SettingsError([("device", sentence)])
    start_over(f"The memory of {device} ran short, so that this was computed on the CPU.")
    return work(torch.device("cpu"))


def give_back_memory() -> None:
    """Lets other processes have what torch keeps of a GPU's memory without using it."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def numbers_in_flight(device: torch.device, most: int) -> int:
    """How many float32 numbers one step of work on a GPU may hold at once, at most.

    A share of what is free now: several processes, such as those of a page's visitors, use one
    card, and each takes its share of what the others left.

    Args:
        device: a GPU.
        most: more are no use.
    """
    import torch

    free, _ = torch.cuda.mem_get_info(device)
    return max(min(most, free // (_SHARES * _BYTES_EACH)), 1)


def room(*shape: int, device: torch.device, dtype: torch.dtype) -> torch.Tensor:
    """An array to be filled.

    On a CPU it is NumPy's, which asks Linux for huge pages where it is large: memory that is fresh
    is filled in a third of the time.

    Args:
        *shape: of it.
        device: where it is.
        dtype: of the numbers.
    """
    import numpy as np
    import torch

    if device.type != "cpu":
        return torch.empty(shape, device=device, dtype=dtype)
    like = torch.empty(0, dtype=dtype).numpy()
    return torch.from_numpy(np.empty(shape, like.dtype))


def threads_for(device: torch.device, most: int | None = None) -> int:
    """How many threads keep a device busy: one for a GPU, all of torch's for a CPU.

    Args:
        device: where the work runs.
        most: no more than these.
    """
    import torch

    if device.type == "cuda":
        return 1
    return min(torch.get_num_threads(), most or torch.get_num_threads())


@contextmanager
def thread_pool(threads: int) -> Iterator[ThreadPoolExecutor]:
    """Threads each of which runs torch single-threaded, as the caller does meanwhile.

    Whole pieces of work side by side beat one piece's operations split over the cores. How many
    threads there are is for :func:`threads_for` to say, before: inside, torch has a single one.
    """
    import torch

    with one_thread():
        pool = ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,))
        with pool:
            yield pool


def ordered_map(function: Callable[[T], R], items: Iterable[T], threads: int) -> Iterator[R]:
    """Maps over items in a few threads, lazily and in order.

    A caller that stops iterating leaves at most one item more than there are threads computed in
    vain.
    """
    if threads <= 1:
        yield from map(function, items)
        return
    with thread_pool(threads) as pool:
        window: deque[Future[R]] = deque()
        try:
            for item in items:
                window.append(pool.submit(function, item))
                if len(window) > threads:
                    yield window.popleft().result()
            while window:
                yield window.popleft().result()
        finally:
            for future in window:
                future.cancel()


@contextmanager
def one_thread(wanted: bool = True) -> Iterator[None]:
    """Runs torch single-threaded for a while, where that is wanted.

    Operations on a few thousand numbers only wait for each other on several cores, and the longer
    the busier the machine is. What is set here is also the default of threads that start meanwhile.
    """
    import torch

    before = torch.get_num_threads()
    if wanted:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        if wanted:
            torch.set_num_threads(before)
