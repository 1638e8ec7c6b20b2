"""Products of many rows by a matrix, a few rows at a time."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from gncviz.models.products import rows_times

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(25,), (3, 25), (20_000, 25), (7, 2_000, 25), (0, 25)])
@pytest.mark.parametrize("columns", [1, 15, 0])
def test_is_the_product(shape: tuple[int, ...], columns: int) -> None:
    rows, matrix = RNG.standard_normal(shape), RNG.standard_normal((25, columns))
    np.testing.assert_allclose(rows_times(rows, matrix), rows @ matrix, rtol=1e-13, atol=1e-13)
    # Another layout in memory, such as a transposed matrix's.
    turned = np.asfortranarray(matrix)
    np.testing.assert_allclose(rows_times(rows, turned), rows @ matrix, rtol=1e-13, atol=1e-13)


def test_large_matrices_are_the_library_s() -> None:
    rows, matrix = RNG.standard_normal((3, 500)), RNG.standard_normal((500, 600))
    np.testing.assert_array_equal(rows_times(rows, matrix), rows @ matrix)


#: In a process of its own: tests before this one may have left threads that work.
ALONE = """
import time
import numpy as np
from gncviz.models.products import rows_times

rows, matrix = np.ones((50_000, 25)), np.ones((25, 20))
rows_times(rows, matrix)
here, everywhere = time.thread_time(), time.process_time()
for _ in range(20):
    rows_times(rows, matrix)
print(time.thread_time() - here, time.process_time() - everywhere)
"""


def test_no_other_thread_works_on_it() -> None:
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=True)
    here, everywhere = map(float, done.stdout.split())
    assert everywhere < 1.2 * here + 0.01
