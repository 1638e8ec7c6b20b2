"""The best fit of a low rank, against cases that are known."""

from __future__ import annotations

import numpy as np
import pytest

import gncviz as gv
from gncviz.theory import best_residual


def test_no_matrix_is_the_null_loss() -> None:
    task = gv.Task.random()
    assert best_residual(task, 0) == pytest.approx(float(task.train_loss(np.zeros((5, 5)))))


@pytest.mark.parametrize("rank", [1, 2])
def test_the_ground_truths_own_rank_fits(rank: int) -> None:
    assert best_residual(gv.Task.random(rank=rank, measurements=22), rank) < 1e-10


@pytest.mark.parametrize("kept", [1, 2])
def test_of_a_matrix_that_is_seen_whole_it_is_the_tail_of_the_singular_values(kept: int) -> None:
    """Eckart and Young; every entry measured but one, whose row and column are zero."""
    truth = np.zeros((5, 5))
    truth[:4, :4] = gv.Task.random(rows=4, cols=4, rank=3).ground_truth
    task = gv.Task(truth, np.eye(25)[:24].reshape(24, 5, 5))
    tail = np.linalg.svd(truth, compute_uv=False)[kept:]
    assert best_residual(task, kept) == pytest.approx((tail**2).sum() / 24, rel=1e-3)


def test_a_lower_rank_does_not_fit_sixteen_measurements() -> None:
    """Matrices of rank one have nine dimensions."""
    task = gv.Task.random(rank=2, measurements=16)
    assert 1e-5 < best_residual(task, 1) < best_residual(task, 0)


def test_what_is_no_rank_is_refused() -> None:
    with pytest.raises(gv.SettingsError, match="rank"):
        best_residual(gv.Task.random(), -1)
