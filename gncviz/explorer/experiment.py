"""One run of the explorer: Guess & Check, then the spectra, then gradient descent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gncviz.explorer.settings import ExplorerSettings
from gncviz.posterior.result import Status
from gncviz.progress import Cancel, Progress
from gncviz.task import Task

if TYPE_CHECKING:
    import pandas as pd

    from gncviz.descent import GradientDescentResult
    from gncviz.posterior import GuessAndCheckResult

STEPS = ("Guess & Check", "Spectra", "Gradient descent")
_DEPTHS = 10


@dataclass(frozen=True, eq=False)
class Experiment:
    """What a run has found so far; parts that have not come yet are None.

    Attributes:
        settings: what was asked.
        post: the Guess & Check posterior.
        spectra: the prior's singular values against depth.
        descent: gradient descent.
    """

    settings: ExplorerSettings
    post: GuessAndCheckResult | None = None
    spectra: pd.DataFrame | None = None
    descent: GradientDescentResult | None = None


@dataclass(frozen=True)
class Step:
    """Where a run stands.

    Attributes:
        number: from 1 to the number of :data:`STEPS`.
        progress: of this step.
    """

    number: int
    progress: Progress

    @property
    def name(self) -> str:
        """Which step it is."""
        return STEPS[self.number - 1]


def at_threshold(found: Experiment | None, settings: ExplorerSettings) -> Experiment | None:
    """What is known at the ε of some settings, without running anything.

    An experiment with the same settings but for ε has the posterior there too if its path reaches
    that far. Anything else comes back as it is.
    """
    if found is None or found.post is None or found.post.status is Status.RUNNING:
        return found
    epsilon = settings.guess_and_check.epsilon
    asked = settings.guess_and_check.replace(epsilon=found.settings.guess_and_check.epsilon)
    if settings.replace(guess_and_check=asked) != found.settings or settings == found.settings:
        return found
    if not found.post.reaches(epsilon):
        return found
    return replace(found, settings=settings, post=found.post.at(epsilon))


Report = Callable[[Experiment, Step], None]


def run_experiment(settings: ExplorerSettings, report: Report, cancel: Cancel) -> Experiment:
    """Runs all steps, reporting what is known on the way.

    Args:
        settings: what to run.
        report: called from this thread with the experiment so far and where it stands.
        cancel: looked at all the time; when set, the experiment so far is returned.

    Raises:
        SettingsError: the settings ask for what this machine does not have.
    """
    from gncviz.descent import gradient_descent
    from gncviz.posterior import guess_and_check
    from gncviz.spectrum import prior_spectra

    task = Task.from_settings(settings.task)
    found = Experiment(settings)

    def reporter(number: int, part: str) -> Callable[[Progress], None]:
        def show(progress: Progress) -> None:
            partial = {part: progress.partial()} if progress.partial else {}
            report(replace(found, **partial), Step(number, progress))

        return show

    post = guess_and_check(
        task,
        settings.network,
        settings.prior,
        progress=reporter(1, "post"),
        cancel=cancel,
        **dict(settings.guess_and_check),
    )
    found = replace(found, post=post)
    if cancel.is_set():
        return found
    table = prior_spectra(
        settings.network,
        settings.prior,
        settings.task.rows,
        settings.task.cols,
        depths_around(settings.network.depth),
        seed=settings.guess_and_check.seed,
        cancel=cancel,
    )
    found = replace(found, spectra=table)
    report(found, Step(2, Progress(1.0, "singular values of the prior", 0.0)))
    if cancel.is_set():
        return found
    descent = gradient_descent(
        task,
        settings.network,
        progress=reporter(3, "descent"),
        cancel=cancel,
        **dict(settings.descent),
    )
    return replace(found, descent=descent)


def depths_around(depth: int) -> list[int]:
    """Depths to show the spectra at: 1 to 10, or spread as far as twice the present depth."""
    if depth <= _DEPTHS:
        return list(range(1, _DEPTHS + 1))
    spread = {round(2 * depth * i / _DEPTHS) for i in range(1, _DEPTHS + 1)}
    return sorted({1, 2, depth, *spread})
