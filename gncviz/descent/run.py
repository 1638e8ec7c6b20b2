"""Gradient descent on many trials at once (Sec. 3.4 and App. G of the paper)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gncviz.compute import one_thread, resolve_device
from gncviz.descent.gradient import Quadratic, gradient, layers_of
from gncviz.descent.result import GradientDescentResult, TrialStatus
from gncviz.descent.settings import DescentSettings
from gncviz.network import Network, frobenius_norm
from gncviz.prior import MatrixPrior, Prior
from gncviz.progress import Reporter
from gncviz.provenance import versions
from gncviz.task import Task
from gncviz.words import grouped, scientific

#: Decay and floor of the adaptive step rule (App. D.2 of arXiv 2201.11729).
_DECAY, _FLOOR = 0.99, 1e-6
#: Epochs between two looks at convergence, divergence and the cancel button.
_CHECK_EVERY = 100
_RECORDS = 240
#: A loss this many times the first one is on its way to infinity.
_DIVERGED = 1e6
#: "auto" takes the GPU from this many weights on; below, starting its kernels takes longer.
_GPU_WEIGHTS = 10**6
#: With fewer weights than this, one core is faster than several.
_PARALLEL_WEIGHTS = 10**5


@dataclass
class _State:
    """The trials still running."""

    trials: NDArray[np.int64]
    loss: Quadratic
    flat: Tensor
    velocity: Tensor
    mean_square: Tensor

    def keep(self, rows: NDArray[np.bool_]) -> None:
        chosen = torch.as_tensor(np.flatnonzero(rows), device=self.flat.device)
        self.trials, self.loss = self.trials[rows], self.loss.select(chosen)
        self.flat, self.velocity = self.flat[chosen], self.velocity[chosen]
        self.mean_square = self.mean_square[chosen]


class Descent:
    """One run: the state of the trials and what was recorded of them.

    Args:
        tasks: the task of each trial, all of one shape.
        network: the model.
        settings: how it runs.
    """

    def __init__(self, tasks: list[Task], network: Network, settings: DescentSettings) -> None:
        self.tasks, self.network, self.settings = tasks, network, settings
        self.rows, self.cols = tasks[0].rows, tasks[0].cols
        weights = network.weight_count(self.rows, self.cols)
        small = settings.device == "auto" and len(tasks) * weights < _GPU_WEIGHTS
        self.device = resolve_device("cpu" if small else settings.device)
        flat = torch.tensor(initial_weights(tasks, network, settings), device=self.device)
        self.state = _State(
            trials=np.arange(len(tasks)),
            loss=Quadratic.of(tasks, self.device),
            flat=flat,
            velocity=torch.zeros_like(flat),
            mean_square=flat.new_zeros(len(tasks)),
        )
        self.matrices = np.full((len(tasks), self.rows, self.cols), np.nan)
        self.status = [TrialStatus.CANCELLED] * len(tasks)
        self.trial_epochs = np.zeros(len(tasks), dtype=np.int64)
        self.recorded: list[tuple[int, NDArray[np.int64], NDArray[np.float64]]] = []
        self.epoch = 0

    @torch.inference_mode()
    def run(self, reporter: Reporter) -> GradientDescentResult:
        """Runs until every trial has ended, the epochs are spent, or it is cancelled."""
        with one_thread(self.device.type == "cpu" and self.state.flat.numel() < _PARALLEL_WEIGHTS):
            self._run(reporter)
        result = self.result(reporter)()
        reporter.update(1.0, result.message, lambda: result)
        return result

    def _run(self, reporter: Reporter) -> None:
        records = set(_record_epochs(self.settings.epochs))
        for stop in _stops(self.settings.epochs, records):
            matrices, losses = self._advance(stop)
            self._retire(matrices, losses, stop == self.settings.epochs, stop in records)
            if not len(self.state.trials) or reporter.cancelled:
                break
            reporter.update(self._fraction(), self._message(losses), self.result(reporter))

    def _advance(self, stop: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Takes the steps up to an epoch; W and L_train there."""
        state, network = self.state, self.network
        layers = layers_of(state.flat, network, self.rows, self.cols)
        slope = torch.empty_like(state.flat)
        by_layer = layers_of(slope, network, self.rows, self.cols)
        while self.epoch < stop:
            gradient(network, layers, state.loss, by_layer)
            self.epoch += 1
            take_step(
                state.flat, state.velocity, state.mean_square, slope, self.epoch, self.settings
            )
        matrix = network.forward(layers)
        return matrix.cpu().numpy().copy(), state.loss.value(matrix).cpu().numpy()

    def _retire(
        self,
        matrices: NDArray[np.float64],
        losses: NDArray[np.float64],
        final: bool,
        record: bool,
    ) -> None:
        """Ends the trials that are through, and notes where the others stand."""
        state = self.state
        if self.epoch == 0:
            self._bounds = _DIVERGED * losses
        finite = np.isfinite(losses) & np.isfinite(matrices).all(axis=(1, 2))
        diverged = ~finite | (losses > self._bounds[state.trials])
        converged = ~diverged & (losses < self.settings.tolerance)
        self.matrices[state.trials] = np.where(diverged[:, None, None], np.nan, matrices)
        self.trial_epochs[state.trials] = self.epoch
        for rows, status in (
            (diverged, TrialStatus.DIVERGED),
            (converged, TrialStatus.CONVERGED),
            (~diverged & ~converged & final, TrialStatus.EPOCHS_SPENT),
        ):
            for trial in state.trials[rows]:
                self.status[trial] = status
        running = ~(diverged | converged) & (not final)
        noted = ~diverged if record else converged
        if noted.any():
            self.recorded.append((self.epoch, state.trials[noted], matrices[noted]))
        if not running.all():
            state.keep(running)

    def _fraction(self) -> float:
        return self.epoch / self.settings.epochs

    def _message(self, losses: NDArray[np.float64]) -> str:
        worst = scientific(float(np.nanmax(losses)))
        return f"epoch {grouped(self.epoch)}: training loss at most {worst}"

    def result(self, reporter: Reporter) -> Callable[[], GradientDescentResult]:
        """Freezes what is known now; made into a result when asked for."""
        matrices, status = self.matrices.copy(), tuple(self.status)
        epochs, recorded = self.trial_epochs.copy(), tuple(self.recorded)
        seconds = reporter.seconds
        return lambda: GradientDescentResult(
            tasks=tuple(self.tasks),
            network=self.network,
            settings=self.settings,
            matrices=matrices,
            status=status,
            trial_epochs=epochs,
            recorded=recorded,
            seconds=seconds,
            device=str(self.device),
            versions=versions(),
        )


