"""What is said of one setting, and how its value is written and read."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from gncviz.experiment.choices import Choice
from gncviz.experiment.settings import MODEL, paths, sections
from gncviz.models import MODELS


@dataclass(frozen=True)
class Option:
    """A setting: what it is called in each place, and what it does.

    Attributes:
        path: in :class:`gncviz.experiment.ExperimentSettings`, such as "network.width".
        label: in front of its control on the page; empty for none.
        help: sentences that say what it does; on the page and on the command line.
        choices: its values, where they can be counted.
        slider: (low, high) of a slider beside the control, if there is one.
        log: whether the slider is logarithmic.
        flag: whether it is an option of the command line, under its own name.
        key: in the address; empty where it is not shared.
        unsaid: its value where an address of version 1 says nothing, which is what the page of that
            version opened with: neither keys nor these values change within a version.
        always: whether the address says it even then.
        follows: the path of the setting whose value it takes where nobody says another.
        counts: whether it is a number of something; a seed is a name, whose digits have no groups.
    """

    path: str
    label: str
    help: str
    choices: tuple[Choice, ...] = ()
    slider: tuple[float, float] | None = None
    log: bool = False
    flag: bool = True
    key: str = ""
    unsaid: Any = None
    always: bool = False
    follows: str = ""
    counts: bool = True

    @property
    def section(self) -> str:
        """The first half of the path, such as "network"."""
        return self.path.partition(".")[0]

    @property
    def name(self) -> str:
        """The second half of the path, such as "width"."""
        return self.path.partition(".")[2]

    @property
    def default(self) -> Any:
        """The value that the settings have by themselves, of the first kind of model with it."""
        return self.default_of(self.models[0])

    def default_of(self, model: str) -> Any:
        """The value that the settings have by themselves for a kind of model.

        Args:
            model: one of :attr:`models`.
        """
        if self.path == MODEL:
            return model
        return self._field(model).get_default(call_default_factory=True)

    @functools.cached_property
    def models(self) -> tuple[str, ...]:
        """The kinds of model that have the setting."""
        return tuple(model for model in MODELS if self.path in paths(model))

    @property
    def kind(self) -> type:
        """int, float, bool, str, tuple or :class:`Groups`; nothing where there are choices."""
        if self.path == MODEL:
            return str
        annotation: Any = self._field(self.models[0]).annotation
        if _is_union(annotation):
            annotation = next(part for part in get_args(annotation) if part is not NoneType)
        kind: type = get_origin(annotation) or annotation
        return Groups if kind is tuple and _is_union(get_args(annotation)[0]) else kind

    def _field(self, model: str) -> FieldInfo:
        field: FieldInfo = sections(model)[self.section].model_fields[self.name]
        return field

    def write(self, value: Any) -> str:
        """The value in words; exactly, for floats too."""
        if self.choices:
            return next(choice.word for choice in self.choices if choice.value == value)
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, tuple):
            return ",".join(_group(one) for one in value)
        return value if isinstance(value, str) else repr(value).removesuffix(".0")

    def read(self, text: str) -> Any:
        """The value that the words mean: what :meth:`write` wrote, and nothing but.

        Raises:
            ValueError: they mean none; the message says what is allowed.
        """
        if self.choices:
            return self._chosen(text)
        pattern, allowed, convert = _WRITTEN[self.kind]
        if not re.fullmatch(pattern, text, flags=re.ASCII):
            raise ValueError(allowed)
        return convert(text)

    def understand(self, text: str) -> Any:
        """The value that a person meant, as far as it can be told; other text comes back as it is.

        Raises:
            ValueError: it is none of the choices, or no list of numbers; the message says what
                is allowed.
        """
        if self.choices or self.kind in (tuple, bool, Groups):
            return self.read(text)
        return number(text)

    def _chosen(self, text: str) -> Any:
        for choice in self.choices:
            if text == choice.word:
                return choice.value
        raise ValueError(f"one of {', '.join(choice.word for choice in self.choices)}")


class Groups:
    """The kind of a setting that lists whole numbers, some of which may be named together."""


def _is_union(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, UnionType)


def _group(value: Any) -> str:
    """A number of a list, or those that are named together."""
    return "-".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _groups(text: str) -> tuple[Any, ...]:
    parts = [tuple(map(int, part.split("-"))) for part in text.split(",")]
    return tuple(part if len(part) > 1 else part[0] for part in parts)


def _switch(text: str) -> bool | float:
    return {"yes": True, "no": False}[text] if text.isalpha() else float(text)


_NUMBER = r"-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"

_WRITTEN: dict[type, tuple[str, str, Callable[[str], Any]]] = {
    int: (r"-?\d+", "a whole number", int),
    float: (_NUMBER, "a number", float),
    bool: (f"yes|no|{_NUMBER}", "yes, no or a number", _switch),
    tuple: (
        r"\d+(,\d+)*",
        "whole numbers with commas between them",
        lambda text: tuple(map(int, text.split(","))),
    ),
    Groups: (
        r"\d+(-\d+)*(,\d+(-\d+)*)*",
        "whole numbers with commas between them, and - between those that are one",
        _groups,
    ),
}


def number(text: str) -> int | float | str:
    """A typed number: spaces or underscores may group its digits, and 1e7 is a whole number.

    >>> number("10 000"), number("1e7"), number("0.5"), number("five")
    (10000, 10000000, 0.5, 'five')
    """
    compact = re.sub(r"[\s_]", "", text)
    try:
        value = float(compact)
    except ValueError:
        return text
    if compact.isdecimal() and math.isfinite(value):
        # Not by way of a float, which would round a long seed.
        return int(compact)
    return int(value) if value.is_integer() and abs(value) < 2**63 else value


def renamed(sentence: str, path: str, name: str) -> str:
    """The sentence of an error, with what the setting is called here in place of its path.

    >>> renamed("width should be more; got 0.", "network.width", "gv.width")
    'gv.width should be more; got 0.'
    """
    for start in (path, path.rpartition(".")[2]):
        if sentence.startswith(start + " "):
            return name + sentence[len(start) :]
    return f"{name}: {sentence}"
