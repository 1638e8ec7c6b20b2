"""Losses on columns are the task's losses, in any unit."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gncviz.task import Task


@pytest.mark.parametrize(
    "task",
    [
        Task.random(seed=1),
        Task.random(rows=3, cols=6, kind="completion"),
        Task.random(norm=40.0, kind="completion"),
    ],
)
def test_losses_on_columns_are_the_task_s(task: Task, device: torch.device) -> None:
    matrices = np.random.default_rng(0).standard_normal((50, task.rows, task.cols))
    for dtype, tolerance in ((torch.float64, 1e-12), (torch.float32, 1e-4)):
        losses = task.losses(device, dtype)
        moved = torch.tensor(matrices.reshape(50, -1).T.copy(), device=device, dtype=dtype)
        kept = moved.clone()
        train, gen = losses.train(moved).double().cpu(), losses.gen(moved).cpu()
        np.testing.assert_allclose(train * losses.unit, task.train_loss(matrices), rtol=tolerance)
        np.testing.assert_allclose(gen, task.gen_loss(matrices), rtol=tolerance)
        assert torch.equal(moved, kept)


@pytest.mark.parametrize("unit", [1e-140, 1e-20, 1e-3, 1.0, 1e20, 1e140])
def test_no_unit_of_the_measurements_leaves_float32(unit: float) -> None:
    usual = Task.random(seed=1)
    scaled = Task(usual.ground_truth, usual.measurements * unit)
    columns = torch.randn(25, 40, generator=torch.Generator().manual_seed(0))
    losses = scaled.losses(torch.device("cpu"), torch.float32)
    train = losses.train(columns).double().numpy()
    assert 0.25 <= losses.unit / unit**2 <= 4
    expected = usual.losses(torch.device("cpu"), torch.float64).train(columns.double()).numpy()
    np.testing.assert_allclose(train * (losses.unit / unit**2), expected, rtol=1e-4)


def test_completion_by_places_is_completion_by_matrices() -> None:
    """The same task, its observed entries given as one-hot matrices."""
    places = Task.random(rows=4, cols=6, measurements=9, kind="completion", seed=3)
    matrices = Task(places.ground_truth, places.measurements)
    assert places.entries is not None
    assert matrices.entries is None
    outputs = np.random.default_rng(0).standard_normal((24, 4, 6))
    np.testing.assert_allclose(places.train_loss(outputs), matrices.train_loss(outputs))
    np.testing.assert_allclose(places.gen_loss(outputs), matrices.gen_loss(outputs))
    columns = torch.tensor(outputs.reshape(24, -1).T.copy())
    for name in ("train", "gen"):
        ours, theirs = (
            getattr(task.losses(torch.device("cpu"), torch.float64), name)(columns)
            for task in (places, matrices)
        )
        torch.testing.assert_close(ours, theirs)
        # Samplers give blocks of columns, too.
        blocks = columns.unflatten(1, (3, 8)).transpose(0, 1)
        found = getattr(places.losses(torch.device("cpu"), torch.float64), name)(blocks)
        torch.testing.assert_close(found.flatten(), ours)
    for task in (places, matrices):
        ball = task.ball
        assert ball is not None
        seen = outputs.reshape(24, -1) @ ball.directions.T - ball.center
        np.testing.assert_allclose((seen**2).sum(axis=1) / ball.count, task.train_loss(outputs))
