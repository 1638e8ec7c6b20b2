"""The largest memory that a Guess & Check run takes over its imports, setting by setting of panels.

python scripts/memory.py
"""

from __future__ import annotations

import re
import resource
import subprocess
import sys
from pathlib import Path

from gncviz.paper import PANELS, panel_settings
from gncviz.posterior import guess_and_check
from gncviz.sweeps.result import points_of

_SECONDS = 20.0


def largest() -> float:
    """The most that this program has held, in megabytes."""
    status = Path("/proc/self/status")
    if status.exists():
        # getrusage counts what the process that started this one had held.
        (peak,) = re.findall(r"VmHWM:\s*(\d+) kB", status.read_text())
        return int(peak) / 1e3
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes / (1e6 if sys.platform == "darwin" else 1e3)


def measure(figure: int, activation: str) -> float:
    """Over the imports, of the first seed's points of a panel, in megabytes."""
    import gncviz.posterior.auto  # noqa: F401
    from gncviz.models import drawn

    settings = panel_settings(figure, activation, seeds=1)
    before = largest()
    for point in points_of(settings):
        if point.kind == "guess_and_check":
            asked = {**dict(point.sampling), "seconds": _SECONDS, "device": "cpu"}
            guess_and_check(drawn(point.task), point.network, point.prior, **asked)
    return largest() - before


if __name__ == "__main__":
    if sys.argv[1:]:
        print(f"{measure(int(sys.argv[1]), sys.argv[2]):.0f}")
    else:
        for panel in PANELS:
            words = [sys.executable, __file__, *map(str, panel)]
            found = subprocess.run(words, capture_output=True, text=True, check=True)
            print(*panel, f"{found.stdout.strip()} MB over imports", flush=True)
