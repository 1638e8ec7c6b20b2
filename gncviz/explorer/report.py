"""What the page says in words and numbers about a run: pure functions to HTML."""

from __future__ import annotations

import html
import math

from gncviz.explorer.experiment import STEPS, Experiment, Step
from gncviz.explorer.model import Phase
from gncviz.words import duration, grouped, scientific


def status_line(phase: Phase, experiment: Experiment | None, step: Step | None) -> str:
    """Where things stand, in a sentence."""
    if phase is Phase.RUNNING:
        return _running(step)
    if experiment is None:
        return "Choose a setting on the left and press Run." if phase is Phase.IDLE else "Stopped."
    found = [
        f"{name}: {result.message}."
        for name, result in (
            ("Guess & Check", experiment.post),
            ("Gradient descent", experiment.descent),
        )
        if result is not None
    ]
    ending = {
        Phase.CANCELLED: "Stopped; this is what was found so far. ",
        Phase.FAILED: "The results of the run before: ",
    }.get(phase, "")
    return html.escape(ending + " ".join(found))


def _running(step: Step | None) -> str:
    if step is None:
        return "Starting …"
    left = step.progress.seconds_left
    time = "" if math.isnan(left) or left < 0.5 else f", about {duration(left)} left"
    return html.escape(
        f"Step {step.number} of {len(STEPS)}, {step.name}: {step.progress.message}{time}"
    )


def cards(experiment: Experiment | None) -> str:
    """The three numbers to compare: mean generalization loss of prior, posterior and descent."""
    post = experiment.post if experiment else None
    gd = experiment.descent if experiment else None
    return (
        '<div class="gv-cards" role="group" aria-label="Mean generalization loss">'
        + _card(
            "prior",
            "Prior",
            post and post.prior_mean_gen_loss,
            post and post.prior_stderr,
            "any draw, fitting or not",
        )
        + _card(
            "posterior",
            "Guess &amp; Check",
            post and post.mean_gen_loss,
            post and post.stderr,
            _acceptance(experiment),
        )
        + _card("descent", "Gradient descent", gd and gd.mean_gen_loss, None, _trials(experiment))
        + "</div>"
    )


def _card(kind: str, title: str, mean: float | None, stderr: float | None, note: str) -> str:
    missing = mean is None or math.isnan(mean)
    number = "–" if missing else scientific(mean or 0.0)
    if not missing and mean and mean >= 0.01:
        number = f"{mean:.3f}"
    known = not missing and stderr is not None and math.isfinite(stderr)
    error = f'<span class="gv-error"> ± {scientific(stderr or 0.0)}</span>' if known else ""
    return (
        f'<div class="gv-card gv-{kind}"><div class="gv-card-title">{title}</div>'
        f'<div class="gv-number">{number}{error}</div><div class="gv-note">{note}</div></div>'
    )


def _acceptance(experiment: Experiment | None) -> str:
    post = experiment.post if experiment else None
    if post is None:
        return "draws that fit"
    if not len(post.gen_loss):
        return f"no draw fits: acceptance below {scientific(post.acceptance_interval[1])}"
    return f"acceptance {scientific(post.acceptance)}"


def _trials(experiment: Experiment | None) -> str:
    gd = experiment.descent if experiment else None
    if gd is None:
        return "trained on the same task"
    if gd.diverged.all():
        return "every trial diverged"
    return f"mean of {int((~gd.diverged).sum())} trials"


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


def _times(factor: float) -> str:
    if factor < 10:
        return f"{factor:.1f} times"
    return f"{grouped(int(float(f'{factor:.2g}')))} times"
