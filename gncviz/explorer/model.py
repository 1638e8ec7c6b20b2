"""The state of the explorer, without any widget: settings in, results out."""

from __future__ import annotations

from collections.abc import Callable

import traitlets

from gncviz.explorer.experiment import Experiment, Step, at_threshold, run_experiment
from gncviz.explorer.runner import Runner, Work
from gncviz.explorer.settings import PRESETS, ExplorerSettings


class ExplorerModel(Runner):
    """Settings, the run in progress and its results.

    Args:
        settings: to begin with.
        abandoned: asked all through a run: whether nobody is there to see it, so that it ends.

    Attributes:
        settings: what the next run will do.
        experiment: the results, those of a run in progress included; None before the first.
        shown: the same at the ε of the settings, where the run knows the posterior there.
        step: where the run in progress stands.
    """

    settings = traitlets.Instance(ExplorerSettings)
    experiment = traitlets.Instance(Experiment, allow_none=True)
    shown = traitlets.Instance(Experiment, allow_none=True)
    step = traitlets.Instance(Step, allow_none=True)

    def __init__(
        self,
        settings: ExplorerSettings | None = None,
        abandoned: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__(abandoned, settings=settings or PRESETS[0].settings)

    @property
    def stale(self) -> bool:
        """Whether the results shown are of other settings than the present ones."""
        return self.shown is not None and self.shown.settings != self.settings

    @traitlets.observe("experiment", "settings")
    def _follow(self, _: object) -> None:
        self.shown = at_threshold(self.experiment, self.settings)

    def run(self) -> None:
        """Starts a run of the present settings and returns at once."""
        settings = self.settings

        def action(work: Work) -> dict[str, object]:
            def report(experiment: Experiment, step: Step) -> None:
                last = step.progress.fraction >= 1
                work.show(last=last, experiment=experiment, step=step)

            return {"experiment": run_experiment(settings, report, work.cancel)}

        self._launch(action, step=None)
