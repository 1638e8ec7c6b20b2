"""Arrays from outside: taken over as they are meant, or refused in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gncviz.settings import SettingsError
from gncviz.words import grouped

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

#: Numbers in one array, at most: two gigabytes in float64.
_LARGEST = 2**28
#: Squares of larger numbers, and of smaller ones but for zero, leave the range of float64.
_REACH = 1e150


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """An array that can no longer be written to."""
    array.flags.writeable = False
    return array


def frozen_array(name: str, values: ArrayLike, shape: str, ndim: int) -> NDArray[np.float64]:
    """A read-only float64 copy of what was given.

    Args:
        name: what it is called in errors.
        values: NumPy, torch, pandas, or nested lists.
        shape: the shape that is wanted, in words.
        ndim: how many axes it has.

    Raises:
        SettingsError: it holds something else than finite numbers, or has another shape.
    """
    given: Any = values
    if hasattr(given, "detach"):  # a torch tensor, wherever it lives
        given = given.detach().cpu().numpy()
    if np.ma.isMaskedArray(given) and given.mask.any():
        _refuse(name, f"{name} must have all its entries; {int(given.mask.sum())} are masked.")
    try:
        array = np.array(given, dtype=float)
    except (TypeError, ValueError):
        _refuse(name, f"{name} must be an array of numbers with shape {shape}.")
    if np.iscomplexobj(given):
        _refuse(name, f"{name} must be real; it holds complex numbers.")
    if array.ndim != ndim or 0 in array.shape:
        _refuse(name, f"{name} must have shape {shape}, none of it 0; got {array.shape}.")
    if not np.isfinite(array).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        _refuse(name, f"{name} must be finite; it holds {array[place]} at {place}.")
    sizes = np.abs(array[array != 0])
    if len(sizes) and not 1 / _REACH < sizes.max() < _REACH:
        allowed = f"between {1 / _REACH:g} and {_REACH:g}"
        _refuse(name, f"{name} must have its largest entry {allowed}; got {sizes.max():g}.")
    return frozen(array)


def checked_size(name: str, what: str, numbers: int) -> None:
    """Does nothing if so many numbers can be held.

    Args:
        name: the setting at fault if not.
        what: they are, in words.
        numbers: how many.

    Raises:
        SettingsError: they are too many; said before anything is allocated.
    """
    if numbers > _LARGEST:
        size, most = (f"{grouped(round(8 * n / 1e9))} GB" for n in (numbers, _LARGEST))
        _refuse(name, f"{name} would be {what}, which take {size}; at most {most} are held.")


def _refuse(name: str, sentence: str) -> None:
    raise SettingsError([(name, sentence)])
