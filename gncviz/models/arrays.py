"""Arrays from outside: taken over as they are meant, or refused in a sentence."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gncviz.settings import SettingsError
from gncviz.words import grouped

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

#: Numbers in one array, at most: two gigabytes in float64.
_LARGEST = 2**28
#: Gigabytes that are not counted any more.
_COUNTLESS = 1_000_000
#: Squares of larger numbers, and of smaller ones but for zero, leave the range of float64.
_REACH = 1e150
#: NumPy's kinds of real numbers, truth values among them.
_REAL = "biuf"


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """An array that can no longer be written to."""
    array.flags.writeable = False
    return array


def frozen_array(
    name: str, values: ArrayLike, shape: str, ndim: int, if_missing: str = ""
) -> NDArray[np.float64]:
    """A read-only float64 copy of what was given.

    Args:
        name: what it is called in errors.
        values: NumPy, torch, pandas, or nested lists.
        shape: the shape that is wanted, in words.
        ndim: how many axes it has.
        if_missing: what to do about entries that are missing, in a sentence.

    Raises:
        SettingsError: it holds something else than finite numbers, has another shape, or would not
            fit into memory.
    """
    sides = getattr(values, "shape", ())
    checked_size(name, f"{' × '.join(map(str, sides))} numbers", math.prod(sides))
    array = real_numbers(name, values, shape, if_missing).copy()
    if array.ndim != ndim or 0 in array.shape:
        _refuse(name, f"{name} must have shape {shape}, none of it 0; got {array.shape}.")
    if np.isnan(array).any():
        _refuse_missing(name, np.isnan(array), if_missing)
    if not np.isfinite(array).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        _refuse(name, f"{name} must be finite; it holds {array[place]} at {place}.")
    check_reach(name, "its largest entry", float(np.abs(array).max()))
    return frozen(array)


def with_holes(name: str, values: ArrayLike, shape: str, ndim: int) -> NDArray[np.float64]:
    """A float64 copy in which NaN stands for what is missing.

    Args:
        name: what it is called in errors.
        values: NumPy, torch, pandas, or nested lists; NaN, None, masked and pandas' NA are missing.
        shape: the shape that is wanted, in words.
        ndim: how many axes it has.

    Raises:
        SettingsError: the rest is something else than finite numbers, or has another shape, or
            would not fit into memory.
    """
    import pandas as pd

    if isinstance(values, pd.DataFrame):
        _refuse_words(name, values)
    bare = np.asarray(_bare(values), dtype=object if not hasattr(values, "dtype") else None)
    missing = np.asarray(pd.isna(bare))
    filled = np.where(missing, 0.0, bare) if missing.any() else bare
    found = frozen_array(name, filled, shape, ndim).copy()
    found[missing] = np.nan
    return found


def check_reach(name: str, what: str, largest: float) -> None:
    """Does nothing if squares of such numbers stay in float64's range.

    Args:
        name: what is called in errors.
        what: the largest number is, in words.
        largest: it; zero is allowed.

    Raises:
        SettingsError: they do not.
    """
    if largest and not 1 / _REACH < largest < _REACH:
        allowed = f"between {1 / _REACH:g} and {_REACH:g}"
        _refuse(name, f"{name} must have {what} {allowed}; got {largest:g}.")


def real_numbers(
    name: str, values: ArrayLike, shape: str, if_missing: str = ""
) -> NDArray[np.float64]:
    """What was given in float64, itself where it is that already; NaN and infinity among them.

    Args:
        name: what it is called in errors.
        values: NumPy, torch, pandas, or nested lists of these; True and False are 1 and 0.
        shape: the shape that is wanted, in words.
        if_missing: what to do about entries that are missing, in a sentence.

    Raises:
        SettingsError: it holds something else than real numbers, or entries are missing: masked,
            None, or pandas' NA.
    """
    if type(values) is np.ndarray and values.dtype == np.float64:
        return values
    try:
        array = np.asarray(_bare(values))
        if array.dtype == object:
            array = _unboxed(name, array, if_missing)
    except SettingsError:
        raise
    except (TypeError, ValueError, OverflowError):
        array = np.empty(0, dtype=object)
    if array.dtype.kind == "c":
        _refuse(name, f"{name} must be real; it holds complex numbers.")
    if array.dtype.kind not in _REAL:
        _refuse(name, f"{name} must be an array of numbers with shape {shape}.")
    with np.errstate(over="ignore"):
        return np.asarray(array, dtype=float)


def _bare(values: Any) -> Any:
    """Numbers without what packages wrap them in; None in the place of one that is masked."""
    if isinstance(values, list | tuple):
        return [_bare(part) for part in values]
    if hasattr(values, "detach"):  # a torch tensor, wherever it lives
        here = values.detach().cpu().to_dense()
        return (here if here.is_complex() else here.double()).numpy()
    if np.ma.isMaskedArray(values):
        return values.tolist() if np.ma.getmaskarray(values).any() else values.data
    return values


def _unboxed(name: str, array: NDArray[Any], if_missing: str) -> NDArray[Any]:
    """Python's numbers, one by one, as NumPy's."""
    import pandas as pd

    missing = np.asarray(pd.isna(array))
    if array.ndim and missing.any():
        _refuse_missing(name, missing, if_missing)
    kinds = {type(one) for one in array.flat}
    if any(issubclass(kind, str | bytes) for kind in kinds):
        raise TypeError
    return array.astype(complex if any(issubclass(kind, complex) for kind in kinds) else float)


def _refuse_words(name: str, frame: pd.DataFrame) -> None:
    for label, column in frame.items():
        if any(isinstance(one, str) for one in column):
            advice = "make it the index, as index_col=0 of read_csv does, or leave it out"
            _refuse(name, f"{name} must be numbers; the column {label!r} has words: {advice}.")


def _refuse_missing(name: str, missing: NDArray[np.bool_], if_missing: str) -> None:
    count = int(missing.sum())
    place = tuple(int(i) for i in np.argwhere(missing)[0])
    are = "is" if count == 1 else "are"
    sentence = f"{name} must have all its entries; {count} {are} missing, the first at {place}."
    _refuse(name, f"{sentence} {if_missing}".rstrip())


def axes_of(given: Any) -> int:
    """How many axes something has that may be no array: lists of different lengths have one."""
    try:
        return np.ndim(given)
    except ValueError:
        return 1


def fits(numbers: int) -> bool:
    """Whether so many numbers can be held."""
    return numbers <= _LARGEST


def checked_size(name: str, what: str, numbers: int) -> None:
    """Does nothing if so many numbers can be held.

    Args:
        name: the setting at fault if not.
        what: they are, in words.
        numbers: how many.

    Raises:
        SettingsError: they are too many; said before anything is allocated.
    """
    if not fits(numbers):
        size, most = _gigabytes(numbers), _gigabytes(_LARGEST)
        _refuse(name, f"{name} would be {what}, which take {size}; at most {most} are held.")


def _gigabytes(numbers: int) -> str:
    # Of whole numbers: a size that is a mistake may be one that no float holds.
    size = (8 * numbers + 500_000_000) // 1_000_000_000
    return f"{grouped(size)} GB" if size < _COUNTLESS else f"over {grouped(_COUNTLESS)} GB"


def _refuse(name: str, sentence: str) -> None:
    raise SettingsError([(name, sentence)])
