"""The naive way: Guess & Check and gradient descent as the experiment's published loops do them.

Guess & Check: one big batch, a fresh weight tensor and a batched matrix product per layer, the
products with the measurements materialised as batch × n × m × m'. Gradient descent: one trial at a
time, recorded by autograd. Both in float32, as published.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from gncviz.network import Network
from gncviz.task import Task


def guess_and_check(
    task: Task,
    network: Network,
    epsilon: float,
    draws: int,
    *,
    normalize: bool,
    batch: int,
    device: str,
) -> tuple[int, float, float]:
    """Draws networks in batches: how many fit, their mean L_gen, and the mean L_gen of all."""
    truth = torch.tensor(task.ground_truth, dtype=torch.float32, device=device)
    seen = torch.tensor(task.measurements, dtype=torch.float32, device=device)
    unseen = torch.tensor(task.complement, dtype=torch.float32, device=device)
    fits, fit_sum, total = 0, 0.0, 0.0
    for start in range(0, draws, batch):
        matrices = _matrices(network, task, min(batch, draws - start), normalize, device)
        train, gen = _loss(matrices, truth, seen), _loss(matrices, truth, unseen)
        accepted = train < epsilon
        fits += int(accepted.sum())
        fit_sum += float(gen[accepted].sum())
        total += float(gen.sum())
    return fits, fit_sum / max(fits, 1), total / draws


def _matrices(network: Network, task: Task, count: int, normalize: bool, device: str) -> Tensor:
    product = torch.eye(task.cols, device=device).expand(count, -1, -1)
    for j, (rows, columns) in enumerate(network.layer_shapes(task.rows, task.cols)):
        weights = torch.randn(count, rows, columns, device=device) / math.sqrt(columns)
        if j:
            product = network.sigma.function(product, network.negative_slope)
        product = torch.bmm(weights, product)
    if normalize:
        product = product / (torch.linalg.matrix_norm(product, keepdim=True) + 1e-6)
    return product


def _loss(matrices: Tensor, truth: Tensor, measurements: Tensor) -> Tensor:
    products = measurements[None] * (matrices - truth)[:, None]
    return products.sum(dim=(2, 3)).square().mean(dim=1)


def gradient_descent(
    task: Task, network: Network, *, lr: float, init_scale: float, epochs: int, device: str
) -> float:
    """One trial with the adaptive step rule; its last training loss."""
    measurements = torch.tensor(task.measurements, dtype=torch.float32, device=device)
    labels = torch.tensor(task.labels, dtype=torch.float32, device=device)
    layers = [
        torch.empty(shape, device=device).uniform_(-1, 1).mul_(init_scale / math.sqrt(shape[1]))
        for shape in network.layer_shapes(task.rows, task.cols)
    ]
    for layer in layers:
        layer.requires_grad_()
    mean_square = torch.zeros((), device=device)
    loss = torch.zeros((), device=device)
    for epoch in range(1, epochs + 1):
        matrix = layers[0]
        for layer in layers[1:]:
            matrix = layer @ network.sigma.function(matrix, network.negative_slope)
        loss = ((measurements * matrix).sum(dim=(1, 2)) - labels).square().mean()
        slopes = torch.autograd.grad(loss, layers)
        with torch.no_grad():
            square = torch.stack([slope.square().sum() for slope in slopes]).sum()
            mean_square = 0.99 * mean_square + 0.01 * square
            step = lr / ((mean_square / (1 - 0.99**epoch)).sqrt() + 1e-6)
            for layer, slope in zip(layers, slopes, strict=True):
                layer -= step * slope
    return float(loss.detach())
