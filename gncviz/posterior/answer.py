"""What every method's result holds, whatever the method."""

from __future__ import annotations

from typing import Any

from gncviz.posterior.problem import Draws, Problem
from gncviz.posterior.result import GuessAndCheckResult
from gncviz.progress import Reporter
from gncviz.provenance import versions


def answer(
    problem: Problem, reporter: Reporter, sample: Draws, **found: Any
) -> GuessAndCheckResult:
    """The result of a run.

    Args:
        problem: what was sampled.
        reporter: the run's.
        sample: draws of the posterior.
        **found: the fields of :class:`GuessAndCheckResult` that the method decides; ``settings``
            among them where the result is of another ε than the one asked for.
    """
    prior = problem.prior_draws
    return GuessAndCheckResult(
        task=problem.task,
        network=problem.network,
        prior=problem.prior,
        matrices=sample.matrices,
        train_loss=sample.train_loss,
        gen_loss=sample.gen_loss,
        prior_matrices=prior.matrices,
        prior_train_loss=prior.train_loss,
        prior_gen_loss=prior.gen_loss,
        seconds=reporter.seconds,
        device=str(problem.device),
        versions=versions(),
        **{"settings": problem.settings, **found},
    )
