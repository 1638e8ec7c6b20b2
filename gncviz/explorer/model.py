"""The state of the explorer, without any widget: settings in, results out."""

from __future__ import annotations

import logging
import threading
import time
from enum import StrEnum

import traitlets

from gncviz.explorer.experiment import Experiment, Step, run_experiment
from gncviz.explorer.settings import PRESETS, ExplorerSettings
from gncviz.settings import SettingsError

#: Seconds between two repaints while a run streams.
_REPAINT = 0.2

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

    Attributes:
        settings: what the next run will do.
        phase: what is going on.
        experiment: the results shown, those of a run in progress included; None before the first.
        step: where the run in progress stands.
        error: what went wrong, in a sentence for people; empty if nothing did.
    """

    settings = traitlets.Instance(ExplorerSettings)
    phase = traitlets.UseEnum(Phase, default_value=Phase.IDLE)
    experiment = traitlets.Instance(Experiment, allow_none=True)
    step = traitlets.Instance(Step, allow_none=True)
    error = traitlets.Unicode("")

    def __init__(self, settings: ExplorerSettings | None = None) -> None:
        super().__init__(settings=settings or PRESETS[0].settings)
        self._lock = threading.RLock()
        self._cancel = threading.Event()
        self._thread: threading.Thread | None = None

    def run(self) -> None:
        """Starts a run of the present settings and returns at once."""
        with self._lock:
            self._cancel.set()
            before, cancel = self._thread, threading.Event()
            self._cancel = cancel
            self._set(phase=Phase.RUNNING, step=None, error="")
            self._thread = threading.Thread(
                target=self._work, args=(self.settings, cancel, before), daemon=True
            )
            self._thread.start()

    def cancel(self) -> None:
        """Stops the run in progress; what it found so far stays."""
        with self._lock:
            if self.phase is Phase.RUNNING:
                self._cancel.set()
                self._set(phase=Phase.CANCELLED, step=None)

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
        painted = 0.0

        def report(experiment: Experiment, step: Step) -> None:
            nonlocal painted
            if time.monotonic() - painted >= _REPAINT or step.progress.fraction >= 1:
                self._publish(cancel, experiment=experiment, step=step)
                painted = time.monotonic()
            else:
                self._publish(cancel, step=step)

        try:
            found = run_experiment(settings, report, cancel)
            self._publish(cancel, experiment=found, step=None, phase=Phase.DONE)
        except SettingsError as error:
            self._publish(cancel, step=None, phase=Phase.FAILED, error=str(error))
        except Exception as error:
            log.exception("The run failed.")
            sentence = f"The run failed: {error} ({type(error).__name__})."
            self._publish(cancel, step=None, phase=Phase.FAILED, error=sentence)

    def _publish(self, cancel: threading.Event, **changes: object) -> None:
        with self._lock:
            if not cancel.is_set():
                self._set(**changes)

    def _set(self, **changes: object) -> None:
        with self.hold_trait_notifications():
            for name, value in changes.items():
                setattr(self, name, value)
