"""The same numbers on any number of threads, in a process of their own each."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.golden.settings import GOLDEN

#: What a process of so many threads makes of all golden runs, backwards: their order is nothing.
SCRIPT = """
import json
from tests.golden.settings import GOLDEN
from tests.golden.test_golden import summary
print(json.dumps({name: summary(GOLDEN[name]()) for name in reversed(GOLDEN)}))
"""


def found_with(threads: int) -> dict[str, object]:
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    line = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_one_to_four_threads_find_the_same() -> None:
    first = found_with(1)
    assert set(first) == set(GOLDEN)
    for threads in (2, 3, 4):
        assert found_with(threads) == first
