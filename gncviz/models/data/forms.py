"""The losses that a task of data may have, as rows with behaviour.

Outputs are (K, n, C) for K outputs at n samples of C networks, targets (K, n, 1) or (K, n, C). For
two classes there is one output, whose sign tells them apart, and its target is ±1; for more, the
largest of K outputs tells, and the target is 1 there and 0 elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from torch import Tensor

    #: Outputs and targets to one number a network, with shape (C,), or to slopes (K, n, C).
    OfColumns = Callable[[Tensor, Tensor], Tensor]

LossName = Literal["squared", "logistic", "errors"]


@dataclass(frozen=True)
class Form:
    """A training loss, and what generalization is measured by.

    Attributes:
        train: L_train.
        slope: the gradient by the outputs of what gradient descent goes down.
        gen: L_gen, on the samples of the test.
        classes: whether labels are classes; else they are numbers.
        hard: whether {L_train < 1/n} says of each sample that it is right, and nothing else.
        label: what L_train is called, in a sentence.
        gen_label: what L_gen is called.
    """

    train: OfColumns
    slope: OfColumns
    gen: OfColumns
    classes: bool
    hard: bool
    label: str
    gen_label: str


def margins(outputs: Tensor, targets: Tensor) -> Tensor:
    """How far each sample is on the right side, with shape (n, C); right where above zero.

    Args:
        outputs: with shape (K, n, C).
        targets: with shape (K, n, 1) or (K, n, C).
    """
    if len(outputs) == 1:
        return (outputs * targets)[0]
    own = (outputs * targets).sum(dim=0)
    others = outputs.masked_fill(targets > 0, -float("inf"))
    return own - others.amax(dim=0)


def errors(outputs: Tensor, targets: Tensor) -> Tensor:
    """The share of samples that are wrong, with shape (C,); an undecided one is."""
    return (~(margins(outputs, targets) > 0)).to(outputs.dtype).mean(dim=0)


def _squared(outputs: Tensor, targets: Tensor) -> Tensor:
    return (outputs - targets).square().mean(dim=(0, 1))


def _squared_slope(outputs: Tensor, targets: Tensor) -> Tensor:
    return (outputs - targets) * (2 / (len(outputs) * outputs.shape[1]))


def _logistic(outputs: Tensor, targets: Tensor) -> Tensor:
    from torch.nn.functional import softplus

    if len(outputs) == 1:
        return softplus(-outputs * targets)[0].mean(dim=0)
    return (outputs.logsumexp(dim=0) - (outputs * targets).sum(dim=0)).mean(dim=0)


def _logistic_slope(outputs: Tensor, targets: Tensor) -> Tensor:
    if len(outputs) == 1:
        return (-outputs * targets).sigmoid() * targets * (-1 / outputs.shape[1])
    return (outputs.softmax(dim=0) - targets) / outputs.shape[1]


FORMS: dict[str, Form] = {
    "squared": Form(
        _squared, _squared_slope, _squared, False, False, "mean squared error", "test loss"
    ),
    "logistic": Form(
        _logistic, _logistic_slope, errors, True, False, "logistic loss", "test error"
    ),
    # Errors have no slope of their own: descent goes down the logistic loss until none is left.
    "errors": Form(errors, _logistic_slope, errors, True, True, "training error", "test error"),
}
