"""What the view on data says: what is seen, the answer in numbers, where a run stands."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gncviz.experiment.learning.result import STAGES, count_of
from gncviz.experiment.learning.starts import STARTS, start_of
from gncviz.explorer.model.runner import Phase
from gncviz.posterior.outcome import Status
from gncviz.words import as_in_print, duration, grouped, odds, plus_minus, unbroken

if TYPE_CHECKING:
    import pandas as pd

    from gncviz.experiment.learning.result import Learned, Stage
    from gncviz.experiment.settings import ExperimentSettings

#: Standard errors that two numbers are to be apart for one to be called less.
_APART = 2.0

HEADING = (
    "<h2>Guessing on data</h2>"
    "<p>A network that is guessed, at random, until it gets every training sample right: does it "
    "get new ones right, too? And the network that gradient descent finds?</p>"
)


def setting(settings: ExperimentSettings) -> str:
    """What is shown, in a line.

    Args:
        settings: of data.
    """
    name = start_of(settings)
    label = STARTS[name].label if name else settings.task.source
    sizes = f"n = {count_of(settings)}, {settings.network.label}"
    return f"{label}, {sizes}, seed {settings.task.seed}"


def seen(found: Learned | None, figure: str) -> str:
    """What is to be seen in a figure, in a line.

    Args:
        found: what is known.
        figure: "regions" or "curve".
    """
    if figure == "curve":
        return (
            "Above, the share of new samples that are classified wrongly by networks that have the "
            "first n training samples right; below, how rare guesses are that have."
        )
    count = found.count if found else 0
    if found is None or found.plane is None or not found.plane.regions:
        return f"The {grouped(count)} training samples, before any network is known that fits them."
    return (
        "Each picture is one network: the colour of a place is the class that it gives it. All of "
        f"them get the {grouped(count)} training samples right, the dots, if only on islands that "
        "are smaller than a dot; they differ in between."
    )


def cards(found: Learned | None) -> str:
    """The numbers to compare, as HTML."""
    cells = "".join(
        f'<div class="gv-one gv-{kind}"><span>{html.escape(name)}</span> <b>{number}</b> '
        f"<small>{html.escape(note)}</small></div>"
        for kind, name, number, note in _cells(found)
    )
    return (
        '<div class="gv-three gv-four" role="group" aria-label="Test error">'
        f'<div class="gv-lead">new samples<br>classified wrong</div>{cells}</div>'
    )


def _cells(found: Learned | None) -> list[tuple[str, str, str, str]]:
    last = _last(found)
    rare = "" if last is None else odds(float(last["log10_acceptance"]))
    cells = [
        ("posterior", "a guess that fits", _share(last, "gen_error"), rare),
        ("posterior", "average of guesses", _share(last, "bayes_error"), ""),
    ]
    for stop, name in (("first", "descent, first fit"), ("low", "descent, low loss")):
        trials = _trials(found, stop)
        mean = float(np.mean(trials)) if len(trials) else math.nan
        cells.append(("descent", name, _percent(mean), ""))
    return [(kind, name, number, as_in_print(note)) for kind, name, number, note in cells]


def answer(found: Learned | None) -> str:
    """The answer in a sentence or two, with the numbers of the run; empty before there are any."""
    last, first, low = _last(found), _trials(found, "first"), _trials(found, "low")
    if last is None or found is None or not _whole(found) or not len(first):
        return ""
    guess, error = float(last["gen_error"]), float(last["stderr"])
    told = (
        f"A guess that gets all {grouped(found.count)} right gets {_wrong(guess, error)} of new "
        f"samples wrong, the average of all guesses {_wrong(*_pair(last, 'bayes'))}. "
        f"Gradient descent that stops as soon as all are right: {_wrong(*_mean(first))}, "
        f"{_compared(_mean(first), (guess, error))}."
    )
    if len(low):
        told += (
            f" If it goes on to a low loss: {_wrong(*_mean(low))}, "
            f"{_compared(_mean(low), (guess, error))}."
        )
    return unbroken(html.escape(told))


def whose(settings: ExperimentSettings, phase: Phase) -> str:
    """Whose figure it is that is not of the present settings, in a few words.

    Args:
        settings: of the figure.
        phase: of the run of the present ones.
    """
    running = phase is Phase.RUNNING
    return f"{setting(settings)}: {'the new run has nothing yet' if running else 'press Run'}"


def nothing(phase: Phase) -> str:
    """What is said where there is no figure, as HTML."""
    if phase is Phase.RUNNING:
        return "The first samples are on their way …"
    return "Nothing here yet. Press <b>Run</b>."


def status(phase: Phase, found: Learned | None, stage: Stage | None, *, stale: bool = False) -> str:
    """Where things stand, in a line, as HTML.

    Args:
        phase: of the run.
        found: what is shown.
        stage: where a run stands.
        stale: whether what is shown is of another setting.
    """
    if phase is Phase.RUNNING:
        if stage is None:
            return "Starting …"
        left = stage.progress.message
        return html.escape(
            f"Step {stage.number} of {len(STAGES)}, {stage.name}: {as_in_print(left)} …"
        )
    if phase is Phase.FAILED:
        return "The run failed."
    if phase is Phase.CANCELLED:
        return "Stopped; what was found so far stays."
    if stale or found is None or found.curve is None:
        return "Press Run to see what comes of this setting."
    if found.made:
        commit = html.escape(found.made["commit"][:7])
        return (
            f"Stored run, seed {found.settings.task.seed}, commit {commit}. Run computes it anew."
        )
    ended = found.message if _whole(found) else _short(found)
    took = f"Done in {duration(found.seconds)}: {ended}."
    doubts = "".join(f'<p class="gv-doubt">{html.escape(_here(one))}</p>' for one in found.warnings)
    return html.escape(as_in_print(took)) + doubts


def _here(warning: str) -> str:
    """A warning of Guess & Check, with what can be done about it here: samples mean data here."""
    return warning.replace("Ask for more samples.", "Try another seed, or a wider network.")


def alt(found: Learned | None, figure: str) -> str:
    """A figure in a sentence, for those who do not see it."""
    told = html.unescape(answer(found).replace("&nbsp;", " "))
    return f"{seen(found, figure)} {told}".strip()


def _reached(found: Learned) -> int:
    """With how many training samples there still were guesses."""
    assert found.curve is not None
    return int(found.curve["n"][found.curve["gen_error"].notna()].max())


def _whole(found: Learned) -> bool:
    """Whether the curve has come to all its samples."""
    return found.curve is not None and _reached(found) == found.count


def _short(found: Learned) -> str:
    """Why a curve has not come to all its samples, and what would."""
    place = f"{_reached(found)} of {found.count} samples"
    if found.status == Status.EXTINCT:
        return f"no guess was left after {place}; fewer of them or a wider network may do"
    return f"the budget was spent after {place}; fewer of them or a smaller network may do"


def _last(found: Learned | None) -> pd.Series[Any] | None:
    if found is None or found.curve is None or not _whole(found):
        return None
    return found.curve.iloc[-1]


def _trials(found: Learned | None, stop: str) -> np.ndarray[Any, Any]:
    """Test errors of the trials on all samples: of the first stop, or of that at a low loss."""
    if found is None or found.descent is None:
        return np.empty(0)
    table = found.descent
    names = table["stop"].unique()
    wanted = names[0] if stop == "first" else names[-1]
    if stop == "low" and len(names) < 2:
        return np.empty(0)
    rows = table[(table["stop"] == wanted) & (table["n"] == found.count)]
    return rows["test_error"].dropna().to_numpy()


def _mean(values: np.ndarray[Any, Any]) -> tuple[float, float]:
    error = float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else math.nan
    return float(values.mean()), error


def _pair(row: Any, name: str) -> tuple[float, float]:
    return float(row[f"{name}_error"]), float(row[f"{name}_stderr"])


def _compared(one: tuple[float, float], other: tuple[float, float]) -> str:
    """Whether one mean is less than another, as far as their errors tell."""
    apart = one[0] - other[0]
    known = math.hypot(*(error if math.isfinite(error) else 0.0 for _, error in (one, other)))
    if abs(apart) <= _APART * known or apart == 0:
        return "no different from a guess within the errors"
    return "less than a guess" if apart < 0 else "more than a guess"


def _share(row: Any, column: str) -> str:
    return "–" if row is None else _percent(float(row[column]))


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if math.isfinite(share) else "–"


def _wrong(share: float, error: float) -> str:
    if not math.isfinite(error) or error <= 0:
        return _percent(share)
    return f"{plus_minus(100 * share, 100 * error)} %"
