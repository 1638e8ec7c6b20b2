"""ReLU and Leaky ReLU in width: towards which loss, and how fast."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gncviz.network import Network
from gncviz.paper.panels import panel_settings
from gncviz.paper.studies.study import Part, Plot, Sentence, Study
from gncviz.paper.studies.summaries import mean_error, of
from gncviz.sweeps.settings import Axis
from gncviz.task import Task

if TYPE_CHECKING:
    import pandas as pd

WIDTHS = (5, 10, 20, 40, 80, 160, 320, 640, 1280)
ACTIVATIONS = ("relu", "leaky_relu")
#: Tasks at each width, and tasks of which the limit is computed.
SEEDS, LIMITS = 32, 200
#: Of what is measured, for a limit: its error is a tenth of a per cent.
_DRAWS = 2**13


def _parts(_: Sequence[Any]) -> Iterable[Part]:
    base = panel_settings(1, "linear", seeds=SEEDS)
    for name in ACTIVATIONS:
        settings = base.replace(
            axes=(Axis(name="width", values=WIDTHS),),
            network=base.network.replace(activation=name),
            descent=None,
        )
        yield Part({"activation": name}, settings)


def _limits() -> pd.DataFrame:
    """The limit of each task: rows of the method "limit", the prior's exact loss in ``prior``."""
    import pandas as pd

    from gncviz.theory import infinite_width

    base = panel_settings(1, "linear")
    rows = []
    for name in ACTIVATIONS:
        network = Network(activation=name)
        for seed in range(LIMITS):
            task = Task.from_recipe(base.task.seeded(seed))
            found = infinite_width(task, network, base.prior, base.sampling.epsilon, draws=_DRAWS)
            rows.append(
                {
                    "activation": name,
                    "seed": seed,
                    "method": "limit",
                    "depth": network.depth,
                    "epsilon": base.sampling.epsilon,
                    "mean_gen_loss": found.mean_gen_loss,
                    "stderr": found.stderr,
                    "prior": found.prior_mean_gen_loss,
                    "log10_acceptance": found.log10_acceptance,
                    "effective_samples": found.effective_samples,
                }
            )
    return pd.DataFrame(rows)


def limits(table: pd.DataFrame, activation: str) -> np.ndarray:
    """Shares of the prior's loss in the limit, a task each.

    Args:
        table: of the study.
        activation: "relu" or "leaky_relu".
    """
    part = of(table, method="limit", activation=activation)
    return np.asarray(part["mean_gen_loss"] / part["prior"])


def gaps(table: pd.DataFrame, activation: str) -> pd.DataFrame:
    """Share of the prior's loss minus its limit, a row a task and a column a width.

    The prior's mean loss is the limit's at every width, and exact.

    Args:
        table: of the study.
        activation: "relu" or "leaky_relu".
    """
    limit = of(table, method="limit", activation=activation).set_index("seed")
    found = of(table, method="guess_and_check", activation=activation)
    losses = found.pivot(index="seed", columns="width", values="mean_gen_loss")
    return losses.sub(limit["mean_gen_loss"], axis=0).div(limit["prior"], axis=0).dropna(how="all")


def _points(table: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for name in ACTIVATIONS:
        doubtful = of(table, method="guess_and_check", activation=name).groupby("width")["doubt"]
        for width, column in gaps(table, name).items():
            mean, error = mean_error(column.dropna())
            rows.append(
                {
                    "x": 1 / float(str(width)),
                    "y": mean,
                    "low": mean - error,
                    "high": mean + error,
                    "curve": Network(activation=name).sigma.label,
                    "doubt": float((doubtful.get_group(width) != "").mean()),
                }
            )
    return pd.DataFrame(rows)


def _in_the_limit(table: pd.DataFrame) -> list[float]:
    found = []
    for name in ACTIVATIONS:
        shares = limits(table, name)
        found += [shares.min(), shares.max(), *mean_error(shares)]
    return [len(shares), *found]


def _approach(table: pd.DataFrame) -> list[float]:
    """Of three points of the figure: how many tasks, mean and error."""
    asked = (("relu", WIDTHS[0]), ("relu", WIDTHS[-1]), ("leaky_relu", WIDTHS[-1]))
    columns = [gaps(table, name)[width].dropna() for name, width in asked]
    return [number for one in columns for number in (len(one), *mean_error(one))]


RELU_WIDTH = Study(
    name="relu_width",
    title="ReLU and Leaky ReLU in width",
    question="Where does width lead Guess & Check for an activation that is not anti-symmetric?",
    verdict="to a limit of its own in every task, not to the prior",
    stages=(_parts,),
    points=_points,
    plot=Plot("1/width", "share of the prior's loss − its limit", level=(0.0, "the limit")),
    sentences=(
        Sentence(
            "As the width grows, Guess & Check's share of the prior's loss tends to a number of "
            "its own in every task: over {:.0f} tasks from {:.2f} to {:.2f} for ReLU, {:.3f} ± "
            "{:.3f} on average, and from {:.2f} to {:.2f} for Leaky ReLU, {:.3f} ± {:.3f} on "
            "average.",
            _in_the_limit,
        ),
        Sentence(
            "Drawing comes to these limits: ReLU's share is off by {1:.3f} ± {2:.3f} on average at "
            "width 5 ({0:.0f} tasks) and by {4:.3f} ± {5:.3f} at width 1 280 ({3:.0f} tasks), "
            "Leaky ReLU's by {7:.3f} ± {8:.3f} there ({6:.0f} tasks).",
            _approach,
        ),
    ),
    beside=_limits,
)
