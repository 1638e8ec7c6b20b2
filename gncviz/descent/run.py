"""Gradient descent on many trials at once (Sec. 3.4 and App. G of the paper)."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from gncviz.descent.result import GradientDescentResult, TrialStatus
from gncviz.descent.settings import DescentSettings
from gncviz.descent.step import initial_weights
from gncviz.descent.steps import steps_of
from gncviz.devices import halved, one_thread
from gncviz.models.arrays import checked_size
from gncviz.models.asked import hard
from gncviz.models.protocols import AnyNetwork, AnyTask
from gncviz.progress import Run, Stopped, Why
from gncviz.provenance import versions
from gncviz.words import grouped, scientific

#: Epochs between two looks at convergence and divergence.
_CHECK_EVERY = 100
#: Looks that are asked for together, at most.
_AHEAD = 256
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


class Descent:
    """One run: the state of the trials and what was recorded of them.

    Trials whose weights are many go one batch after the other, each with its share of the time.

    Args:
        tasks: the task of each trial, all of one shape.
        network: the model.
        settings: how it runs.
        device: where.

    Raises:
        SettingsError: the weights of all trials would not fit into memory.
    """

    def __init__(
        self,
        tasks: list[AnyTask],
        network: AnyNetwork,
        settings: DescentSettings,
        device: torch.device,
    ) -> None:
        self.tasks, self.network, self.settings = tasks, network, settings
        self.device, weights = device, weight_count(tasks[0], network)
        what = f"{len(tasks)} trials of {grouped(weights)} weights"
        checked_size("trials", what, len(tasks) * weights)
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
                    self._run_halved(trials, run, share)
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
        run.check()
        tasks = [self.tasks[trial] for trial in trials]
        self.steps = steps_of(tasks, self.network, self.settings, start, self.device, run)
        self.trials, self.epoch = trials, 0

    def _run_halved(self, trials: NDArray[np.int64], run: Run, seconds: float) -> None:
        """Runs one batch, or its halves one after the other where they do not fit into a GPU."""

        def work(first: int, count: int) -> None:
            recorded, share = len(self.recorded), seconds * count / len(trials)
            try:
                self._run(trials[first : first + count], run, Run(cancel=run, seconds=share))
            except torch.OutOfMemoryError:
                del self.recorded[recorded:]
                raise

        halved(work, 0, len(trials))

    def _run(self, trials: NDArray[np.int64], whole: Run, run: Run) -> None:
        """Runs one batch until its trials have ended.

        Args:
            trials: the batch.
            whole: what lets it begin, and is told of it.
            run: what ends it.
        """
        self._begin(trials, whole)
        records = set(_record_epochs(self.settings.epochs))
        # The losses at the start, looked at alone, tell which later ones are on their way off.
        # Of errors, the first epoch without any is wanted.
        every = _CHECK_EVERY if hard(self.tasks[0]) is None else 1
        stops = _stops(self.settings.epochs, records, every)
        ahead = [next(stops)]
        while len(self.trials) and ahead:
            looks = self.steps.advance(self.epoch, ahead, self.bounds[self.trials], run)
            for number, (epoch, outputs, losses) in enumerate(looks, start=1):
                self.epoch = epoch
                shaped = outputs.reshape(-1, *self.outputs.shape[1:])
                if number < len(looks):
                    self._note(epoch in records, shaped)
                else:
                    final = epoch == self.settings.epochs
                    self._retire(shaped, losses, final, epoch in records)
            if run.stopped:
                break
            whole.report(self._fraction(trials), self._message(losses), self.result(whole))
            ahead = [stop for stop in ahead if stop > self.epoch]
            ahead += itertools.islice(stops, _AHEAD - len(ahead))

    def _note(self, wanted: Any, outputs: NDArray[np.float64]) -> None:
        """Records where the trials stand, or some of them, by a mask (T,)."""
        rows = np.broadcast_to(wanted, len(outputs))
        if rows.any():
            self.recorded.append((int(self.epoch), self.trials[rows], outputs[rows]))

    def _retire(
        self,
        outputs: NDArray[np.float64],
        losses: NDArray[np.float64],
        final: bool,
        record: bool,
    ) -> None:
        """Ends the trials that are through, and notes where the others stand."""
        trials = self.trials
        if self.epoch == 0:
            self.bounds[trials] = _DIVERGED * losses
        axes = tuple(range(1, outputs.ndim))
        finite = np.isfinite(losses) & np.isfinite(outputs).all(axis=axes)
        diverged = ~finite | (losses > self.bounds[trials])
        converged = ~diverged & (losses < self.settings.tolerance)
        self.outputs[trials] = np.where(np.expand_dims(diverged, axes), np.nan, outputs)
        self.trial_epochs[trials] = self.epoch
        for rows, status in (
            (diverged, TrialStatus.DIVERGED),
            (converged, TrialStatus.CONVERGED),
            (~diverged & ~converged & final, TrialStatus.EPOCHS_SPENT),
        ):
            for trial in trials[rows]:
                self.status[trial] = status
        running = ~(diverged | converged) & (not final)
        self._note(~diverged if record else converged, outputs)
        self.trials = trials[running]
        if running.any() and not running.all():
            self.steps.keep(running)

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
            warnings=run.warnings,
        )


def weight_count(task: AnyTask, network: AnyNetwork) -> int:
    """How many weights a trial has.

    Args:
        task: of the trial.
        network: the model.
    """
    return sum(rows * cols for rows, cols in network.blocks(task))


def device_name(tasks: list[AnyTask], network: AnyNetwork, settings: DescentSettings) -> str:
    """The device by its name: the one that is asked for, and the CPU for "auto" and small work.

    Args:
        tasks: one a trial.
        network: the model.
        settings: how it runs.
    """
    small = len(tasks) * weight_count(tasks[0], network) < _GPU_WEIGHTS
    return "cpu" if settings.device == "auto" and small else settings.device


def _record_epochs(epochs: int) -> list[int]:
    """Epochs to record: even on a linear and on a logarithmic axis, both ends included."""
    half = _RECORDS // 2
    linear = np.linspace(0, epochs, half)
    return sorted({0, *np.round(linear).astype(int), *np.geomspace(1, epochs, half).astype(int)})


def _stops(epochs: int, records: set[int], every: int) -> Iterator[int]:
    """Epochs to look at, in order and one by one: of a thousand million there are too many to list.

    Args:
        epochs: the last one.
        records: those to record.
        every: epochs between two others.
    """
    looks = range(every, epochs, every)
    for stop, _ in itertools.groupby(heapq.merge(sorted(records), looks, [epochs])):
        yield stop
