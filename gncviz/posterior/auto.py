"""Which method samples a setting, found by short pilots that the seed alone decides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.stats import poisson

from gncviz.compute import Streams, one_thread
from gncviz.network import TERM_BY_TERM
from gncviz.posterior.collapsed import (
    WeightedDraws,
    check_collapsible,
    sample_collapsed,
    weighted_blocks,
)
from gncviz.posterior.plain import before_any_draw, sample_plain
from gncviz.posterior.problem import PILOT_STREAM, Problem
from gncviz.posterior.result import GuessAndCheckResult, Status
from gncviz.posterior.splitting import sample_splitting
from gncviz.posterior.weights import RELIABLE_TAIL, estimate, tail_index
from gncviz.progress import Reporter
from gncviz.settings import SettingsError
from gncviz.words import scientific

_SAMPLERS = {
    "plain": sample_plain,
    "splitting": sample_splitting,
    "collapsed": sample_collapsed,
}

#: What plain Guess & Check may take to be the choice: random numbers, about a third of a second of
#: them; where only splitting is left, which checks ten times fewer networks a second, draws too.
_PLAIN_NUMBERS, _PLAIN_NUMBERS_INSTEAD_OF_SPLITTING = 6e7, 3e9
_PLAIN_DRAWS_INSTEAD_OF_SPLITTING = 3e6
#: Blocks of draws in its pilot; many more where only splitting is left.
_PLAIN_PILOT_BLOCKS, _PLAIN_PILOT_BLOCKS_INSTEAD_OF_SPLITTING = 2, 128
_FEWEST_HITS = 10
#: The pilot goes on while as few hits as it has are at least as likely as this where plain Guess &
#: Check is just affordable.
_HOPE = 0.01

_COLLAPSED_PILOT = 4096
#: Effective share of weighted draws from which on they beat splitting: in narrow networks, whose
#: moves are cheap, and in wide ones.
_GOOD_SHARE_NARROW, _GOOD_SHARE_WIDE = 0.05, 0.01


def sample(problem: Problem, reporter: Reporter) -> GuessAndCheckResult:
    """Samples by the method asked for, or by the one that the pilots favour."""
    method, reason = str(problem.settings.method), ""
    with one_thread(problem.device.type == "cpu"):
        reporter.update(0.0, "drawing from the prior", lambda: before_any_draw(problem, reporter))
        if method == "auto":
            method, reason = choose(problem, reporter)
    result = _SAMPLERS[method](problem, reporter)
    if problem.settings.method == "auto" and method == "collapsed" and _doubtful(result):
        result = sample_splitting(problem, reporter)
        reason = "splitting: collapsed draws looked good at first, then few carried all weight."
    return replace(result, reason=reason) if reason else result


def _doubtful(result: GuessAndCheckResult) -> bool:
    return bool(result.warnings) and result.status in (Status.OK, Status.BUDGET_EXHAUSTED)


def choose(problem: Problem, reporter: Reporter) -> tuple[str, str]:
    """The method for a problem, and why in a sentence; either will do once it is cancelled."""
    collapsible = _is_collapsible(problem)
    # The share of draws that has to fit for plain Guess & Check to be affordable.
    enough_fit = problem.settings.samples / _affordable(problem, collapsible)
    most = _PLAIN_PILOT_BLOCKS if collapsible else _PLAIN_PILOT_BLOCKS_INSTEAD_OF_SPLITTING
    hits, draws = _plain_pilot(problem, enough_fit, most, reporter)
    if hits >= _FEWEST_HITS and hits / draws >= enough_fit:
        rate = scientific(hits / draws)
        return "plain", f"plain: {rate} of the prior's draws fit, often enough to wait for."
    if not collapsible:
        return "splitting", "splitting: few of the prior's draws fit, and levels lead to them."
    share, tail = _collapsed_pilot(problem)
    narrow = problem.network.width <= TERM_BY_TERM
    enough = _GOOD_SHARE_NARROW if narrow else _GOOD_SHARE_WIDE
    if share >= enough and tail < RELIABLE_TAIL:
        return (
            "collapsed",
            f"collapsed: with the last layer integrated out, {100 * share:.2g} % of the weighted "
            "draws are effective.",
        )
    return (
        "splitting",
        "splitting: few of the prior's draws fit, and the weights of collapsed draws are too "
        "uneven.",
    )


def _is_collapsible(problem: Problem) -> bool:
    try:
        check_collapsible(problem)
    except SettingsError:
        return False
    return True


def _affordable(problem: Problem, collapsible: bool) -> float:
    """How many draws plain Guess & Check may need to be the choice."""
    draws = _PLAIN_NUMBERS / problem.law.cost
    if not collapsible:
        most = _PLAIN_NUMBERS_INSTEAD_OF_SPLITTING / problem.law.cost
        draws = max(draws, min(_PLAIN_DRAWS_INSTEAD_OF_SPLITTING, most))
    return min(draws, problem.settings.draws)


def _plain_pilot(
    problem: Problem, enough_fit: float, most: int, reporter: Reporter
) -> tuple[int, int]:
    """How many of how many draws fit; as many draws as it takes to see whether enough do.

    Args:
        problem: what is drawn from.
        enough_fit: the share of draws that fit where plain Guess & Check is just affordable.
        most: blocks of draws, at most.
        reporter: asked whether to stop.
    """
    streams = Streams(problem.settings.seed, PILOT_STREAM, problem.device)
    hits = draws = 0
    for block in range(most):
        entries = problem.law.draw(problem.block, streams.generator(block))
        loss = problem.tensors.train_loss(problem.law.matrices(entries))
        hits += int((loss < problem.settings.epsilon).sum())
        draws += problem.block
        decided = hits >= _FEWEST_HITS or poisson.cdf(hits, draws * enough_fit) < _HOPE
        if (block + 1 >= _PLAIN_PILOT_BLOCKS and decided) or reporter.cancelled:
            break
    return hits, draws


def _collapsed_pilot(problem: Problem) -> tuple[float, float]:
    nowhere = np.empty(0)
    found = WeightedDraws.join(list(weighted_blocks(problem, nowhere, _COLLAPSED_PILOT)))
    total = estimate(found.log_weights, found.draws.gen_loss)
    share = total.effective_samples / len(found.log_weights)
    return share, tail_index(found.log_weights)
