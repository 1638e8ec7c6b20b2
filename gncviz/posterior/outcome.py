"""How a run ended, as a status and in words."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from gncviz.progress import Why
from gncviz.words import grouped, plus_minus, power, scientific

if TYPE_CHECKING:
    from gncviz.posterior.result import GuessAndCheckResult


class Status(StrEnum):
    """How a run ended."""

    #: As many draws as were asked for.
    OK = "ok"
    #: Fewer, for the budget of draws or of time was spent.
    BUDGET_EXHAUSTED = "budget_exhausted"
    #: None at all.
    NO_ACCEPTANCE = "no_acceptance"
    #: Splitting found no way down to ε.
    EXTINCT = "extinct"
    #: Stopped by the caller; there may be draws.
    CANCELLED = "cancelled"
    #: Not ended: what was known at a progress report.
    RUNNING = "running"

    @classmethod
    def cut(cls, why: Why | None) -> Status:
        """Of a run that ended before it had all that it was asked for."""
        return cls.CANCELLED if why is Why.CANCELLED else cls.BUDGET_EXHAUSTED


def in_words(post: GuessAndCheckResult) -> str:
    """The outcome of a run, for people.

    Args:
        post: what it found.
    """
    return _counted(post) if post.method == "plain" else _weighted(post)


def _weighted(post: GuessAndCheckResult) -> str:
    levels = f"{post.levels} level{'' if post.levels == 1 else 's'}"
    name = f"{post.method}, {levels}" if post.levels else post.method
    if not len(post.weights):
        return f"{name}: {_end(post)} {_place(post)}, ε = {post.settings.epsilon:.2g} wanted"
    worth = f"{post.effective_samples:.0f} of {grouped(post.settings.samples)} draws wanted"
    ending = {
        Status.BUDGET_EXHAUSTED: f"; worth {worth}",
        Status.CANCELLED: f"; worth {worth}, then stopped",
    }.get(post.status, "")
    return (
        f"{name}: acceptance {power(post.log10_acceptance)}, "
        f"mean loss {plus_minus(post.mean_gen_loss, post.stderr)}{ending}"
    )


def _counted(post: GuessAndCheckResult) -> str:
    drawn = grouped(post.looked_at)
    if post.status is Status.NO_ACCEPTANCE:
        return (
            f"none of {drawn} draws fits: acceptance below "
            f"{scientific(post.acceptance_interval[1])} (95 %); raise ε or the number of draws"
        )
    if not post.looked_at:
        return f"{_end(post)} before any draw"
    if not len(post.weights):
        return f"none of the {drawn} draws so far fits"
    ending = {
        Status.BUDGET_EXHAUSTED: f", of {grouped(post.settings.samples)} wanted",
        Status.CANCELLED: ", then stopped",
    }.get(post.status, "")
    return (
        f"{grouped(len(post.weights))} of {drawn} draws fit{ending}: "
        f"acceptance {scientific(post.acceptance)}"
    )


def _end(post: GuessAndCheckResult) -> str:
    """What ended a run without draws."""
    return {
        Status.CANCELLED: "stopped",
        Status.BUDGET_EXHAUSTED: "the budget was spent",
        Status.EXTINCT: "no way further down was found",
    }.get(post.status, post.without_draws)


def _place(post: GuessAndCheckResult) -> str:
    """Where it ended."""
    if len(post.path):
        return f"at ε = {post.path['epsilon'].min():.2g}"
    return "of those looked at" if post.status is Status.NO_ACCEPTANCE else "before any draw"
