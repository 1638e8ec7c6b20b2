"""ReLU networks in depth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from gncviz.paper.panels import panel_settings
from gncviz.paper.studies.study import Part, Plot, Sentence, Study
from gncviz.paper.studies.summaries import factors, mean_error, of, settled, spread
from gncviz.sweeps.settings import Axis

if TYPE_CHECKING:
    import pandas as pd

DEPTHS = (2, 4, 6, 8, 10)
#: Effective draws: with so many a mean is known to 5 % in every task.
SAMPLES = 1000


def _parts(_: Sequence[Any]) -> Iterable[Part]:
    base = panel_settings(2, "linear", seeds=16)
    settings = base.replace(
        axes=(Axis(name="depth", values=DEPTHS),),
        network=base.network.replace(activation="relu"),
        sampling=base.sampling.replace(samples=SAMPLES),
        descent=None,
        init_scales=None,
    )
    yield Part({"activation": "relu"}, settings)


def _points(table: pd.DataFrame) -> pd.DataFrame:
    return spread(of(table, method="guess_and_check"), "mean_gen_loss", "depth", "activation")


def changes(table: pd.DataFrame, depth: int) -> list[float]:
    """By what factor the loss changes from depth 2 on, a task each; doubtful points left out.

    Args:
        table: of the study.
        depth: to which depth.
    """
    return factors(settled(table), "depth", 2, depth)


def _middle(table: pd.DataFrame) -> list[float]:
    found = changes(table, 4)
    return [len(found), *mean_error(found), sum(one < 1 for one in found)]


def _end(table: pd.DataFrame) -> list[float]:
    found = changes(table, 10)
    sampled = of(table, method="guess_and_check")
    ends = of(sampled, depth=10)
    doubtful, every = int((ends["doubt"] != "").sum()), factors(sampled, "depth", 2, 10)
    below = sum(one < 1 for one in found)
    return [*mean_error(found), len(found), below, doubtful, len(ends), min(every), max(every)]


RELU_DEPTH = Study(
    name="relu_depth",
    title="ReLU in depth",
    question="Does depth help Guess & Check with ReLU networks?",
    verdict="yes, in nearly all tasks",
    stages=(_parts,),
    points=_points,
    plot=Plot("depth d", "mean generalization loss"),
    sentences=(
        Sentence(
            "From depth 2 to 4 the loss of ReLU networks changes by a factor of {1:.2f} ± {2:.2f} "
            "on average over the {0:.0f} tasks where both ends are settled, and falls in {3:.0f} "
            "of them.",
            _middle,
        ),
        Sentence(
            "At depth 10 the factor is {:.2f} ± {:.2f} over the {:.0f} tasks that are settled, and "
            "the loss falls in {:.0f} of them; {:.0f} of {:.0f} are doubtful, and with these among "
            "them the factors are {:.2f} to {:.2f}.",
            _end,
        ),
    ),
)
