"""Networks on data: Guess & Check against gradient descent, as in the debate of Sec. 2."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gncviz.experiment.learning.starts import DESCENT, LOW_LOSS
from gncviz.models.data.recipes import DataSettings
from gncviz.network import Network
from gncviz.paper.studies.study import Part, Plot, Sentence, Study
from gncviz.paper.studies.summaries import mean_error, of, spread
from gncviz.paper.studies.tables import DISAGREE
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.sweeps.settings import Axis, SweepSettings

if TYPE_CHECKING:
    import pandas as pd

#: Two of the sets by name: that of most figures, and that which is fitted most rarely.
PAIR, HARDEST = "3 or 8", "even or odd"
#: Digits that are told apart, by how a figure calls that.
SETS: dict[str, tuple[Any, ...]] = {
    PAIR: (3, 8),
    "4 or 9": (4, 9),
    HARDEST: ((0, 2, 4, 6, 8), (1, 3, 5, 7, 9)),
}
SAMPLES = (16, 32, 64, 128)
#: Width and depth where they are swept, at up to so many samples, and where they are not.
FIXED, WIDTHS, DEPTHS = 64, (4, 16, 64, 256), (2, 3, 5)
SWEPT: dict[Literal["width", "depth"], tuple[int, ...]] = {"width": WIDTHS, "depth": DEPTHS}
WIDTH, DEPTH = 16, 2
#: Tasks; and fewer where width or depth are swept: curves of the largest networks take a minute.
SEEDS, SWEPT_SEEDS = tuple(range(8)), tuple(range(4))
#: What found a network: Guess & Check, the average of what it found, or gradient descent, which
#: ends by its task's loss, with a tolerance.
GUESS, AVERAGE = "Guess & Check", "G&C, average of outputs"
FIRST, LOW = "GD, first zero error", f"GD, logistic loss {LOW_LOSS:g}"
#: Samples of the test: all that the smallest set has left.
_TEST = 229


def _parts(_: Sequence[Any]) -> Iterable[Part]:
    for name in SETS:
        yield from _pair(name, "samples", SEEDS, (Axis(name="train", values=SAMPLES),))
    upto = Axis(name="train", values=tuple(n for n in SAMPLES if n <= FIXED))
    for over, values in SWEPT.items():
        for value in values:
            if value not in (WIDTH, DEPTH):
                axes = Axis(name=over, values=(value,)), upto
                yield from _pair(PAIR, over, SWEPT_SEEDS, axes)


def _pair(name: str, over: str, seeds: tuple[int, ...], axes: tuple[Axis, ...]) -> Iterable[Part]:
    """Guess & Check with gradient descent to the first zero error, and descent to a low loss."""
    trial = DESCENT.replace(trials=1)
    settings = SweepSettings(
        axes=axes,
        task=DataSettings(classes=SETS[name], test=_TEST),
        network=Network(width=WIDTH, depth=DEPTH, activation="relu"),
        sampling=GuessAndCheckSettings(epsilon=0.5 / SAMPLES[-1], samples=50, draws=10**9),
        descent=trial,
        seeds=seeds,
        curves=True,
    )
    labels: dict[str, str | float] = {"set": name, "over": over}
    yield Part({**labels, "stop": FIRST}, settings)
    low = settings.replace(
        task=settings.task.replace(loss="logistic"),
        descent=trial.replace(tolerance=LOW_LOSS),
    )
    yield Part({**labels, "stop": LOW}, low, ("gradient_descent",))


def _curves(table: pd.DataFrame) -> pd.DataFrame:
    """The table without the prior, with a column that says what found the network."""
    found = table[table["method"] != "prior"]
    names = {"guess_and_check": GUESS, "average": AVERAGE}
    return found.assign(curve=found["method"].map(names).fillna(found["stop"]))


def _points(table: pd.DataFrame) -> pd.DataFrame:
    found = of(_curves(table), set=PAIR, over="samples")
    return spread(found, "mean_gen_loss", "train", "curve")


def gaps(table: pd.DataFrame, stop: str, train: int, name: str = PAIR) -> np.ndarray:
    """Guess & Check's test error minus gradient descent's, a task each where islands agree.

    Args:
        table: of the study.
        stop: how gradient descent ended, :data:`FIRST` or :data:`LOW`.
        train: samples.
        name: of the set.
    """
    wide = _by_task(of(_curves(table), set=name, over="samples", train=train), "curve")
    wide = wide.reindex(columns=[GUESS, stop]).dropna()
    return np.asarray(wide[GUESS] - wide[stop])


def errors(table: pd.DataFrame, curve: str, train: int, name: str = PAIR) -> np.ndarray:
    """Test errors, a task each where islands agree.

    Args:
        table: of the study.
        curve: what found the network.
        train: samples.
        name: of the set.
    """
    found = of(_curves(table), set=name, over="samples", train=train, curve=curve)
    return np.asarray(_agreeing(found)["mean_gen_loss"])


def changes(table: pd.DataFrame, over: str, curve: str, train: int = FIXED) -> np.ndarray:
    """Test error at the largest width or depth minus that at the smallest, likewise.

    Args:
        table: of the study.
        over: "width" or "depth".
        curve: what found the network.
        train: samples.
    """
    found = of(_curves(table), set=PAIR, train=train, curve=curve)
    wide = _by_task(found[found["over"].isin((over, "samples"))], over)
    values = {"width": WIDTHS, "depth": DEPTHS}[over]
    wide = wide.reindex(columns=[values[0], values[-1]]).dropna()
    return np.asarray(wide[values[-1]] - wide[values[0]])


def _by_task(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Test errors, a row a task."""
    return _agreeing(table).pivot_table(index="seed", columns=column, values="mean_gen_loss")


