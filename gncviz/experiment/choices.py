"""The values of settings that can be counted."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from gncviz.descent.settings import Start
from gncviz.prior import FAMILIES, Prior, Scaling


@dataclass(frozen=True)
class Choice:
    """One of the values that a setting can have.

    Attributes:
        word: on the command line and in the address.
        value: what it means.
        label: on the page.
    """

    word: str
    value: Any
    label: str


def words_of(names: Any, labels: Mapping[str, str]) -> tuple[Choice, ...]:
    """The words of a Literal, each meaning itself.

    Args:
        names: the Literal.
        labels: of words that have another one than themselves.
    """
    return tuple(Choice(word, word, labels.get(word, word)) for word in get_args(names))


def rows_of(table: Mapping[str, Any]) -> tuple[Choice, ...]:
    """The names of a table whose rows have labels, each meaning itself.

    Args:
        table: by name.
    """
    return tuple(Choice(name, name, row.label) for name, row in table.items())


def starts() -> tuple[Choice, ...]:
    """The laws of the first weights: those with a name, and every prior that divides weights."""
    priors = []
    for family, scaling in itertools.product(FAMILIES, get_args(Scaling)):
        word = f"{family}-{scaling}".replace("_", "-")
        for normalize, ending in ((False, ""), (True, "-normalized")):
            law = Prior(family=family, scaling=scaling, normalize=normalize)
            priors.append(Choice(word + ending, law, word + ending))
    return (*words_of(Start, {}), *priors)
