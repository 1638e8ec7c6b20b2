"""A run of the panels' settings takes less than a gigabyte over what importing takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gncviz.paper import PANELS

SCRIPT = Path(__file__).parents[2] / "scripts" / "memory.py"
#: The widest and the deepest, of each activation and both kinds of task; the script does them all.
CHOSEN = [(1, "linear"), (2, "leaky_relu"), (7, "tanh"), (9, "leaky_relu"), (10, "tanh")]


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("figure", "activation"), CHOSEN)
def test_a_run_takes_less_than_a_gigabyte(figure: int, activation: str) -> None:
    assert (figure, activation) in PANELS
    words = [sys.executable, str(SCRIPT), str(figure), activation]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert 0 < float(done.stdout) < 1024
