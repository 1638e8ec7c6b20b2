"""The state of the explorer, without any widget: settings in, results out."""

from __future__ import annotations

from collections.abc import Callable

import traitlets

from gncviz.experiment.limits import Limits
from gncviz.experiment.run import Experiment, Step, at_threshold, run_experiment
from gncviz.experiment.settings import PRESETS, ExperimentSettings
from gncviz.explorer.model.history import History
from gncviz.explorer.model.latest import Latest
from gncviz.explorer.model.pins import pinned, without
from gncviz.explorer.model.runner import Phase, Runner, Work
from gncviz.models import named
from gncviz.settings import SettingsError
from gncviz.task import TaskSettings


def not_offered(settings: ExperimentSettings) -> tuple[str, str] | None:
    """What the page has no controls for, and a sentence that says so; None where it has all.

    Args:
        settings: that somebody wants to see there.
    """
    instead = "for gv.guess_and_check and gv.figures."
    if settings.task.model != TaskSettings.model:
        label = named(settings.task.model).label
        return "task", f"task should be one of matrices: {label} are {instead}"
    if not isinstance(settings.task, TaskSettings):
        sentence = "task should be TaskSettings: the page draws its tasks; yours is "
        return "task", sentence + instead
    if settings.network.sigma.own:
        sentence = "activation should be one that the page offers; one of your own is "
        return "activation", sentence + instead
    return None


class ExplorerModel(Runner):
    """Settings, the run in progress and its results.

    Args:
        settings: to begin with.
        abandoned: asked all through a run: whether nobody is there to see it, so that it ends.

    Attributes:
        limits: what the server allows.
        settings: what the next run will do.
        history: the settings before, for undo and redo.
        experiment: the results, those of a run in progress included; None before the first.
        shown: the same at the ε of the settings, where the run knows the posterior there.
        step: where the run in progress stands.
        pins: runs that are kept to compare with.
    """

    settings = traitlets.Instance(ExperimentSettings)
    experiment = traitlets.Instance(Experiment, allow_none=True)
    shown = traitlets.Instance(Experiment, allow_none=True)
    step = traitlets.Instance(Step, allow_none=True)
    pins = traitlets.Tuple()

    def __init__(
        self,
        settings: ExperimentSettings | None = None,
        abandoned: Callable[[], bool] = lambda: False,
    ) -> None:
        self.limits = Limits.of_server()
        settings = self.limits.held(settings or PRESETS[0].settings)
        self.history = History(settings)
        self._asked: ExperimentSettings | None = None
        self._latest = Latest()
        self._found = False
        super().__init__(abandoned, settings=settings)

    @property
    def stale(self) -> bool:
        """Whether the results shown are of other settings than the present ones."""
        return self.shown is not None and self.shown.settings != self.settings

    @property
    def before(self) -> bool:
        """Whether the results are not of the last run, which has not found anything."""
        return self.experiment is not None and not self._found

    @traitlets.validate("settings")
    def _check(self, proposal: traitlets.Bunch) -> ExperimentSettings:
        """Refuses what the controls have no words for, before anything has changed.

        What the server allows less of is lowered, or refused.
        """
        settings: ExperimentSettings = proposal["value"]
        problem = not_offered(settings)
        if problem is not None:
            raise SettingsError([problem])
        return self.limits.held(settings)

    @traitlets.observe("experiment", "settings")
    def _follow(self, change: traitlets.Bunch) -> None:
        self._found = self._found or change.name == "experiment"
        self.history.record(self.settings)
        shown = at_threshold(self.experiment, self.settings)
        # Known before anybody is told of it, and asks what to show.
        self._latest.note(shown)
        self.shown = shown

    def latest(self, part: str) -> Experiment | None:
        """The run to show a part of: the present one, or while it has none, one before it.

        Without any, the present one, as far as it is known.

        Args:
            part: an attribute of :class:`gncviz.experiment.Experiment`.
        """
        return self._latest.of(part) or self.shown

    def run(self) -> None:
        """Starts a run of the present settings and returns at once."""
        self._start(None)

    def refresh(self) -> None:
        """Runs what is not known yet of the present settings, and returns at once.

        A run of other settings is superseded; where all is known, nothing is done.
        """
        asked = self._asked if self.phase is Phase.RUNNING else self.shown and self.shown.settings
        if asked is not None and asked != self.settings:
            self._start(self.shown)

    def _start(self, before: Experiment | None) -> None:
        settings = self._asked = self.settings
        self._found = False

        def action(work: Work) -> dict[str, object]:
            def report(experiment: Experiment, step: Step) -> None:
                last = step.progress.fraction >= 1
                work.show(last=last, experiment=experiment, step=step)

            return {"experiment": run_experiment(settings, report, work.cancel, before)}

        self._launch(action, step=None)

    def pin(self) -> None:
        """Keeps the run whose posterior is shown, to compare later ones with."""
        found = self.latest("post")
        if found is not None and found.post is not None:
            self.pins = pinned(self.pins, found)

    def unpin(self, letter: str) -> None:
        """Lets one of the kept runs go."""
        self.pins = without(self.pins, letter)
