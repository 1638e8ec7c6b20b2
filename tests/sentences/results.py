"""The stored results as sentences speak of them: tables with a row a seed, medians, shares."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from gncviz import paper

if TYPE_CHECKING:
    import pandas as pd

    from gncviz.sweeps.result import SweepResult


def wide(result: SweepResult, method: str, number: str = "mean_gen_loss") -> pd.DataFrame:
    """Of one method, a row a seed and a column a value of the axis."""
    frame = result.to_frame()
    part = frame[frame["method"] == method]
    return part.pivot(index="seed", columns=result.settings.axes[0].name, values=number)


def losses(result: SweepResult) -> pd.DataFrame:
    """Guess & Check's mean generalization losses."""
    return wide(result, "guess_and_check")


def shares(result: SweepResult) -> pd.DataFrame:
    """Guess & Check's share of the prior's loss."""
    return losses(result) / wide(result, "prior")


def descended(result: SweepResult, number: str = "mean_gen_loss") -> pd.DataFrame:
    """Gradient descent's generalization losses, or another number of its trials."""
    return wide(result, "gradient_descent", number)


@cache
def panel(figure: int, activation: str, scaling: str = "fan_in") -> SweepResult:
    return paper.panel(figure, activation, scaling=scaling)  # type: ignore[arg-type]


@cache
def study(name: str) -> dict[str, SweepResult]:
    return paper.study(name)


@cache
def claims() -> tuple[paper.Claim, ...]:
    return tuple(paper.claims())


def held_claims(words: str, *, over: str, scaling: str = "fan_in") -> list[bool]:
    """Verdicts of the claims with some words, in the panels over width or depth."""
    return [
        claim.holds
        for claim in claims()
        if words in claim.claim
        and paper.FIGURES[claim.figure].over == over
        and claim.scaling == scaling
    ]
