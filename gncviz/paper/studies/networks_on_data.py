"""Networks on data: Guess & Check against gradient descent, as in the debate of Sec. 2."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gncviz.descent.settings import DescentSettings
from gncviz.models.data.recipes import DataSettings
from gncviz.network import Network
from gncviz.paper.studies.study import Part, Plot, Sentence, Study
from gncviz.paper.studies.summaries import mean_error, of, spread
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.prior import Prior
from gncviz.sweeps.settings import Axis, SweepSettings

if TYPE_CHECKING:
    import pandas as pd

#: Digits that are told apart, by how a figure calls that.
SETS: dict[str, tuple[Any, ...]] = {
    "3 or 8": (3, 8),
    "4 or 9": (4, 9),
    "even or odd": ((0, 2, 4, 6, 8), (1, 3, 5, 7, 9)),
}
PAIR = "3 or 8"
SAMPLES = (16, 32, 64, 128)
#: Samples at which width and depth differ, and what they are where they do not.
FIXED, WIDTHS, DEPTHS = 64, (4, 16, 64, 256), (2, 3, 5)
WIDTH, DEPTH = 16, 2
SEEDS = tuple(range(8))
#: What found a network: Guess & Check, the average of what it found, or gradient descent, which
#: ends by its task's loss, with a tolerance.
GUESS, AVERAGE = "Guess & Check", "G&C, average of outputs"
FIRST, LOW = "GD, first zero error", "GD, logistic loss 0.01"
LOW_LOSS = 0.01
#: From the same prior; fast enough for every network here.
DESCENT = DescentSettings(trials=1, init=Prior(), init_scale=1.0, lr=0.01, epochs=10_000)
#: Samples of the test: all that the smallest set has left.
_TEST = 229


def _parts(_: Sequence[Any]) -> Iterable[Part]:
    over_samples = Axis(name="train", values=SAMPLES)
    for name in SETS:
        yield from _pair(name, "samples", (over_samples,))
    for over, values in (("width", WIDTHS), ("depth", DEPTHS)):
        upto = Axis(name="train", values=tuple(n for n in SAMPLES if n <= FIXED))
        yield from _pair(PAIR, over, (Axis(name=over, values=values), upto))


def _pair(name: str, over: str, axes: tuple[Axis, ...]) -> Iterable[Part]:
    """Guess & Check with gradient descent to the first zero error, and descent to a low loss."""
    settings = SweepSettings(
        axes=axes,
        task=DataSettings(classes=SETS[name], test=_TEST),
        network=Network(width=WIDTH, depth=DEPTH, activation="relu"),
        sampling=GuessAndCheckSettings(epsilon=0.5 / SAMPLES[-1], samples=50, draws=10**9),
        descent=DESCENT,
        seeds=SEEDS,
        curves=True,
    )
    labels: dict[str, str | float] = {"set": name, "over": over}
    yield Part({**labels, "stop": FIRST}, settings)
    low = settings.replace(
        task=settings.task.replace(loss="logistic"),
        descent=DESCENT.replace(tolerance=LOW_LOSS),
    )
    yield Part({**labels, "stop": LOW}, low, ("gradient_descent",))


def _curves(table: pd.DataFrame) -> pd.DataFrame:
    """The table without the prior, with a column that says what found the network."""
    found = table[table["method"] != "prior"]
    guessed = found["method"] == "guess_and_check"
    return found.assign(curve=np.where(guessed, GUESS, found["stop"]))


def _points(table: pd.DataFrame) -> pd.DataFrame:
    found = of(_curves(table), set=PAIR, over="samples")
    return spread(found, "mean_gen_loss", "train", "curve")


def gaps(table: pd.DataFrame, stop: str, train: int, name: str = PAIR) -> np.ndarray:
    """Guess & Check's test error minus gradient descent's, a task each.

    Args:
        table: of the study.
        stop: how gradient descent ended, :data:`FIRST` or :data:`LOW`.
        train: samples.
        name: of the set.
    """
    found = of(_curves(table), set=name, over="samples", train=train)
    wide = found.pivot_table(index="seed", columns="curve", values="mean_gen_loss")
    wide = wide.reindex(columns=[GUESS, stop]).dropna()
    return np.asarray(wide[GUESS] - wide[stop])


def changes(table: pd.DataFrame, over: str, curve: str) -> np.ndarray:
    """Test error at the largest width or depth minus that at the smallest, a task each.

    Args:
        table: of the study.
        over: "width" or "depth".
        curve: what found the network.
    """
    found = of(_curves(table), over=over, curve=curve)
    wide = found.pivot_table(index="seed", columns=over, values="mean_gen_loss")
    values = {"width": WIDTHS, "depth": DEPTHS}[over]
    wide = wide.reindex(columns=[values[0], values[-1]]).dropna()
    return np.asarray(wide[values[-1]] - wide[values[0]])


def _ahead(table: pd.DataFrame) -> list[float]:
    first, last = SAMPLES[0], SAMPLES[-1]
    found: list[float] = [float(table["seed"].nunique())]
    for stop in (FIRST, LOW):
        found += [*mean_error(gaps(table, stop, first)), *mean_error(gaps(table, stop, last))]
    return found


def _shape(table: pd.DataFrame) -> list[float]:
    found: list[float] = []
    for over, curve in (("width", GUESS), ("depth", GUESS), ("depth", FIRST)):
        found += mean_error(changes(table, over, curve))
    return found


NETWORKS_ON_DATA = Study(
    name="networks_on_data",
    title="Digits 3 and 8, ReLU, width 16, depth 2",
    question="On data, does Guess & Check do as well as gradient descent?",
    verdict="undecided",
    stages=(_parts,),
    points=_points,
    plot=Plot("training samples n", "test error", log_x=True),
    sentences=(
        Sentence(
            "Over {:.0f} tasks of 3 against 8, Guess & Check's test error minus that of gradient "
            "descent at its first zero error is {:.3f} ± {:.3f} at 16 samples and {:.3f} ± {:.3f} "
            "at 128; minus that at a logistic loss below 0.01 it is {:.3f} ± {:.3f} and "
            "{:.3f} ± {:.3f}.",
            _ahead,
        ),
        Sentence(
            "With 64 samples, width from 4 to 256 changes Guess & Check's error by {:.3f} ± "
            "{:.3f}; depth from 2 to 5 changes it by {:.3f} ± {:.3f}, and gradient descent's, at "
            "its first zero error, by {:.3f} ± {:.3f}.",
            _shape,
        ),
    ),
)
