"""One run of the explorer: Guess & Check, spectra, gradient descent, mechanism."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gncviz.explorer.settings import ExplorerSettings
from gncviz.posterior.result import Status
from gncviz.progress import Cancel, Progress
from gncviz.task import Task

if TYPE_CHECKING:
    import pandas as pd

    from gncviz.descent import GradientDescentResult
    from gncviz.posterior import GuessAndCheckResult
    from gncviz.spectrum import PriorSpectra
    from gncviz.theory import Theorem

STEPS = ("Guess & Check", "Spectra", "Gradient descent", "Mechanism")
_DEPTHS = 10


@dataclass(frozen=True, eq=False)
class Mechanism:
    """Why width hurts and depth helps, measured on draws of the prior.

    Attributes:
        dependence: of the two losses, against width (:func:`gncviz.mechanism.loss_dependence`).
        collapse: towards rank one, against depth (:func:`gncviz.mechanism.collapse`).
    """

    dependence: pd.DataFrame
    collapse: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Experiment:
    """What a run has found so far; parts that have not come yet are None.

    Attributes:
        settings: what was asked.
        post: the Guess & Check posterior.
        spectra: the prior's singular values against depth.
        descent: gradient descent.
        mechanism: what makes the paper's theorems true, measured.
    """

    settings: ExplorerSettings
    post: GuessAndCheckResult | None = None
    spectra: PriorSpectra | None = None
    descent: GradientDescentResult | None = None
    mechanism: Mechanism | None = None


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


Show = Callable[[Progress], None]
Report = Callable[[Experiment, Step], None]


def carried_over(before: Experiment | None, settings: ExplorerSettings) -> Experiment:
    """The parts of an experiment that hold under other settings too; the others are None.

    A part holds if it was finished and nothing that it depends on has changed: gradient descent
    does not know the prior, and Guess & Check does not know the learning rate.
    """
    parts: dict[str, Any] = {}
    if before is not None:
        for part in _PARTS:
            found = getattr(before, part.name)
            same = part.depends_on(before.settings) == part.depends_on(settings)
            if found is not None and same and part.finished(found):
                parts[part.name] = found
    return Experiment(settings, **parts)


def run_experiment(
    settings: ExplorerSettings,
    report: Report,
    cancel: Cancel,
    before: Experiment | None = None,
    parts: Collection[str] = ("post", "spectra", "descent", "mechanism"),
) -> Experiment:
    """Runs all steps, reporting what is known on the way.

    Args:
        settings: what to run.
        report: called from this thread with the experiment so far and where it stands.
        cancel: looked at all the time; when set, the experiment so far is returned.
        before: an experiment whose parts are taken over where they hold (:func:`carried_over`).
        parts: the attributes of :class:`Experiment` that are wanted; the others stay None.

    Raises:
        SettingsError: the settings ask for what this machine does not have.
    """
    found = carried_over(before, settings)
    for number, part in enumerate(_PARTS, start=1):
        wanted = part.name in parts and getattr(found, part.name) is None
        if wanted and not cancel.is_set():
            show = functools.partial(_show, report, found, part.name, number)
            found = replace(found, **{part.name: part.compute(settings, show, cancel)})
    return found


def _show(report: Report, found: Experiment, name: str, number: int, progress: Progress) -> None:
    partial = {name: progress.partial()} if progress.partial else {}
    report(replace(found, **partial), Step(number, progress))


def _guess_and_check(settings: ExplorerSettings, show: Show, cancel: Cancel) -> GuessAndCheckResult:
    from gncviz.posterior import guess_and_check

    return guess_and_check(
        Task.from_settings(settings.task),
        settings.network,
        settings.prior,
        progress=show,
        cancel=cancel,
        **dict(settings.guess_and_check),
    )


def _spectra(settings: ExplorerSettings, show: Show, cancel: Cancel) -> PriorSpectra:
    from gncviz.spectrum import prior_spectra_draws

    found = prior_spectra_draws(
        settings.network,
        settings.prior,
        settings.task.rows,
        settings.task.cols,
        depths_around(settings.network.depth),
        seed=settings.guess_and_check.seed,
        cancel=cancel,
    )
    show(Progress(1.0, "singular values of the prior", 0.0, lambda: found))
    return found


def _descent(settings: ExplorerSettings, show: Show, cancel: Cancel) -> GradientDescentResult:
    from gncviz.descent import gradient_descent

    return gradient_descent(
        Task.from_settings(settings.task),
        settings.network,
        progress=show,
        cancel=cancel,
        **dict(settings.descent),
    )


def theorems_of(settings: ExplorerSettings) -> tuple[Theorem, ...]:
    """The paper's theorems, held against settings; at once where the task was searched before."""
    from gncviz.theory import theorems

    return theorems(
        Task.from_settings(settings.task),
        settings.network,
        settings.prior,
        epsilon=settings.guess_and_check.epsilon,
        descent=settings.descent,
    )


def _mechanism(settings: ExplorerSettings, show: Show, cancel: Cancel) -> Mechanism:
    from gncviz.mechanism import collapse, loss_dependence

    task, network, prior = settings.task, settings.network, settings.prior
    seed = settings.guess_and_check.seed
    # The search for what the measurements do not see is remembered, and done here for the page.
    theorems_of(settings)
    found = Mechanism(
        loss_dependence(Task.from_settings(task), network, prior, seed=seed, cancel=cancel),
        collapse(
            network,
            prior,
            task.rows,
            task.cols,
            depths_around(network.depth),
            seed=seed,
            cancel=cancel,
        ),
    )
    show(Progress(1.0, "losses against each other, distance to rank one", 0.0, lambda: found))
    return found


@dataclass(frozen=True)
class _Part:
    """A part of an experiment.

    Attributes:
        name: the attribute of :class:`Experiment`.
        compute: makes it.
        depends_on: those settings that it depends on.
        finished: whether one is more than the first results of a run.
    """

    name: str
    compute: Callable[[ExplorerSettings, Show, Cancel], Any]
    depends_on: Callable[[ExplorerSettings], tuple[Any, ...]]
    finished: Callable[[Any], bool]


#: In the order of :data:`STEPS`.
_PARTS = (
    _Part(
        "post",
        _guess_and_check,
        lambda asked: (asked.task, asked.network, asked.prior, asked.guess_and_check),
        lambda post: post.status not in (Status.RUNNING, Status.CANCELLED),
    ),
    _Part(
        "spectra",
        _spectra,
        lambda asked: (
            asked.network.replace(depth=1),
            depths_around(asked.network.depth),
            asked.prior,
            (asked.task.rows, asked.task.cols),
            asked.guess_and_check.seed,
        ),
        lambda _: True,
    ),
    _Part(
        "descent",
        _descent,
        lambda asked: (asked.task, asked.network, asked.descent),
        lambda descent: "cancelled" not in descent.status,
    ),
    _Part(
        "mechanism",
        _mechanism,
        lambda asked: (asked.task, asked.network, asked.prior, asked.guess_and_check.seed),
        lambda _: True,
    ),
)


def depths_around(depth: int) -> list[int]:
    """Depths to show the spectra at: 1 to 10, or spread as far as twice the present depth."""
    if depth <= _DEPTHS:
        return list(range(1, _DEPTHS + 1))
    spread = {round(2 * depth * i / _DEPTHS) for i in range(1, _DEPTHS + 1)}
    return sorted({1, 2, depth, *spread})
