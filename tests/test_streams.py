"""Random streams that never repeat, never agree, and do not depend on grouping."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gncviz import streams
from gncviz.streams import Stream, numpy_generator, torch_generator

BLOCKS = range(201)


def numbers(seed: int, stream: Stream, block: int, device: str = "cpu") -> np.ndarray:
    """The first normals of a block."""
    rng = torch_generator(seed, stream, block, device)
    return torch.randn(20_000, generator=rng, device=rng.device).cpu().numpy()


@pytest.mark.parametrize("seed", [0, 1, 7, 2**63 - 1])
def test_no_two_streams_agree(seed: int) -> None:
    """All pairs of streams, blocks 0 to 200: the first numbers of all of them differ.

    32 bits of them, so that of the 4 million pairs one is alike once in two thousand seeds.
    """
    ours = [torch_generator(seed, s, b).initial_seed() % 2**32 for s in Stream for b in BLOCKS]
    assert len(set(ours)) == len(ours)
    first = [numpy_generator(seed, s, b).integers(2**63) for s in Stream for b in BLOCKS]
    assert len(set(first)) == len(first)


def test_gradient_descent_does_not_start_from_the_bits_of_the_ground_truth() -> None:
    """default_rng((seed, 0)) is default_rng(seed): a stream has a spawn key instead."""
    task = numpy_generator(3, Stream.TASK).standard_normal(10)
    assert np.array_equal(task, np.random.default_rng(3).standard_normal(10))
    for stream in set(Stream) - {Stream.TASK}:
        assert not np.isin(numpy_generator(3, stream, 0).standard_normal(10), task).any()


def test_blocks_far_apart_never_share_a_seed() -> None:
    """torch's CPU generator looks at 32 bits of a seed, so those must differ.

    300 000 numbers spread over 32 bits: a map that lost a bit would send 20 pairs together.
    """
    for stride in (1, 0x9E3779B1):
        found = [streams._scrambled((2**32 - 100_000 + stride * i) % 2**32) for i in range(300_000)]
        assert len(set(found)) == len(found)
    last = torch_generator(0, Stream.POSTERIOR, 2**26 - 1).initial_seed()
    assert last != torch_generator(0, Stream.PRIOR, 0).initial_seed()


def test_a_block_depends_on_seed_stream_and_number_alone(device: torch.device) -> None:
    place = str(device)
    first = numbers(3, Stream.POSTERIOR, 7, place)
    for block in (0, 2):
        numbers(3, Stream.POSTERIOR, block, place)
    np.testing.assert_array_equal(numbers(3, Stream.POSTERIOR, 7, place), first)
    for other in (
        numbers(4, Stream.POSTERIOR, 7, place),
        numbers(3, Stream.PRIOR, 7, place),
        numbers(3, Stream.POSTERIOR, 8, place),
    ):
        assert not np.array_equal(other, first)


def test_neighbouring_blocks_are_uncorrelated(device: torch.device) -> None:
    """Correlations of 30 blocks within 6 standard errors: a false alarm in 1e-6."""
    blocks = np.stack([numbers(0, Stream.POSTERIOR, i, str(device)) for i in range(30)])
    correlation = np.corrcoef(blocks)[np.triu_indices(30, 1)]
    assert abs(correlation).max() < 6 / np.sqrt(blocks.shape[1])
