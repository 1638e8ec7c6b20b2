"""The sets that the page offers, each with the setting that it begins with."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import Any

from gncviz.descent.settings import DescentSettings
from gncviz.experiment.settings import ExperimentSettings
from gncviz.models.data.recipes import DataSettings
from gncviz.network import Network
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.prior import Prior

#: Samples of the test, at most: enough for a picture, and quick.
MOST_TEST = 300
#: Gradient descent from the prior, as fast as every network here takes; and the logistic loss at
#: which it ends where it goes on after its first zero error.
DESCENT = DescentSettings(init=Prior(), init_scale=1.0, lr=0.01, epochs=10_000)
LOW_LOSS = 0.01


@dataclass(frozen=True)
class Start:
    """A set to begin with.

    Attributes:
        label: for people.
        settings: everything else about it.
        packaged: whether scikit-learn has to be there.
    """

    label: str
    settings: ExperimentSettings
    packaged: bool = False

    @property
    def offered(self) -> bool:
        """Whether it is there."""
        return not self.packaged or importlib.util.find_spec("sklearn") is not None


def _start(label: str, task: DataSettings, width: int, depth: int, **rest: Any) -> Start:
    return Start(
        label, beginning(task, Network(width=width, depth=depth, activation="relu")), **rest
    )


def beginning(task: Any, network: Network) -> ExperimentSettings:
    """The setting that a task begins with.

    Args:
        task: its recipe.
        network: the model.
    """
    sampling = GuessAndCheckSettings(
        epsilon=0.5 / task.train,
        method="splitting",
        samples=100,
        draws=10_000_000,
        seed=task.seed,
    )
    return ExperimentSettings(
        task=task,
        network=network,
        guess_and_check=sampling,
        descent=DESCENT.replace(tolerance=LOW_LOSS, seed=task.seed),
    )


#: By a name of ours.
STARTS = {
    "moons": _start("Two moons", DataSettings(name="moons", train=16, test=MOST_TEST), 16, 2),
    "spirals": _start("Two spirals", DataSettings(name="spirals", train=16, test=MOST_TEST), 16, 3),
    "pair": _start(
        "Digits, 3 or 8",
        DataSettings(name="digits", classes=(3, 8), train=32, test=MOST_TEST),
        16,
        2,
        packaged=True,
    ),
    "even": _start(
        "Digits, even or odd",
        DataSettings(
            name="digits", classes=((0, 2, 4, 6, 8), (1, 3, 5, 7, 9)), train=32, test=MOST_TEST
        ),
        16,
        2,
        packaged=True,
    ),
}


def start_of(settings: ExperimentSettings) -> str:
    """Which of the sets it is, by our name; empty where it is none of them.

    Args:
        settings: of data.
    """

    def whose(task: Any) -> tuple[str, Any]:
        return task.source, getattr(task, "classes", None)

    same = (n for n, start in STARTS.items() if whose(start.settings.task) == whose(settings.task))
    return next(same, "")
