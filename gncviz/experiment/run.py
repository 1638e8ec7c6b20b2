"""One experiment: computed part by part, with those parts taken over that still hold."""

from __future__ import annotations

import functools
import reprlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gncviz.experiment.parts import PARTS, Mechanism
from gncviz.experiment.settings import ExperimentSettings
from gncviz.models import named
from gncviz.posterior.outcome import Status
from gncviz.progress import Cancel, Progress
from gncviz.settings import SettingsError

if TYPE_CHECKING:
    from gncviz.descent import GradientDescentResult
    from gncviz.posterior import GuessAndCheckResult
    from gncviz.spectrum import PriorSpectra

#: What the parts are called, in the order in which they are computed.
STEPS = tuple(part.title for part in PARTS)
_ALL = tuple(part.name for part in PARTS)


@dataclass(frozen=True, eq=False)
class Experiment:
    """What is known of a setting; parts that have not come yet are None.

    Attributes:
        settings: what was asked.
        post: the Guess & Check posterior.
        spectra: the prior's singular values against depth.
        descent: gradient descent.
        mechanism: what makes the paper's theorems true, measured.
    """

    settings: ExperimentSettings
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


Report = Callable[[Experiment, Step], object] | bool | None


def run_experiment(
    settings: ExperimentSettings,
    report: Report = None,
    cancel: Cancel | None = None,
    before: Experiment | None = None,
    parts: Collection[str] | None = None,
) -> Experiment:
    """Computes the parts of an experiment, one after the other.

    Args:
        settings: what to run.
        report: called from this thread with the experiment so far and where it stands; or True for
            a tqdm bar a part.
        cancel: looked at all the time; when set, the experiment so far is returned.
        before: an experiment whose parts are taken over where they hold
            (:func:`gncviz.experiment.run.carried_over`).
        parts: the attributes of :class:`gncviz.experiment.Experiment` that are wanted ("post",
            "spectra", "descent", "mechanism"), all that the kind of model has by default; the
            others stay None.

    Raises:
        SettingsError: the settings ask for what this machine does not have, or these are no
            settings; there is no such part, or the kind of model does not have it.

    Example:
        >>> from gncviz.experiment import assemble
        >>> asked = assemble({"guess_and_check.epsilon": 0.2, "guess_and_check.samples": 50})
        >>> found = run_experiment(asked, parts=("post",))
        >>> len(found.post.gen_loss), found.descent
        (50, None)
    """
    parts = _expected(settings, parts)
    found = carried_over(before, settings)
    for number, part in enumerate(PARTS, start=1):
        wanted = part.name in parts and getattr(found, part.name) is None
        if wanted and not (cancel is not None and cancel.is_set()):
            show = (
                functools.partial(_show, report, found, part.name, number)
                if callable(report)
                else report
            )
            found = replace(found, **{part.name: part.compute(settings, show, cancel)})
    return found


def _expected(settings: Any, parts: Collection[str] | None) -> Collection[str]:
    """The parts that are wanted.

    Raises:
        SettingsError: these are no settings, or there is no such part.
    """
    if not isinstance(settings, ExperimentSettings):
        sentence = f"settings should be ExperimentSettings; got {reprlib.repr(settings)}."
        raise SettingsError([("settings", sentence)])
    model = named(settings.task.model)
    there = [part for part in _ALL if part not in model.without]
    strange = [part for part in parts or () if part not in there]
    if strange:
        whose = f" of {model.label}" if model.without else ""
        sentence = f"parts{whose} should be of {', '.join(there)}; got {strange[0]!r}."
        raise SettingsError([("parts", sentence)])
    return there if parts is None else parts


def carried_over(before: Experiment | None, settings: ExperimentSettings) -> Experiment:
    """The parts of an experiment that hold under other settings too; the others are None.

    A part holds if it was finished and nothing that it depends on has changed: gradient descent
    does not know the prior, and Guess & Check does not know the learning rate.
    """
    held: dict[str, Any] = {}
    if before is not None:
        for part in PARTS:
            found = getattr(before, part.name)
            same = part.depends_on(before.settings) == part.depends_on(settings)
            if found is not None and same and part.finished(found):
                held[part.name] = found
    return Experiment(settings, **held)


def at_threshold(found: Experiment | None, settings: ExperimentSettings) -> Experiment | None:
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


def _show(
    report: Callable[[Experiment, Step], object],
    found: Experiment,
    name: str,
    number: int,
    progress: Progress,
) -> None:
    partial = {name: progress.partial()} if progress.partial else {}
    report(replace(found, **partial), Step(number, progress))
