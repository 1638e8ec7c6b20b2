"""Where the work runs, the random streams that make it repeatable, and the task as tensors."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from gncviz.settings import SettingsError
from gncviz.task import Task

T = TypeVar("T")
R = TypeVar("R")


def resolve_device(name: str) -> torch.device:
    """The device that a setting names; "auto" is the GPU where there is one.

    Raises:
        SettingsError: a GPU is named that this machine does not have.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(name)
    count = torch.cuda.device_count()
    if device.type == "cuda" and (device.index or 0) >= count:
        sentence = f"device {name!r} is not here: this machine has {count} CUDA devices; "
        raise SettingsError([("device", sentence + "allowed are 'auto' and 'cpu'.")])
    return device


class Streams:
    """Independent generators for the numbered blocks of one run.

    The numbers of block i depend on (seed, purpose, i) alone, never on how many blocks are worked
    on together, on which thread, or in which order.

    Args:
        seed: the run's seed.
        purpose: separates streams of one run, such as the prior's draws from the posterior's.
        device: where the generators live.
    """

    def __init__(self, seed: int, purpose: int, device: torch.device) -> None:
        entropy = np.random.SeedSequence(seed, spawn_key=(purpose,))
        self._base = int(entropy.generate_state(1, np.uint64)[0])
        self._device = device

    def generator(self, block: int) -> torch.Generator:
        """The generator of one block."""
        return torch.Generator(self._device).manual_seed(_mix(self._base + block))


def _mix(number: int) -> int:
    """Scrambles 32 bits one to one (MurmurHash3's finalizer).

    torch's CPU generator looks at the lower 32 bits of a seed only: a bijection there keeps the
    blocks of a run from ever sharing a seed.
    """
    high, low = divmod(number % 2**64, 2**32)
    low ^= low >> 16
    low = low * 0x85EBCA6B % 2**32
    low ^= low >> 13
    low = low * 0xC2B2AE35 % 2**32
    low ^= low >> 16
    # The sign bit stays clear: torch takes a seed as a signed number.
    return (high % 2**31) << 32 | low


def ordered_map(function: Callable[[T], R], items: Iterable[T], threads: int) -> Iterator[R]:
    """Maps over items in a few threads, lazily and in order.

    Each thread runs torch single-threaded: whole blocks side by side beat one block's operations
    split over the cores. A caller that stops iterating leaves at most 2·threads items computed in
    vain.
    """
    if threads <= 1:
        yield from map(function, items)
        return
    pool = ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,))
    with pool, one_thread():
        window: deque[Future[R]] = deque()
        try:
            for item in items:
                window.append(pool.submit(function, item))
                if len(window) >= 2 * threads:
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
    before = torch.get_num_threads()
    if wanted:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        if wanted:
            torch.set_num_threads(before)


class TaskTensors:
    """A task's measurements on a device.

    Args:
        task: the task.
        device: where the tensors live.
        dtype: float32 for screening draws, float64 where losses are reported.
    """

    def __init__(self, task: Task, device: torch.device, dtype: torch.dtype) -> None:
        def tensor(array: np.ndarray) -> Tensor:
            return torch.tensor(array, device=device, dtype=dtype)

        self.measurements = tensor(task.measurements).flatten(1)
        self.labels = tensor(task.labels)[:, None]
        self.ground_truth = tensor(task.ground_truth).flatten()[:, None]
        self.basis = tensor(task.measured_basis)
        self.unmeasured = task.unmeasured

    def train_loss(self, matrices: Tensor) -> Tensor:
        """L_train (Eq. 2) of (N, m, m') matrices, with shape (N,)."""
        return self.train_loss_of(matrices.flatten(1).T)

    def gen_loss(self, matrices: Tensor) -> Tensor:
        """L_gen (Eq. 3) of (N, m, m') matrices, with shape (N,)."""
        return self.gen_loss_of(matrices.flatten(1).T)

    def train_loss_of(self, columns: Tensor) -> Tensor:
        """L_train of flattened matrices (..., m·m', C), with shape (..., C)."""
        residual = self.measurements @ columns
        return residual.sub_(self.labels).square_().mean(dim=-2)

    def gen_loss_of(self, columns: Tensor) -> Tensor:
        """L_gen of flattened matrices (..., m·m', C), with shape (..., C)."""
        error = columns - self.ground_truth
        error -= self.basis.T @ (self.basis @ error)
        return error.square_().sum(dim=-2) / self.unmeasured
