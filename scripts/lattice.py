"""Runs what the page's story shows, and packs it: gncviz/lattice/lattice.npz.

python scripts/lattice.py results/lattice

Every run is kept in a file of its own in the folder, so that it can be stopped and goes on later.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from gncviz.descent import gradient_descent
from gncviz.experiment.settings import ExperimentSettings
from gncviz.lattice.grid import Place, places, settings_of
from gncviz.lattice.guesses import guesses
from gncviz.lattice.record import Record, recorded
from gncviz.lattice.stored import PATH, pack
from gncviz.posterior import guess_and_check
from gncviz.provenance import commit, machine, versions
from gncviz.task import Task


def run(settings: ExperimentSettings) -> Record:
    """Guess & Check down to the last threshold, and gradient descent."""
    task = Task.from_settings(settings.task)
    network = settings.network
    post = guess_and_check(task, network, settings.prior, **dict(settings.guess_and_check))
    return recorded(post, gradient_descent(task, network, **dict(settings.descent)))


def file_of(folder: Path, place: Place) -> Path:
    name = f"{place.world}-{place.activation}-{place.depth}-{place.width}.npz"
    return folder / name


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[Place, Record] = {}
    for place in places():
        path = file_of(folder, place)
        if not path.exists():
            start = time.monotonic()
            np.savez_compressed(path, **run(settings_of(place)))
            print(f"{path.name}: {time.monotonic() - start:.1f} s", flush=True)
        found[place] = dict(np.load(path))
    made = {"commit": commit(), "machine": machine(), **versions()}
    pack(PATH, found, guesses(), made)
    print(f"{PATH}: {len(found)} places, {PATH.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
