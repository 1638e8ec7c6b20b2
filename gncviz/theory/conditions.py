"""The conditions of the paper's theorems, each held against a setting."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gncviz.theory.isometry import isometry

if TYPE_CHECKING:
    from gncviz.descent.settings import DescentSettings
    from gncviz.network import Network
    from gncviz.prior import Prior
    from gncviz.task import Task

#: Norms and ranks of a person's own arrays are what they are meant to be up to rounding.
_ROUNDING = 1e-6
#: RIP is searched for up to this many entries of W; the search would take seconds beyond.
_LARGEST = 900


@dataclass(frozen=True)
class Condition:
    """One condition of a theorem and whether a setting meets it.

    Attributes:
        text: the condition.
        met: whether it is met; None where that cannot be decided.
        why: what the setting has, in one sentence; where ``met`` is None, what was measured.
    """

    text: str
    met: bool | None
    why: str


def admissible(network: Network) -> Condition:
    """Not constant, piecewise C¹, derivative polynomially bounded, not zero on both sides of 0."""
    if network.sigma.own:
        why = f"The activation is {network.sigma.label}, a function of your own, not looked into."
        return Condition("σ is admissible", None, why)
    # True of all of ACTIVATIONS; a new one has to be checked before it is let in there.
    why = (
        f"The activation is {network.sigma.label}: not constant, piecewise C¹ with a bounded "
        "derivative, and not zero on both sides of 0."
    )
    return Condition("σ is admissible", True, why)


def antisymmetric(network: Network) -> Condition:
    """σ(−x) = −σ(x)."""
    met = network.sigma.antisymmetric
    if met and network.sigma.own:
        why = f"The activation is {network.sigma.label}; on a hundred points it is antisymmetric."
        return Condition("σ is antisymmetric", None, why)
    why = f"The activation is {network.sigma.label}, which is {'' if met else 'not '}antisymmetric."
    return Condition("σ is antisymmetric", met, why)


def linear(network: Network) -> Condition:
    """σ(x) = x."""
    why = f"The activation is {network.sigma.label}."
    return Condition("σ is linear", network.sigma.linear, why)


def regular(prior: Prior) -> Condition:
    """Definition 2, which both families meet."""
    why = f"Q is {prior.q.law}: centred, symmetric, with all moments and with mass near 0."
    return Condition("Q is regular", True, why)


def gaussian(prior: Prior) -> Condition:
    """Q is a centred normal law."""
    return Condition("Q is Gaussian", prior.q.gaussian, f"Q is {prior.q.label}.")


def gaussian_or_open(prior: Prior) -> Condition:
    """For Theorem 9: a Gaussian Q is covered; whether other ones are is left open here."""
    if prior.q.gaussian:
        return gaussian(prior)
    why = f"Q is {prior.q.label}, and whether the theorem covers that is left open here."
    return Condition("Q is Gaussian", None, why)


def not_normalized(prior: Prior) -> Condition:
    """Definition 3 without normalization."""
    why = "The weights are normalized." if prior.normalize else "The weights are not normalized."
    return Condition("no normalization", not prior.normalize, why)


def normalized(network: Network, prior: Prior) -> Condition:
    """Definition 3 with normalization."""
    label, met = network.sigma.label, True
    if not prior.normalize:
        met, why = False, "The weights are not normalized."
    elif prior.normalize is True:
        why = "Each factor is divided by the d-th root of ‖W‖."
    elif network.sigma.homogeneous:
        why = f"W is divided by its norm, which for {label} is the same as dividing its factors."
    else:
        met, why = False, f"W is divided by its norm and not its factors, another law with {label}."
    return Condition("with normalization", met, why)


def scaled(task: Task, network: Network, prior: Prior) -> Condition:
    """Definition 3's scaling by 1/√columns, or what is the same up to a constant."""
    text, label = "weights scaled as in Definition 3", network.sigma.label
    if prior.scaling == "fan_in":
        return Condition(text, True, "Each layer is divided by the root of its columns (fan-in).")
    start = f"Each layer is divided by the root of its rows (fan-out), which for {label} "
    if not network.sigma.homogeneous:
        return Condition(text, False, start + "gives W another law.")
    factor = math.sqrt(task.cols / task.rows)
    end = f"only multiplies W by √(m'/m) = {factor:.3g}, whatever the width and depth."
    return Condition(text, True, start + end)


def wide_enough(task: Task, network: Network) -> Condition:
    """The model's width k ≥ min(m, m') (Eq. 4)."""
    least = min(task.rows, task.cols)
    why = f"The width is {network.width}, and min(m, m') is {least}."
    return Condition("k ≥ min(m, m')", network.width >= least, why)


def layered(network: Network) -> Condition:
    """The model's depth d ≥ 2 (Eq. 4)."""
    return Condition("d ≥ 2", network.depth >= 2, f"The depth is {network.depth}.")


def two_layers(network: Network) -> Condition:
    """Depth d = 2."""
    return Condition("d = 2", network.depth == 2, f"The depth is {network.depth}.")


