"""The state of the explorer, without any widget: settings in, results out."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable
from enum import StrEnum

import traitlets

from gncviz.explorer.experiment import Experiment, Step, at_threshold, run_experiment
from gncviz.explorer.settings import PRESETS, ExplorerSettings
from gncviz.settings import SettingsError

#: Seconds after which a computing thread lets go of the interpreter when another wants it. Python's
#: default is ten times that; a click passes through dozens of such hand-overs.
_HAND_OVER = 5e-4

#: Least seconds between two repaints while a run streams; and since painting and computing share
#: an interpreter, painting may take this share of the time at most.
_REPAINT, _PAINTING = 0.2, 0.2

log = logging.getLogger(__name__)


class Phase(StrEnum):
    """What the explorer is doing."""

    IDLE = "idle"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class ExplorerModel(traitlets.HasTraits):
    """Settings, the run in progress and its results.

    Runs go on in a thread of their own; views observe the traits, which change from that thread. A
    new run supersedes the one before it, whose late reports are dropped.

    Args:
        settings: to begin with.
        abandoned: asked all through a run: whether nobody is there to see it, so that it ends.

    Attributes:
        settings: what the next run will do.
        phase: what is going on.
        experiment: the results, those of a run in progress included; None before the first.
        shown: the same at the ε of the settings, where the run knows the posterior there.
        step: where the run in progress stands.
        error: what went wrong, in a sentence for people; empty if nothing did.
    """

    settings = traitlets.Instance(ExplorerSettings)
    phase = traitlets.UseEnum(Phase, default_value=Phase.IDLE)
    experiment = traitlets.Instance(Experiment, allow_none=True)
    shown = traitlets.Instance(Experiment, allow_none=True)
    step = traitlets.Instance(Step, allow_none=True)
    error = traitlets.Unicode("")

    def __init__(
        self,
        settings: ExplorerSettings | None = None,
        abandoned: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__(settings=settings or PRESETS[0].settings)
        self._abandoned = abandoned
        self._lock = threading.RLock()
        self._cancel = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def stale(self) -> bool:
        """Whether the results shown are of other settings than the present ones."""
        return self.shown is not None and self.shown.settings != self.settings

    @traitlets.observe("experiment", "settings")
    def _follow(self, _: object) -> None:
        self.shown = at_threshold(self.experiment, self.settings)

    def run(self) -> None:
        """Starts a run of the present settings and returns at once."""
        with self._lock:
            self._cancel.set()
            before, cancel = self._thread, threading.Event()
            self._cancel = cancel
            self._thread = threading.Thread(
                target=self._work, args=(self.settings, cancel, before), daemon=True
            )
            self.error = ""
            self.step = None
            self.phase = Phase.RUNNING
            self._thread.start()

    def cancel(self) -> None:
        """Stops the run in progress; what it found so far stays."""
        with self._lock:
            if self.phase is Phase.RUNNING:
                self._cancel.set()
                self.phase = Phase.CANCELLED

    def join(self, timeout: float | None = None) -> None:
        """Waits for the run in progress."""
        if self._thread is not None:
            self._thread.join(timeout)

    def _work(
        self,
        settings: ExplorerSettings,
        cancel: threading.Event,
        before: threading.Thread | None,
    ) -> None:
        if before is not None:
            before.join()
        sys.setswitchinterval(_HAND_OVER)
        next_paint = 0.0

        def report(experiment: Experiment, step: Step) -> None:
            nonlocal next_paint
            if self._abandoned():
                self.cancel()
            start = time.monotonic()
            if start < next_paint and step.progress.fraction < 1:
                return
            self._publish(cancel, experiment=experiment, step=step)
            end = time.monotonic()
            next_paint = end + max(_REPAINT, (end - start) / _PAINTING)

        try:
            found = run_experiment(settings, report, cancel)
            self._publish(cancel, experiment=found, phase=Phase.DONE)
        except SettingsError as error:
            self._publish(cancel, error=str(error), phase=Phase.FAILED)
        except Exception as error:
            log.exception("The run failed.")
            sentence = f"The run failed: {error} ({type(error).__name__})."
            self._publish(cancel, error=sentence, phase=Phase.FAILED)

    def _publish(self, cancel: threading.Event, **changes: object) -> None:
        """Sets traits in the given order, unless the run was cancelled or superseded.

        No lock is held: painting takes its time, and Cancel must not wait for it.
        """
        for name, value in changes.items():
            if not cancel.is_set():
                setattr(self, name, value)
