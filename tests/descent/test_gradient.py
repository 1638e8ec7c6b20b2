"""Hand-written gradients against torch.autograd on Eq. 2."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from gncviz.activation import ACTIVATIONS
from gncviz.descent.step import layers_of
from gncviz.models.matrix.trials import EntryLosses, QuadraticLosses
from gncviz.network import Network
from gncviz.task import Task
from tests import reference

CPU = torch.device("cpu")
SHAPES = [(5, 5, 5), (3, 4, 6), (4, 2, 1), (1, 3, 2)]


def tasks_of(rows: int, cols: int) -> list[Task]:
    """Different tasks of one shape, with different numbers of measurements."""
    made = [Task.random(rows=rows, cols=cols, measurements=n, seed=n) for n in (1, 2)]
    return [*made, Task.random(rows=rows, cols=cols, measurements=2, kind="completion"), made[0]]


def loss_by_torch(network: Network, layers: list[Tensor], tasks: list[Task]) -> Tensor:
    """Eq. 2 of each trial, recorded by autograd."""
    by_trial = [layer.permute(2, 0, 1) for layer in layers]
    product = by_trial[0]
    for layer in by_trial[1:]:
        product = layer @ network.sigma.function(product, network.negative_slope)
    losses = []
    for matrix, task in zip(product, tasks, strict=True):
        a = torch.tensor(task.measurements)
        losses.append((((a * matrix).sum(dim=(1, 2)) - torch.tensor(task.labels)) ** 2).mean())
    return torch.stack(losses)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("depth", [1, 2, 3, 5])
@pytest.mark.parametrize(("rows", "cols", "width"), SHAPES)
def test_gradient_is_autograd_s(
    name: str, depth: int, shared: bool, rows: int, cols: int, width: int
) -> None:
    network = Network(width=width, depth=depth, activation=name, negative_slope=0.3)
    tasks = tasks_of(rows, cols)[1:2] * 3 if shared else tasks_of(rows, cols)
    generator = torch.Generator().manual_seed(depth)
    count = network.weight_count(rows, cols)
    flat = torch.randn(len(tasks), count, dtype=torch.float64, generator=generator)
    shapes = network.layer_shapes(rows, cols)
    layers = [w.detach().clone().requires_grad_() for w in layers_of(flat, shapes)]
    losses = loss_by_torch(network, layers, tasks)
    expected = torch.autograd.grad(losses.sum(), layers)
    kept, slope = flat.clone(), torch.full_like(flat, torch.nan)
    into = layers_of(slope, shapes)
    quadratic = QuadraticLosses.of(tasks, CPU)
    matrix = network.gradient(layers_of(flat, shapes), quadratic.slope, into)()
    assert torch.equal(flat, kept)
    for ours, theirs in zip(into, expected, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-11)
    for i, task in enumerate(tasks):
        weights = [w[..., i].numpy() for w in layers_of(flat, shapes)]
        w = reference.matrix(weights, name, 0.3)
        np.testing.assert_allclose(matrix[..., i], w, rtol=1e-10, atol=1e-12)
        loss = reference.train_loss(w, task.ground_truth, task.measurements)
        assert quadratic.train(matrix.flatten(0, 1))[i].item() == pytest.approx(loss, rel=1e-9)


def test_loss_of_a_fit_is_not_rounded_below_zero() -> None:
    """Large errors off the measurements leave no trace in the training loss."""
    task = Task.random(seed=0)
    rng = np.random.default_rng(0)
    off = np.tensordot(rng.standard_normal((200, 10)), task.complement, axes=1)
    matrices = torch.tensor(task.ground_truth + 1e3 * off)
    losses = QuadraticLosses.of([task] * 200, CPU).train(matrices.flatten(1).T)
    assert (losses >= 0).all()
    assert (losses < 1e-24).all()


def test_layers_are_views_of_the_flat_weights() -> None:
    network = Network(width=3, depth=3)
    flat = torch.zeros(2, network.weight_count(4, 5))
    layers = layers_of(flat, network.layer_shapes(4, 5))
    assert [tuple(w.shape[:2]) for w in layers] == reference.shapes(4, 5, 3, 3)
    for layer in layers:
        layer.add_(1)
    assert (flat == 1).all()


def test_select_keeps_the_chosen_trials() -> None:
    tasks = tasks_of(3, 4)
    quadratic = QuadraticLosses.of(tasks, CPU)
    chosen = quadratic.select(torch.tensor([2, 0]))
    expected = QuadraticLosses.of([tasks[2], tasks[0]], CPU)
    columns = torch.randn(12, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(chosen.nearest, expected.nearest)
    torch.testing.assert_close(chosen.curvature, expected.curvature)
    torch.testing.assert_close(chosen.train(columns), expected.train(columns))


def test_losses_by_entry_are_the_quadratic_ones() -> None:
    """What large completions are trained by, against the quadratic forms that small ones have."""
    kinds = [Task.random(rows=4, cols=3, measurements=n, kind="completion", seed=n) for n in (3, 7)]
    tasks = [kinds[0], kinds[1], kinds[0]]
    ours, theirs = EntryLosses.of(tasks, CPU), QuadraticLosses.of(tasks, CPU)
    columns = torch.randn(12, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    chosen = torch.tensor([2, 1])
    torch.testing.assert_close(ours.train(columns), theirs.train(columns))
    torch.testing.assert_close(ours.slope(columns), theirs.slope(columns))
    some = ours.select(chosen).slope(columns[:, chosen])
    torch.testing.assert_close(some, theirs.slope(columns)[:, chosen])
