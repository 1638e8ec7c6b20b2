"""Which of the paper's theorems speak about a setting, condition by condition.

A limit, such as k → ∞, is part of a theorem's statement and not among its conditions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gncviz.descent.settings import DescentSettings
from gncviz.models.asked import expect
from gncviz.network import Network
from gncviz.settings import SettingsError, positive
from gncviz.task import Task
from gncviz.theory import conditions
from gncviz.theory.conditions import Condition

if TYPE_CHECKING:
    from gncviz.models.protocols import AnyNetwork, AnyTask
    from gncviz.prior import Prior


@dataclass(frozen=True)
class Theorem:
    """A theorem of the paper, held against a setting.

    Attributes:
        name: as the paper numbers it.
        title: what it is about, in a few words.
        statement: what it says where its conditions are met.
        conditions: all of them, those of the model included.
    """

    name: str
    title: str
    statement: str
    conditions: tuple[Condition, ...]

    @property
    def applies(self) -> bool | None:
        """True when all conditions are met, False when one is not, None otherwise."""
        met = [condition.met for condition in self.conditions]
        if False in met:
            return False
        return None if None in met else True


def theorems(
    task: AnyTask,
    network: AnyNetwork,
    prior: Prior,
    *,
    epsilon: float,
    descent: DescentSettings | Mapping[str, Any] | None = None,
) -> tuple[Theorem, ...]:
    """Theorem 1 (width), Proposition 1 (GD), Theorem 2 (depth) and Theorem 9 (App. C).

    Args:
        task: the task; rank and norm of its ground truth, where there is one, and the RIP constant
            of its measurements are computed.
        network: the model.
        prior: the prior over its weights.
        epsilon: threshold ε on the training loss.
        descent: settings of gradient descent, or their names and values; without them nothing is
            said about its start.

    Returns:
        The four of them, in this order; none where the task is not one of matrices
        (:func:`silence`).

    Raises:
        SettingsError: ε is not a positive number, or a setting out of range.

    Example:
        >>> from gncviz import Network, Prior, Task
        >>> for theorem in theorems(Task.random(), Network(), Prior(), epsilon=0.02):
        ...     print(theorem.name, theorem.applies)
        Theorem 1 True
        Proposition 1 False
        Theorem 2 False
        Theorem 9 False
    """
    expect(task=task, network=network, prior=prior)
    epsilon = positive("epsilon", epsilon)
    if not (isinstance(task, Task) and isinstance(network, Network)):
        return ()
    of_the_paper = conditions.of_the_paper(task)
    descent = _descent(descent)
    return (
        Theorem(
            "Theorem 1",
            "The wider, the less the training data tell",
            "As k → ∞, P(L_gen < ε_gen | L_train < ε) → P(L_gen < ε_gen) for every ε_gen: draws "
            "that fit generalize no better than any draw of the prior. With a Gaussian Q the gap "
            "is O(1/√k); for another Q no rate is given. Without an anti-symmetric σ hidden units "
            "have a mean, the entries of a row of W stay correlated, and the limit is another one.",
            (
                conditions.admissible(network),
                conditions.antisymmetric(network),
                conditions.regular(prior),
                conditions.not_normalized(prior),
                conditions.scaled(task, network, prior),
                conditions.wide_enough(task, network),
                conditions.layered(network),
                conditions.fixed(epsilon, "width"),
                *of_the_paper,
            ),
        ),
        Theorem(
            "Proposition 1",
            "Gradient descent generalizes at every width",
            "From a small enough start, gradient descent reaches a small L_gen, whatever k is.",
            (
                conditions.linear(network),
                conditions.two_layers(network),
                conditions.wide_enough(task, network),
                # Two ground truths of rank r cannot be told apart without RIP of order 2r.
                conditions.isometric(task, 2 * (conditions.rank(task) or 1), "RIP"),
                *conditions.started(descent),
                *of_the_paper,
            ),
        ),
        Theorem(
            "Theorem 2",
            "The deeper, the better what fits generalizes",
            "There is a constant c such that P(L_gen < c·ε | L_train < ε) → 1 as d → ∞, for every "
            "fixed ε: deep products are nearly of rank one, and among those a small L_train means "
            "a small L_gen.",
            (
                conditions.norm_one(task),
                conditions.rank_one(task),
                conditions.linear(network),
                conditions.isometric(task, 2, "RIP of order two, δ < 1"),
                conditions.gaussian(prior),
                conditions.normalized(network, prior),
                conditions.scaled(task, network, prior),
                conditions.wide_enough(task, network),
                conditions.layered(network),
                conditions.fixed(epsilon, "depth"),
                *of_the_paper,
            ),
        ),
        Theorem(
            "Theorem 9",
            "Width, however small ε is",
            "For W* = 0 the conclusion of Theorem 1 holds however small ε is.",
            (
                conditions.linear(network),
                conditions.two_layers(network),
                conditions.wide_enough(task, network),
                conditions.square(task),
                conditions.zero(task),
                conditions.gaussian_or_open(prior),
                conditions.not_normalized(prior),
                conditions.scaled(task, network, prior),
                *of_the_paper,
            ),
        ),
    )


def silence(task: AnyTask) -> str:
    """Why no theorem of the paper speaks about a task, in a sentence; empty where they may.

    Args:
        task: of any kind.
    """
    if isinstance(task, Task):
        return ""
    return "None of the paper's theorems speaks about this: they are about matrices."


def _descent(given: Any) -> DescentSettings | None:
    if isinstance(given, Mapping):
        return DescentSettings(**given)
    if given is None or isinstance(given, DescentSettings):
        return given
    sentence = f"descent should be settings of gradient descent; got {given!r}."
    raise SettingsError([("descent", sentence)])
