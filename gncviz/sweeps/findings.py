"""What is known of a point once it is computed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gncviz.posterior.estimate import NAMES, Estimate
from gncviz.posterior.path import (
    COLUMNS,
    counted_path,
    covers,
    interpolate,
    path_frame,
    path_points,
)

if TYPE_CHECKING:
    import pandas as pd

    from gncviz.descent import GradientDescentResult
    from gncviz.posterior import GuessAndCheckResult
    from gncviz.posterior.curve import LearningCurve

#: Decades from one threshold to the next where the path is continued upwards.
_SPACING = 0.1


@dataclass(frozen=True)
class GuessAndCheckFinding:
    """A Guess & Check run in numbers.

    Attributes:
        mean_gen_loss, stderr: E[L_gen | L_train < ε] and its standard error; NaN where nothing
            fitted.
        log10_acceptance, log10_acceptance_stderr: of P(L_train < ε).
        effective_samples: how many independent draws the mean is worth.
        sampler: the method that made it.
        status: how the run ended.
        evaluated: networks that were checked.
        prior_mean_gen_loss, prior_stderr: of unconditioned draws.
        path_epsilon, path_mean_gen_loss, path_stderr, path_log10_acceptance,
            path_log10_acceptance_stderr, path_effective_samples: the ε-path, from the largest ε
            down.
        warnings: what makes the result doubtful.
        seconds: how long it took, on one core.
        device: where it ran.
    """

    mean_gen_loss: float
    stderr: float
    log10_acceptance: float
    log10_acceptance_stderr: float
    effective_samples: float
    sampler: str
    status: str
    evaluated: int
    prior_mean_gen_loss: float
    prior_stderr: float
    path_epsilon: tuple[float, ...]
    path_mean_gen_loss: tuple[float, ...]
    path_stderr: tuple[float, ...]
    path_log10_acceptance: tuple[float, ...]
    path_log10_acceptance_stderr: tuple[float, ...]
    path_effective_samples: tuple[float, ...]
    warnings: tuple[str, ...]
    seconds: float
    device: str

    @classmethod
    def of(cls, post: GuessAndCheckResult) -> GuessAndCheckFinding:
        """The numbers of a result."""
        path = _whole_path(post)
        return cls(
            mean_gen_loss=post.mean_gen_loss,
            stderr=post.stderr,
            log10_acceptance=post.log10_acceptance,
            log10_acceptance_stderr=post.log10_acceptance_stderr,
            effective_samples=post.effective_samples,
            sampler=post.method,
            status=str(post.status),
            evaluated=post.draws,
            prior_mean_gen_loss=post.prior_mean_gen_loss,
            prior_stderr=post.prior_stderr,
            **{f"path_{name}": tuple(path[name].tolist()) for name in COLUMNS},
            warnings=post.warnings,
            seconds=post.seconds,
            device=post.device,
        )

    @cached_property
    def path(self) -> pd.DataFrame:
        """The ε-path as a table, like that of a result."""
        return path_frame(
            (epsilon, Estimate(*numbers))
            for epsilon, *numbers in zip(
                *(getattr(self, f"path_{name}") for name in COLUMNS), strict=True
            )
        )

    def at(self, epsilon: float) -> Estimate:
        """The posterior at another ε; NaN below the path, the prior above."""
        if covers(self.path, epsilon):
            return interpolate(self.path, epsilon)
        if not len(self.path) or epsilon < self.path_epsilon[-1]:
            return Estimate(*[math.nan] * len(NAMES))
        return Estimate(self.prior_mean_gen_loss, self.prior_stderr, 0.0, 0.0, math.nan)


@dataclass(frozen=True)
class CurveFinding:
    """A learning curve in numbers; what is a tuple has one for each n from 0, the prior, on.

    Attributes:
        log10_acceptance, log10_acceptance_stderr: of P(right at the first n samples).
        gen_error, stderr: the test error of single networks and its standard error.
        bayes_error, bayes_stderr: that of the average of their outputs; NaN of the prior.
        effective_samples: how many independent networks gen_error is worth.
        status: how the run ended.
        evaluated: networks that were checked.
        warnings: what makes the end of the curve doubtful.
        seconds: how long it took, on one core.
        device: where it ran.
    """

    log10_acceptance: tuple[float, ...]
    log10_acceptance_stderr: tuple[float, ...]
    gen_error: tuple[float, ...]
    stderr: tuple[float, ...]
    bayes_error: tuple[float, ...]
    bayes_stderr: tuple[float, ...]
    effective_samples: tuple[float, ...]
    status: str
    evaluated: int
    warnings: tuple[str, ...]
    seconds: float
    device: str

    @classmethod
    def of(cls, curve: LearningCurve) -> CurveFinding:
        """The numbers of a curve."""
        return cls(
            **{name: tuple(curve.table[name].tolist()) for name in _OF_CURVES},
            status=str(curve.status),
            evaluated=curve.draws,
            warnings=curve.warnings,
            seconds=curve.seconds,
            device=curve.posterior.device,
        )

    def at(self, count: int) -> Estimate:
        """Single networks with the first so many samples; NaN beyond the end."""
        names = "gen_error", "stderr", *_OF_CURVES[:2], "effective_samples"
        return Estimate(*(self._at(name, count) for name in names))

    def average(self, count: int) -> tuple[float, float]:
        """The error of the average of their outputs, likewise, and its standard error."""
        return self._at("bayes_error", count), self._at("bayes_stderr", count)

    def _at(self, name: str, count: int) -> float:
        values: tuple[float, ...] = getattr(self, name)
        return values[count] if count < len(values) else math.nan


#: Columns of a curve's table that are kept.
_OF_CURVES = (
    *("log10_acceptance", "log10_acceptance_stderr", "gen_error", "stderr"),
    *("bayes_error", "bayes_stderr", "effective_samples"),
)


@dataclass(frozen=True)
class DescentFinding:
    """One trial of gradient descent in numbers.

    Attributes:
        gen_loss, train_loss: at the end; NaN where it diverged.
        status: how the trial ended.
        epochs: that it ran.
        seconds: its share of the batch's time, on one core.
        device: where it ran.
    """

    gen_loss: float
    train_loss: float
    status: str
    epochs: int
    seconds: float
    device: str

    @staticmethod
    def of(gd: GradientDescentResult) -> list[DescentFinding]:
        """The numbers of each trial of a result."""
        share = gd.seconds / len(gd.status)
        return [
            DescentFinding(
                gen_loss=float(gd.gen_loss[trial]),
                train_loss=float(gd.train_loss[trial]),
                status=str(status),
                epochs=int(gd.trial_epochs[trial]),
                seconds=share,
                device=gd.device,
            )
            for trial, status in enumerate(gd.status)
        ]


Finding = GuessAndCheckFinding | CurveFinding | DescentFinding


def _whole_path(post: GuessAndCheckResult) -> pd.DataFrame:
    """The path, continued up to where every draw of the prior fits."""
    path = post.path
    start = float(path["epsilon"].max()) if len(path) else post.settings.epsilon
    end = float(post.prior_train_loss.max(initial=0.0)) * (1 + 1e-9)
    if end <= start:
        return path
    steps = math.ceil(math.log10(end / start) / _SPACING)
    above = np.geomspace(end, start, steps + 1)[:-1]
    prior = post.unconditioned
    return path_frame([*counted_path(prior, len(prior), above), *path_points(path)])
