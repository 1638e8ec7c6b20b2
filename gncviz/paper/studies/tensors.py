"""Tensors in width and in depth, against the matrix with as many entries."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gncviz.descent.settings import DescentSettings
from gncviz.models.tensor.network import TensorNetwork
from gncviz.models.tensor.recipes import TensorTaskSettings
from gncviz.paper.studies.study import Part, Plot, Sentence, Study
from gncviz.paper.studies.summaries import mean_error, of, spread
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.prior import Prior
from gncviz.sweeps.settings import Axis, SweepSettings

if TYPE_CHECKING:
    import pandas as pd

#: 64 entries each, with an output of four numbers, so that the prior is of one size: E‖W‖² = 4.
SHAPES = {2: (16, 4), 3: (4, 4, 4), 4: (2, 2, 4, 4)}
#: The loss of W = 0, ‖W*‖²/64.
NULL = 1 / 64
WIDTHS, TRAINED = (8, 32, 128, 512, 2000), (8, 128)
DEPTHS = (1, 2, 5, 10)
#: Of the depth study, and the width of its networks.
ORDERS, WIDTH = (2, 3), 8
SEEDS = tuple(range(8))
#: It fits every task, of the widths that are trained.
DESCENT = DescentSettings(trials=1, lr=1e-2, init_scale=0.1, epochs=2000, tolerance=1e-6)


def _task(order: int) -> TensorTaskSettings:
    return TensorTaskSettings(shape=SHAPES[order], measurements=40)


def _wider(_: Sequence[Any]) -> Iterable[Part]:
    for order in SHAPES:
        settings = SweepSettings(
            axes=(Axis(name="width", values=WIDTHS),),
            task=_task(order),
            sampling=GuessAndCheckSettings(epsilon=NULL / 2, samples=150, draws=10**9),
            descent=DESCENT,
            seeds=SEEDS,
        )
        yield Part({"order": order}, settings, ("guess_and_check",))
        trained = settings.replace(axes=(Axis(name="width", values=TRAINED),))
        yield Part({"order": order}, trained, ("gradient_descent",))


def _deeper(_: Sequence[Any]) -> Iterable[Part]:
    for order in ORDERS:
        settings = SweepSettings(
            axes=(
                Axis(name="depth", values=DEPTHS),
                Axis(name="epsilon", values=(NULL / 10, NULL / 100)),
            ),
            task=_task(order),
            network=TensorNetwork(width=WIDTH),
            prior=Prior(normalize=True),
            sampling=GuessAndCheckSettings(samples=150, draws=10**9),
            descent=None,
            seeds=SEEDS,
        )
        yield Part({"order": order}, settings)


def shares(table: pd.DataFrame, order: int, method: str = "guess_and_check") -> pd.DataFrame:
    """A method's loss over the prior's, a row a task and a column a width.

    Args:
        table: of the width study.
        order: of the tensors.
        method: "guess_and_check" or "gradient_descent".
    """
    found = of(table, order=order)
    losses = found.pivot_table(index=["seed", "width"], columns="method", values="mean_gen_loss")
    return (losses[method] / losses["prior"]).unstack("width")


def crossovers(table: pd.DataFrame, order: int, share: float = 0.5) -> np.ndarray:
    """The width at which Guess & Check has a share of the prior's loss, a task each.

    Interpolated in log width; NaN where it has it at none.

    Args:
        table: of the width study.
        order: of the tensors.
        share: of the prior's loss.
    """
    found = shares(table, order)
    logs = np.log(found.columns.to_numpy(dtype=float))
    return np.array([np.exp(_crossing(logs, row, share)) for row in found.to_numpy(dtype=float)])


def _crossing(x: np.ndarray, y: np.ndarray, level: float) -> float:
    for i, j in itertools.pairwise(range(len(x))):
        if y[i] <= level < y[j]:
            return float(x[i] + (level - y[i]) / (y[j] - y[i]) * (x[j] - x[i]))
    return float("nan")


def _width_points(table: pd.DataFrame) -> pd.DataFrame:
    keys = ["order", "width", "seed"]
    prior = of(table, method="prior").set_index(keys)["mean_gen_loss"]
    found = of(table, method="guess_and_check").set_index(keys)
    found = found.assign(share=found["mean_gen_loss"] / prior).reset_index()
    found["curve"] = [_named(order) for order in found["order"]]
    return spread(found, "share", "width", "curve")


def _named(order: float) -> str:
    shape = SHAPES[int(order)]
    return f"order {len(shape)}, {' × '.join(map(str, shape))}"


def _met(table: pd.DataFrame) -> list[float]:
    found = [float(table["seed"].nunique())]
    for order in SHAPES:
        for width in (128, 2000):
            found += mean_error(shares(table, order)[width].dropna())
    descents = [shares(table, order, "gradient_descent") for order in SHAPES]
    return [*found, max(float(one.max().max()) for one in descents)]


def _grown(table: pd.DataFrame) -> list[float]:
    logs = {order: np.log(crossovers(table, order)) for order in SHAPES}
    widths = [float(np.exp(np.nanmean(logs[order]))) for order in SHAPES]
    steps = np.array([logs[order + 1] - logs[order] for order in (2, 3)])
    return [*widths, *(float(np.exp(np.nanmean(step))) for step in steps)]


TENSOR_WIDTH = Study(
    name="tensor_width",
    title="Tensors in width",
    question="Does Guess & Check meet the prior in tensors too, and at which width?",
    verdict="yes, and the higher the order, the wider the network has to be",
    stages=(_wider,),
    points=_width_points,
    plot=Plot("width R", "share of the prior's loss", log_x=True, level=(1.0, "the prior")),
    sentences=(
        Sentence(
            "It does: over {:.0f} tasks with 64 entries, 40 measurements and ε at half of the loss "
            "of W = 0, Guess & Check's share of the prior's loss goes from {:.3f} ± {:.3f} at "
            "width 128 to {:.3f} ± {:.3f} at width 2 000 for the matrix, from {:.3f} ± {:.3f} to "
            "{:.3f} ± {:.3f} at order three and from {:.3f} ± {:.3f} to {:.3f} ± {:.3f} at order "
            "four, while gradient descent's is at most {:.1g} anywhere.",
            _met,
        ),
        Sentence(
            "The higher the order, the wider it takes: half of the prior's loss is reached at the "
            "widths {:.0f}, {:.0f} and {:.0f} for orders two to four, a factor of {:.1f} and then "
            "of {:.1f}, where the excess kurtosis of an entry, (3ᴺ − 3)/R, would give 4 and 3.3.",
            _grown,
        ),
    ),
)


def _depth_points(table: pd.DataFrame) -> pd.DataFrame:
    found = of(table, method="guess_and_check").copy()
    found["null"] = found["mean_gen_loss"] / NULL
    found["curve"] = [
        f"{_named(order)}, ε = {epsilon / NULL:g} of W = 0's loss"
        for order, epsilon in zip(found["order"], found["epsilon"], strict=True)
    ]
    return spread(found, "null", "depth", "curve")


def ratios(table: pd.DataFrame, order: int, part: float, deep: int) -> list[float]:
    """Guess & Check's loss at a depth over that at depth 1, a task each.

    Args:
        table: of the depth study.
        order: of the tensors.
        part: ε over the loss of W = 0.
        deep: the depth.
    """
    found = of(table, method="guess_and_check", order=order)
    found = found[np.isclose(found["epsilon"], part * NULL)]
    wide = found.pivot_table(index="seed", columns="depth", values="mean_gen_loss")
    return [float(one) for one in (wide[deep] / wide[1]).dropna()]


def _falls(table: pd.DataFrame) -> list[float]:
    found = [float(table["seed"].nunique())]
    for order in ORDERS:
        for part in (0.1, 0.01):
            found += mean_error(ratios(table, order, part, DEPTHS[-1]))
    return found


def _worth(table: pd.DataFrame) -> list[float]:
    found: list[float] = []
    for order in (3, 2):
        part = of(table, method="guess_and_check", order=order)
        part = part[np.isclose(part["epsilon"], NULL / 100)]
        for depth in (DEPTHS[0], DEPTHS[-1]):
            at = of(part, depth=depth)
            found += [at["mean_gen_loss"].median() / NULL, at["log10_acceptance"].median()]
    return found


TENSOR_DEPTH = Study(
    name="tensor_depth",
    title="Tensors in depth",
    question="Does depth help Guess & Check in tensors, as it does in matrices?",
    verdict="yes, though less than in the matrix",
    stages=(_deeper,),
    points=_depth_points,
    plot=Plot("depth p", "G&C's loss over that of W = 0", log_y=True),
    sentences=(
        Sentence(
            "It does: over {:.0f} tasks, normalized networks of width 8 have at depth 10 {:.2f} ± "
            "{:.2f} of the loss that they have at depth 1 for ε at a tenth of the loss of W = 0, "
            "and {:.2f} ± {:.2f} at a hundredth, where they factor a 16 × 4 matrix; {:.2f} ± "
            "{:.2f} and {:.2f} ± {:.2f} where it is a 4 × 4 × 4 tensor.",
            _falls,
        ),
        Sentence(
            "At a hundredth the tensors' median loss is {:.3f} of that of W = 0 at depth 1 "
            "(log10 acceptance {:.0f}) and {:.3f} at depth 10 ({:.0f}), the matrices' {:.3f} "
            "({:.0f}) and {:.3f} ({:.0f}).",
            _worth,
        ),
    ),
)
