"""Which method samples a setting, found by short pilots that the seed alone decides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gncviz.compute import Streams
from gncviz.network import TERM_BY_TERM
from gncviz.posterior.collapsed import (
    WeightedDraws,
    check_collapsible,
    sample_collapsed,
    weighted_blocks,
)
from gncviz.posterior.plain import sample_plain
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

_COLLAPSED_PILOT = 4096
#: Effective share of weighted draws from which on they beat splitting: in narrow networks, whose
#: moves are cheap, and in wide ones.
_GOOD_SHARE_NARROW, _GOOD_SHARE_WIDE = 0.05, 0.01


def sample(problem: Problem, reporter: Reporter) -> GuessAndCheckResult:
    """Samples by the method asked for, or by the one that the pilots favour."""
    method, reason = str(problem.settings.method), ""
    if method == "auto":
        method, reason = choose(problem)
    result = _SAMPLERS[method](problem, reporter)
    if problem.settings.method == "auto" and method == "collapsed" and _doubtful(result):
        result = sample_splitting(problem, reporter)
        reason = "splitting: collapsed draws looked good at first, then few carried all weight."
    return replace(result, reason=reason) if reason else result


def _doubtful(result: GuessAndCheckResult) -> bool:
    return bool(result.warnings) and result.status in (Status.OK, Status.BUDGET_EXHAUSTED)


def choose(problem: Problem) -> tuple[str, str]:
    """The method for a problem, and why in a sentence."""
    collapsible = _is_collapsible(problem)
    hits, draws = _plain_pilot(problem, collapsible)
    wanted = problem.settings.samples
    needed = wanted * draws / max(hits, 1)
    if hits >= _FEWEST_HITS and needed <= _affordable(problem, collapsible):
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


def _plain_pilot(problem: Problem, collapsible: bool) -> tuple[int, int]:
    """How many of how many draws fit; enough to tell whether plain Guess & Check is affordable."""
    streams = Streams(problem.settings.seed, PILOT_STREAM, problem.device)
    most = _PLAIN_PILOT_BLOCKS if collapsible else _PLAIN_PILOT_BLOCKS_INSTEAD_OF_SPLITTING
    hits = blocks = 0
    while blocks < _PLAIN_PILOT_BLOCKS or (blocks < most and hits < _FEWEST_HITS):
        entries = problem.law.draw(problem.block, streams.generator(blocks))
        loss = problem.tensors.train_loss(problem.law.matrices(entries))
        hits += int((loss < problem.settings.epsilon).sum())
        blocks += 1
    return hits, blocks * problem.block


def _collapsed_pilot(problem: Problem) -> tuple[float, float]:
    nowhere = np.empty(0)
    found = WeightedDraws.join(list(weighted_blocks(problem, nowhere, _COLLAPSED_PILOT)))
    total = estimate(found.log_weights, found.draws.gen_loss)
    share = total.effective_samples / len(found.log_weights)
    return share, tail_index(found.log_weights)
