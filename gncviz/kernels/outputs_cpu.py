"""Outputs of 32 networks and their losses; arrays are flat and count rows of 32 numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gncviz.kernels.compiling import part
from gncviz.kernels.lanes import FOUR, copy, dot, four_dots, four_plain_dots, plain_dot, scale
from gncviz.kernels.lanes import LANES_32 as LANES

_ONE, _TINY = np.float32(1), np.float32(np.finfo(np.float32).tiny)


@part
def multiply(
    left: Any, a: int, right: Any, b: int, out: Any, c: int, rows: int, inner: int, cols: int
) -> None:
    """The product of matrices that begin in rows a, b and c."""
    fours = cols // FOUR * FOUR
    for i in range(rows):
        first, to = a + i * inner, c + i * cols
        for j in range(0, fours, FOUR):
            four_dots(left, first, 1, 0, right, b + j, cols, 1, inner, out, to + j)
        for j in range(fours, cols):
            dot(left, first, 1, right, b + j, cols, inner, out, to + j)


@part
def mean_square(
    matrix: Any, places: Any, target: Any, y: Any, size: int, misfit: Any, mean: Any
) -> None:
    """‖A y − b‖²/n, by a matrix (n, P) or by the places in y that are looked at."""
    count, fours = len(target), len(matrix) // FOUR * FOUR
    for i in range(0, fours, FOUR):
        four_plain_dots(matrix, i * size, 1, size, y, 0, 1, 0, size, misfit, i)
    for i in range(fours, len(matrix)):
        plain_dot(matrix, i * size, 1, y, 0, 1, size, misfit, i)
    for i in range(len(places)):
        copy(y, places[i], misfit, i, 1)
    for i in range(count):
        one = misfit[i * LANES : (i + 1) * LANES]
        for lane in range(LANES):
            one[lane] -= target[i]
    dot(misfit, 0, 1, misfit, 0, 1, count, mean, 0)
    for lane in range(LANES):
        mean[lane] /= np.float32(count)


@part
def normalize_output(y: Any, size: int, norm: Any) -> None:
    """Divides y by its norm, and leaves one over that behind; zero stays zero."""
    dot(y, 0, 1, y, 0, 1, size, norm, 0)
    for lane in range(LANES):
        norm[lane] = _ONE / max(np.float32(math.sqrt(norm[lane])), _TINY)
    scale(y, 0, size, norm)
