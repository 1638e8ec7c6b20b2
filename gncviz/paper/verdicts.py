"""What holds of the paper, and how sure: a verdict on each of its claims, with effect and error."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from gncviz.paper import FIGURES, Claim, claims, known, panel_settings, shipped
from gncviz.paper import STUDIES as BEYOND
from gncviz.paper.studies import STUDIES, Study, read_study
from gncviz.paper.studies.summaries import factors, mean_error, of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Verdict:
    """One claim or question.

    Attributes:
        claim: what the paper says, or what is asked.
        verdict: whether it holds here, in a few words.
        effect: what was measured, with its standard error over the tasks.
        tasks: how many tasks that rests on.
        again: the command that makes it anew.
    """

    claim: str
    verdict: str
    effect: str
    tasks: int
    again: str


_AGAIN = {
    over: f"gncviz paper --figure {' '.join(str(n) for n in numbers)} --out results/"
    for over in ("width", "depth")
    for numbers in [[n for n, figure in FIGURES.items() if figure.over == over]]
}


@cache
def verdicts() -> tuple[Verdict, ...]:
    """On the claims of the paper's figures and theorems, from the results that come with gncviz."""
    checked = [claim for claim in claims() if claim.scaling == "fan_in"]
    return (
        _wider(checked),
        _limit(checked),
        _descent_over_width(checked),
        _deeper(checked),
        _descent_over_depth(checked),
        _to_zero(),
    )


def questions() -> list[tuple[Study, pd.DataFrame, dict[str, object]]]:
    """The studies that are stored: each with its table and what is told of it."""
    stored = [study for study in STUDIES.values() if study.path.exists()]
    return [(study, *read_study(study.path)) for study in stored]


def _counted(checked: Iterable[Claim], words: str, where: Callable[[Claim], bool]) -> str:
    found = [claim.holds for claim in checked if words in claim.claim and where(claim)]
    return f"holds in {sum(found)} of {len(found)} panels"


def _panel(figure: int, activation: str = "linear") -> pd.DataFrame:
    return known(panel_settings(figure, activation), shipped()).to_frame()


def _mean(values: Iterable[float]) -> str:
    mean, error = mean_error(list(values))
    return f"{mean:.2g} ± {error:.1g}"


def _quartiles(values: Iterable[float]) -> str:
    low, middle, high = np.quantile(list(values), [0.25, 0.5, 0.75])
    return f"{middle:.1g} (quartiles {low:.1g} to {high:.1g})"


def _shares(frame: pd.DataFrame, of_method: str, by_method: str) -> pd.Series:
    """One method's loss over another's, a task each."""
    losses = frame.pivot(index="seed", columns="method", values="mean_gen_loss")
    return losses[of_method] / losses[by_method]


def _over_width(claim: Claim) -> bool:
    return FIGURES[claim.figure].over == "width"


def _wider(checked: list[Claim]) -> Verdict:
    found = factors(of(_panel(1), method="guess_and_check"), "width", 5, 160)
    return Verdict(
        "The wider the network, the worse Guess & Check generalizes",
        _counted(checked, "gets worse with width", _over_width),
        f"Figure 1, linear: loss at width 160 / at width 5 = {_mean(found)}",
        len(found),
        _AGAIN["width"],
    )


def _limit(checked: list[Claim]) -> Verdict:
    found = _shares(of(_panel(1), width=160), "guess_and_check", "prior")
    return Verdict(
        "… until it is no better than the prior, where σ is anti-symmetric (Theorem 1)",
        _counted(checked, "of the prior, its limit", _over_width),
        f"Figure 1, linear: share of the prior's loss at width 160 = {_mean(found)}",
        len(found),
        _AGAIN["width"],
    )


def _descent_over_width(checked: list[Claim]) -> Verdict:
    found = _shares(of(_panel(1), width=160), "gradient_descent", "guess_and_check")
    return Verdict(
        "Gradient descent generalizes at every width (Proposition 1)",
        _counted(checked, "gradient descent is below", _over_width),
        f"Figure 1, linear: share of Guess & Check's loss at width 160 = {_quartiles(found)}",
        len(found),
        _AGAIN["width"],
    )


def _deeper(checked: list[Claim]) -> Verdict:
    found = factors(of(_panel(2), method="guess_and_check"), "depth", 2, 10)
    return Verdict(
        "The deeper the network, the better Guess & Check generalizes",
        _counted(checked, "gets better with depth", lambda _: True),
        f"Figure 2, linear: loss at depth 10 / at depth 2 = {_mean(found)}",
        len(found),
        _AGAIN["depth"],
    )


def _descent_over_depth(checked: list[Claim]) -> Verdict:
    found = _shares(of(_panel(2), depth=5), "gradient_descent", "guess_and_check")
    counted = _counted(checked, "gradient descent is below", lambda one: not _over_width(one))
    return Verdict(
        "Gradient descent is below Guess & Check at every depth",
        f"{counted}, under the public configuration",
        f"Figure 2, linear: share of Guess & Check's loss at depth 5 = {_quartiles(found)}",
        len(found),
        _AGAIN["depth"],
    )


def _to_zero() -> Verdict:
    settings = BEYOND["thresholds"].sweeps["depth 30"]
    frame = of(known(settings, shipped()).to_frame(), method="guess_and_check", epsilon=1e-6)
    return Verdict(
        "In deep linear networks the loss stays below c·ε for small ε (Theorem 2)",
        "holds, though 15 measurements do not meet its condition",
        f"depth 30, ε = 1e-6: loss / ε = {_mean(frame['mean_gen_loss'] / 1e-6)}",
        len(frame),
        "gncviz paper --beyond thresholds --out results/",
    )
