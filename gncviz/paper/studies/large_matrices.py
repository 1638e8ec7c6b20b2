"""Larger matrices in depth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from gncviz.network import Network
from gncviz.paper.panels import panel_settings
from gncviz.paper.studies.study import Part, Plot, Sentence, Study
from gncviz.paper.studies.summaries import factors, mean_error, of, settled, spread
from gncviz.sweeps.settings import Axis
from gncviz.task import TaskSettings

if TYPE_CHECKING:
    import pandas as pd

#: Rows and columns, and how many tasks and effective draws: a point of the largest takes minutes.
SIZES = {5: (8, 1000), 10: (8, 100), 20: (4, 40)}
DEPTHS = (2, 5, 10)
#: Of the entries that are measured.
SHARE = 0.6


def _parts(_: Sequence[Any]) -> Iterable[Part]:
    for size, (seeds, samples) in SIZES.items():
        base = panel_settings(2, "linear", seeds=seeds)
        # Under the normalized prior an entry is of the order 1/size², and so is the loss.
        epsilon = base.sampling.epsilon * (25 / size**2)
        settings = base.replace(
            axes=(Axis(name="depth", values=DEPTHS),),
            task=TaskSettings(rows=size, cols=size, measurements=round(SHARE * size**2)),
            network=Network(width=size, depth=2),
            sampling=base.sampling.replace(epsilon=epsilon, samples=samples),
            descent=None,
            init_scales=None,
        )
        yield Part({"size": size}, settings)


def _points(table: pd.DataFrame) -> pd.DataFrame:
    found = of(table, method="guess_and_check")
    relative = found["mean_gen_loss"] * found["size"] ** 2
    names = found["size"].map(lambda size: f"{size:.0f} × {size:.0f}")
    return spread(found.assign(relative=relative, name=names), "relative", "depth", "name")


def changes(table: pd.DataFrame, size: int, shallow: int = 2) -> list[float]:
    """By what factor the loss changes up to depth 10, a task each; doubtful ones left out.

    Args:
        table: of the study.
        size: rows and columns.
        shallow: the depth that it is held against.
    """
    return factors(of(settled(table), size=size), "depth", shallow, 10)


def _factors(table: pd.DataFrame) -> list[float]:
    found = [changes(table, size) for size in (5, 10)]
    return [number for one in found for number in (len(one), *mean_error(one))]


def _largest(table: pd.DataFrame) -> list[float]:
    whole = changes(table, 20)
    return [*mean_error(whole), len(whole), *mean_error(changes(table, 20, 5))]


LARGE_MATRICES = Study(
    name="large_matrices",
    title="Larger matrices in depth",
    question="Does depth help larger matrices as it does 5 × 5?",
    verdict="yes, as much for 10 × 10 and 20 × 20",
    stages=(_parts,),
    points=_points,
    plot=Plot("depth d", "mean generalization loss × entries"),
    sentences=(
        Sentence(
            "From depth 2 to 10 the loss changes by a factor of {1:.2f} ± {2:.2f} for 5 × 5 "
            "({0:.0f} tasks) and of {4:.2f} ± {5:.2f} for 10 × 10 ({3:.0f} tasks).",
            _factors,
        ),
        Sentence(
            "For 20 × 20 it changes by a factor of {:.2f} ± {:.3f} from depth 2 to 10 ({:.0f} "
            "tasks), and by {:.2f} ± {:.3f} from depth 5 on.",
            _largest,
        ),
    ),
)
