"""Sets of samples: some that scikit-learn ships, and small ones that are made here."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gncviz.settings import SettingsError
from gncviz.words import grouped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    #: Generator, how many samples, noise, inputs, whether labels are numbers; to x and y.
    Maker = Callable[[np.random.Generator, int, float, int, bool], tuple[Array, NDArray[Any]]]

#: Units of a teacher's hidden layer.
_TEACHER = 8
#: Inputs that a parity is taken of.
_PARITY = 3
#: Turns of a spiral.
_TURNS = 1.25


def packaged(name: str) -> tuple[Array, NDArray[np.int64]]:
    """A set of scikit-learn's: inputs of mean square about one, and classes.

    Grey levels of digits are between 0 and 2; columns of other sets are measured from their means,
    in standard deviations.

    Args:
        name: of the set.

    Raises:
        SettingsError: scikit-learn is not installed.
    """
    try:
        from sklearn import datasets as shipped
    except ImportError:
        advice = 'install it, or gncviz with "gncviz[data]"'
        sentence = f"name {name!r} is a set of scikit-learn, which is not installed: {advice}."
        raise SettingsError([("name", sentence)]) from None
    x, y = getattr(shipped, f"load_{name}")(return_X_y=True)
    return _PACKAGED[name](np.asarray(x, dtype=float)), np.asarray(y, dtype=np.int64)


def _standardized(x: Array) -> Array:
    return np.asarray((x - x.mean(axis=0)) / np.maximum(x.std(axis=0), 1e-12))


#: What is done to the inputs.
_PACKAGED: dict[str, Callable[[Array], Array]] = {
    "digits": lambda x: x / 8,
    "breast_cancer": _standardized,
    "wine": _standardized,
    "iris": _standardized,
}


def grouped_classes(
    x: Array, y: NDArray[np.int64], classes: Sequence[int | Sequence[int]] | None
) -> tuple[Array, NDArray[Any]]:
    """The samples of some classes, those that are named together being one.

    Args:
        x: inputs, with shape (n, d).
        y: classes, with shape (n,).
        classes: their numbers, or groups of them; None for all.

    Raises:
        SettingsError: there is no such class, one is named twice, or only one is left.
    """
    if classes is None:
        return x, y
    groups = [(one,) if isinstance(one, int) else tuple(one) for one in classes]
    named = [one for group in groups for one in group]
    known = np.unique(y).tolist()
    strange = [one for one in named if one not in known]
    if strange:
        sentence = f"classes should be some of {known[0]} to {known[-1]}; got {strange[0]}."
        raise SettingsError([("classes", sentence)])
    if len(set(named)) < len(named) or len(groups) < 2:
        sentence = "classes should be two or more, each named once; got"
        raise SettingsError([("classes", f"{sentence} {tuple(classes)!r}.")])
    names = np.full(known[-1] + 1, -1)
    for number, group in enumerate(groups):
        # A class on its own keeps its name, a group gets its number.
        names[list(group)] = group[0] if all(len(one) == 1 for one in groups) else number
    kept = names[y] >= 0
    return x[kept], names[y][kept]


def made(
    name: str, rng: np.random.Generator, count: int, noise: float | None, dim: int, numbers: bool
) -> tuple[Array, NDArray[Any]]:
    """A set that is made.

    Args:
        name: of the set.
        rng: of all of it.
        count: how many samples.
        noise: see :meth:`gncviz.DataTask.load`; None for the set's own.
        dim: inputs, where the set leaves it open.
        numbers: whether labels are numbers, not classes.

    Raises:
        SettingsError: a parity is asked of fewer inputs than it takes.
    """
    maker, usual = MADE[name]
    return maker(rng, count, usual if noise is None else noise, dim, numbers)


def _moons(
    rng: np.random.Generator, count: int, noise: float, _: int, numbers: bool
) -> tuple[Array, NDArray[Any]]:
    """Two half circles, each of which reaches into the other."""
    label = rng.integers(0, 2, count)
    angle = math.pi * rng.random(count)
    side = 1.0 - 2.0 * label
    x = np.stack([side * np.cos(angle) + label - 0.5, side * np.sin(angle) + label / 2 - 0.25], 1)
    return x + noise * rng.standard_normal(x.shape), _told(label, numbers)


def _spirals(
    rng: np.random.Generator, count: int, noise: float, _: int, numbers: bool
) -> tuple[Array, NDArray[Any]]:
    """Two spirals around each other."""
    label = rng.integers(0, 2, count)
    place = np.sqrt(rng.random(count))
    angle = 2 * math.pi * _TURNS * place + math.pi * label
    x = 1.5 * place[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return x + noise * rng.standard_normal(x.shape), _told(label, numbers)


def _teacher_student(
    rng: np.random.Generator, count: int, noise: float, dim: int, numbers: bool
) -> tuple[Array, NDArray[Any]]:
    """What a small random ReLU network says of Gaussian inputs, or the sign of that."""
    first = rng.standard_normal((dim, _TEACHER)) / math.sqrt(dim)
    last = rng.standard_normal(_TEACHER) / math.sqrt(_TEACHER)
    x = rng.standard_normal((count, dim))
    hidden = np.maximum(x @ first, 0.0)
    # Measured from the mean that a ReLU unit has, so that both classes are about as large.
    y = (hidden - np.linalg.norm(first, axis=0) / math.sqrt(2 * math.pi)) @ last
    if numbers:
        return x, y + noise * rng.standard_normal(count)
    return x, _turned(rng, (y > 0).astype(int), noise)


def _parity(
    rng: np.random.Generator, count: int, noise: float, dim: int, numbers: bool
) -> tuple[Array, NDArray[Any]]:
    """Whether an even number of the first inputs, ±1, is negative."""
    if dim < _PARITY:
        sentence = f"dim should be at least {_PARITY} for a parity; got {dim}."
        raise SettingsError([("dim", sentence)])
    x = rng.choice([-1.0, 1.0], (count, dim))
    label = (x[:, :_PARITY].prod(axis=1) > 0).astype(int)
    return x, _told(_turned(rng, label, noise), numbers)


def _turned(rng: np.random.Generator, label: NDArray[np.int64], share: float) -> NDArray[np.int64]:
    """Labels, a share of which is turned."""
    if share > 1:
        sentence = f"noise should be a share of labels, at most 1; got {grouped(round(share))}."
        raise SettingsError([("noise", sentence)])
    return np.where(rng.random(len(label)) < share, 1 - label, label)


def _told(label: NDArray[np.int64], numbers: bool) -> NDArray[Any]:
    return 2.0 * label - 1.0 if numbers else label


#: Sets that are made, and the noise that they have unless another is given.
MADE: dict[str, tuple[Maker, float]] = {
    "moons": (_moons, 0.1),
    "spirals": (_spirals, 0.0),
    "teacher_student": (_teacher_student, 0.0),
    "parity": (_parity, 0.0),
}

#: All sets.
SetName = Literal[
    "digits", "breast_cancer", "wine", "iris", "moons", "spirals", "teacher_student", "parity"
]
