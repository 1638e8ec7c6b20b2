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
    """Threads each of which runs torch single-threaded.

    Whole pieces of work side by side beat one piece's operations split over the cores.
    """
    import torch

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
    with thread_pool(threads) as pool, one_thread():
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