def initial_weights(
    tasks: list[Task], network: Network, settings: DescentSettings
) -> NDArray[np.float64]:
    """Weights at epoch 0, with shape (T, P): init_scale times a draw of ``settings.init``.

    Trial t's depend on (seed, t) alone, not on how many trials run beside it. With a seed for each
    trial, they are those of the first trial of a run with that seed.
    """
    if settings.seeds is None:
        numbers = [(settings.seed, trial) for trial in range(len(tasks))]
    else:
        numbers = [(seed, 0) for seed in settings.seeds]
    shape, scale = tasks[0].ground_truth.shape, settings.init_scale
    generators = map(np.random.default_rng, numbers)
    if isinstance(settings.init, Prior):
        law = MatrixPrior(network, settings.init, *shape)
        return np.stack([scale * _prior_start(law, each) for each in generators])
    # PyTorch's default for linear layers, where the scale is 1.
    shapes = network.layer_shapes(*shape)
    bounds = np.concatenate([np.full(r * c, scale / math.sqrt(c)) for r, c in shapes])
    return np.stack([each.uniform(-bounds, bounds) for each in generators])


def _prior_start(law: MatrixPrior, generator: np.random.Generator) -> NDArray[np.float64]:
    """Weights from the prior, normalized where it says so (Definition 3), with shape (P,)."""
    normals = torch.from_numpy(generator.standard_normal((1, law.size)))
    layers = law.weights(law.prior.from_normal(normals))
    if law.prior.normalize:
        norm = frobenius_norm(law.network.forward(layers))
        layers = [layer / norm ** (1 / law.network.depth) for layer in layers]
    return torch.cat([layer.flatten() for layer in layers]).numpy()


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
        flat: weights, with shape (T, P).
        velocity: v, with shape (T, P).
        mean_square: s, with shape (T,).
        slope: the gradient, with shape (T, P).
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


def _record_epochs(epochs: int) -> list[int]:
    """Epochs to record: even on a linear and on a logarithmic axis, both ends included."""
    half = _RECORDS // 2
    linear = np.linspace(0, epochs, half)
    return sorted({0, *np.round(linear).astype(int), *np.geomspace(1, epochs, half).astype(int)})


def _stops(epochs: int, records: set[int]) -> list[int]:
    return sorted({*records, *range(_CHECK_EVERY, epochs, _CHECK_EVERY), epochs})
