"""What a Guess & Check run returns."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from gncviz.posterior.path import Slice, acceptance_interval, covers, interpolate, path_frame
from gncviz.words import grouped, plus_minus, power, scientific

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gncviz.network import Network
    from gncviz.posterior.settings import GuessAndCheckSettings
    from gncviz.prior import Prior
    from gncviz.task import Task


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


@dataclass(frozen=True, eq=False, repr=False)
class GuessAndCheckResult:
    """Draws of the Guess & Check posterior P(· | L_train < ε), and what they estimate.

    N is the number of posterior draws, P that of the prior's. All arrays are float64. Every draw
    satisfies L_train < ε strictly, checked in float64.

    Attributes:
        task: the task.
        network: the model.
        prior: the prior over its weights.
        settings: how it was sampled, ε included.
        method: how it was sampled: "plain" (Guess & Check to the letter), "splitting" or
            "collapsed".
        status: how the run ended; :attr:`message` says it in a sentence.
        matrices: W, with shape (N, m, m').
        train_loss: L_train (Eq. 2), with shape (N,).
        gen_loss: L_gen (Eq. 3), with shape (N,).
        weights: weights of the draws, with shape (N,), adding up to one.
        stderr: standard error of :attr:`mean_gen_loss`; NaN where it cannot be told.
        draws: how many networks were checked; for splitting, those that its moves proposed.
        log10_acceptance: log10 of P(L_train < ε) under the prior; −inf when no draw fitted.
        acceptance_interval: 95 % confidence interval of that probability.
        prior_matrices: unconditioned draws of the prior, with shape (P, m, m').
        prior_train_loss: L_train of these, with shape (P,).
        prior_gen_loss: L_gen of these, with shape (P,).
        seconds: how long it took, in seconds.
        device: where it ran.
        versions: of gncviz, torch, numpy and Python.
        log10_acceptance_stderr: standard error of ``log10_acceptance``; NaN where it cannot be
            told.
        effective: how many independent draws the mean is worth, where the weights do not say so
            themselves (splitting, whose draws depend on each other).
        levels: how many levels splitting went down by; 0 for other methods.
        path: the ε-path, one row for each ε that the run knows the posterior of, with columns
            epsilon, mean_gen_loss, stderr, log10_acceptance, log10_acceptance_stderr and
            effective_samples, from the largest ε down.
        slices: draws at the rows of the path, from the largest ε down, for :meth:`at`.
        mean: E[L_gen | L_train < ε] where it rests on more than the draws that are kept.
        reason: why this method, in a sentence; empty where the caller chose it.
        warnings: sentences about what makes the result doubtful; empty where nothing does.
    """

    task: Task
    network: Network
    prior: Prior
    settings: GuessAndCheckSettings
    method: str
    status: Status
    matrices: NDArray[np.float64]
    train_loss: NDArray[np.float64]
    gen_loss: NDArray[np.float64]
    weights: NDArray[np.float64]
    stderr: float
    draws: int
    log10_acceptance: float
    acceptance_interval: tuple[float, float]
    prior_matrices: NDArray[np.float64]
    prior_train_loss: NDArray[np.float64]
    prior_gen_loss: NDArray[np.float64]
    seconds: float
    device: str
    versions: dict[str, str]
    log10_acceptance_stderr: float = math.nan
    effective: float | None = None
    levels: int = 0
    path: pd.DataFrame = field(default_factory=lambda: path_frame([]))
    slices: tuple[Slice, ...] = ()
    mean: float | None = None
    reason: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def mean_gen_loss(self) -> float:
        """E[L_gen | L_train < ε], estimated; NaN when no draw fitted."""
        if self.mean is not None:
            return self.mean
        return float(self.weights @ self.gen_loss) if len(self.weights) else math.nan

    @property
    def effective_samples(self) -> float:
        """How many independent draws the mean is worth; 0 for no draws.

        Kish's (Σw)²/Σw², which is N for equal weights; for splitting, Var(L_gen) / stderr².
        """
        if self.effective is not None:
            return self.effective
        return 1 / float(self.weights @ self.weights) if len(self.weights) else 0.0

    @property
    def acceptance(self) -> float:
        """P(L_train < ε) under the prior, estimated; 0 when no draw fitted."""
        return float(10.0**self.log10_acceptance)

    def reaches(self, epsilon: float) -> bool:
        """Whether :meth:`at` knows the posterior at this ε.

        Args:
            epsilon: a threshold on the training loss.
        """
        return len(self.slices) > 0 and covers(self.path, epsilon)

    def at(self, epsilon: float) -> GuessAndCheckResult:
        """The posterior at another ε on the path, without running anything.

        Its mean and acceptance are interpolated between the rows of the path (log-log); its draws
        are those of the next larger ε on the path that fit this one too.

        Args:
            epsilon: a threshold on the training loss, within the path.

        Raises:
            SettingsError: ε is outside the path.
        """
        point = interpolate(self.path, epsilon)
        near = [piece for piece in self.slices if piece.epsilon >= epsilon * (1 - 1e-12)]
        draws = min(near, key=lambda piece: piece.epsilon).below(epsilon)
        return replace(
            self,
            settings=self.settings.replace(epsilon=epsilon),
            matrices=draws.draws.matrices,
            train_loss=draws.draws.train_loss,
            gen_loss=draws.draws.gen_loss,
            weights=draws.weights,
            mean=point.mean_gen_loss,
            stderr=point.stderr,
            log10_acceptance=point.log10_acceptance,
            acceptance_interval=acceptance_interval(
                point.log10_acceptance, point.log10_acceptance_stderr
            ),
            log10_acceptance_stderr=point.log10_acceptance_stderr,
            effective=point.effective_samples,
            levels=sum(piece.epsilon > epsilon for piece in self.slices) if self.levels else 0,
            status=Status.OK if self.status is not Status.RUNNING else self.status,
            warnings=(),
        )

    @property
    def prior_mean_gen_loss(self) -> float:
        """E[L_gen] under the prior, estimated from its draws (the paper's "Prior")."""
        return float(self.prior_gen_loss.mean())

    @property
    def prior_stderr(self) -> float:
        """Standard error of :attr:`prior_mean_gen_loss`."""
        return standard_error(self.prior_gen_loss)

    @property
    def without_draws(self) -> str:
        """What to say in place of a number where there is no draw of the posterior."""
        return "no draw fits yet" if self.status is Status.RUNNING else "no draw fits"

    @property
    def message(self) -> str:
        """The outcome in words, for people."""
        return self._plain_message if self.method == "plain" else self._weighted_message

    @property
    def _weighted_message(self) -> str:
        name = f"{self.method}, {self.levels} levels" if self.levels else self.method
        if not len(self.weights):
            reached = self.path["epsilon"].min() if len(self.path) else math.inf
            state = {
                Status.CANCELLED: "stopped",
                Status.BUDGET_EXHAUSTED: "out of time",
                Status.EXTINCT: "no way further down was found",
            }.get(self.status, self.without_draws)
            return f"{name}: {state} at ε = {reached:.2g}, {self.settings.epsilon:.2g} wanted"
        worth = f"{self.effective_samples:.0f} of {grouped(self.settings.samples)} draws wanted"
        ending = {
            Status.BUDGET_EXHAUSTED: f"; worth {worth}",
            Status.CANCELLED: f"; worth {worth}, then stopped",
        }.get(self.status, "")
        return (
            f"{name}: acceptance {power(self.log10_acceptance)}, "
            f"mean loss {plus_minus(self.mean_gen_loss, self.stderr)}{ending}"
        )

    @property
    def _plain_message(self) -> str:
        if self.status is Status.NO_ACCEPTANCE:
            return (
                f"none of {grouped(self.draws)} draws fits: acceptance below "
                f"{scientific(self.acceptance_interval[1])} (95 %); raise ε or the number of draws"
            )
        if not len(self.weights):
            return f"none of the {grouped(self.draws)} draws so far fits"
        ending = {
            Status.BUDGET_EXHAUSTED: f", of {grouped(self.settings.samples)} wanted",
            Status.CANCELLED: ", then stopped",
        }.get(self.status, "")
        return (
            f"{grouped(len(self.weights))} of {grouped(self.draws)} draws fit{ending}: "
            f"acceptance {scientific(self.acceptance)}"
        )

    def __repr__(self) -> str:
        return (
            f"<GuessAndCheckResult {self.method}, {self.network.label}, "
            f"ε={self.settings.epsilon:g}: {self.message}; "
            f"mean L_gen {plus_minus(self.mean_gen_loss, self.stderr)}>"
        )


def standard_error(values: NDArray[np.float64]) -> float:
    """Standard error of the mean of independent values; NaN for fewer than two."""
    return float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else math.nan
