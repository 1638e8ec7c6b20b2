"""What is computed of a setting of data, stage by stage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gncviz.experiment.learning.result import (
    GUESSED,
    Learned,
    Stage,
    Stop,
    counts,
    panel_of,
    stops,
)
from gncviz.experiment.settings import ExperimentSettings
from gncviz.models import drawn
from gncviz.models.data.plane import Plane
from gncviz.progress import Cancel, Progress, Run
from gncviz.settings import SettingsError

if TYPE_CHECKING:
    import pandas as pd

    from gncviz.descent import GradientDescentResult
    from gncviz.models.data.task import DataTask
    from gncviz.posterior import GuessAndCheckResult
    from gncviz.posterior.curve import LearningCurve

#: How a trial of gradient descent ends that ends as it was to.
_ENDED = "converged"
#: What is known of a trial of gradient descent.
_COLUMNS = ("stop", "n", "trial", "test_error", "status")


Report = Callable[[Learned, Stage], object] | None


def run_learning(
    settings: ExperimentSettings, report: Report = None, cancel: Cancel | None = None
) -> Learned:
    """Computes everything of a setting, one stage after the other.

    The seconds of Guess & Check are those of its stage, and the seconds of gradient descent those
    of the two others together.

    Args:
        settings: of data, whose loss is "errors".
        report: called from this thread with what is known and where the run stands.
        cancel: looked at all the time; when set, what is known is returned.

    Raises:
        SettingsError: these are no settings of data, or the samples are not there.
    """
    if settings.task.model != "data":
        raise SettingsError([("task", "task should be one of data, such as DataSettings().")])
    return _Learning(settings, report, cancel).run()


class _Learning:
    """A run under way."""

    def __init__(self, settings: ExperimentSettings, report: Report, cancel: Cancel | None) -> None:
        self._settings, self._report = settings, report
        self._run = Run(cancel=cancel)
        self._task: Any = drawn(settings.task)
        self._known = Learned(settings)
        # Of both stages of gradient descent.
        self._left = settings.descent.seconds

    def run(self) -> Learned:
        task = self._task
        flat = task.x_train.shape[1] == 2
        over = task.over_grid() if flat else None
        if over is not None:
            self._draw_descent(over)
        if not self._run.is_set():
            self._guess(over)
        if not self._run.is_set():
            self._descend()
        return self._with(seconds=self._run.seconds)

    def _with(self, **found: Any) -> Learned:
        self._known = replace(self._known, **found)
        return self._known

    def _tell(self, number: int, progress: Progress, known: Learned | None = None) -> None:
        if self._report is not None:
            self._report(known or self._known, Stage(number, progress))

    def _draw_descent(self, over: DataTask) -> None:
        """The regions of one trial of gradient descent, at each stop."""
        plane = Plane.of(over)
        self._with(plane=plane)
        for done, stop in enumerate(stops(self._settings), start=1):
            gd = self._descent(over, stop, trials=1)
            if self._run.is_set():
                return
            # A trial that did not come so far is not right about the samples.
            if str(gd.status[0]) == _ENDED:
                regions = {panel_of(stop): plane.sides(over, gd.outputs[0])}
                self._with(plane=self._plane().with_regions(regions))
            share = done / len(stops(self._settings))
            self._tell(1, Progress(share, stop.name, self._run.seconds))

    def _plane(self) -> Plane:
        assert self._known.plane is not None
        return self._known.plane

    def _guess(self, over: DataTask | None) -> None:
        """The learning curve, and the regions of the networks at its end."""
        from gncviz.posterior.curve import learning_curve

        before = self._known

        def show(progress: Progress) -> None:
            known = before
            if progress.partial is not None:
                known = _guessed(before, progress.partial())
            self._tell(2, progress, known)

        # The first run after an installation compiles a kernel, which takes a while.
        self._tell(2, Progress(0.0, "preparing", self._run.seconds))
        asked = self._settings.guess_and_check
        budget = {name: getattr(asked, name) for name in ("draws", "seconds", "seed", "device")}
        curve = learning_curve(
            self._task,
            self._settings.network,
            self._settings.prior,
            samples=asked.samples,
            over=over,
            progress=show,
            cancel=self._run,
            **budget,
        )
        self._known = _guessed(before, curve)

    def _descend(self) -> None:
        """Test errors of all trials, at each stop and with fewer samples."""
        import pandas as pd

        pairs = [(stop, count) for count in counts(self._task) for stop in stops(self._settings)]
        rows: list[pd.DataFrame] = []
        for done, (stop, count) in enumerate(pairs, start=1):
            gd = self._descent(self._task.first(count), stop)
            if self._run.is_set():
                return
            rows.append(_trials(stop, count, gd))
            self._with(descent=pd.concat(rows, ignore_index=True))
            words = f"{count} samples, {stop.name}"
            self._tell(3, Progress(done / len(pairs), words, self._run.seconds))

    def _descent(self, task: DataTask, stop: Stop, **changes: Any) -> GradientDescentResult:
        from gncviz.descent import gradient_descent

        asked = self._settings.descent.replace(tolerance=stop.tolerance, **changes)
        if self._left is not None:
            # A run without any time is none; the moment that it has tells that there is none.
            asked = asked.replace(seconds=max(self._left, 1e-3))
        found = gradient_descent(
            task.with_loss(stop.loss), self._settings.network, cancel=self._run, **dict(asked)
        )
        if self._left is not None:
            self._left -= found.seconds
        return found


def _guessed(before: Learned, curve: LearningCurve) -> Learned:
    """What is known with a curve, whole or under way."""
    plane, over = before.plane, curve.over
    if plane is not None and over is not None and len(over.weights):
        plane = replace(plane, regions={**_draws(plane, over), **plane.regions})
    return replace(
        before,
        plane=plane,
        curve=curve.table,
        status=str(curve.status),
        message=curve.message,
        warnings=curve.warnings,
    )


def _draws(plane: Plane, over: GuessAndCheckResult) -> dict[str, Any]:
    """Regions of single draws and of the average of all; they come before gradient descent's."""
    *singles, whole = GUESSED
    found = dict(zip(singles, singled_out(over, len(singles)), strict=False))
    found[whole] = average(over)
    return {name: plane.sides(over.task, outputs) for name, outputs in found.items()}  # type: ignore[arg-type]


def singled_out(post: GuessAndCheckResult, count: int) -> list[np.ndarray[Any, Any]]:
    """Outputs of draws that lie far apart in the result, as those next to each other are alike.

    Args:
        post: with one draw or more.
        count: how many.
    """
    places = np.linspace(0, len(post.weights) - 1, count).round().astype(int)
    return [post.outputs[place] for place in np.unique(places)]


def average(post: GuessAndCheckResult) -> np.ndarray[Any, Any]:
    """The average of all draws' outputs.

    Args:
        post: with one draw or more.
    """
    return np.asarray(np.einsum("n,n...->...", post.weights, post.outputs))


def _trials(stop: Stop, count: int, gd: GradientDescentResult) -> pd.DataFrame:
    import pandas as pd

    status = [str(one) for one in gd.status]
    errors = np.where(np.array(status) == _ENDED, gd.gen_loss, np.nan)
    rows = [
        (stop.name, count, trial, error, how)
        for trial, (error, how) in enumerate(zip(errors, status, strict=True))
    ]
    return pd.DataFrame(rows, columns=list(_COLUMNS))
