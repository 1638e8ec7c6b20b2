"""The parts of an experiment: how each is computed, and of which settings it depends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gncviz.experiment.settings import ExperimentSettings
from gncviz.models import drawn, outline
from gncviz.models.recipe import TaskRecipe
from gncviz.posterior.outcome import Status
from gncviz.progress import Cancel, Progress

if TYPE_CHECKING:
    import pandas as pd

    from gncviz.descent import DescentSettings, GradientDescentResult
    from gncviz.models.protocols import AnyNetwork, AnyTask
    from gncviz.posterior import GuessAndCheckResult, GuessAndCheckSettings
    from gncviz.prior import Prior
    from gncviz.spectrum import PriorSpectra
    from gncviz.theory import Theorem

#: Called with each report of a part that is computed; True for a bar.
Show = Callable[[Progress], object] | bool | None

_DEPTHS = 10


@dataclass(frozen=True, eq=False)
class Mechanism:
    """What width and depth do to draws of the prior, whatever theorem covers that.

    Attributes:
        dependence: of the two losses, against width (:func:`gncviz.mechanism.loss_dependence`).
        collapse: towards rank one, against depth (:func:`gncviz.mechanism.collapse`).
    """

    dependence: pd.DataFrame
    collapse: pd.DataFrame


@dataclass(frozen=True)
class Part:
    """A part of an experiment.

    Attributes:
        name: the attribute of :class:`gncviz.experiment.Experiment`.
        title: for people.
        compute: makes it.
        depends_on: those settings that it depends on.
        finished: whether one is more than the first results of a run.
    """

    name: str
    title: str
    compute: Callable[[ExperimentSettings, Show, Cancel | None], Any]
    depends_on: Callable[[ExperimentSettings], tuple[Any, ...]]
    finished: Callable[[Any], bool]


def theorems_of(settings: ExperimentSettings) -> tuple[Theorem, ...]:
    """The paper's theorems, held against settings; at once where the task was searched before.

    None of them where the model is of another kind than the paper's.
    """
    from gncviz.theory import theorems

    return theorems(
        drawn(settings.task),
        settings.network,
        settings.prior,
        epsilon=settings.guess_and_check.epsilon,
        descent=settings.descent,
    )


def _looked_at(settings: ExperimentSettings) -> dict[str, Any]:
    """Rows and columns of W; of other outputs than matrices the task that tells what to look at."""
    if settings.task.model == TaskRecipe.model:
        rows, cols = outline(settings.task).output_shape
        return {"rows": rows, "cols": cols}
    return {"task": drawn(settings.task)}


def depths_around(depth: int) -> list[int]:
    """Depths to show the spectra at: 1 to 10, or spread as far as twice the present depth."""
    if depth <= _DEPTHS:
        return list(range(1, _DEPTHS + 1))
    spread = {round(2 * depth * i / _DEPTHS) for i in range(1, _DEPTHS + 1)}
    return sorted({1, 2, depth, *spread})


def posterior_of(
    task: AnyTask,
    network: AnyNetwork,
    prior: Prior,
    settings: GuessAndCheckSettings,
    show: Show = None,
    cancel: Cancel | None = None,
) -> GuessAndCheckResult:
    """Guess & Check as its settings say; see :func:`gncviz.guess_and_check`."""
    from gncviz.posterior import guess_and_check

    return guess_and_check(task, network, prior, progress=show, cancel=cancel, **dict(settings))


def descent_of(
    task: AnyTask | Sequence[AnyTask],
    network: AnyNetwork,
    settings: DescentSettings,
    show: Show = None,
    cancel: Cancel | None = None,
) -> GradientDescentResult:
    """Gradient descent as its settings say; see :func:`gncviz.gradient_descent`."""
    from gncviz.descent import gradient_descent

    return gradient_descent(task, network, progress=show, cancel=cancel, **dict(settings))


def _guess_and_check(
    settings: ExperimentSettings, show: Show, cancel: Cancel | None
) -> GuessAndCheckResult:
    task = drawn(settings.task)
    asked = settings.guess_and_check
    return posterior_of(task, settings.network, settings.prior, asked, show, cancel)


def _spectra(settings: ExperimentSettings, show: Show, cancel: Cancel | None) -> PriorSpectra:
    from gncviz.spectrum import prior_spectra_draws

    found = prior_spectra_draws(
        settings.network,
        settings.prior,
        depths=depths_around(settings.network.depth),
        seed=settings.guess_and_check.seed,
        cancel=cancel,
        **_looked_at(settings),
    )
    _show_at_once(show, "singular values of the prior", found)
    return found


def _descent(
    settings: ExperimentSettings, show: Show, cancel: Cancel | None
) -> GradientDescentResult:
    task = drawn(settings.task)
    return descent_of(task, settings.network, settings.descent, show, cancel)


def _mechanism(settings: ExperimentSettings, show: Show, cancel: Cancel | None) -> Mechanism:
    from gncviz.mechanism import collapse, loss_dependence

    task, network, prior = settings.task, settings.network, settings.prior
    seed = settings.guess_and_check.seed
    # The search for what the measurements do not see is remembered, and done here for the page.
    theorems_of(settings)
    found = Mechanism(
        loss_dependence(drawn(task), network, prior, seed=seed, cancel=cancel),
        collapse(
            network,
            prior,
            depths=depths_around(network.depth),
            seed=seed,
            cancel=cancel,
            **_looked_at(settings),
        ),
    )
    _show_at_once(show, "losses against each other, distance to rank one", found)
    return found


def _show_at_once(show: Show, message: str, found: Any) -> None:
    """Reports a part that has no reports on the way; it is too short for a bar."""
    if callable(show):
        show(Progress(1.0, message, 0.0, lambda: found))


#: In the order in which they are computed.
PARTS = (
    Part(
        "post",
        "Guess & Check",
        _guess_and_check,
        lambda asked: (asked.task, asked.network, asked.prior, asked.guess_and_check),
        lambda post: post.status not in (Status.RUNNING, Status.CANCELLED),
    ),
    Part(
        "spectra",
        "Spectra",
        _spectra,
        lambda asked: (
            asked.network.replace(depth=1),
            depths_around(asked.network.depth),
            asked.prior,
            outline(asked.task).output_shape,
            asked.guess_and_check.seed,
        ),
        lambda _: True,
    ),
    Part(
        "descent",
        "Gradient descent",
        _descent,
        lambda asked: (asked.task, asked.network, asked.descent),
        lambda descent: "cancelled" not in descent.status,
    ),
    Part(
        "mechanism",
        "Mechanism",
        _mechanism,
        lambda asked: (asked.task, asked.network, asked.prior, asked.guess_and_check.seed),
        lambda _: True,
    ),
)
