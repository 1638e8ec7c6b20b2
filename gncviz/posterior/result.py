"""What a Guess & Check run returns."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gncviz.models.asked import gen_label
from gncviz.posterior.draws import Draws
from gncviz.posterior.estimate import Estimate, acceptance_interval, standard_error
from gncviz.posterior.outcome import Status, in_words
from gncviz.posterior.path import Slice, covers, interpolate, path_frame
from gncviz.provenance import versions
from gncviz.settings import positive
from gncviz.words import plus_minus

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gncviz.models.protocols import AnyNetwork, AnyTask
    from gncviz.posterior.problem import Problem
    from gncviz.posterior.settings import GuessAndCheckSettings
    from gncviz.prior import Prior


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
        fits: the draws that fit.
        weights: weights of the draws, with shape (N,), adding up to one.
        estimate: what they say.
        draws: how many networks were evaluated, pilots included; for splitting, with those that
            its moves proposed and did not take.
        acceptance_interval: 95 % confidence interval of P(L_train < ε) under the prior.
        unconditioned: draws of the prior.
        seconds: how long it took, in seconds.
        device: where it ran, such as "cpu" or "cuda"; what runs on a GPU has been checked in an
            interpreter and with torch's CPU tensors so far, and not on hardware.
        versions: of gncviz, torch, numpy and Python.
        pilot_draws: those of ``draws`` that only helped to choose the method.
        levels: how many levels splitting went down by; 0 for other methods.
        path: the ε-path, one row for each ε that the run knows the posterior of, with columns
            epsilon, mean_gen_loss, stderr, log10_acceptance, log10_acceptance_stderr and
            effective_samples, from the largest ε down.
        slices: draws at the rows of the path, from the largest ε down, for :meth:`at`.
        reason: why this method, in a sentence; empty where the caller chose it.
        warnings: sentences about what makes the result doubtful, or what the run had to do without,
            such as a GPU whose memory ran short; empty where there is nothing to say.
        origin: the result of the run, where this one is of another ε, made by :meth:`at`.
    """

    task: AnyTask
    network: AnyNetwork
    prior: Prior
    settings: GuessAndCheckSettings
    method: str
    status: Status
    fits: Draws
    weights: NDArray[np.float64]
    estimate: Estimate
    draws: int
    acceptance_interval: tuple[float, float]
    unconditioned: Draws
    seconds: float
    device: str
    versions: dict[str, str]
    pilot_draws: int = 0
    levels: int = 0
    path: pd.DataFrame = field(default_factory=lambda: path_frame([]))
    slices: tuple[Slice, ...] = ()
    reason: str = ""
    warnings: tuple[str, ...] = ()
    origin: GuessAndCheckResult | None = None

    @property
    def outputs(self) -> NDArray[np.float64]:
        """The draws' outputs, such as W, with shape ``(N, *output_shape)``."""
        return self.fits.outputs

    @property
    def matrices(self) -> NDArray[np.float64]:
        """The same under the name that they have for matrices: W, with shape (N, m, m')."""
        return self.fits.outputs

    @property
    def train_loss(self) -> NDArray[np.float64]:
        """L_train of the draws, with shape (N,)."""
        return self.fits.train_loss

    @property
    def gen_loss(self) -> NDArray[np.float64]:
        """L_gen of the draws, with shape (N,)."""
        return self.fits.gen_loss

    @property
    def prior_outputs(self) -> NDArray[np.float64]:
        """Outputs of unconditioned draws of the prior, with shape ``(P, *output_shape)``."""
        return self.unconditioned.outputs

    @property
    def prior_matrices(self) -> NDArray[np.float64]:
        """The same for matrices: W, with shape (P, m, m')."""
        return self.unconditioned.outputs

    @property
    def prior_train_loss(self) -> NDArray[np.float64]:
        """L_train of these, with shape (P,)."""
        return self.unconditioned.train_loss

    @property
    def prior_gen_loss(self) -> NDArray[np.float64]:
        """L_gen of these, with shape (P,)."""
        return self.unconditioned.gen_loss

    @property
    def mean_gen_loss(self) -> float:
        """E[L_gen | L_train < ε], estimated; NaN when no draw fitted."""
        return self.estimate.mean_gen_loss

    @property
    def stderr(self) -> float:
        """Standard error of :attr:`mean_gen_loss`; NaN where it cannot be told."""
        return self.estimate.stderr

    @property
    def log10_acceptance(self) -> float:
        """log10 of P(L_train < ε) under the prior; −inf or NaN when no draw fitted."""
        return self.estimate.log10_acceptance

    @property
    def log10_acceptance_stderr(self) -> float:
        """Standard error of :attr:`log10_acceptance`; NaN where it cannot be told."""
        return self.estimate.log10_acceptance_stderr

    @property
    def effective_samples(self) -> float:
        """How many independent draws the mean is worth; 0 for no draws.

        Kish's (Σw)²/Σw², which is N for equal weights; for splitting, Var(L_gen) / stderr².
        """
        return self.estimate.effective_samples

    @property
    def acceptance(self) -> float:
        """P(L_train < ε) under the prior, estimated; 0 when no draw fitted."""
        return self.estimate.acceptance

    def reaches(self, epsilon: float) -> bool:
        """Whether :meth:`at` knows the posterior at this ε.

        Args:
            epsilon: a threshold on the training loss.

        Raises:
            SettingsError: it is no positive number.
        """
        epsilon = positive("epsilon", epsilon)
        return len(self.slices) > 0 and covers(self.path, epsilon)

    def at(self, epsilon: float) -> GuessAndCheckResult:
        """The posterior at another ε on the path, without running anything.

        Its mean and acceptance are interpolated between the rows of the path (log-log); its draws
        are those of the next larger ε on the path that fit this one too. At the run's own ε it is
        the run's result.

        Args:
            epsilon: a threshold on the training loss, within the path.

        Raises:
            SettingsError: ε is outside the path, or no positive number.
        """
        epsilon = positive("epsilon", epsilon)
        if self.origin is not None:
            return self.origin.at(epsilon)
        if epsilon == self.settings.epsilon:
            return self
        found = interpolate(self.path, epsilon)
        near = [piece for piece in self.slices if piece.epsilon >= epsilon * (1 - 1e-12)]
        piece = min(near, key=lambda piece: piece.epsilon).below(epsilon)
        # What was not reached at the ε of the run may well have been at this one.
        reached = self.status in (Status.NO_ACCEPTANCE, Status.EXTINCT) and len(piece.draws) > 0
        other = replace(
            self,
            settings=self.settings.replace(epsilon=epsilon),
            fits=piece.draws,
            weights=piece.weights,
            estimate=found,
            acceptance_interval=found.acceptance_interval,
            levels=sum(piece.epsilon > epsilon for piece in self.slices) if self.levels else 0,
            status=Status.OK if reached else self.status,
            origin=self,
        )
        return other._counted() if self.method == "plain" else other

    def _counted(self) -> GuessAndCheckResult:
        """Another ε of a plain run, with the numbers that counting gives."""
        run, count = self.origin, len(self.fits)
        assert run is not None
        if self.settings.epsilon < run.settings.epsilon:
            interval = acceptance_interval(count, run.looked_at, stopped_by_count=False)
            return replace(self, acceptance_interval=interval)
        # Above its own ε, it knows the posterior by the draws of the prior that it keeps.
        drawn = len(run.unconditioned)
        interval = acceptance_interval(count, drawn, stopped_by_count=False)
        return replace(self, draws=drawn, pilot_draws=0, acceptance_interval=interval)

    @property
    def prior_mean_gen_loss(self) -> float:
        """E[L_gen] under the prior, estimated from its draws (the paper's "Prior").

        NaN where there are none: the run ended before the first one.
        """
        return float(self.prior_gen_loss.mean()) if len(self.prior_gen_loss) else math.nan

    @property
    def prior_stderr(self) -> float:
        """Standard error of :attr:`prior_mean_gen_loss`; NaN for fewer than two draws."""
        return standard_error(self.prior_gen_loss)

    @property
    def without_draws(self) -> str:
        """What to say in place of a number where there is no draw of the posterior."""
        return "no draw fits yet" if self.status is Status.RUNNING else "no draw fits"

    @property
    def message(self) -> str:
        """The outcome in words, for people."""
        return in_words(self)

    @property
    def looked_at(self) -> int:
        """Draws that would have been kept had they fitted."""
        return self.draws - self.pilot_draws

    def __repr__(self) -> str:
        return (
            f"<GuessAndCheckResult {self.method}, {self.network.label}, "
            f"ε={self.settings.epsilon:g}: {self.message}; "
            f"mean {gen_label(self.task)} {plus_minus(self.mean_gen_loss, self.stderr)}>"
        )


def answer(
    problem: Problem,
    fits: Draws,
    weights: NDArray[np.float64],
    estimate: Estimate,
    **found: Any,
) -> GuessAndCheckResult:
    """The result of a run.

    Args:
        problem: what was sampled.
        fits: draws of the posterior.
        weights: theirs.
        estimate: what they say.
        **found: the other fields of :class:`GuessAndCheckResult` that the method decides;
            ``settings`` among them where the result is of another ε than the one asked for.
    """
    warnings = (*found.pop("warnings", ()), *problem.run.warnings)
    return GuessAndCheckResult(
        task=problem.task,
        network=problem.network,
        prior=problem.prior,
        fits=fits,
        weights=weights,
        estimate=estimate,
        unconditioned=problem.prior_draws,
        seconds=problem.run.seconds,
        device=str(problem.device),
        versions=versions(),
        warnings=warnings,
        **{"settings": problem.settings, **found},
    )
