"""The RIP search: exact cases, brute force, and facts that algebraic geometry knows."""

from __future__ import annotations

import numpy as np
import pytest

from gncviz.settings import SettingsError
from gncviz.task import Task
from gncviz.theory.isometry import isometry, restricted_range, rip_constant


def scaled(measurements: np.ndarray) -> np.ndarray:
    """At the scale where ‖𝒜(W)‖² is one on average over W of norm one."""
    return measurements * np.sqrt(measurements[0].size / (measurements**2).sum())


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_measuring_everything_is_an_isometry(rank: int) -> None:
    rng = np.random.default_rng(0)
    basis, _ = np.linalg.qr(rng.standard_normal((12, 12)))
    low, high = restricted_range(basis.reshape(12, 3, 4), rank)
    assert (low, high) == pytest.approx((1.0, 1.0))


@pytest.mark.parametrize("rank", [1, 2])
@pytest.mark.parametrize("seed", range(4))
def test_completion_does_not_see_single_entries(seed: int, rank: int) -> None:
    task = Task.random(kind="completion", seed=seed)
    found = isometry(task, rank)
    assert found.low == pytest.approx(0, abs=1e-12)
    assert found.high == pytest.approx(25 / 15)
    assert found.blind
    assert found.constant == found.best_constant == pytest.approx(1)


def test_rank_one_by_brute_force() -> None:
    measurements = np.random.default_rng(3).standard_normal((3, 2, 2))
    angles = np.linspace(0, np.pi, 1001)
    units = np.stack([np.cos(angles), np.sin(angles)])
    seen = np.einsum("nij,ia,jb->nab", scaled(measurements), units, units)
    squares = (seen**2).sum(axis=0)
    low, high = restricted_range(measurements, 1)
    # A grid 0.003 apart misses an extremum of a form with values of order one by 1e-5 at most.
    assert low == pytest.approx(squares.min(), abs=5e-5)
    assert high == pytest.approx(squares.max(), abs=5e-5)
    assert low <= squares.min() + 1e-12


@pytest.mark.parametrize("shape", [(5, 3, 4), (13, 4, 3)])
def test_full_rank_is_an_eigenvalue_problem(shape: tuple[int, int, int]) -> None:
    measurements = np.random.default_rng(1).standard_normal(shape)
    flat = scaled(measurements).reshape(len(measurements), -1)
    values = np.linalg.eigvalsh(flat.T @ flat)
    low, high = restricted_range(measurements, 3)
    assert low == pytest.approx(max(values[0], 0), abs=1e-9)
    assert high == pytest.approx(values[-1], rel=1e-3)


@pytest.mark.parametrize(("rows", "cols", "n"), [(5, 5, 15), (4, 6, 20), (6, 4, 20), (9, 9, 60)])
def test_nothing_drawn_lies_outside_and_higher_ranks_reach_farther(
    rows: int, cols: int, n: int
) -> None:
    task = Task.random(rows=rows, cols=cols, measurements=n, seed=2)
    rng, stack = np.random.default_rng(0), scaled(task.measurements)
    before = None
    for rank in (1, 2, 3):
        found = isometry(task, rank)
        left, right = rng.standard_normal((3000, rows, rank)), rng.standard_normal((rank, cols))
        matrices = left @ right
        matrices /= np.linalg.norm(matrices, axis=(1, 2), keepdims=True)
        squares = (np.einsum("nij,bij->bn", stack, matrices) ** 2).sum(axis=1)
        assert found.low < squares.min()
        assert squares.max() < found.high
        assert found.constant == max(1 - found.low, found.high - 1)
        if before is not None:
            assert found.low <= before.low
            assert found.high >= before.high
        before = found


@pytest.mark.parametrize("seed", range(6))
def test_the_papers_fifteen_measurements_miss_a_matrix_of_rank_two(seed: int) -> None:
    """The 5 × 5 matrices of rank two have odd degree (175) and 16 dimensions of 25.

    Hence they meet every subspace of ten dimensions, the complement of 15 measurements too. Of
    three dimensions they meet almost none.
    """
    assert isometry(Task.random(seed=seed), 2).blind
    assert not isometry(Task.random(seed=seed), 1).blind
    few = isometry(Task.random(seed=seed, measurements=22), 2)
    assert not few.blind
    assert 0.5 < few.best_constant < 1


def test_scale_of_the_measurements_does_not_matter() -> None:
    task = Task.random(seed=4)
    larger = Task(task.ground_truth, 7 * task.measurements)
    assert rip_constant(larger, 1) == pytest.approx(rip_constant(task, 1))
    assert rip_constant(task, 9) == rip_constant(task, 5)


def test_measurements_of_nothing() -> None:
    found = isometry(Task(np.eye(2), np.zeros((2, 2, 2))), 1)
    assert found.blind
    assert found.constant == found.best_constant == 1


@pytest.mark.parametrize(("field", "values"), [("rank", (0, 8)), ("restarts", (1, 0))])
def test_refuses_in_words(field: str, values: tuple[int, int]) -> None:
    rank, restarts = values
    with pytest.raises(SettingsError, match=f"{field} should be at least 1; got 0"):
        rip_constant(Task.random(), rank, restarts=restarts)
