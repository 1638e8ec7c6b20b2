"""What runs are called on the page, and what is said where there is none."""

from __future__ import annotations

from gncviz.experiment.run import Experiment
from gncviz.experiment.settings import ExperimentSettings
from gncviz.explorer.model.runner import Phase
from gncviz.figures.look.names import apart, traits
from gncviz.prior import Prior
from gncviz.task import TaskSettings


def setting_in_words(settings: ExperimentSettings) -> str:
    """Network, prior and task in a line; of prior and task only what is not as in the paper."""
    network, epsilon = settings.network, settings.guess_and_check.epsilon
    # The seed is always said.
    usual = traits(network, Prior(), TaskSettings(), epsilon) | {"seed": ""}
    return f"{network.label}, {apart(_traits(settings), usual)}"


def what_differs(one: ExperimentSettings, other: ExperimentSettings) -> str:
    """What ``one`` is called beside ``other``, such as "width 5"; empty if no name tells."""
    return apart(_traits(one), _traits(other))


def _traits(settings: ExperimentSettings) -> dict[str, str]:
    epsilon = settings.guess_and_check.epsilon
    return traits(settings.network, settings.prior, settings.task, epsilon)


def whose(found: Experiment | None, settings: ExperimentSettings, phase: Phase) -> str:
    """Which run is shown where it is not one of the present settings; empty where it is.

    Args:
        found: what is shown.
        settings: those of the page.
        phase: what is going on.
    """
    if found is None or found.settings == settings:
        return ""
    ending = ": the new one has nothing to show yet" if phase is Phase.RUNNING else ""
    name = what_differs(found.settings, settings) or setting_in_words(found.settings)
    return f"From the run before ({name}){ending}"


def nothing(phase: Phase, part: str) -> str:
    """What stands in place of a figure that there is nothing for, as HTML.

    Args:
        phase: what is going on.
        part: which attribute of :class:`Experiment` the figure shows.
    """
    return f"<strong>Under way.</strong><br>{_NEXT[part]}" if phase is Phase.RUNNING else _NO[phase]


_NEXT = {
    "post": "Guess &amp; Check looks for draws that fit: the figure comes with the first ones.",
    "spectra": "Singular values come right after Guess &amp; Check.",
    "descent": "Gradient descent comes after Guess &amp; Check.",
    "mechanism": "The mechanisms come last.",
}
_NO = {
    Phase.IDLE: "<strong>Nothing here yet.</strong><br>Press Run: the figure fills while the draws "
    "come in.",
    Phase.DONE: "<strong>This run has nothing to show here.</strong>",
    Phase.CANCELLED: "<strong>Stopped before there was anything to show here.</strong><br>Press "
    "Run to begin again.",
    Phase.FAILED: "<strong>The run failed before there was anything to show here.</strong><br>What "
    "went wrong stands above.",
}
