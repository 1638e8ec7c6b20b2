"""What is computed of a setting of data, stage by stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

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

#: The stages, in their order.
STAGES = ("gradient descent in the plane", "Guess & Check", "gradient descent at each n")
#: Whose regions are shown of Guess & Check: single draws, and the average of all.
_GUESSED = ("guess 1", "guess 2", "guess 3", "average of all guesses")
#: How often gradient descent runs on fewer samples, each time with half as many, and the fewest.
_HALVINGS, _FEWEST = 2, 4
#: How a trial of gradient descent ends that ends as it was to.
_ENDED = "converged"
#: What is known of a trial of gradient descent.
_COLUMNS = ("stop", "n", "trial", "test_error", "status")


@dataclass(frozen=True, eq=False)
class Learned:
    """What is known of a setting of data; parts that have not come yet are None.

    Attributes:
        settings: what was asked.
        plane: the regions of single draws, of their average and of gradient descent; None where
            there are other than two inputs.
        curve: the table of :class:`gncviz.LearningCurve`, as far as it is known.
        descent: a row for each trial of gradient descent, with columns stop, n, trial, test_error,
            missing where the trial did not end as it was to, and status.
        status: how Guess & Check ended, in a word; empty before.
        message: the same in words.
        warnings: sentences about what makes its result doubtful.
        seconds: how long all of it took.
        made: commit and versions, where it is a stored one.
    """

    settings: ExperimentSettings
    plane: Plane | None = None
    curve: pd.DataFrame | None = None
    descent: pd.DataFrame | None = None
    status: str = ""
    message: str = ""
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0
    made: Mapping[str, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """n, the samples that are trained on."""
        return count_of(self.settings)


@dataclass(frozen=True)
class Stage:
    """Where a run stands.

    Attributes:
        number: from 1 to the number of :data:`STAGES`.
        progress: of this one.
    """

    number: int
    progress: Progress

    @property
    def name(self) -> str:
        """Which it is."""
        return STAGES[self.number - 1]

    @property
    def fraction(self) -> float:
        """The share of all stages that is done."""
        return (self.number - 1 + self.progress.fraction) / len(STAGES)


@dataclass(frozen=True)
class Stop:
    """How gradient descent ends.

    Attributes:
        name: for people.
        loss: of the task.
        tolerance: it ends when its training loss is below.
    """

    name: str
    loss: str
    tolerance: float


Report = Callable[[Learned, Stage], object] | None


def count_of(settings: ExperimentSettings) -> int:
    """n, the samples that are trained on.

    Args:
        settings: of data.
    """
    task = settings.task
    return int(task.most if task.train is None else task.train)


def stops(settings: ExperimentSettings) -> tuple[Stop, ...]:
    """How gradient descent ends: as soon as nothing is wrong, and at the tolerance of the settings.

    Args:
        settings: of data.
    """
    low = settings.descent.tolerance
    return (
        Stop("first zero error", "errors", 0.5 / count_of(settings)),
        Stop(f"logistic loss {low:g}", "logistic", low),
    )


def panels(settings: ExperimentSettings) -> tuple[str, ...]:
    """What has regions in the plane, in its order.

    Args:
        settings: of data.
    """
    return (*_GUESSED, *map(_panel_of, stops(settings)))


def _panel_of(stop: Stop) -> str:
    return f"descent, {stop.name}"


def counts(task: DataTask) -> list[int]:
    """With how many samples gradient descent runs; each class is among them.

    Args:
        task: whose first samples they are.
    """
    halved = {task.count // 2**i for i in range(_HALVINGS + 1)}
    known = len(task.classes or ())
    wanted = {count for count in halved if count >= _FEWEST} | {task.count}
    labels = task.y_train.tolist()
    return sorted(count for count in wanted if len(set(labels[:count])) == known)


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
                regions = {_panel_of(stop): plane.sides(over, gd.outputs[0])}
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
    *singles, whole = _GUESSED
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
