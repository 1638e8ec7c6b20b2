"""Work in a thread of its own that can be cancelled and superseded."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable
from enum import StrEnum

import traitlets

from gncviz.explorer.machine.memory import give_back
from gncviz.explorer.machine.priority import computing
from gncviz.explorer.model.warmup import load_pandas
from gncviz.settings import SettingsError

#: Seconds after which a computing thread lets go of the interpreter when another wants it. Python's
#: default is ten times that; a click passes through dozens of such hand-overs.
_HAND_OVER = 5e-4

#: Least seconds between two repaints while a run streams; and since painting and computing share
#: an interpreter, painting may take this share of the time at most.
_REPAINT, _PAINTING = 0.2, 0.2

log = logging.getLogger(__name__)


class Phase(StrEnum):
    """What a runner is doing."""

    IDLE = "idle"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class _Cancel(threading.Event):
    """Set by Cancel, by the run that supersedes this one, and when nobody is there any more.

    A run looks at it all the time, but tells its progress only now and then.
    """

    def __init__(self, runner: Runner) -> None:
        super().__init__()
        self._runner = runner

    def is_set(self) -> bool:
        """Whether the run is to end."""
        if not super().is_set() and self._runner.abandoned():
            self._runner.cancel()
        return super().is_set()


class Work:
    """One run under way: whether it shall end, and what it shows on the way.

    Args:
        runner: whose traits it sets.
    """

    def __init__(self, runner: Runner) -> None:
        self.cancel = _Cancel(runner)
        self._runner = runner
        self._next_paint = 0.0

    def show(self, *, last: bool = False, **changes: object) -> None:
        """Sets traits of the runner, unless the last time was a moment ago or the run is over.

        Args:
            last: shown in any case.
            **changes: the traits.
        """
        start = time.monotonic()
        if start < self._next_paint and not last:
            return
        self.publish(**changes)
        end = time.monotonic()
        self._next_paint = end + max(_REPAINT, (end - start) / _PAINTING)

    def publish(self, **changes: object) -> None:
        """Sets traits in the given order, unless the run was cancelled or superseded.

        No lock is held: painting takes its time, and Cancel must not wait for it.
        """
        for name, value in changes.items():
            if not self.cancel.is_set():
                setattr(self._runner, name, value)


class Runner(traitlets.HasTraits):
    """Runs one thing at a time, in a thread of its own; views observe its traits.

    A new run supersedes the one before it, whose late reports are dropped.

    Args:
        abandoned: asked all through a run: whether nobody is there to see it, so that it ends.
        **traits: first values.

    Attributes:
        phase: what is going on.
        error: what went wrong, in a sentence for people; empty if nothing did.
    """

    phase = traitlets.UseEnum(Phase, default_value=Phase.IDLE)
    error = traitlets.Unicode("")
    #: Errors whose own words are for people.
    spoken: tuple[type[Exception], ...] = (SettingsError,)

    def __init__(self, abandoned: Callable[[], bool] = lambda: False, **traits: object) -> None:
        super().__init__(**traits)
        self.abandoned = abandoned
        self._lock = threading.RLock()
        self._now = Work(self)
        self._thread: threading.Thread | None = None

    def cancel(self) -> None:
        """Stops the run in progress; what it found so far stays."""
        with self._lock:
            if self.phase is Phase.RUNNING:
                self._now.cancel.set()
                self.phase = Phase.CANCELLED

    def join(self, timeout: float | None = None) -> None:
        """Waits for the run in progress."""
        if self._thread is not None:
            self._thread.join(timeout)

    def _launch(self, action: Callable[[Work], dict[str, object]], **traits: object) -> None:
        """Starts a run and returns at once.

        Args:
            action: what to do; gives the traits to set when it is done.
            **traits: to set before it starts.
        """
        # By the thread that starts runs, which may be the one that draws: not by two at a time.
        load_pandas()
        with self._lock:
            self._now.cancel.set()
            before, work = self._thread, Work(self)
            self._now = work
            self._thread = threading.Thread(
                target=self._run, args=(action, work, before), daemon=True
            )
            self.error = ""
            for name, value in traits.items():
                setattr(self, name, value)
            self.phase = Phase.RUNNING
            self._thread.start()

    def _run(
        self,
        action: Callable[[Work], dict[str, object]],
        work: Work,
        before: threading.Thread | None,
    ) -> None:
        if before is not None:
            before.join()
        sys.setswitchinterval(_HAND_OVER)
        with computing():
            self._try(action, work)
        give_back()

    def _try(self, action: Callable[[Work], dict[str, object]], work: Work) -> None:
        try:
            work.publish(**action(work), phase=Phase.DONE)
        except self.spoken as error:
            work.publish(error=str(error), phase=Phase.FAILED)
        except Exception as error:
            log.exception("The run failed.")
            # What it says may be about the server: files, memory, names of its own.
            sentence = f"The run failed ({type(error).__name__}). The server's log says more."
            work.publish(error=sentence, phase=Phase.FAILED)
