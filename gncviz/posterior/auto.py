"""Which method samples a setting."""
from __future__ import annotations

from gncviz.posterior.plain import sample_plain
from gncviz.posterior.problem import Problem
from gncviz.posterior.result import GuessAndCheckResult
from gncviz.posterior.splitting import sample_splitting
from gncviz.progress import Reporter


def sample(problem: Problem, reporter: Reporter) -> GuessAndCheckResult:
    """Samples by the method asked for."""
    if problem.settings.method == "splitting":
        return sample_splitting(problem, reporter)
    return sample_plain(problem, reporter)
