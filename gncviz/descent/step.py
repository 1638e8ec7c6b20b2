"""Where trials of gradient descent start, and one step of all of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gncviz.descent.settings import DescentSettings
from gncviz.models.law import direct_law, inputs_on
from gncviz.models.protocols import AnyNetwork, AnyTask
from gncviz.prior import Prior
from gncviz.streams import Stream, numpy_generator

#: Decay and floor of the adaptive step rule (App. D.2 of arXiv 2201.11729).
_DECAY, _FLOOR = 0.99, 1e-6


def initial_weights(
    task: AnyTask, network: AnyNetwork, settings: DescentSettings
) -> NDArray[np.float64]:
    """Weights at epoch 0, with shape (T, D): init_scale times a draw of ``settings.init``.

    Trial t's depend on (seed, t) alone, not on how many trials run beside it. With a seed for each
    trial, they are those of the first trial of a run with that seed.

    Args:
        task: tells the shapes.
        network: the model.
        settings: the law, its scale, and the seeds.
    """
    if settings.seeds is None:
        numbers = [(settings.seed, trial) for trial in range(settings.trials)]
    else:
        numbers = [(seed, 0) for seed in settings.seeds]
    rngs = [numpy_generator(seed, Stream.DESCENT, trial) for seed, trial in numbers]
    if isinstance(settings.init, Prior):
        starts = [_prior_start(task, network, settings.init, rng) for rng in rngs]
        return settings.init_scale * np.stack(starts)
    # PyTorch's default for linear layers, where the scale is 1.
    parts = [
        np.full(rows * cols, settings.init_scale / math.sqrt(cols))
        for rows, cols in network.blocks(task)
    ]
    bounds = np.concatenate(parts)
    return np.stack([rng.uniform(-bounds, bounds) for rng in rngs])


def _prior_start(
    task: AnyTask, network: AnyNetwork, prior: Prior, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Weights from the prior, normalized where it says so (Definition 3), with shape (D,)."""
    law = direct_law(network, task, prior)
    normals = torch.from_numpy(rng.standard_normal((law.size, 1)))
    weights = law.weights(law.from_normals(normals))
    if prior.normalize:
        norm = float(network.forward(weights, law.inputs_like(normals)).norm())
        weights = [layer / norm ** (1 / len(weights)) for layer in weights]
    return torch.cat([layer.flatten() for layer in weights]).numpy()


def inputs_of(tasks: Sequence[AnyTask], like: Tensor) -> Tensor | None:
    """The inputs of each trial's task.

    Args:
        tasks: one a trial.
        like: a tensor of the device and precision that they shall have.

    Returns:
        With shape (d_in, N, 1) where all trials have the same, else (d_in, N, T); None for the
        identity.
    """
    parts = [inputs_on(task, like) for task in tasks]
    if parts[0] is None or all(task.inputs is tasks[0].inputs for task in tasks):
        return parts[0]
    return torch.cat([part for part in parts if part is not None], dim=2)


def layers_of(flat: Tensor, shapes: Sequence[tuple[int, int]]) -> list[Tensor]:
    """Views of (T, D) flattened weights as blocks, each with shape (rows, columns, T)."""
    parts = flat.T.split([rows * cols for rows, cols in shapes])
    return [part.unflatten(0, shape) for part, shape in zip(parts, shapes, strict=True)]


def take_step(
    flat: Tensor,
    velocity: Tensor,
    mean_square: Tensor,
    slope: Tensor,
    epoch: int,
    settings: DescentSettings,
) -> None:
    """One step of all trials, in place.

    Fixed: step = lr. Adaptive: s_t = 0.99 s_{t−1} + 0.01 Σ‖gradient‖², over all layers together;
    step = lr / (√(s_t / (1 − 0.99^t)) + 1e-6). Momentum μ is heavy-ball: v_t = μ v_{t−1} +
    gradient, and the weights move by −step · v_t.

    Args:
        flat: weights, with shape (T, D).
        velocity: v, with shape (T, D).
        mean_square: s, with shape (T,).
        slope: the gradient, with shape (T, D).
        epoch: t, from 1 on.
        settings: lr, momentum and the step rule.
    """
    direction = slope
    if settings.momentum:
        direction = velocity.mul_(settings.momentum).add_(slope)
    if settings.step_rule == "fixed":
        flat.add_(direction, alpha=-settings.lr)
        return
    mean_square.lerp_(torch.linalg.vecdot(slope, slope), 1 - _DECAY)
    # The correction 1/(1 − 0.99^t), taken out of the root, goes into the two numbers.
    correction = math.sqrt(1 - _DECAY**epoch)
    length = mean_square.sqrt().add_(_FLOOR * correction)
    flat.addcdiv_(direction, length[:, None], value=-settings.lr * correction)
