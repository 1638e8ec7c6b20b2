"""What a page loads: a reader's little, a run's all."""

from __future__ import annotations

import subprocess
import sys

#: Opens the page, walks the story, then reaches for Explore.
WALK = """
import sys, time
import gncviz as gv

HEAVY = {"torch", "numba", "scipy.stats"}
explorer = gv.Explorer()
for step in range(1, 7):
    explorer.tell(step)
print(sorted(HEAVY & set(sys.modules)))
explorer._segments.near = "Explore"
end = time.monotonic() + 60
while "gncviz.posterior.auto" not in sys.modules and time.monotonic() < end:
    time.sleep(0.1)
print(sorted({"torch"} & set(sys.modules)))
"""


def test_nothing_heavy_is_loaded_before_somebody_reaches_for_a_run() -> None:
    done = subprocess.run([sys.executable, "-c", WALK], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "['torch']"]
