"""Random streams: the only place where generators are made.

Every number that a run draws belongs to a named stream and a numbered block of it, and depends on
(seed, stream, block) alone: never on how many blocks are worked on together, on which thread, or in
which order. Two streams of one seed never agree, nor do two blocks of one stream.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


class Stream(IntEnum):
    """What random numbers are for. A number, once given, belongs to its stream for good."""

    #: Draws of the prior that are looked at by plain Guess & Check.
    POSTERIOR = 0
    #: Unconditioned draws of the prior, to compare with.
    PRIOR = 1
    #: Splitting: its pilot is block 0, groups of islands have one each after it.
    SPLITTING = 2
    #: Weighted draws, the last layer integrated out.
    COLLAPSED = 3
    #: Pilots that choose a method.
    PILOT = 4
    #: Singular values under the prior; a block for each depth.
    SPECTRA = 5
    #: Losses under the prior; a block for each width.
    MECHANISM = 6
    #: Initial weights of gradient descent; a block for each trial.
    DESCENT = 7
    #: Ground truths and measurements.
    TASK = 8
    #: Starts of the search for matrices that measurements do not see.
    ISOMETRY = 9
    #: Which of a person's own measurements are held out.
    HELD_OUT = 10
    #: Learning curves by levels that are samples; a block for each island.
    CURVE = 11
    #: What is measured of an infinitely wide network.
    WIDTH_LIMIT = 20
    #: Starts of the search for matrices of a low rank that fit.
    LOW_RANK = 21
    #: Chains by which a compiled twin is tried out.
    TRIAL = 22


#: Blocks of a stream that are told apart for certain: 32 bits hold 64 streams of so many.
_BLOCKS = 2**26


def torch_generator(
    seed: int, stream: Stream, block: int, device: torch.device | str = "cpu"
) -> torch.Generator:
    """The generator of one block, for tensors.

    torch's CPU generator looks at the lower 32 bits of a seed only. They hold the stream and the
    block, shifted by the run's seed and scrambled one to one, so that two blocks of one run share
    them in no case; the upper bits tell runs apart where they are looked at.

    Args:
        seed: of the run.
        stream: what the numbers are for.
        block: its number, from 0 on.
        device: where the generator lives.
    """
    import torch

    base = int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0])
    high, low = divmod(base, 2**32)
    place = (low + stream * _BLOCKS + block) % 2**32
    # The sign bit stays clear: torch takes a seed as a signed number.
    number = (high % 2**31) << 32 | _scrambled(place)
    return torch.Generator(device).manual_seed(number)


def counter_key(seed: int, stream: Stream) -> int:
    """The key of a stream's numbers where these are made from counters, below 2⁶³.

    The same on every device.

    Args:
        seed: of the run.
        stream: what the numbers are for.
    """
    import torch

    rng = torch_generator(seed, stream, 0)
    return int(torch.empty((), dtype=torch.int64).random_(generator=rng))


def numpy_generator(seed: int, stream: Stream, block: int = 0) -> np.random.Generator:
    """The generator of one block, for arrays.

    Args:
        seed: of the run.
        stream: what the numbers are for.
        block: its number, from 0 on.
    """
    if stream is Stream.TASK and block == 0:
        # What a task's seed has meant from the beginning; stored results rest on it.
        return np.random.default_rng(seed)
    # A spawn key is told apart from the same numbers as a seed: (seed, 0) is not, from seed alone.
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(stream, block)))


def _scrambled(number: int) -> int:
    """Scrambles 32 bits one to one (MurmurHash3's finalizer)."""
    number ^= number >> 16
    number = number * 0x85EBCA6B % 2**32
    number ^= number >> 13
    number = number * 0xC2B2AE35 % 2**32
    return number ^ number >> 16
