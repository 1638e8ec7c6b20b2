"""What the paper's figures claim, as checks on a panel's results.

A claim about a trend is checked seed by seed, for every seed has its own task: it holds where so
many seeds show it that chance alone would do so in less than 5 % of cases (one-sided sign test).
With eight seeds this takes seven.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gncviz.paper.limits import panel_limits
from gncviz.paper.panels import Figure
from gncviz.prior import Scaling
from gncviz.sweeps.result import SweepResult

if TYPE_CHECKING:
    import pandas as pd

#: Chance of a trend where there is none.
_LEVEL = 0.05
#: How near its loss has to come to its limit, as a share of that: what is drawn at the paper's
#: widths cannot show a limit, only that the rest of the way is short.
_NEAR = 0.1


#: Numbers that are a part of another.
_COUNTED = {"seeds that show it": "seeds", "trials that change": "trials"}
_PARTS = {*_COUNTED, *_COUNTED.values()}


@dataclass(frozen=True)
class Claim:
    """One claim and what came of it.

    Attributes:
        figure: of the paper.
        activation: of the panel.
        scaling: "fan_in" as in the paper's text, "fan_out" as in the authors' code.
        claim: what the paper's figure or text says.
        holds: whether it does here.
        numbers: what that rests on.
    """

    figure: int
    activation: str
    scaling: str
    claim: str
    holds: bool
    numbers: dict[str, float]

    @property
    def words(self) -> str:
        """The numbers for people, such as "median at width 5: 0.12; 8 of 8 seeds"."""
        plain = [f"{name}: {value:.3g}" for name, value in self.numbers.items()]
        counts = [name for name in _COUNTED if name in self.numbers]
        shown = [text for text in plain if text.partition(":")[0] not in _PARTS]
        text = ", ".join(shown)
        for name in counts:
            part, whole = self.numbers[name], self.numbers[_COUNTED[name]]
            text += f"; {part:.0f} of {whole:.0f} {name.partition(' ')[0]}"
        return text.removeprefix("; ")

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


def claims_of(
    figure: Figure,
    activation: str,
    scaling: Scaling,
    found: SweepResult,
    plain: SweepResult | None = None,
) -> list[Claim]:
    """The claims of one panel.

    Args:
        figure: which one.
        activation: of the panel.
        scaling: of its prior.
        found: its results, all of them.
        plain: the same without momentum, where the panel has momentum.

    Returns:
        Three claims, or four with momentum.
    """
    losses = _losses(found, figure.over)
    if figure.over == "width":
        checks = [_rises(losses), _nears_limit(losses, found), _descent_below(losses)]
    else:
        checks = [_falls(losses), _approaches(losses), _descent_below(losses)]
    if plain is not None:
        checks.append(_momentum_acts(found, plain))
    return [Claim(figure.number, activation, scaling, *check) for check in checks]


def claims_table(claims: list[Claim]) -> pd.DataFrame:
    """Claims as a table, one row each, the numbers in words.

    Args:
        claims: from :func:`gncviz.paper.claims`.

    Returns:
        With the columns figure, activation, scaling, claim, holds ("yes" or "NO") and numbers.
    """
    import pandas as pd

    rows = [
        {
            "figure": claim.figure,
            "activation": claim.activation,
            "scaling": claim.scaling,
            "claim": claim.claim,
            "holds": "yes" if claim.holds else "NO",
            "numbers": claim.words,
        }
        for claim in claims
    ]
    return pd.DataFrame(rows)


def tally(claims: list[Claim]) -> str:
    """How many hold of those made, in sentences.

    The paper's panels are fan-in. Those with the fan-out of the authors' code stand beside them
    and make claims of their own, so these are counted apart.

    Args:
        claims: from :func:`gncviz.paper.claims`.
    """

    def held(some: list[Claim]) -> str:
        return f"{sum(claim.holds for claim in some)} of {len(some)}"

    paper = [claim for claim in claims if claim.scaling == "fan_in"]
    beside = [claim for claim in claims if claim.scaling == "fan_out"]
    text = f"{held(claims)} claims hold."
    if paper and beside:
        text += f" In the panels of the paper: {held(paper)};"
        text += (
            f" in tanh panels with the fan-out of the authors' code beside them: {held(beside)}."
        )
    return text


_Check = tuple[str, bool, dict[str, float]]


def _losses(found: SweepResult, over: str) -> dict[str, pd.DataFrame]:
    """Mean generalization losses by method: a row a seed, a column a value."""
    frame = found.to_frame()
    return {
        str(method): part.pivot(index="seed", columns=over, values="mean_gen_loss")
        for method, part in frame.groupby("method")
    }


def _rises(losses: dict[str, pd.DataFrame]) -> _Check:
    sampled = losses["guess_and_check"]
    first, last = sampled.iloc[:, 0], sampled.iloc[:, -1]
    rising = last > first
    numbers = {**_ends(sampled), **_votes(rising)}
    return "Guess & Check gets worse with width", _significant(rising), numbers


def _nears_limit(losses: dict[str, pd.DataFrame], found: SweepResult) -> _Check:
    """Whether the way to the limit of width is nearly gone: the prior where Theorem 1 applies."""
    sampled, prior = losses["guess_and_check"], losses["prior"]
    if found.settings.network.sigma.antisymmetric:
        ratio, whose, what = sampled / prior, "the prior's", "the prior, its limit"
    else:
        limits = panel_limits(found.settings)
        assert limits is not None
        ratio, whose = sampled.div(limits, axis=0), "its limit"
        what = "its limit, which is not the prior"
    (first, *_, last), middle = ratio.columns, ratio.median()
    away = abs(1 - middle)
    numbers = {
        f"share of {whose} at width {first}": float(middle[first]),
        f"at width {last}": float(middle[last]),
        "least over the seeds": float(ratio[last].min()),
        "most": float(ratio[last].max()),
    }
    claim = f"until it is within {_NEAR:.0%} of {what}".replace("%", " %")
    return claim, bool(away[last] <= _NEAR and away[last] <= away[first]), numbers


def _falls(losses: dict[str, pd.DataFrame]) -> _Check:
    sampled = losses["guess_and_check"]
    falling = sampled.iloc[:, -1] < sampled.iloc[:, 0]
    trend = np.corrcoef(sampled.median().rank(), sampled.columns.to_series().rank())[0, 1]
    numbers = {**_ends(sampled), **_votes(falling), "rank correlation": float(trend)}
    return "Guess & Check gets better with depth", _significant(falling), numbers


def _approaches(losses: dict[str, pd.DataFrame]) -> _Check:
    gap = losses["guess_and_check"] - losses["gradient_descent"]
    closing = gap.iloc[:, -1] < gap.iloc[:, 0]
    numbers = {**_ends(gap), **_votes(closing)}
    return "towards gradient descent", _significant(closing), numbers


def _descent_below(losses: dict[str, pd.DataFrame]) -> _Check:
    ratio = losses["gradient_descent"].median() / losses["guess_and_check"].median()
    worst = ratio.index[int(ratio.argmax())]
    name = f"largest share of Guess & Check's, at {ratio.index.name} {worst}"
    numbers = {name: float(ratio.max())}
    return "gradient descent is below Guess & Check everywhere", bool((ratio < 1).all()), numbers


def _momentum_acts(found: SweepResult, plain: SweepResult) -> _Check:
    """Trials that end elsewhere, or after another number of epochs, than without momentum."""

    def trials(result: SweepResult) -> pd.DataFrame:
        frame = result.to_frame()
        axis = result.settings.axes[0].name
        return frame[frame["method"] == "gradient_descent"].set_index([axis, "seed"])

    with_it, without = trials(found), trials(plain)
    same_loss = np.isclose(with_it["mean_gen_loss"], without["mean_gen_loss"], rtol=1e-3, atol=0)
    same_end = same_loss & (with_it["epochs"] == without["epochs"]).to_numpy()
    numbers = {
        "median loss with it": float(with_it["mean_gen_loss"].median()),
        "without": float(without["mean_gen_loss"].median()),
        "trials that change": float((~same_end).sum()),
        "trials": float(len(same_end)),
    }
    return "momentum acts", bool((~same_end).mean() > 0.5), numbers


def _ends(table: pd.DataFrame) -> dict[str, float]:
    middle = table.median()
    first, last = table.columns[0], table.columns[-1]
    return {
        f"median at {table.columns.name} {first}": float(middle[first]),
        f"at {table.columns.name} {last}": float(middle[last]),
    }


def _votes(seeds: pd.Series) -> dict[str, float]:
    return {"seeds that show it": float(seeds.sum()), "seeds": float(len(seeds))}


def _significant(seeds: pd.Series) -> bool:
    """Whether so many seeds or more would be rare if each said yes or no by chance."""
    said, count = int(seeds.sum()), len(seeds)
    as_many = sum(math.comb(count, more) for more in range(said, count + 1))
    return as_many / 2**count < _LEVEL
