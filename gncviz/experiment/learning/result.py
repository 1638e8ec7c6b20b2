"""What is known of a setting of data, and the names of all that is in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gncviz.experiment.settings import ExperimentSettings
from gncviz.models.data.plane import Plane
from gncviz.progress import Progress

if TYPE_CHECKING:
    import pandas as pd

    from gncviz.models.data.task import DataTask

#: The stages, in their order.
STAGES = ("gradient descent in the plane", "Guess & Check", "gradient descent at each n")
#: Whose regions are shown of Guess & Check: single draws, and the average of all.
GUESSED = ("guess 1", "guess 2", "guess 3", "average of all guesses")
#: How often gradient descent runs on fewer samples, each time with half as many, and the fewest.
_HALVINGS, _FEWEST = 2, 4


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

    def filled(self, before: Learned) -> Learned:
        """With what was known of the same settings before, where that goes farther.

        Args:
            before: what was known.
        """
        plane, known = self.plane, before.plane
        if plane is None or known is None:
            plane = plane or known
        else:
            plane = replace(plane, regions={**known.regions, **plane.regions})
        curve, descent = _longer(self.curve, before.curve), _longer(self.descent, before.descent)
        return replace(self, plane=plane, curve=curve, descent=descent)


def _longer(now: pd.DataFrame | None, before: pd.DataFrame | None) -> pd.DataFrame | None:
    if now is None or (before is not None and len(before) > len(now)):
        return before
    return now


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
    return (*GUESSED, *map(panel_of, stops(settings)))


def panel_of(stop: Stop) -> str:
    """What the regions of gradient descent are called.

    Args:
        stop: how it ended.
    """
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
