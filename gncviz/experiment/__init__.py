"""One setting with all its parts: put together, computed, told apart, taken away.

What the command line, the page and a notebook share: :mod:`gncviz.experiment.options` describes
every setting once, :mod:`gncviz.experiment.parts` computes what belongs to one.
"""

from __future__ import annotations

from gncviz.experiment.run import Experiment, run_experiment
from gncviz.experiment.settings import PRESETS, ExperimentSettings, assemble, flat
from gncviz.experiment.store import read_experiment, write_experiment

__all__ = [
    "PRESETS",
    "Experiment",
    "ExperimentSettings",
    "assemble",
    "flat",
    "read_experiment",
    "run_experiment",
    "write_experiment",
]
