"""What the page says in words and numbers about a run: pure functions to HTML."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING

from gncviz.experiment.run import STEPS, Experiment, Step
from gncviz.explorer.model.runner import Phase
from gncviz.explorer.words.naming import setting_in_words, what_differs
from gncviz.posterior.estimate import standard_error
from gncviz.posterior.outcome import Status
from gncviz.words import as_in_print, duration, estimate, grouped, odds, power, scientific, unbroken

if TYPE_CHECKING:
    from gncviz.descent import GradientDescentResult
    from gncviz.explorer.model.pins import Pin
    from gncviz.posterior import GuessAndCheckResult
    from gncviz.progress import Progress
    from gncviz.sweeps import SweepResult


def status_line(
    phase: Phase,
    experiment: Experiment | None,
    step: Step | None,
    *,
    stale: bool = False,
    before: bool = False,
) -> str:
    """Where things stand, in a sentence or two.

    Args:
        phase: what is going on.
        experiment: what is shown.
        step: where the run stands, if one is under way.
        stale: the settings have changed since, and the results do not tell about the new ones.
        before: the results are of the run before the last one.
    """
    if phase is Phase.RUNNING:
        return _running(step)
    found = (
        []
        if experiment is None
        else [
            f"{name}: {result.message}."
            for name, result in (
                ("Guess & Check", experiment.post),
                ("Gradient descent", experiment.descent),
            )
            if result
        ]
    )
    if not found:
        return _WITHOUT[phase]
    beginning = ""
    if phase in _ENDED:
        beginning = _ENDED[phase] + (_BEFORE if before else _SO_FAR)
    ending = " The settings have changed since: press Run." if stale else ""
    return _text(beginning + " ".join(found) + ending)


_WITHOUT = {
    Phase.IDLE: "Choose a setting and press Run.",
    Phase.DONE: "This run has found nothing.",
    Phase.CANCELLED: "Stopped.",
    Phase.FAILED: "The run failed.",
}
_ENDED = {Phase.CANCELLED: "Stopped", Phase.FAILED: "The run failed"}
_BEFORE, _SO_FAR = "; the run before: ", "; this is what was found so far. "


def notes(experiment: Experiment | None) -> str:
    """What makes the results doubtful or was done without; as HTML, empty if there is nothing."""
    found = (experiment.post, experiment.descent) if experiment else ()
    said = dict.fromkeys(sentence for one in found if one for sentence in one.warnings)
    return "".join(f'<p class="gv-doubt">{_text(sentence)}</p>' for sentence in said)


def reason(experiment: Experiment | None) -> str:
    """Why Guess & Check sampled the way it did; as HTML, empty if nobody had to choose."""
    post = experiment.post if experiment else None
    if post is None or not post.reason:
        return ""
    return f'<p class="gv-reason gv-caption">Chosen: {_text(post.reason)}</p>'


def _running(step: Step | None) -> str:
    if step is None:
        return "Starting …"
    left = step.progress.seconds_left
    time = "" if math.isnan(left) or left < 0.5 else f", at most {duration(left)} left"
    return _text(f"Part {step.number} of {len(STEPS)}, {step.name}: {step.progress.message}{time}")


def cards(experiment: Experiment | None, whose: str = "") -> str:
    """The three numbers to compare: mean generalization loss of prior, posterior and descent.

    Args:
        experiment: the run that they are of.
        whose: which run that is, in words, where it is not the present one.
    """
    post = experiment.post if experiment else None
    gd = experiment.descent if experiment else None
    prior = estimate(post.prior_mean_gen_loss, post.prior_stderr) if post else _MISSING
    # Why there is nothing newer is said once, on the figure.
    of = "the squared error on what was not measured"
    if whose:
        of = _text(whose.partition(":")[0].replace("From", "from", 1))
    return (
        '<div class="gv-cards" role="group" aria-label="Mean generalization loss">'
        f'<div class="gv-cards-title"><strong>Mean generalization loss</strong>, {of}</div>'
        + _card("prior", "Prior", prior, "any draw")
        + _card("posterior", "Guess &amp; Check", *_posterior_card(post))
        + _card("descent", "Gradient descent", *_descent_card(gd))
        + "</div>"
    )


_MISSING = "–"


def _card(kind: str, title: str, number: str, note: str) -> str:
    mean, _, error = as_in_print(number).partition(" ± ")
    spread = f' <span class="gv-error">± {error}</span>' if error else ""
    return (
        f'<div class="gv-card gv-{kind}"><div class="gv-card-title">{title}</div>'
        f'<div class="gv-number">{mean}{spread}</div><div class="gv-note">{note}</div></div>'
    )


def _posterior_card(post: GuessAndCheckResult | None) -> tuple[str, str]:
    if post is None:
        return _MISSING, "draws that fit"
    if not len(post.gen_loss):
        if post.status is Status.RUNNING:
            return _MISSING, post.without_draws
        if post.method != "plain":
            return _MISSING, "ε was not reached"
        return _MISSING, f"no draw fits: acceptance below {scientific(post.acceptance_interval[1])}"
    return estimate(post.mean_gen_loss, post.stderr), _text(odds(post.log10_acceptance))


def _descent_card(gd: GradientDescentResult | None) -> tuple[str, str]:
    if gd is None:
        return _MISSING, "same task"
    kept = gd.gen_loss[gd.known]
    if not len(kept):
        return _MISSING, "every trial diverged"
    return estimate(gd.mean_gen_loss, standard_error(kept)), f"mean of {len(kept)} trials"


def comparison(pins: tuple[Pin, ...], now: Experiment | None) -> str:
    """The kept runs and the present one as a table; empty where none is kept."""
    if not pins:
        return ""
    rows = [_row(pin.letter, _pin_name(pin, now), pin.experiment) for pin in pins]
    if now is not None:
        rows.append(_row("now", "now", now))
    heads = "".join(
        f'<th scope="col">{head}</th>'
        for head in ("Run", "Setting", "ε", "Prior", "Guess &amp; Check", "Gradient descent")
    )
    return (
        '<div class="gv-scroll" tabindex="0" role="region" aria-label="Runs to compare"><table>'
        "<caption>Mean generalization loss of the runs that are kept, with standard errors"
        f"</caption><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _pin_name(pin: Pin, now: Experiment | None) -> str:
    """Its letter, and what it is called in the figures."""
    name = what_differs(pin.experiment.settings, now.settings) if now else ""
    return f"{pin.letter} · {name}" if name else pin.letter


def _row(kind: str, name: str, found: Experiment) -> str:
    post, gd = found.post, found.descent
    prior = estimate(post.prior_mean_gen_loss, post.prior_stderr) if post else _MISSING
    cells = (
        setting_in_words(found.settings),
        f"{found.settings.guess_and_check.epsilon:g}",
        prior,
        _posterior_card(post)[0],
        _descent_card(gd)[0],
    )
    return (
        f'<tr><th scope="row" class="gv-pin gv-pin-{kind.lower()}">{_text(name)}</th>'
        + "".join(f"<td>{_text(cell)}</td>" for cell in cells)
        + "</tr>"
    )


def sweep_status(
    phase: Phase, result: SweepResult | None, progress: Progress | None, error: str
) -> str:
    """Where a sweep stands, in a sentence or two."""
    if error:
        return _text(error)
    if phase is Phase.RUNNING:
        if progress is None:
            return "Starting the workers …"
        left = progress.seconds_left
        time = "" if math.isnan(left) or left < 1 else f", about {duration(left)} left"
        return _text(f"{progress.message}{time}")
    if result is None:
        return ""
    if result.complete:
        settings = result.settings
        epsilon = f"{settings.sampling.epsilon:g}"
        return _text(
            f"{len(settings.seeds)} seeds at ε = {epsilon}; Guess & Check's rarest fit had "
            f"acceptance {power(_rarest(result))}."
        )
    known = f"{grouped(result.found)} of {grouped(result.wanted)} points are known"
    stopped = "Stopped. " if phase is Phase.CANCELLED else ""
    return _text(f"{stopped}{known}: press Sweep for the others.")


def panel_claims(figure: int, activation: str, result: SweepResult | None) -> str:
    """What the paper says about a panel, and whether it holds here; as HTML."""
    if result is None or not result.complete:
        return ""
    from gncviz.paper import FIGURES, claims_of

    items = []
    for claim in claims_of(FIGURES[figure], activation, "fan_in", result):
        mark, word = ("✓", "holds") if claim.holds else ("✗", "does not hold")
        items.append(
            f'<li><span class="gv-mark" aria-label="{word}">{mark}</span> '
            f"{_text(claim.claim)} <small>{_text(claim.words)}</small></li>"
        )
    return f'<ul class="gv-claims">{"".join(items)}</ul>'


def _rarest(result: SweepResult) -> float:
    return float(result.to_frame()["log10_acceptance"].min())


def verdict(experiment: Experiment | None) -> str:
    """What the numbers say, in a sentence; empty until there is something to say."""
    post = experiment.post if experiment else None
    if post is None or math.isnan(post.mean_gen_loss) or math.isnan(post.stderr):
        return ""
    gap = post.prior_mean_gen_loss - post.mean_gen_loss
    noise = math.hypot(post.stderr, post.prior_stderr)
    if abs(gap) < 2 * noise:
        first = "Fitting the training data tells Guess &amp; Check nothing here: it generalizes "
        first += "no better than an arbitrary draw of the prior"
    elif gap < 0:
        first = "Guess &amp; Check generalizes worse than an arbitrary draw of the prior here"
    else:
        factor = post.prior_mean_gen_loss / post.mean_gen_loss
        first = f"Guess &amp; Check's loss is {_times(factor)} lower than the prior's"
    gd = experiment.descent if experiment else None
    if gd is None or math.isnan(gd.mean_gen_loss) or gd.mean_gen_loss <= 0:
        return first + "."
    ratio = post.mean_gen_loss / gd.mean_gen_loss
    if ratio >= 1:
        return f"{first}; gradient descent's is {_times(ratio)} lower than Guess &amp; Check's."
    return f"{first}; gradient descent's is {_times(1 / ratio)} higher than Guess &amp; Check's."


def _text(sentence: str) -> str:
    """A sentence as HTML, in which a grouped number is not broken over two lines."""
    return unbroken(html.escape(as_in_print(sentence)))


def _times(factor: float) -> str:
    if factor < 10:
        return f"{factor:.1f} times"
    return _text(f"{grouped(int(float(f'{factor:.2g}')))} times")
