"""What a learning curve of Guess & Check knows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gncviz.models.asked import gen_label
from gncviz.posterior.estimate import Estimate
from gncviz.posterior.splitting.islands import jackknife
from gncviz.words import plus_minus, power

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gncviz.models.protocols import AnyNetwork, AnyTask
    from gncviz.posterior.curve.work import Level
    from gncviz.posterior.result import GuessAndCheckResult

#: Columns of a curve's table.
COLUMNS = (
    *("n", "log10_acceptance", "log10_acceptance_stderr", "next_right"),
    *("gen_error", "stderr", "bayes_error", "bayes_stderr", "effective_samples"),
)


@dataclass(frozen=True, eq=False, repr=False)
class LearningCurve:
    """Guess & Check with the first n samples, for every n, from one run.

    Attributes:
        table: a row for each n from 0, the prior, on, with columns n; log10_acceptance, that of
            Z_n, the probability that a network of the prior is right at the first n samples, and
            its standard error; next_right, the probability that one that is will be right at the
            next; gen_error, the test error of single networks, and stderr; bayes_error, that of the
            average of their outputs, and bayes_stderr; effective_samples, how many independent
            networks gen_error is worth.
        log10_islands: log10 Z_n of independent islands, with shape (rows of the table − 1, R): how
            far they are apart is what the errors are made of.
        posterior: the networks that are right at all samples, as ``guess_and_check`` gives them.
        over: some of them at the samples of another task, such as a grid, where that was asked for;
            without draws of the prior.
    """

    table: pd.DataFrame
    log10_islands: NDArray[np.float64]
    posterior: GuessAndCheckResult
    over: GuessAndCheckResult | None = None

    @property
    def task(self) -> AnyTask:
        """The task."""
        return self.posterior.task

    @property
    def network(self) -> AnyNetwork:
        """The model."""
        return self.posterior.network

    @property
    def status(self) -> str:
        """How the run ended, as of ``guess_and_check``."""
        return self.posterior.status

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences about what makes the result doubtful; empty where nothing does."""
        return self.posterior.warnings

    @property
    def seconds(self) -> float:
        """How long it took, in seconds."""
        return self.posterior.seconds

    @property
    def draws(self) -> int:
        """How many networks were evaluated, pilots and proposals included."""
        return self.posterior.draws

    @property
    def message(self) -> str:
        """The outcome in words, for people."""
        last = self.table.iloc[-1]
        error = plus_minus(last["gen_error"], last["stderr"])
        label = gen_label(self.task)
        acceptance = power(last["log10_acceptance"])
        return f"n = {int(last['n'])}: acceptance {acceptance}, {label} {error}"

    def __repr__(self) -> str:
        return f"<LearningCurve {self.network.label}: {self.message}>"


def rows_of(problem: Any, levels: list[Level]) -> pd.DataFrame:
    """The table of a curve.

    Args:
        problem: what is sampled.
        levels: from the first sample on.
    """
    import pandas as pd

    prior = problem.prior_draws
    start = Estimate(
        float(prior.gen_loss.mean()) if len(prior) else math.nan,
        float(prior.gen_loss.std() / math.sqrt(len(prior))) if len(prior) else math.nan,
        0.0,
        0.0,
        float(len(prior)),
    )
    found = [start, *(level.islands.estimate for level in levels)]
    averages = [(math.nan, math.nan), *(average(problem, level) for level in levels)]
    log10 = np.array([one.log10_acceptance for one in found])
    with np.errstate(invalid="ignore"):
        following = np.append(10.0 ** np.diff(log10), math.nan)
    rows = [
        (
            n,
            one.log10_acceptance,
            one.log10_acceptance_stderr,
            following[n],
            one.mean_gen_loss,
            one.stderr,
            *averages[n],
            one.effective_samples,
        )
        for n, one in enumerate(found)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def average(problem: Any, level: Level) -> tuple[float, float]:
    """L_gen of the average of all islands' outputs, and its standard error.

    Args:
        problem: what is sampled.
        level: the islands.
    """
    z = level.islands.z if level.islands.effective else np.zeros(len(level.outputs))
    if not z.any():
        return math.nan, math.nan
    z = z / z.sum()
    sums = z[:, None] * np.where(z[:, None] > 0, level.outputs, 0.0)
    whole = sums.sum(axis=0)
    left_out = (whole - sums) / np.maximum(1 - z, 1e-12)[:, None]
    shaped = np.concatenate([whole[None], left_out]).reshape(-1, *problem.task.output_shape)
    mean, *others = problem.task.gen_loss(shaped)
    return float(mean), jackknife(np.array(others), level.islands.first)
