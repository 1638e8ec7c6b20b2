"""How depth spreads singular values, in theory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gncviz.models.arrays import checked_size
from gncviz.settings import SettingsError, whole_number

if TYPE_CHECKING:
    from numpy.typing import NDArray


def lyapunov_exponents(width: int, count: int | None = None) -> NDArray[np.float64]:
    """Growth rates of the singular values of a product of Gaussian matrices.

    For square width × width factors with entries N(0, 1/width), (1/d) log s_i tends to
    λ_i = ½ [ψ((k − i + 1)/2) + log(2/k)] as the depth d grows, ψ the digamma function
    (Newman 1986).

    Args:
        width: the width k.
        count: how many, from the largest; all k by default.

    Returns:
        λ_1..λ_count, largest first, with shape (count,), float64.

    Raises:
        SettingsError: one of them is no positive whole number, or count exceeds the width.
    """
    from scipy.special import digamma

    width = whole_number("width", width, 1)
    count = width if count is None else whole_number("count", count, 1)
    if count > width:
        sentence = f"count should be between 1 and the width, {width}; got {count}."
        raise SettingsError([("count", sentence)])
    checked_size("count", "so many exponents", count)
    index, size = np.arange(1, count + 1), float(width)
    return np.asarray((digamma((size - index + 1) / 2) + np.log(2 / size)) / 2)
