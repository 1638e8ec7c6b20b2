"""The settings as the page's address writes them: one key each, with the values of version 1."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from gncviz.activation import ActivationName
from gncviz.descent.settings import StepRule
from gncviz.posterior.settings import Method
from gncviz.prior import FamilyName, Scaling
from gncviz.task import Kind


@dataclass(frozen=True)
class Key:
    """How a setting stands in the address.

    Attributes:
        path: the setting, such as "network.width".
        default: its value where the address says nothing; None for none.
        kind: int, float, tuple (of whole numbers), or a choice's words with their values.
        always: whether it is written even where it has the default.
        follows: the path of the setting whose value it has where the address says nothing.
    """

    path: str
    default: Any
    kind: type | Mapping[str, Any]
    always: bool = False
    follows: str = ""

    def write(self, value: Any) -> str:
        """The value in words; exactly, for floats too."""
        if isinstance(self.kind, Mapping):
            return next(word for word, meant in self.kind.items() if meant == value)
        if self.kind is tuple:
            return ",".join(map(str, value))
        return repr(value).removesuffix(".0")

    def read(self, text: str) -> Any:
        """The value that the words mean.

        Raises:
            ValueError: they mean none; the message says what is allowed.
        """
        if isinstance(self.kind, Mapping):
            if text not in self.kind:
                raise ValueError(f"one of {', '.join(self.kind)}")
            return self.kind[text]
        pattern, allowed, convert = _NUMBERS[self.kind]
        if not re.fullmatch(pattern, text, flags=re.ASCII):
            raise ValueError(allowed)
        return convert(text)


_NUMBERS: dict[type, tuple[str, str, Callable[[str], Any]]] = {
    int: (r"-?\d+", "a whole number", int),
    float: (r"-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", "a number", float),
    tuple: (
        r"\d+(,\d+)*",
        "whole numbers with commas between them",
        lambda text: tuple(map(int, text.split(","))),
    ),
}


def _words(choice: Any) -> dict[str, str]:
    """The words of a Literal, each meaning itself."""
    return {word: word for word in get_args(choice)}


#: Version 1: every setting that is shared, and its value where the address says nothing, which is
#: what the page of that version opened with. Neither names nor values change within a version.
KEYS: dict[str, Key] = {
    "width": Key("network.width", 5, int, always=True),
    "depth": Key("network.depth", 2, int, always=True),
    "activation": Key("network.activation", "linear", _words(ActivationName), always=True),
    "weights": Key("prior.family", "gaussian", _words(FamilyName), always=True),
    "normalize": Key(
        "prior.normalize",
        False,
        {"no": False, "factors": True, "product": "product"},
        always=True,
    ),
    "epsilon": Key("guess_and_check.epsilon", 0.02, float, always=True),
    "seed": Key("task.seed", 0, int, always=True),
    "slope": Key("network.negative_slope", 0.2, float),
    "scaling": Key("prior.scaling", "fan_in", _words(Scaling)),
    "method": Key("guess_and_check.method", "auto", _words(Method)),
    "draws": Key("guess_and_check.draws", 10_000_000, int),
    "samples": Key("guess_and_check.samples", 1000, int),
    "seconds": Key("guess_and_check.seconds", None, float),
    "draws-seed": Key("guess_and_check.seed", None, int, follows="task.seed"),
    "kind": Key("task.kind", "sensing", _words(Kind)),
    "rows": Key("task.rows", 5, int),
    "cols": Key("task.cols", 5, int),
    "rank": Key("task.rank", 1, int),
    "norm": Key("task.norm", 1.0, float),
    "measurements": Key("task.measurements", 15, int),
    "lr": Key("descent.lr", 1e-4, float),
    "init": Key("descent.init_scale", 1e-3, float),
    "momentum": Key("descent.momentum", 0.0, float),
    "epochs": Key("descent.epochs", 100_000, int),
    "trials": Key("descent.trials", 8, int),
    "steps": Key("descent.step_rule", "adaptive", _words(StepRule)),
    "tolerance": Key("descent.tolerance", 1e-8, float),
    "descent-seed": Key("descent.seed", None, int, follows="task.seed"),
    "trial-seeds": Key("descent.seeds", None, tuple),
}
KEY_OF = {about.path: key for key, about in KEYS.items()}


def slug(title: str) -> str:
    """A title as the address writes it.

    >>> slug("Guess & Check"), slug("ε-path")
    ('guess-check', 'epsilon-path')
    """
    return "-".join(re.findall("[a-z0-9]+", title.lower().replace("ε", "epsilon")))


def key_of(path: str) -> str:
    """The key of a setting, such as "width" of "network.width"."""
    return KEY_OF[path]


@functools.cache
def hideable() -> frozenset[str]:
    """What ``gv.hide`` may name: the slugs of the groups of controls and the keys of controls."""
    # Here, and not above: the controls are widgets, and may want the keys themselves.
    from gncviz.explorer.controls import GROUPS

    controls = (key_of(about.path) for group in GROUPS.values() for about in group)
    return frozenset([*map(slug, GROUPS), *controls])