def _agreeing(table: pd.DataFrame) -> pd.DataFrame:
    """Without what rests on few islands; wide error bars alone are no harm to a mean over tasks."""
    return table[table["doubt"] != DISAGREE]


def _ahead(table: pd.DataFrame) -> list[float]:
    found: list[float] = []
    for stop in (FIRST, LOW):
        for train in (SAMPLES[0], SAMPLES[-1]):
            found += mean_error(gaps(table, stop, train))
    for name in ("4 or 9", HARDEST):
        for stop in (FIRST, LOW):
            found += mean_error(gaps(table, stop, SAMPLES[-1], name))
    return [*found, min(len(gaps(table, FIRST, SAMPLES[-1], name)) for name in SETS)]


def _shape(table: pd.DataFrame) -> list[float]:
    found: list[float] = []
    for curve in (AVERAGE, LOW):
        found += mean_error(errors(table, curve, SAMPLES[-1]))
    for over in SWEPT:
        for curve in (GUESS, FIRST):
            found += mean_error(changes(table, over, curve))
    return [*found, min(len(changes(table, over, GUESS)) for over in SWEPT)]


NETWORKS_ON_DATA = Study(
    name="networks_on_data",
    title="Networks on data: digits 3 and 8",
    question="On data, does Guess & Check do as well as gradient descent?",
    verdict="a single guess does not, the average of guesses does; depth hurts both",
    stages=(_parts,),
    points=_points,
    plot=Plot("training samples n", "test error", log_x=True),
    sentences=(
        Sentence(
            "A single network that fits by luck errs more often than one that gradient descent "
            "finds: for 3 against 8 by {:.3f} ± {:.3f} at 16 samples and {:.3f} ± {:.3f} at 128 if "
            "descent ends at its first zero error, by {:.3f} ± {:.3f} and {:.3f} ± {:.3f} if it "
            f"goes on to a logistic loss of {LOW_LOSS:g}; for "
            "4 against 9 by {:.3f} ± {:.3f} and {:.3f} ± "
            "{:.3f} at 128, and for even against odd by {:.3f} ± {:.3f} and {:.3f} ± {:.3f}, over "
            "{:.0f} tasks each.",
            _ahead,
        ),
        Sentence(
            "The average of the outputs of all that fit errs as rarely as gradient descent at the "
            "low loss, {:.3f} ± {:.3f} and {:.3f} ± {:.3f} with 128 samples of 3 and 8; with 64, "
            "width from 4 to 256 changes the error of a single guess by {:.3f} ± {:.3f} and that "
            "of gradient descent, at its first zero error, by {:.3f} ± {:.3f}, depth from 2 to 5 "
            "by {:.3f} ± {:.3f} and {:.3f} ± {:.3f} ({:.0f} tasks).",
            _shape,
        ),
    ),
)