def square(task: Task) -> Condition:
    """W has as many rows as columns."""
    return Condition("m = m'", task.rows == task.cols, f"W is {task.rows} × {task.cols}.")


#: What is said where a condition is about a ground truth that nobody knows.
_UNKNOWN = "W* is not known: the task has no ground truth."


def zero(task: Task) -> Condition:
    """The ground truth is zero."""
    if task.ground_truth is None:
        return Condition("W* = 0", None, _UNKNOWN)
    norm = float(np.linalg.norm(task.ground_truth))
    return Condition("W* = 0", norm == 0, f"W* has the norm {norm:.3g}.")


def norm_one(task: Task) -> Condition:
    """The ground truth has Frobenius norm one."""
    if task.ground_truth is None:
        return Condition("‖W*‖ = 1", None, _UNKNOWN)
    norm = float(np.linalg.norm(task.ground_truth))
    return Condition("‖W*‖ = 1", abs(norm - 1) <= _ROUNDING, f"W* has the norm {norm:.7g}.")


def rank(task: Task) -> int | None:
    """Rank of the ground truth, up to rounding; None where that is not known."""
    if task.ground_truth is None:
        return None
    return int(np.linalg.matrix_rank(task.ground_truth, rtol=_ROUNDING))


def rank_one(task: Task) -> Condition:
    """The ground truth has rank one."""
    found = rank(task)
    if found is None:
        return Condition("W* has rank one", None, _UNKNOWN)
    return Condition("W* has rank one", found == 1, f"W* has rank {found}.")


def of_the_paper(task: Task) -> tuple[Condition, ...]:
    """Labels <A_i, W*> and the L_gen of Eq. 3; nothing where the task has both, as the paper's."""
    found = []
    if task.held_out is not None:
        why = "It is measured on what is held out, which is a part of that."
        found.append(Condition("L_gen is over all that is not measured (Eq. 3)", None, why))
    if task.readings.given is not None:
        exact = None
        why = "The labels are given, and whether they carry noise is not known."
        if task.ground_truth is not None:
            exact = bool(task.train_loss(task.ground_truth) < _ROUNDING**2 * task.readings.size**2)
            loss = float(task.train_loss(task.ground_truth))
            why = f"The labels are given, and W* has an L_train of {loss:.2g}."
        found.append(Condition("the labels are y_i = <A_i, W*>", exact, why))
    return tuple(found)


def fixed(epsilon: float, along: str) -> Condition:
    """ε does not change in the limit."""
    return Condition(
        "ε is fixed", True, f"The threshold ε is {epsilon:g}, the same at every {along}."
    )


def isometric(task: Task, order: int, text: str) -> Condition:
    """RIP (Definition 1) with a δ below one, at some scale of the measurements.

    Any scale will do: scaling the measurements scales L_train, hence ε, and leaves L_gen alone. So
    it is disproved by a matrix of the rank that the measurements do not see, and by nothing less;
    and no search can prove it.
    """
    order, entries = min(order, task.rows, task.cols), task.size
    seen = f"n = {task.count} of {entries}"
    if entries > _LARGEST:
        return Condition(text, None, f"Not searched for in matrices this large ({seen}).")
    found = isometry(task, order, restarts=min(max(800 // entries, 2), 8))
    estimate = f"Estimated δ ≥ {found.constant:.2f} for rank {order} ({seen})"
    if found.blind:
        why = f"{estimate}: some matrices of that rank the measurements do not see at all."
        return Condition(text, False, why)
    if found.constant >= 1:
        estimate += f", and δ ≥ {found.best_constant:.3f} at the scale where it is smallest"
    return Condition(text, None, f"{estimate}; a search cannot prove that δ is below 1.")


def started(descent: DescentSettings | None) -> tuple[Condition, ...]:
    """Proposition 1's small Gaussian start, and gradient descent without additions."""
    texts = ("Gaussian start", "small start", "plain gradient descent")
    if descent is None:
        why = "No settings of gradient descent are given."
        return tuple(Condition(text, None, why) for text in texts)
    scale = f"{descent.init_scale:g}"
    gaussian, start = _law_of_start(descent)
    size = f"The start is scaled by {scale}; how small is small enough is not computed."
    if descent.momentum > 0:
        met, steps = False, f"There is momentum, {descent.momentum:g}."
    elif descent.step_rule == "fixed":
        met, steps = True, f"The steps follow the gradient at the fixed rate {descent.lr:g}."
    else:
        met, steps = None, "The steps follow the gradient, but their length is adapted."
    answers: tuple[bool | None, ...] = (gaussian, None, met)
    return tuple(map(Condition, texts, answers, (start, size, steps)))


def _law_of_start(descent: DescentSettings) -> tuple[bool, str]:
    """Whether the weights start Gaussian and independent, and how they do start."""
    scale, init = f"{descent.init_scale:g}", descent.init
    if isinstance(init, str):
        text = f"The weights start uniform on ±{scale}/√fan-in, as in the paper's experiments."
        return False, text
    normalized = ", normalized" if init.normalize else ""
    text = f"The weights start at {scale} times a draw of a prior: Q is {init.q.law}{normalized}."
    return init.q.gaussian and not init.normalize, text
