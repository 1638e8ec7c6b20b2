"""Stored runs on a lattice of widths, depths, activations and thresholds: the page's story.

They stand in one small file, made from real runs by scripts/lattice.py, with commit and machine in
it; a picture of any of them needs neither torch nor a run.
"""

from __future__ import annotations

from gncviz.lattice.grid import EPSILONS, WORLDS, Place, World, places, settings_of
from gncviz.lattice.stored import Lattice, Run, lattice

__all__ = [
    "EPSILONS",
    "WORLDS",
    "Lattice",
    "Place",
    "Run",
    "World",
    "lattice",
    "places",
    "settings_of",
]
