"""What is measured beside each theorem, and what would meet the conditions that are not met."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from gncviz.experiment.settings import ExperimentSettings
from gncviz.network import Network
from gncviz.paper.overview import overview
from gncviz.settings import SettingsError
from gncviz.task import Task
from gncviz.words import typeset

if TYPE_CHECKING:
    from gncviz.paper.overview import Glance

#: Draws for a number with two digits.
_DRAWS = 4096

#: What would meet a condition, by its text; none where nothing in the settings would.
MEETS = {
    "σ is antisymmetric": "Linear, tanh, sine or softsign would meet it.",
    "σ is linear": "The linear activation would meet it.",
    "Q is Gaussian": "The Gaussian prior would meet it.",
    "no normalization": "A prior without normalization would meet it.",
    "with normalization": "Normalized factors would meet it.",
    "weights scaled as in Definition 3": "Fan-in scaling would meet it.",
    "k ≥ min(m, m')": "A wider network would meet it.",
    "d ≥ 2": "Two layers would meet it.",
    "d = 2": "Two layers would meet it.",
    "m = m'": "A square matrix would meet it.",
    "W* = 0": "Only a task of your own can meet it.",
    "‖W*‖ = 1": "A ground truth of norm 1 would meet it.",
    "W* has rank one": "A ground truth of rank 1 would meet it.",
    "RIP": "More measurements can meet it.",
    "RIP of order two, δ < 1": "More measurements can meet it: for 5 × 5 generic ones from 16 on.",
    "Gaussian start": "A start at a draw of the Gaussian prior would meet it.",
    "plain gradient descent": "No momentum and fixed steps would meet it.",
}


def meets(text: str) -> str:
    """What would meet a condition that is not met; empty where nothing in the settings would.

    Args:
        text: of the condition.
    """
    return MEETS.get(text, "")


def measured(name: str, settings: ExperimentSettings) -> str:
    """What is measured of a theorem, in a sentence or two.

    Args:
        name: of the theorem.
        settings: of the page.
    """
    return {
        "Theorem 1": _width(settings),
        "Proposition 1": _descent(),
        "Theorem 2": _depth(),
        "Theorem 9": "No stored result has W* = 0; Theorem 1's measurements are the nearest.",
    }.get(name, "")


def _glance(figure: int, activation: str) -> Glance:
    return next(
        one for one in overview() if (one["figure"], one["activation"]) == (figure, activation)
    )


def _medians(panel: Glance, method: str) -> list[float]:
    return cast(list[float], panel["medians"][method])


def _width(settings: ExperimentSettings) -> str:
    panel = _glance(1, "linear")
    shares = [
        100 * mine / prior
        for mine, prior in zip(
            _medians(panel, "guess_and_check"), _medians(panel, "prior"), strict=True
        )
    ]
    told = (
        f"In Figure 1's linear panel Guess & Check has {shares[0]:.0f} % of the prior's loss at "
        f"width {panel['values'][0]:g} and {shares[-1]:.0f} % at width {panel['values'][-1]:g}."
    )
    limit = _limit(settings)
    if limit is None:
        return told
    return f"{told} For this setting the limit of width is {100 * limit:.0f} %."


def _limit(settings: ExperimentSettings) -> float | None:
    """Guess & Check's share of the prior's loss as this setting's network gets wide."""
    from gncviz.models import drawn
    from gncviz.theory import infinite_width

    task, network = drawn(settings.task), settings.network
    if not isinstance(task, Task) or not isinstance(network, Network):
        return None
    epsilon = settings.guess_and_check.epsilon
    try:
        return infinite_width(task, network, settings.prior, epsilon, draws=_DRAWS).ratio
    except SettingsError:
        return None


def _descent() -> str:
    panel = _glance(1, "linear")
    descended, prior = _medians(panel, "gradient_descent"), _medians(panel, "prior")
    return (
        f"In Figure 1's linear panel gradient descent's median loss is at most "
        f"{typeset(max(descended))} at every width, the prior's at least {typeset(min(prior))}."
    )


def _depth() -> str:
    panel = _glance(2, "linear")
    sampled = _medians(panel, "guess_and_check")
    return (
        f"In Figure 2's linear panel Guess & Check's median loss goes from {typeset(sampled[0])} "
        f"at depth {panel['values'][0]:g} to {typeset(sampled[-1])} at depth "
        f"{panel['values'][-1]:g}, though its measurements miss some matrix of rank two."
    )
