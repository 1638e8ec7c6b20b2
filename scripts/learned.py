"""Runs the settings that the page's view on data begins with: gncviz/lattice/learned/*.npz.

python scripts/learned.py
"""

from __future__ import annotations

from gncviz.experiment.learning import run_learning
from gncviz.experiment.learning.starts import STARTS
from gncviz.lattice.learned import FOLDER, keep
from gncviz.provenance import commit, machine, versions


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    made = {"commit": commit(), "machine": machine(), **versions()}
    for name, start in STARTS.items():
        found = run_learning(start.settings)
        path = FOLDER / f"{name}.npz"
        keep(path, found, made)
        size = path.stat().st_size / 1e3
        print(f"{path.name}: {found.seconds:.1f} s, {size:.0f} kB, {found.message}", flush=True)


if __name__ == "__main__":
    main()
