"""Against a release before: the same calls in fresh processes of both, turn by turn."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from benchmarks.measure import Comparison

#: The release that a speed is compared with.
COMMIT = "11477fe"
_ROOT = Path(__file__).parents[1]

#: Run by both: prints seconds of each turn. Sampling is charged for an error above 3 %, and earns
#: nothing for one below.
_SAMPLE = """
import json, time, gncviz as gv
depth, activation, samples = {arguments}
task, found = gv.Task.random(seed=0), []
for seed in (9, 0, 1, 2):
    begun = time.perf_counter()
    post = gv.guess_and_check(
        task, gv.Network(depth=depth, activation=activation), gv.Prior(normalize=True), 0.0035,
        samples=samples, seed=seed, device="cpu",
    )
    seconds = time.perf_counter() - begun
    found.append(seconds * max(1.0, (post.stderr / post.mean_gen_loss / 0.03) ** 2))
print(json.dumps(sorted(found[1:])[1]))
"""
_DESCEND = """
import json, time, gncviz as gv
(depth,), epochs, found = {arguments}, 20000, []
for _ in range(4):
    begun = time.perf_counter()
    gv.gradient_descent(
        gv.Task.random(seed=0), gv.Network(depth=depth), trials=8, lr=1e-4, epochs=epochs,
        tolerance=0, device="cpu",
    )
    found.append((time.perf_counter() - begun) / epochs / 8 * 1e6)
print(json.dumps(sorted(found[1:])[1]))
"""
_FIRST_CALL = """
import time
begun = time.perf_counter()
import json, gncviz as gv
gv.guess_and_check(
    gv.Task.random(seed=0), gv.Network(), gv.Prior(normalize=True), 0.02, samples=50,
    method="splitting", device="cpu", {arguments}
)
print(json.dumps(time.perf_counter() - begun))
"""

#: Name, unit, script, arguments, target. Samples: what 3 % takes, Var(L_gen) / E[L_gen]² / 0.03².
_ROWS: list[tuple[str, str, str, object, float | None]] = [
    *(
        (f"time to 3 %, Figure 2, {activation}, d={depth}", "s", _SAMPLE, asked, target)
        for activation, target, points in (
            ("linear", 10.0, ((2, 600), (5, 1300), (10, 1300))),
            ("tanh", 8.0, ((2, 600), (5, 1300), (10, 1300))),
            ("leaky_relu", 8.0, ((2, 500), (5, 800), (9, 1000))),
        )
        for depth, samples in points
        for asked in [(depth, activation, samples)]
    ),
    *(
        (f"gradient descent, d={d}, 8 trials", "µs a trial-epoch", _DESCEND, (d,), 8.0)
        for d in (2, 10)
    ),
    ("first call in a fresh process", "s", _FIRST_CALL, "", None),
]


def comparisons() -> Iterator[Comparison]:
    """Each row with the release of :data:`COMMIT`, from this repository, and with ours."""
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(
            ["git", "archive", COMMIT, "gncviz"], cwd=_ROOT, check=True, capture_output=True
        ).stdout
        with tarfile.open(fileobj=BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
        for name, unit, script, arguments, target in _ROWS:
            code = script.format(arguments=arguments)
            before, ours = (_run(code, place) for place in (folder, _ROOT))
            yield Comparison(name, unit, before, ours, target)


def _run(code: str, place: str | Path) -> float:
    environment = {**os.environ, "PYTHONPATH": str(place)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=place, env=environment, check=True, capture_output=True
    )
    return float(json.loads(done.stdout.splitlines()[-1]))
