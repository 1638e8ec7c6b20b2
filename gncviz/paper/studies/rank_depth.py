"""Ground truths of a higher rank in depth: from which ε on depth helps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from gncviz.paper.panels import panel_settings
from gncviz.paper.studies.study import Part, Plot, Sentence, Study
from gncviz.paper.studies.summaries import of
from gncviz.paper.studies.tables import NOISY
from gncviz.sweeps.settings import Axis
from gncviz.task import Task, TaskSettings

if TYPE_CHECKING:
    import pandas as pd

RANKS = (1, 2, 3)
MEASUREMENTS = (22, 16, 24, 19)
DEPTHS = (2, 10, 5)
EPSILONS = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2)
#: Where a point takes up to a minute, not some seconds: depth, numbers of measurements, ε.
DEEPER = (
    (2, MEASUREMENTS, (1e-5,)),
    (10, MEASUREMENTS, (1e-5,)),
    (20, MEASUREMENTS[:2], (1e-4, 1e-3, 1e-2)),
)
#: Effective draws, and networks that may be evaluated: a mean is mostly known to 5 % with so many,
#: and islands that still disagree after that are said to.
SAMPLES, DRAWS = 400, 300_000_000
#: Of ε over the residual: beyond this a matrix of a lower rank fits exactly.
_NO_RESIDUAL = 1e6


def _parts(_: Sequence[Any]) -> Iterable[Part]:
    whole = ((n, depth, EPSILONS) for n in MEASUREMENTS for depth in DEPTHS)
    deeper = ((n, depth, epsilons) for depth, counts, epsilons in DEEPER for n in counts)
    base = panel_settings(2, "linear", seeds=16)
    for measurements, depth, epsilons in (*whole, *deeper):
        for rank in RANKS:
            settings = base.replace(
                axes=(Axis(name="epsilon", values=epsilons),),
                task=TaskSettings(rank=rank, measurements=measurements),
                network=base.network.replace(depth=depth),
                sampling=base.sampling.replace(samples=SAMPLES, draws=DRAWS),
                descent=None,
                init_scales=None,
            )
            yield Part({"rank": rank, "measurements": measurements}, settings)


@cache
def residual(rank: int, measurements: int, seed: int) -> float:
    """The smallest training loss of a matrix of the next lower rank than the ground truth's.

    Args:
        rank: of the ground truth.
        measurements: how many.
        seed: of the task.
    """
    from gncviz.theory import best_residual

    task = Task.random(rank=rank, measurements=measurements, seed=seed)
    return best_residual(task, rank - 1)


def gains(table: pd.DataFrame, depth: int = 10) -> pd.DataFrame:
    """Loss at some depth over that at depth 2, with ε over the residual of the lower rank.

    With the columns rank, measurements, epsilon, seed, ratio, relative, doubt.

    Args:
        table: of the study.
        depth: the larger one.
    """
    import pandas as pd

    found = of(table, method="guess_and_check")
    keys = ["rank", "measurements", "epsilon", "seed"]
    low, high = (
        of(found, depth=one).set_index(keys)[["mean_gen_loss", "doubt"]] for one in (2, depth)
    )
    both = low.add_suffix("_low").join(high.add_suffix("_high"), how="inner").reset_index()
    tasks = both[["rank", "measurements", "seed"]].to_numpy(dtype=int).tolist()
    residuals = [residual(*task) for task in tasks]
    return pd.DataFrame(
        {
            **{name: both[name] for name in keys},
            "ratio": both["mean_gen_loss_high"] / both["mean_gen_loss_low"],
            # A lower rank that fits exactly is one below which no ε lies.
            "relative": both["epsilon"] / np.maximum(residuals, 1e-12),
            "doubt": [
                _worse(*pair) for pair in zip(both["doubt_low"], both["doubt_high"], strict=True)
            ],
        }
    )


def _worse(one: str, other: str) -> str:
    """Of two doubts the one that weighs more: numbers that are noisy are still right on average."""
    found = {one, other} - {""}
    return next(iter(found - {NOISY}), NOISY if found else "")


def _right(table: pd.DataFrame) -> pd.DataFrame:
    """Rows that are right, though perhaps noisy."""
    return table[table["doubt"].isin(["", NOISY])]


def _points(table: pd.DataFrame) -> pd.DataFrame:
    """Medians over tasks and measurements, ε over the residual rounded to half decades."""
    import pandas as pd

    found = gains(table).dropna(subset=["ratio"])
    # Where a lower rank fits exactly there is no such axis.
    found = found[found["relative"] < _NO_RESIDUAL]
    found = found.assign(at=10 ** (np.round(2 * np.log10(found["relative"])) / 2))
    rows = [
        {
            "x": at,
            "y": part["ratio"].median(),
            "low": part["ratio"].quantile(0.25),
            "high": part["ratio"].quantile(0.75),
            "curve": f"rank {rank}",
            "doubt": float((part["doubt"] != "").mean()),
        }
        for (rank, at), part in found.groupby(["rank", "at"])
    ]
    return pd.DataFrame(rows, columns=["x", "y", "low", "high", "curve", "doubt"])


def medians(table: pd.DataFrame, epsilon: float, depth: int = 10) -> list[float]:
    """Of the loss at some depth over that at depth 2, by rank; without islands that disagree.

    Args:
        table: of the study.
        epsilon: one of :data:`EPSILONS`, or of those in :data:`DEEPER`.
        depth: the larger one.
    """
    return [float(ratios.median()) for ratios in _ratios(table, epsilon, depth)]


def agreeing(table: pd.DataFrame, epsilon: float) -> list[int]:
    """In how many tasks islands agree at depths 2 and 10, by rank.

    Args:
        table: of the study.
        epsilon: see :func:`medians`.
    """
    return [int(ratios.count()) for ratios in _ratios(table, epsilon, 10)]


def _ratios(table: pd.DataFrame, epsilon: float, depth: int) -> list[pd.Series[float]]:
    """With 22 measurements, by rank."""
    found = of(_right(gains(table, depth)), epsilon=epsilon, measurements=22)
    return [of(found, rank=rank)["ratio"] for rank in RANKS]


def around(table: pd.DataFrame) -> list[float]:
    """Median ratios for ranks over one, with ε from one to ten residuals, and under a tenth.

    Args:
        table: of the study.
    """
    found = _right(gains(table))
    found = found[found["rank"] > 1]
    above = found[(found["relative"] > 1) & (found["relative"] < 10)]["ratio"]
    below = found[found["relative"] < 0.1]["ratio"]
    return [float(above.median()), len(above), float(below.median()), len(below)]


def _by_rank(table: pd.DataFrame) -> list[float]:
    right = of(_right(table), method="guess_and_check")
    worst = 100 * float((right["stderr"] / right["mean_gen_loss"]).quantile(0.95))
    tasks, low = table["seed"].nunique(), medians(table, 1e-4)
    (one, two, _), (ones, twos, threes) = medians(table, 1e-5), agreeing(table, 1e-5)
    return [
        *(tasks, *medians(table, 1e-2), *low[:2], agreeing(table, 1e-4)[2], tasks),
        *(one, ones, two, twos, threes, *medians(table, 1e-2, 20), worst),
    ]


RANK_DEPTH = Study(
    name="rank_depth",
    title="Rank of the ground truth in depth",
    question="From which ε on does depth help for a ground truth of rank over one?",
    verdict="a little at any ε, and much below what a lower rank can fit",
    stages=(_parts,),
    points=_points,
    plot=Plot(
        "ε / smallest training loss of a lower rank",
        "loss at depth 10 / at depth 2",
        log_x=True,
        log_y=True,
        level=(1.0, "no help"),
    ),
    sentences=(
        Sentence(
            "With 22 measurements ({:.0f} tasks) the loss at depth 10 is {:.2f} times that at "
            "depth 2 for rank 1, {:.2f} times for rank 2 and {:.2f} times for rank 3 at ε = 0.01; "
            "at ε = 1e-4 it is {:.2f} and {:.2f} times for ranks 1 and 2, and for rank 3 islands "
            "agree in {:.0f} of {:.0f} tasks only; at ε = 1e-5 {:.2f} times for rank 1 ({:.0f} "
            "tasks) and {:.2f} times for rank 2 ({:.0f} tasks; {:.0f} of rank 3); from depth 2 to "
            "20 at ε = 0.01 {:.2f}, {:.2f} and {:.2f} times (medians over the tasks; 19 of 20 "
            "losses are known to {:.0f} % or better; where islands disagree they are left out).",
            _by_rank,
        ),
        Sentence(
            "What counts is ε over the smallest training loss of a matrix of a lower rank: for "
            "ranks 2 and 3 the median ratio is {:.2f} where ε is one to ten times that ({:.0f} "
            "points), and {:.2f} where it is under a tenth of it ({:.0f} points).",
            around,
        ),
    ),
)
