"""The state of a sweep on the page: a panel of the paper, or the person's own setting swept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import traitlets

from gncviz.experiment.limits import Limits
from gncviz.experiment.settings import ExperimentSettings, assemble
from gncviz.explorer.model.runner import Phase, Runner, Work
from gncviz.progress import Progress
from gncviz.settings import SettingsError
from gncviz.sweeps import SweepError, SweepResult, SweepSettings
from gncviz.sweeps.settings import Axis

#: Effective draws at a point; a sweep is about the trend, not about the third digit.
MOST_SAMPLES = 250


class SweepModel(Runner):
    """One sweep: what is asked, what is known of it, where a run stands.

    Args:
        abandoned: asked all through a run: whether nobody is there to see it, so that it ends.

    Attributes:
        settings: what is shown; None before the first.
        result: what is known of it.
        progress: of the run under way.
    """

    settings = traitlets.Instance(SweepSettings, allow_none=True)
    result = traitlets.Instance(SweepResult, allow_none=True)
    progress = traitlets.Instance(Progress, allow_none=True)
    spoken = (SettingsError, SweepError)

    def __init__(self, abandoned: Callable[[], bool] = lambda: False) -> None:
        super().__init__(abandoned)

    def choose(self, settings: SweepSettings) -> None:
        """Shows what is known of a sweep, at once; ends a run of another."""
        if settings == self.settings:
            return
        self.cancel()
        self.settings = settings
        self.result = _known(settings)
        self.progress = None
        self.error = ""
        self.phase = Phase.IDLE

    def run(self) -> None:
        """Computes what is not known yet, and returns at once."""
        settings = self.settings
        if settings is None:
            return

        def action(work: Work) -> dict[str, object]:
            from gncviz.paper import shipped
            from gncviz.sweeps import run_sweep

            def report(progress: Progress) -> None:
                assert progress.partial is not None
                work.show(result=progress.partial(), progress=progress)

            limits = Limits.of_server()
            swept = run_sweep(
                settings,
                shipped(),
                progress=report,
                cancel=work.cancel,
                workers=limits.workers,
                seconds=limits.seconds,
            )
            return {"result": swept}

        self._launch(action, progress=None)


def own_sweep(
    settings: ExperimentSettings,
    over: Literal["width", "depth"],
    values: tuple[float, ...],
    seeds: int,
) -> SweepSettings:
    """The page's settings, swept.

    Args:
        settings: of the page. Its seed is the first one; as many draws are wanted at each point as
            a trend needs.
        over: what is swept.
        values: of it.
        seeds: how many.

    Raises:
        SettingsError: a value is not allowed, or not on this server.
    """
    sampling, first = settings.guess_and_check, settings.task.seed
    enough = sampling.replace(samples=min(sampling.samples, MOST_SAMPLES))
    axis = Axis(name=over, values=values)
    asked = settings.replace(guess_and_check=enough)
    swept = SweepSettings.of(asked, [axis], range(first, first + seeds))
    for value in values:
        Limits.of_server().held(assemble({f"network.{over}": value}, settings))
    return swept


def _known(settings: SweepSettings) -> SweepResult:
    from gncviz.paper import known, shipped

    return known(settings, shipped())
