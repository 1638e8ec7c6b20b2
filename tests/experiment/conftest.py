"""One small run with all its parts, shared by the tests of what is made of it."""

from __future__ import annotations

import pytest

from gncviz.experiment import Experiment, run_experiment
from tests.experiment.small import SETTINGS


@pytest.fixture(scope="session")
def found() -> Experiment:
    """What :data:`tests.experiment.small.SETTINGS` give."""
    return run_experiment(SETTINGS)
