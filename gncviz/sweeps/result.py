"""What a sweep found, as tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from gncviz.sweeps.findings import CurveFinding, DescentFinding, Finding, GuessAndCheckFinding
from gncviz.sweeps.points import Point
from gncviz.sweeps.settings import Place, SweepSettings
from gncviz.words import grouped

if TYPE_CHECKING:
    import pandas as pd

#: The three curves, in the order of the paper's legends.
METHODS = ("gradient_descent", "prior", "guess_and_check")

_COLUMNS = (
    "seed",
    "method",
    "mean_gen_loss",
    "stderr",
    "train_loss",
    "log10_acceptance",
    "log10_acceptance_stderr",
    "effective_samples",
    "sampler",
    "status",
    "epochs",
    "seconds",
)


@dataclass(frozen=True, eq=False, repr=False)
class SweepResult:
    """A sweep, as far as it has come.

    Attributes:
        settings: what was asked.
        findings: what is known, by the key of its point.
    """

    settings: SweepSettings
    findings: Mapping[str, Finding] = field(default_factory=dict)

    @property
    def wanted(self) -> int:
        """How many points the sweep has."""
        return len({point.key for point in points_of(self.settings)})

    @property
    def found(self) -> int:
        """How many of them are known."""
        keys = {point.key for point in points_of(self.settings)}
        return sum(key in self.findings for key in keys)

    @property
    def complete(self) -> bool:
        """Whether all points are known."""
        return self.found == self.wanted

    def to_frame(self) -> pd.DataFrame:
        """All that is known, one row for each value × seed × method.

        Columns: the axes, ``seed``, ``method`` ("gradient_descent", "prior", "guess_and_check";
        and of learning curves "average", that of the outputs that Guess & Check found),
        ``mean_gen_loss`` with its ``stderr`` (that of one gradient descent trial is NaN: it is one
        number), ``train_loss`` and ``epochs`` of gradient descent, ``log10_acceptance`` with its
        standard error, ``effective_samples`` and ``sampler`` of Guess & Check, ``status``, and
        ``seconds``, on one core. Numbers are float64, seeds and whole axes int64; what a method
        does not have is NaN.
        """
        return self._frame.copy()

    @cached_property
    def _frame(self) -> pd.DataFrame:
        import pandas as pd

        rows = [row for place in self.settings.places() for row in self._rows(place)]
        axes = [axis.name for axis in self.settings.axes]
        frame = pd.DataFrame(rows, columns=[*axes, *_COLUMNS])
        whole = [axis.name for axis in self.settings.axes if axis.swept.whole]
        words = {"method", "sampler", "status"}
        numbers = [name for name in _COLUMNS if name not in words]
        return frame.astype(
            {**dict.fromkeys(numbers, float), **dict.fromkeys([*whole, "seed"], int)}
        )

    def summary(self) -> pd.DataFrame:
        """Median and quartiles over the seeds, one row for each value × method.

        Columns: the axes, ``method``, ``median``, ``q25``, ``q75`` of the mean generalization
        loss, and ``seeds``, how many have a number.
        """
        import pandas as pd

        axes = [axis.name for axis in self.settings.axes]
        rows = []
        for values, part in self._frame.groupby([*axes, "method"], sort=True):
            losses = part["mean_gen_loss"].dropna().to_numpy()
            quartiles = np.quantile(losses, [0.5, 0.25, 0.75]) if len(losses) else [math.nan] * 3
            rows.append([*cast(tuple[Any, ...], values), *quartiles, len(losses)])
        return pd.DataFrame(rows, columns=[*axes, "method", "median", "q25", "q75", "seeds"])

    def to_wide(self) -> pd.DataFrame:
        """Mean generalization losses, one row a value, a column for each method and seed."""
        import pandas as pd

        axes = [axis.name for axis in self.settings.axes]
        table = self._frame.pivot(index=axes, columns=["method", "seed"], values="mean_gen_loss")
        table.columns = pd.Index(["{}_seed_{}".format(*pair) for pair in table.columns.to_list()])
        return table.reset_index()

    def _rows(self, place: Place) -> list[list[Any]]:
        rows = []
        point, descent = place.guess_and_check, place.descent
        if descent is not None and (gd := self.findings.get(descent.key)) is not None:
            rows.append(_descent_row(cast(DescentFinding, gd)))
        post = self.findings.get(point.key)
        if isinstance(post, CurveFinding):
            rows += _curve_rows(post, place.train)
        elif post is not None:
            rows += _sampling_rows(cast(GuessAndCheckFinding, post), place)
        return [
            [*place.values.values(), place.seed, *(row.get(name) for name in _COLUMNS[1:])]
            for row in rows
        ]

    def __repr__(self) -> str:
        axes = " × ".join(f"{axis.name} {_spoken(axis.values)}" for axis in self.settings.axes)
        return (
            f"<SweepResult over {axes}, {len(self.settings.seeds)} seeds, "
            f"{self.settings.network.label}: {grouped(self.found)} of "
            f"{grouped(self.wanted)} points>"
        )


def points_of(settings: SweepSettings) -> list[Point]:
    """The points that a sweep takes, some of them more than once."""
    places = list(settings.places())
    sampled = [place.guess_and_check for place in places]
    return [*sampled, *(place.descent for place in places if place.descent is not None)]


def _descent_row(gd: DescentFinding) -> dict[str, Any]:
    return {
        "method": "gradient_descent",
        "mean_gen_loss": gd.gen_loss,
        "stderr": math.nan,
        "train_loss": gd.train_loss,
        "status": gd.status,
        "epochs": gd.epochs,
        "seconds": gd.seconds,
    }


def _sampling_rows(post: GuessAndCheckFinding, place: Place) -> list[dict[str, Any]]:
    prior = {
        "method": "prior",
        "mean_gen_loss": post.prior_mean_gen_loss,
        "stderr": post.prior_stderr,
    }
    found = {
        "method": "guess_and_check",
        "mean_gen_loss": post.mean_gen_loss,
        "stderr": post.stderr,
        "log10_acceptance": post.log10_acceptance,
        "log10_acceptance_stderr": post.log10_acceptance_stderr,
        "effective_samples": post.effective_samples,
        "sampler": post.sampler,
        "status": post.status,
        "seconds": post.seconds,
    }
    if place.epsilon != place.guess_and_check.sampling.epsilon:
        at = post.at(place.epsilon)
        found |= {name: getattr(at, name) for name in found if hasattr(at, name)}
        if not math.isnan(at.mean_gen_loss):
            found["status"] = "ok"
    return [prior, found]


def _curve_rows(curve: CurveFinding, count: int) -> list[dict[str, Any]]:
    at, average = curve.at(count), curve.average(count)
    prior = curve.at(0)
    return [
        {"method": "prior", "mean_gen_loss": prior.mean_gen_loss, "stderr": prior.stderr},
        {
            "method": "guess_and_check",
            **{name: getattr(at, name) for name in _COLUMNS if hasattr(at, name)},
            "sampler": "curve",
            "status": curve.status,
            "seconds": curve.seconds,
        },
        {"method": "average", "mean_gen_loss": average[0], "stderr": average[1]},
    ]


def _spoken(values: tuple[float, ...]) -> str:
    return f"{values[0]:g}" if len(values) == 1 else f"{values[0]:g}…{values[-1]:g}"
