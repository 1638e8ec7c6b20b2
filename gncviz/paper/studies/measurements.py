"""The number of measurements: Theorem 2's boundary, and what gradient descent is ahead by."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gncviz.paper.panels import panel_settings
from gncviz.paper.studies.study import Part, Plot, Sentence, Study
from gncviz.paper.studies.summaries import mean_error, of
from gncviz.sweeps.settings import Axis
from gncviz.task import TaskSettings

if TYPE_CHECKING:
    import pandas as pd

#: Theorem 2 asks that no matrix of rank two is missed: generic measurements do so from 16 on.
MEASUREMENTS = (15, 8, 10, 12, 14, 16, 17, 18, 20, 22, 24)
#: Effective draws: what a further measurement changes is a small difference.
SAMPLES = 1000
#: Figure, and the values of its axis that stand for it.
CELLS = {"width": (1, (5, 160)), "depth": (2, (2, 10))}


def _parts(_: Sequence[Any]) -> Iterable[Part]:
    for over, (figure, values) in CELLS.items():
        base = panel_settings(figure, "linear", seeds=16)
        scales = dict(zip(base.axes[0].values, base.init_scales or (), strict=False))
        for measurements in MEASUREMENTS:
            settings = base.replace(
                axes=(Axis(name=over, values=values),),
                task=TaskSettings(measurements=measurements),
                sampling=base.sampling.replace(samples=SAMPLES),
                init_scales=tuple(scales[value] for value in values) if scales else None,
            )
            yield Part({"measurements": measurements, "over": over}, settings)


def shares(table: pd.DataFrame, over: str, value: int) -> pd.DataFrame:
    """Guess & Check's loss over the prior's and gradient descent's likewise, a row a task.

    With the columns measurements, seed, guess_and_check, gradient_descent, doubt.

    Args:
        table: of the study.
        over: "width" or "depth".
        value: of it.
    """
    found = of(table, over=over, **{over: value})
    keys = ["measurements", "seed"]
    losses = found.pivot_table(index=keys, columns="method", values="mean_gen_loss")
    ratios = losses[["guess_and_check", "gradient_descent"]].div(losses["prior"], axis=0)
    doubt = of(found, method="guess_and_check").set_index(keys)["doubt"]
    return ratios.join(doubt).dropna(subset=["guess_and_check"]).reset_index()


def _points(table: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for over, (_, values) in CELLS.items():
        for value in values:
            for at, part in shares(table, over, value).groupby("measurements"):
                for method, name in (("guess_and_check", "G&C"), ("gradient_descent", "GD")):
                    rows.append(
                        {
                            "x": at,
                            "y": part[method].median(),
                            "low": part[method].quantile(0.25),
                            "high": part[method].quantile(0.75),
                            "curve": f"{name}, {over} {value}",
                            "doubt": float((part["doubt"] != "").mean())
                            if method == "guess_and_check"
                            else 0.0,
                        }
                    )
    found = pd.DataFrame(rows, columns=["x", "y", "low", "high", "curve", "doubt"])
    return found.sort_values(["curve", "x"], kind="stable", ignore_index=True)


def median(table: pd.DataFrame, over: str, value: int, count: int, method: str) -> float:
    """Median over the tasks of a method's loss over the prior's.

    Args:
        table: of the study.
        over: "width" or "depth".
        value: of it.
        count: of measurements.
        method: "guess_and_check" or "gradient_descent".
    """
    return float(of(shares(table, over, value), measurements=count)[method].median())


def steps(table: pd.DataFrame) -> dict[int, tuple[float, float]]:
    """By how much log10 of Guess & Check's share falls with one more measurement, at depth 10.

    Mean over the tasks and its error, by the number of measurements that is reached; where the
    next smaller one is two away, half of it.

    Args:
        table: of the study.
    """
    found = of(shares(table, "depth", 10), doubt="")
    logs = found.assign(log=np.log10(found["guess_and_check"]))
    wide = logs.pivot(index="seed", columns="measurements", values="log")
    counts = [int(count) for count in sorted(wide.columns)]
    return {
        after: mean_error(((wide[before] - wide[after]) / (after - before)).dropna())
        for before, after in itertools.pairwise(counts)
    }


def lead(table: pd.DataFrame, over: str, value: int, count: int) -> float:
    """How many decades gradient descent's median share is below Guess & Check's.

    Args:
        table: of the study.
        over: "width" or "depth".
        value: of it.
        count: of measurements.
    """
    sampled, trained = (
        median(table, over, value, count, method)
        for method in ("guess_and_check", "gradient_descent")
    )
    return math.log10(sampled / trained)


def _shares(table: pd.DataFrame) -> list[float]:
    found = [float(table["seed"].nunique())]
    for over, value in (("width", 160), ("depth", 10)):
        found += [median(table, over, value, n, "guess_and_check") for n in (8, 15, 22)]
        found += [lead(table, over, value, n) for n in (8, 15, 22)]
    return found


def _boundary(table: pd.DataFrame) -> list[float]:
    found = steps(table)
    return [number for n in (15, 16, 17) for number in found[n]]


MEASUREMENTS_STUDY = Study(
    name="measurements",
    title="The number of measurements",
    question="Is Theorem 2's boundary at 16 measurements visible, and what do more data change?",
    verdict="there is no step at 16; gradient descent's lead grows with the data",
    stages=(_parts,),
    points=_points,
    plot=Plot("measurements n", "share of the prior's loss", log_y=True),
    sentences=(
        Sentence(
            "Over {:.0f} tasks, Guess & Check's median share of the prior's loss is {:.2f}, {:.2f} "
            "and {:.2f} at 8, 15 and 22 measurements for width 160, where gradient descent's is "
            "{:.1f}, {:.1f} and {:.1f} decades below it, and {:.2f}, {:.2f} and {:.2f} for "
            "depth 10, {:.1f}, {:.1f} and {:.1f} decades above gradient descent's.",
            _shares,
        ),
        Sentence(
            "At depth 10 a further measurement takes {:.3f} ± {:.3f} off the decadic logarithm of "
            "that share at the 15th, {:.3f} ± {:.3f} at the 16th, from which on Theorem 2's "
            "condition can be met, and {:.3f} ± {:.3f} at the 17th.",
            _boundary,
        ),
    ),
)
