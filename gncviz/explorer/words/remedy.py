"""What to do when a run has ended without a draw that fits."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gncviz.experiment.run import Experiment
from gncviz.experiment.settings import ExperimentSettings
from gncviz.posterior.outcome import Status
from gncviz.words import scientific


@dataclass(frozen=True)
class Remedy:
    """A way on.

    Attributes:
        words: what happened, and what helps, in a sentence or two.
        button: what the button says that does it.
        settings: what it runs.
    """

    words: str
    button: str
    settings: ExperimentSettings


def remedy(found: Experiment | None) -> Remedy | None:
    """The way on from a run; None where it found draws, or where nobody knows one."""
    post = found.post if found else None
    if found is None or post is None or len(post.gen_loss):
        return None
    if post.status in (Status.RUNNING, Status.CANCELLED):
        return None
    asked = found.settings.guess_and_check
    if asked.method != "auto":
        return Remedy(
            "No draw fits. The automatic method picks the one that gets furthest here.",
            "Use the automatic method",
            found.settings.replace(guess_and_check=asked.replace(method="auto")),
        )
    reached = _rounded_up(float(post.path["epsilon"].min())) if len(post.path) else math.inf
    if not math.isfinite(reached):
        return None
    return Remedy(
        f"No draw fits: the run came down to ε = {scientific(reached)} only.",
        f"Raise ε to {scientific(reached)}",
        found.settings.replace(guess_and_check=asked.replace(epsilon=reached)),
    )


def _rounded_up(value: float) -> float:
    """To two digits, and not below the value."""
    unit = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.ceil(value / unit - 1e-9) * unit:.2g}")
