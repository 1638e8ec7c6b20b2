"""What units take in, sample by sample in blocks, against NumPy; the sweep is in test_curve."""

from __future__ import annotations

import numpy as np
import pytest

from gncviz.kernels.lanes import BLOCK
from gncviz.kernels.units_cpu import _take_in

STRIDE = 41


@pytest.mark.parametrize("rising", [False, True])
@pytest.mark.parametrize("samples", [1, BLOCK, 2 * BLOCK + 1, 3 * BLOCK])
@pytest.mark.parametrize(("units", "inner"), [(1, 1), (4, 4), (7, 41), (16, 38)])
def test_units_take_in_weights_times_rows(
    rising: bool, samples: int, units: int, inner: int
) -> None:
    rng = np.random.default_rng(0)
    room = rng.standard_normal((inner + units + 2, 3 * BLOCK)).astype(np.float32)
    if rising:
        room[:inner] = np.triu(room[:inner])
    weights = rng.standard_normal(3 + units * STRIDE).astype(np.float32)
    before = room.copy()
    _take_in(weights, 3, STRIDE, units, inner, room, 0, rising, inner + 1, samples)
    layer = weights[3:].reshape(units, STRIDE)[:, :inner].astype(float)
    taken = room[inner + 1 : -1, :samples]
    np.testing.assert_allclose(taken, layer @ before[:inner, :samples], atol=2e-5)
    others = [*range(inner + 1), -1]
    np.testing.assert_array_equal(room[others], before[others])
