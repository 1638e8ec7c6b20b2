"""Which method samples a setting, found by short pilots that the seed alone decides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import pdtr

from gncviz.devices import one_thread
from gncviz.models.products import TERM_BY_TERM
from gncviz.posterior.curve import crowdable, sample_by_samples
from gncviz.posterior.estimate import NOTHING, weighted
from gncviz.posterior.importance import collapsible, sample_collapsed, weighted_blocks
from gncviz.posterior.outcome import Status
from gncviz.posterior.path import Slice
from gncviz.posterior.problem import Problem
from gncviz.posterior.rejection import sample_plain
from gncviz.posterior.result import GuessAndCheckResult, answer
from gncviz.posterior.splitting import nimble, sample_splitting, splittable
from gncviz.posterior.weighted import WeightedDraws
from gncviz.posterior.weights import RELIABLE_TAIL, tail_index
from gncviz.progress import Run, Stopped
from gncviz.streams import Stream, torch_generator
from gncviz.words import scientific

#: What plain Guess & Check may take to be the choice: random numbers, about a third of a second of
#: them; draws too, where only splitting is left and is not compiled, so that it checks ten times
#: fewer networks a second.
_PLAIN_NUMBERS, _PLAIN_NUMBERS_INSTEAD_OF_SPLITTING = 6e7, 3e9
_PLAIN_DRAWS_INSTEAD_OF_SPLITTING = 3e6
#: Blocks of draws in its pilot; many more where only splitting is left and is not compiled.
_PLAIN_PILOT_BLOCKS, _PLAIN_PILOT_BLOCKS_INSTEAD_OF_SPLITTING = 2, 128
_FEWEST_HITS = 10
#: The pilot goes on while as few hits as it has are at least as likely as this where plain Guess &
#: Check is just affordable.
_HOPE = 0.01

#: Weighted draws in their pilot, and of these the ones that a first look is taken at. They decide
#: where their effective share is so many times what would be enough or more, or so many or less.
_COLLAPSED_PILOT, _FIRST_LOOK, _AMPLE, _TOO_LITTLE = 4096, 512, 3.0, 0.3
#: The share of the budgets of draws and of time that one pilot may take.
_PILOT_SHARE = 0.1
#: Effective share of weighted draws from which on they beat splitting: in narrow networks, whose
#: moves are cheap, the more so where they are compiled, and in wide ones.
_GOOD_SHARE_NARROW_COMPILED, _GOOD_SHARE_NARROW, _GOOD_SHARE_WIDE = 0.5, 0.05, 0.01


def sample(problem: Problem) -> GuessAndCheckResult:
    """Samples by the method asked for, or by the one that the pilots favour.

    Raises:
        SettingsError: the method asked for does not apply.
    """
    method, reason, run = str(problem.settings.method), "", problem.run
    automatic = method == "auto"
    with one_thread(problem.device.type == "cpu"):
        run.report(0.0, "drawing from the prior", lambda: before_any_draw(problem, Status.RUNNING))
        if automatic:
            try:
                run.check()
                method, reason = choose(problem)
            except Stopped as stopped:
                return before_any_draw(problem, Status.cut(stopped.why))
    pilots = run.evaluated
    result = _SAMPLERS[method](problem)
    if not automatic:
        return result
    drawn = pilots + result.draws
    if method == "collapsed" and _doubtful(result, run) and splittable(problem) is None:
        second = sample_splitting(problem)
        drawn += second.draws
        if len(second.weights):
            result = second
            reason = "splitting: collapsed draws looked good at first, then few carried all weight."
        else:
            reason += " Splitting, which would be surer of it, did not get to ε."
    return replace(result, draws=drawn, pilot_draws=drawn - result.draws, reason=reason)


def _sample_splitting(problem: Problem) -> GuessAndCheckResult:
    """By levels that are samples, where they can be; else by levels of the training loss."""
    by_samples = crowdable(problem) is None
    return sample_by_samples(problem) if by_samples else sample_splitting(problem)


_SAMPLERS = {
    "plain": sample_plain,
    "splitting": _sample_splitting,
    "collapsed": sample_collapsed,
}


def before_any_draw(problem: Problem, status: Status) -> GuessAndCheckResult:
    """What is known before any draw was checked: the prior."""
    return answer(
        problem,
        problem.prior_draws[:0],
        np.empty(0),
        NOTHING,
        method="plain",
        status=status,
        draws=problem.run.evaluated,
        pilot_draws=problem.run.evaluated,
        acceptance_interval=(0.0, 1.0),
        slices=(Slice.of_prior(problem.prior_draws),),
    )


def _doubtful(result: GuessAndCheckResult, run: Run) -> bool:
    ended = result.status in (Status.OK, Status.BUDGET_EXHAUSTED)
    return ended and len(result.warnings) > len(run.warnings)


def choose(problem: Problem) -> tuple[str, str]:
    """The method for a problem, and why in a sentence.

    Raises:
        Stopped: the run is cancelled, or out of time or draws.
    """
    weighable = collapsible(problem) is None
    hurried = weighable or nimble(problem)
    # The share of draws that has to fit for plain Guess & Check to be affordable.
    enough_fit = problem.settings.samples / _affordable(problem, hurried)
    most = _PLAIN_PILOT_BLOCKS if hurried else _PLAIN_PILOT_BLOCKS_INSTEAD_OF_SPLITTING
    hits, draws = _plain_pilot(problem, enough_fit, most)
    if _enough(hits, draws, enough_fit):
        rate = scientific(hits / draws)
        return "plain", f"plain: {rate} of the prior's draws fit, often enough to wait for."
    if weighable:
        enough = _good_share(problem)
        share, tail = _collapsed_pilot(problem, enough)
        if share >= enough and tail < RELIABLE_TAIL:
            return (
                "collapsed",
                f"collapsed: with the last layer integrated out, {100 * share:.2g} % of the "
                "weighted draws are effective.",
            )
    too_large = splittable(problem)
    if too_large is not None:
        if weighable:
            return "collapsed", f"collapsed: splitting needs {too_large}."
        return "plain", f"plain: splitting needs {too_large}."
    if weighable:
        return (
            "splitting",
            "splitting: few of the prior's draws fit, and the weights of collapsed draws are too "
            "uneven.",
        )
    return "splitting", "splitting: few of the prior's draws fit, and levels lead to them."


def _good_share(problem: Problem) -> float:
    """Of weighted draws, to be the choice."""
    if _units(problem) > TERM_BY_TERM:
        return _GOOD_SHARE_WIDE
    return _GOOD_SHARE_NARROW_COMPILED if nimble(problem) else _GOOD_SHARE_NARROW


def _units(problem: Problem) -> int:
    readout = problem.laws[0].readout
    return readout.units if readout is not None else 0


def _affordable(problem: Problem, hurried: bool) -> float:
    """How many draws plain Guess & Check may need to be the choice.

    Args:
        problem: what is drawn from.
        hurried: whether anything else would be fast.
    """
    draws = _PLAIN_NUMBERS / problem.law.cost
    if not hurried:
        most = _PLAIN_NUMBERS_INSTEAD_OF_SPLITTING / problem.law.cost
        draws = max(draws, min(_PLAIN_DRAWS_INSTEAD_OF_SPLITTING, most))
    return max(min(draws, problem.run.draws_left), 1.0)


def _plain_pilot(problem: Problem, enough_fit: float, most: int) -> tuple[int, int]:
    """How many of how many draws fit; as many draws as it takes to see whether enough do.

    Those of the prior, which are there anyway, mostly say it.

    Args:
        problem: what is drawn from.
        enough_fit: the share of draws that fit where plain Guess & Check is just affordable.
        most: blocks of draws, at most.

    Raises:
        Stopped: the run is cancelled, or out of time or draws.
    """
    run, known = problem.run, problem.prior_draws
    hits, draws = int((known.train_loss < problem.settings.epsilon).sum()), len(known)
    until = run.seconds + _PILOT_SHARE * run.seconds_left
    share = max(int(_PILOT_SHARE * problem.settings.draws), 1)
    for block in range(most):
        if _decided(hits, draws, enough_fit) or run.seconds >= until:
            break
        drawn = run.grant(min(problem.block, share))
        rng = torch_generator(problem.settings.seed, Stream.PILOT, block, problem.device)
        entries = problem.law.draw(problem.block, rng, run)[:, :drawn]
        loss = problem.train_loss(entries)
        hits += int((loss < problem.threshold).sum())
        draws, share = draws + drawn, share - drawn
        if not share:
            break
    return hits, draws


def _decided(hits: int, draws: int, enough_fit: float) -> bool:
    """Whether so many hits say that enough draws fit, or that hardly so."""
    return _enough(hits, draws, enough_fit) or bool(pdtr(hits, draws * enough_fit) < _HOPE)


def _enough(hits: int, draws: int, enough_fit: float) -> bool:
    return hits >= _FEWEST_HITS and hits / draws >= enough_fit


def _collapsed_pilot(problem: Problem, enough: float) -> tuple[float, float]:
    """Effective share of weighted draws, and the index of their weights' tail."""
    share, tail = _weights_of(problem, _FIRST_LOOK)
    ample = share >= _AMPLE * enough and tail < RELIABLE_TAIL
    if ample or share <= _TOO_LITTLE * enough:
        return share, tail
    return _weights_of(problem, _COLLAPSED_PILOT)


def _weights_of(problem: Problem, count: int) -> tuple[float, float]:
    run, nowhere = problem.run, np.empty(0)
    most = min(count, max(int(_PILOT_SHARE * problem.settings.draws), 1))
    until = run.seconds + _PILOT_SHARE * run.seconds_left
    parts = []
    for part in weighted_blocks(problem, nowhere, most):
        parts.append(part)
        if run.seconds >= until:
            break
    run.check()
    found = WeightedDraws.join(parts, problem)
    total = weighted(found.log_weights, found.draws.gen_loss)
    share = total.effective_samples / max(len(found.log_weights), 1)
    return share, tail_index(found.log_weights)
