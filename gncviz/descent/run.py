"""Gradient descent on many trials at once (Sec. 3.4 and App. G of the paper)."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gncviz.descent.result import GradientDescentResult, TrialStatus
from gncviz.descent.settings import DescentSettings
from gncviz.descent.step import initial_weights, inputs_of, layers_of, take_step
from gncviz.devices import one_thread, resolve_device
from gncviz.models.arrays import checked_size
from gncviz.models.protocols import AnyNetwork, AnyTask, TrialLosses
from gncviz.progress import Run, Stopped, Why
from gncviz.provenance import versions
from gncviz.words import grouped, scientific

#: Epochs between two looks at convergence and divergence.
_CHECK_EVERY = 100
#: Weights that are moved between two looks at the clock and at Cancel.
_LOOK_NUMBERS = 2**15
_RECORDS = 240
#: A loss this many times the first one is on its way to infinity.
_DIVERGED = 1e6
#: "auto" takes the GPU from this many weights on; below, starting its kernels takes longer.
_GPU_WEIGHTS = 10**6
#: With fewer weights than this, one core is faster than several.
_PARALLEL_WEIGHTS = 10**5
#: Weights that a CPU works on side by side, but for one trial that has more: larger batches are no
#: faster, and an epoch of theirs takes longer than a run may take to hear that it is to end.
_BATCH_WEIGHTS = 2**22


@dataclass
class _State:
    """The trials still running."""

    trials: NDArray[np.int64]
    loss: TrialLosses
    inputs: Tensor | None
    flat: Tensor
    velocity: Tensor
    mean_square: Tensor

    def keep(self, rows: NDArray[np.bool_]) -> None:
        chosen = torch.as_tensor(np.flatnonzero(rows), device=self.flat.device)
        self.trials, self.loss = self.trials[rows], self.loss.select(chosen)
        self.flat, self.velocity = self.flat[chosen], self.velocity[chosen]
        self.mean_square = self.mean_square[chosen]
        if self.inputs is not None and self.inputs.shape[2] > 1:
            self.inputs = self.inputs[:, :, chosen]


class Descent:
    """One run: the state of the trials and what was recorded of them.

    Trials whose weights are many go one batch after the other, each with its share of the time.

    Args:
        tasks: the task of each trial, all of one shape.
        network: the model.
        settings: how it runs.

    Raises:
        SettingsError: the weights of all trials would not fit into memory.
    """

    def __init__(
        self, tasks: list[AnyTask], network: AnyNetwork, settings: DescentSettings
    ) -> None:
        self.tasks, self.network, self.settings = tasks, network, settings
        self.shapes = network.blocks(tasks[0])
        weights = sum(rows * cols for rows, cols in self.shapes)
        what = f"{len(tasks)} trials of {grouped(weights)} weights"
        checked_size("trials", what, len(tasks) * weights)
        small = settings.device == "auto" and len(tasks) * weights < _GPU_WEIGHTS
        self.device = resolve_device("cpu" if small else settings.device)
        self.outputs = np.full((len(tasks), *tasks[0].output_shape), np.nan)
        self.status: list[TrialStatus | None] = [None] * len(tasks)
        self.trial_epochs = np.zeros(len(tasks), dtype=np.int64)
        self.recorded: list[tuple[int, NDArray[np.int64], NDArray[np.float64]]] = []
        self.bounds = np.full(len(tasks), np.inf)
        together = max(_BATCH_WEIGHTS // weights, 1) if self.device.type == "cpu" else len(tasks)
        self.batches = np.split(np.arange(len(tasks)), range(together, len(tasks), together))
        self.parallel = len(self.batches[0]) * weights >= _PARALLEL_WEIGHTS

    @torch.inference_mode()
    def run(self, run: Run) -> GradientDescentResult:
        """Runs until every trial has ended, the epochs or the time are spent, or it is cancelled.

        Args:
            run: its budget.
        """
        with one_thread(self.device.type == "cpu" and not self.parallel):
            for done, trials in enumerate(self.batches):
                share = run.seconds_left / (len(self.batches) - done)
                with suppress(Stopped):
                    self._run(trials, run, Run(cancel=run, seconds=share))
        ended = TrialStatus.CANCELLED if run.stopped is Why.CANCELLED else TrialStatus.TIME_SPENT
        result = self.result(run, ended)()
        run.report(1.0, result.message, lambda: result)
        return result

    def _begin(self, trials: NDArray[np.int64], run: Run) -> None:
        """Puts a batch of trials at epoch 0.

        Raises:
            Stopped: the run is to end; the trials have no outputs.
        """
        start = initial_weights(self.tasks[0], self.network, self.settings, trials, run)
        flat = torch.from_numpy(start).to(self.device)
        run.check()
        tasks = [self.tasks[trial] for trial in trials]
        self.state = _State(
            trials=trials,
            loss=tasks[0].trial_losses(tasks, self.device),
            inputs=inputs_of(tasks, flat),
            flat=flat,
            velocity=torch.zeros_like(flat),
            mean_square=flat.new_zeros(len(tasks)),
        )
        self.epoch = 0

    def _run(self, trials: NDArray[np.int64], whole: Run, run: Run) -> None:
        """Runs one batch until its trials have ended.

        Args:
            trials: the batch.
            whole: what lets it begin, and is told of it.
            run: what ends it.
        """
        self._begin(trials, whole)
        records = set(_record_epochs(self.settings.epochs))
        for stop in _stops(self.settings.epochs, records):
            with suppress(Stopped):
                self._advance(stop, run)
            outputs, losses = self._now()
            self._retire(outputs, losses, self.epoch == self.settings.epochs, stop in records)
            if not len(self.state.trials) or run.stopped:
                break
            whole.report(self._fraction(trials), self._message(losses), self.result(whole))

    def _advance(self, stop: int, run: Run) -> None:
        """Takes the steps up to an epoch.

        Raises:
            Stopped: the run is to end; all trials stand at one epoch.
        """
        state = self.state
        layers = layers_of(state.flat, self.shapes)
        slope = torch.empty_like(state.flat)
        by_layer = layers_of(slope, self.shapes)
        look_every = max(_LOOK_NUMBERS // state.flat.numel(), 1)

        def slope_of_loss(outputs: Tensor) -> Tensor:
            run.check()  # Half-way through an epoch, which may be long.
            return state.loss.slope(outputs)

        by_output = slope_of_loss if look_every == 1 else state.loss.slope
        gradient = self.network.gradient(layers, by_output, by_layer, state.inputs)
        while self.epoch < stop:
            if self.epoch % look_every == 0:
                run.check()
            gradient()
            if look_every == 1:
                run.check()
            self.epoch += 1
            take_step(
                state.flat, state.velocity, state.mean_square, slope, self.epoch, self.settings
            )

    def _now(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Outputs (T, *output_shape) and L_train (T,) of the trials that still run."""
        layers = layers_of(self.state.flat, self.shapes)
        columns = self.network.forward(layers, self.state.inputs).reshape(
            -1, len(self.state.trials)
        )
        losses = self.state.loss.train(columns).cpu().numpy()
        rows = np.ascontiguousarray(columns.T.cpu().numpy())
        return rows.reshape(-1, *self.outputs.shape[1:]).copy(), losses

    def _retire(
        self,
        outputs: NDArray[np.float64],
        losses: NDArray[np.float64],
        final: bool,
        record: bool,
    ) -> None:
        """Ends the trials that are through, and notes where the others stand."""
        state = self.state
        if self.epoch == 0:
            self.bounds[state.trials] = _DIVERGED * losses
        axes = tuple(range(1, outputs.ndim))
        finite = np.isfinite(losses) & np.isfinite(outputs).all(axis=axes)
        diverged = ~finite | (losses > self.bounds[state.trials])
        converged = ~diverged & (losses < self.settings.tolerance)
        self.outputs[state.trials] = np.where(np.expand_dims(diverged, axes), np.nan, outputs)
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
            self.recorded.append((self.epoch, state.trials[noted], outputs[noted]))
        if not running.all():
            state.keep(running)

    def _fraction(self, trials: NDArray[np.int64]) -> float:
        done = trials[0] + len(trials) * self.epoch / self.settings.epochs
        return float(done / len(self.tasks))

    def _message(self, losses: NDArray[np.float64]) -> str:
        worst = scientific(float(np.nanmax(losses)))
        return f"epoch {grouped(self.epoch)}: training loss at most {worst}"

    def result(
        self, run: Run, unfinished: TrialStatus = TrialStatus.CANCELLED
    ) -> Callable[[], GradientDescentResult]:
        """Freezes what is known now; made into a result when asked for.

        Args:
            run: tells the time.
            unfinished: what to call trials that have not ended.
        """
        outputs, status = self.outputs.copy(), tuple(one or unfinished for one in self.status)
        epochs, recorded = self.trial_epochs.copy(), tuple(self.recorded)
        seconds = run.seconds
        return lambda: GradientDescentResult(
            tasks=tuple(self.tasks),
            network=self.network,
            settings=self.settings,
            outputs=outputs,
            status=status,
            trial_epochs=epochs,
            recorded=recorded,
            seconds=seconds,
            device=str(self.device),
            versions=versions(),
        )


def _record_epochs(epochs: int) -> list[int]:
    """Epochs to record: even on a linear and on a logarithmic axis, both ends included."""
    half = _RECORDS // 2
    linear = np.linspace(0, epochs, half)
    return sorted({0, *np.round(linear).astype(int), *np.geomspace(1, epochs, half).astype(int)})


def _stops(epochs: int, records: set[int]) -> Iterator[int]:
    """Epochs to look at, in order and one by one: of a thousand million there are too many to list.

    Args:
        epochs: the last one.
        records: those to record.
    """
    looks = range(_CHECK_EVERY, epochs, _CHECK_EVERY)
    for stop, _ in itertools.groupby(heapq.merge(sorted(records), looks, [epochs])):
        yield stop
