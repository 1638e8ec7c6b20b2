"""What a method made of a target, and whether it was right, or said that it may not be."""

from __future__ import annotations

import math
from dataclasses import dataclass

import gncviz as gv
from gncviz.posterior import GuessAndCheckResult, Status
from tests.referee.targets import Target

#: Standard errors that an honest estimate may be off; once in 15 000.
FAR = 4.0
#: What is less than one draw in a thousand is not claimed to be seen.
SHARE = 1e-3


@dataclass(frozen=True)
class Verdict:
    """One run held against the truth.

    Attributes:
        target: what was sampled.
        asked: the method asked for.
        post: what it found.
    """

    target: Target
    asked: str
    post: GuessAndCheckResult

    @property
    def right(self) -> bool:
        """Whether both numbers are as near to the truth as they claim."""
        known, post = self.target.truth, self.post
        loss = abs(post.mean_gen_loss - known.mean_gen_loss)
        acceptance = abs(post.log10_acceptance - known.log10_acceptance)
        return (
            loss <= FAR * post.stderr + SHARE * known.mean_gen_loss
            and acceptance <= FAR * post.log10_acceptance_stderr + SHARE
        )

    @property
    def told(self) -> str:
        """What the result says against itself: its status, a warning; empty where nothing."""
        if self.post.status is not Status.OK:
            return str(self.post.status).replace("_", " ")
        unknown = math.isnan(self.post.stderr) or math.isnan(self.post.log10_acceptance_stderr)
        return "warns" if self.post.warnings or unknown else ""

    @property
    def word(self) -> str:
        """In a word or two: right, what it says, or silently wrong."""
        if self.right:
            return f"right, {self.told}" if self.told else "right"
        return self.told or "wrong"

    @property
    def honest(self) -> bool:
        """Right, or else it says so."""
        return self.right or bool(self.told)


def judge(target: Target, method: str, samples: int, seed: int, draws: int = 10_000_000) -> Verdict:
    """Runs a method on a target.

    Args:
        target: with a known answer.
        method: of :func:`gncviz.guess_and_check`.
        samples: effective draws wanted.
        seed: of the run.
        draws: networks that may be evaluated.
    """
    post = gv.guess_and_check(
        target.task,
        target.network,
        target.prior,
        epsilon=target.epsilon,
        method=method,
        samples=samples,
        seed=seed,
        draws=draws,
        device="cpu",
    )
    return Verdict(target, method, post)
