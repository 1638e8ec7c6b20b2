"""Labels from outside as targets of outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gncviz.models.arrays import axes_of, frozen, frozen_array
from gncviz.settings import SettingsError
from gncviz.words import grouped

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

#: Classes are told apart by an output each; more labels than this are rather numbers.
_MOST_CLASSES = 1000


def numbers(name: str, given: ArrayLike, count: int) -> NDArray[np.float64]:
    """Labels that are numbers, as targets (K, n).

    Args:
        name: what they are called in errors.
        given: with shape (n,), or (n, K) for several outputs.
        count: n.

    Raises:
        SettingsError: they are no numbers, or not as many as there are samples.
    """
    ndim = 1 if axes_of(given) < 2 else 2
    found = frozen_array(name, given, "(n,) or (n, outputs)", ndim)
    _check_count(name, len(found), count)
    return frozen(np.ascontiguousarray(found.reshape(count, -1).T))


def classes(
    train: ArrayLike, test: ArrayLike, counts: tuple[int, int]
) -> tuple[tuple[Any, ...], NDArray[np.int64], NDArray[np.int64]]:
    """Labels that name classes.

    Args:
        train: of the samples that are trained on, with shape (n,).
        test: of the others.
        counts: how many samples there are of each.

    Returns:
        The names of the classes, in ascending order, and the places among them of both.

    Raises:
        SettingsError: they name less than two classes, one is missing, or the test knows a class
            that training does not.
    """
    given = [_names(name, one) for name, one in (("y_train", train), ("y_test", test))]
    for name, one, count in zip(("y_train", "y_test"), given, counts, strict=True):
        _check_count(name, len(one), count)
    try:
        names, places = np.unique(given[0], return_inverse=True)
    except TypeError:
        _refuse("y_train", "y_train must hold labels of one type; it mixes words and numbers.")
    if len(names) < 2:
        only = names.tolist()[0]
        _refuse("y_train", f"y_train must have two classes or more; all labels are {only!r}.")
    if len(names) > _MOST_CLASSES:
        sentence = f"y_train must have at most {grouped(_MOST_CLASSES)} classes; it has"
        _refuse("y_train", f'{sentence} {grouped(len(names))}. For numbers take loss="squared".')
    known = {name: place for place, name in enumerate(names.tolist())}
    strange = [label for label in given[1].tolist() if label not in known]
    if strange:
        sentence = f"y_test must have the classes of y_train; {strange[0]!r} is none of them."
        _refuse("y_test", sentence)
    others = np.array([known[label] for label in given[1].tolist()], dtype=np.int64)
    return tuple(names.tolist()), places.astype(np.int64), others


def targets(places: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """Classes as targets (K, n): ±1 for two of them, else 1 for the own one and 0.

    Args:
        places: of each sample, with shape (n,).
        count: how many classes there are.
    """
    if count == 2:
        return np.where(places[None] > 0, 1.0, -1.0)
    return np.where(np.arange(count)[:, None] == places, 1.0, 0.0)


def _names(name: str, given: Any) -> NDArray[Any]:
    import pandas as pd

    if hasattr(given, "detach"):
        given = given.detach().cpu().numpy()
    array = np.asarray(given)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1 or not len(array):
        _refuse(name, f"{name} must have shape (n,), one class a sample; got {array.shape}.")
    missing = np.flatnonzero(np.asarray(pd.isna(array)))
    if len(missing):
        sentence = f"{name} must have all its labels; {len(missing)} are missing, the first at"
        _refuse(name, f"{sentence} {missing[0]}.")
    return array


def _check_count(name: str, found: int, count: int) -> None:
    if found != count:
        x = name.replace("y", "x", 1)
        sentence = f"{name} must have a label for each of the {count} rows of {x}; it has {found}."
        _refuse(name, sentence)


def _refuse(name: str, sentence: str) -> None:
    raise SettingsError([(name, sentence)])
