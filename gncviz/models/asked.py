"""Arguments that should be a task, a network or a prior: what is none is refused in a sentence."""

from __future__ import annotations

import reprlib
from typing import TYPE_CHECKING, Any

from gncviz.models.recipe import GEN_LABEL
from gncviz.prior import Prior
from gncviz.settings import SettingsError

if TYPE_CHECKING:
    from gncviz.models.protocols import AnyTask, HardLabels


def expect(**arguments: Any) -> None:
    """Refuses arguments that would fail far inside.

    Args:
        **arguments: any of ``task``, ``network`` and ``prior``, by these names.

    Raises:
        SettingsError: one of them is something else; each has its sentence.
    """
    wrong = {name: value for name, value in arguments.items() if not _IS[name](value)}
    if wrong:
        sentences = {
            name: f"{name} should be a {name}, such as {_SUCH_AS[name]}; got {reprlib.repr(value)}."
            for name, value in wrong.items()
        }
        raise SettingsError([*sentences.items()])


def check_reachable(task: AnyTask, epsilon: float) -> None:
    """Raises a SettingsError where labels contradict each other more than ε allows.

    Args:
        task: the task.
        epsilon: threshold ε.
    """
    ball = task.ball
    if ball is not None and epsilon <= ball.least:
        sentence = (
            f"epsilon should be above {ball.least:.3g}, the smallest training loss there is: the "
            f"labels contradict each other, as with noise; got {epsilon!r}."
        )
        raise SettingsError([("epsilon", sentence)])


def gen_label(task: Any) -> str:
    """What a task calls its L_gen.

    Args:
        task: of any kind, or its recipe; one that says nothing has a generalization loss.
    """
    return str(getattr(task, "gen_label", GEN_LABEL))


def seen(task: Any) -> Any:
    """As much of a task as L_train asks for, with the same weights.

    Args:
        task: of any kind; one that says nothing is looked at whole.
    """
    return getattr(task, "seen", task)


def hard(task: Any) -> HardLabels | None:
    """What {L_train < ε} asks of each sample where it asks nothing else; None for other tasks.

    Args:
        task: of any kind.
    """
    return getattr(task, "hard", None)


def _has(value: Any, *names: str) -> bool:
    # A class has its objects' methods, too.
    return not isinstance(value, type) and all(hasattr(value, name) for name in names)


_IS = {
    "task": lambda value: _has(value, "output_shape", "train_loss"),
    "network": lambda value: _has(value, "blocks", "forward"),
    "prior": lambda value: isinstance(value, Prior),
}
_SUCH_AS = {"task": "Task.random()", "network": "Network()", "prior": "Prior()"}
