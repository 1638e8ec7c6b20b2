"""Which of a person's own readings are trained on, and which are held out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from gncviz.models.arrays import axes_of, real_numbers, with_holes
from gncviz.models.matrix.parts import MATRICES, Form, Parts, parts_of, parts_of_entries
from gncviz.settings import SettingsError, whole_number
from gncviz.streams import Stream, numpy_generator

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

#: How many are held out, or which; as :meth:`gncviz.Task.completion` takes it.
HoldOut = Any
#: The share that is held out where nobody says another.
SHARE = 0.2
#: Numbers with holes, which no type of NumPy's describes.
Table = Any


def completion(matrix: Table, held_out: HoldOut, seed: int) -> Parts:
    """A matrix with holes; see :meth:`gncviz.Task.completion`."""
    table = with_holes("matrix", matrix, "(rows, cols)", ndim=2)
    known = np.flatnonzero(~np.isnan(table))
    if len(known) < 2:
        _refuse("matrix", f"matrix must have two known entries or more; it has {len(known)}.")
    out = _chosen(held_out, seed, known, table.shape)
    return parts_of_entries(table, known[~out], known[out])


def at_places(matrix: Table, held_out: ArrayLike) -> Parts:
    """The same, the held-out entries named by their places in the flattened matrix.

    Args:
        matrix: with shape (m, m').
        held_out: places, with shape (h,).
    """
    mask = np.zeros(np.shape(np.asarray(matrix, dtype=object)), dtype=bool)
    mask.flat[np.asarray(held_out, dtype=int)] = True
    return completion(matrix, mask, 0)


def sensing(
    measurements: ArrayLike,
    labels: ArrayLike,
    held_out: HoldOut,
    seed: int,
    form: Form = MATRICES,
) -> Parts:
    """Measurements with their values; see :meth:`gncviz.Task.sensing`."""
    given = real_numbers("measurements", measurements, f"(n, {form.sides})")
    values = real_numbers("labels", labels, "(n,)")
    if given.ndim != form.axes + 1 or len(given) < 2:
        sentence = f"measurements must have shape (n, {form.sides}), n two or more"
        _refuse("measurements", f"{sentence}; got {given.shape}.")
    if values.shape != given.shape[:1]:
        sentence = f"labels must have shape ({len(given)},), one a measurement; got {values.shape}."
        _refuse("labels", sentence)
    out = _chosen(held_out, seed, np.arange(len(given)), given.shape[:1])
    return parts_of(None, given[~out], values[~out], given[out], values[out], form=form)


def _chosen(
    held_out: HoldOut, seed: int, known: NDArray[np.int64], shape: tuple[int, ...]
) -> NDArray[np.bool_]:
    """Which of the known ones are held out, with shape (known,).

    Args:
        held_out: a share, or a mask.
        seed: of the choice, where it is a share.
        known: their places among all.
        shape: of all.
    """
    if axes_of(held_out) == 0:
        return _share(held_out, seed, len(known))
    mask = real_numbers("held_out", held_out, str(shape)).astype(float)
    if mask.shape != shape or not np.isin(mask, (0, 1)).all():
        _refuse("held_out", f"held_out must be a share, or True and False with shape {shape}.")
    places = np.flatnonzero(mask)
    unknown = np.setdiff1d(places, known)
    if len(unknown):
        place = tuple(int(i) for i in np.unravel_index(unknown[0], shape))
        _refuse("held_out", f"held_out must name known entries; {place} is missing.")
    out = np.isin(known, places)
    if out.all() or not out.any():
        what = "every" if out.all() else "no"
        sentence = f"held_out must leave some to train on and some to measure; it names {what} one."
        _refuse("held_out", sentence)
    return out


def _share(held_out: Any, seed: int, count: int) -> NDArray[np.bool_]:
    real = isinstance(held_out, (int, float, np.number)) and not isinstance(held_out, bool)
    if not real or not 0 < held_out < 1:
        sentence = "held_out should be a share between 0 and 1, or a mask of those held out"
        _refuse("held_out", f"{sentence}; got {held_out!r}.")
    rng = numpy_generator(whole_number("seed", seed), Stream.HELD_OUT)
    wanted = min(max(round(float(held_out) * count), 1), count - 1)
    out = np.zeros(count, dtype=bool)
    out[rng.choice(count, size=wanted, replace=False)] = True
    return out


def _refuse(name: str, sentence: str) -> NoReturn:
    raise SettingsError([(name, sentence)])
