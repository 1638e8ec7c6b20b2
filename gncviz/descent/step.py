"""Where trials of gradient descent start, and one step of all of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gncviz.descent.settings import DescentSettings
from gncviz.models.law import inputs_on
from gncviz.models.protocols import AnyNetwork, AnyTask
from gncviz.prior import Prior
from gncviz.progress import Run
from gncviz.streams import Stream, numpy_generator

#: Decay and floor of the adaptive step rule (App. D.2 of arXiv 2201.11729).
RULE = _DECAY, _FLOOR = 0.99, 1e-6
#: Random numbers that are made between two looks at the run.
_PIECE = 2**22


def initial_weights(
    task: AnyTask,
    network: AnyNetwork,
    settings: DescentSettings,
    trials: Sequence[int] | NDArray[np.int64] | None = None,
    run: Run | None = None,
) -> NDArray[np.float64]:
    """Weights at epoch 0, with shape (T, D): init_scale times a draw of ``settings.init``.

    Trial t's depend on (seed, t) alone, not on how many trials run beside it. With a seed for each
    trial, they are those of the first trial of a run with that seed.

    Args:
        task: tells the shapes.
        network: the model.
        settings: the law, its scale, and the seeds.
        trials: which ones; all by default.
        run: asked all the time.

    Raises:
        Stopped: the run is to end.
    """
    run = run or Run()
    chosen = range(settings.trials) if trials is None else trials
    sizes = [rows * cols for rows, cols in network.blocks(task)]
    starts = np.empty((len(chosen), sum(sizes)))
    for start, trial in zip(starts, chosen, strict=True):
        rng = _generator(settings, int(trial))
        if isinstance(settings.init, Prior):
            start[:] = _prior_start(task, network, settings.init, rng, run)
            start *= settings.init_scale
        else:
            _uniform_start(task, network, settings, rng, run, start)
    return starts


def _generator(settings: DescentSettings, trial: int) -> np.random.Generator:
    seed, number = (settings.seed, trial) if settings.seeds is None else (settings.seeds[trial], 0)
    return numpy_generator(seed, Stream.DESCENT, number)


def _uniform_start(
    task: AnyTask,
    network: AnyNetwork,
    settings: DescentSettings,
    rng: np.random.Generator,
    run: Run,
    into: NDArray[np.float64],
) -> None:
    """PyTorch's default for linear layers, where the scale is 1; written ``into`` (D,)."""
    first = 0
    for rows, cols in network.blocks(task):
        layer = into[first : first + rows * cols]
        bound = settings.init_scale / math.sqrt(cols)
        for piece in _pieces(layer, run):
            piece[:] = rng.uniform(-bound, bound, len(piece))
        first += rows * cols


def _pieces(entries: NDArray[np.float64], run: Run) -> Iterator[NDArray[np.float64]]:
    """Views of entries, in order, with a look at the run before each."""
    for first in range(0, len(entries), _PIECE):
        run.check()
        yield entries[first : first + _PIECE]


def _prior_start(
    task: AnyTask, network: AnyNetwork, prior: Prior, rng: np.random.Generator, run: Run
) -> NDArray[np.float64]:
    """Weights from the prior, normalized where it says so (Definition 3), with shape (D,)."""
    # The direct law comes first; its weights are the network's own.
    law: Any = network.laws(task, prior)[0]
    drawn = np.empty(law.size)
    for piece in _pieces(drawn, run):
        rng.standard_normal(out=piece)
    normals = torch.from_numpy(drawn)[:, None]
    weights = law.weights(law.from_normals(normals))
    run.check()
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
