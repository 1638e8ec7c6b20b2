"""Do neural networks need gradient descent to generalize? An explorer of arXiv 2506.03931.

Guess & Check, gradient descent and their spectra for matrix factorization, and for tensors. Names
are loaded when they are first used, so that a page can appear before torch is imported.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.2.0"

if TYPE_CHECKING:
    from gncviz import figures, mechanism, paper, spectrum, theory
    from gncviz.activation import Activation
    from gncviz.descent import GradientDescentResult, gradient_descent
    from gncviz.explorer import Explorer
    from gncviz.models.data.task import DataTask
    from gncviz.models.tensor.network import TensorNetwork
    from gncviz.models.tensor.task import TensorTask
    from gncviz.network import Network
    from gncviz.posterior import GuessAndCheckResult, guess_and_check
    from gncviz.posterior.curve import LearningCurve, learning_curve
    from gncviz.prior import Prior
    from gncviz.progress import Progress
    from gncviz.settings import SettingsError
    from gncviz.sweeps import SweepError, SweepResult, sweep
    from gncviz.task import Rescaling, Task

_HOME = {
    "Activation": "activation",
    "DataTask": "models.data.task",
    "Explorer": "explorer",
    "GradientDescentResult": "descent",
    "GuessAndCheckResult": "posterior",
    "LearningCurve": "posterior.curve",
    "Network": "network",
    "Prior": "prior",
    "Progress": "progress",
    "Rescaling": "task",
    "SettingsError": "settings",
    "SweepError": "sweeps",
    "SweepResult": "sweeps",
    "Task": "task",
    "TensorNetwork": "models.tensor.network",
    "TensorTask": "models.tensor.task",
    "gradient_descent": "descent",
    "guess_and_check": "posterior",
    "learning_curve": "posterior.curve",
    "sweep": "sweeps",
}
_MODULES = {"figures", "mechanism", "paper", "spectrum", "theory"}

__all__ = [
    "Activation",
    "DataTask",
    "Explorer",
    "GradientDescentResult",
    "GuessAndCheckResult",
    "LearningCurve",
    "Network",
    "Prior",
    "Progress",
    "Rescaling",
    "SettingsError",
    "SweepError",
    "SweepResult",
    "Task",
    "TensorNetwork",
    "TensorTask",
    "figures",
    "gradient_descent",
    "guess_and_check",
    "learning_curve",
    "mechanism",
    "paper",
    "spectrum",
    "sweep",
    "theory",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"gncviz.{name}")
    if name not in _HOME:
        raise AttributeError(f"module 'gncviz' has no attribute {name!r}")
    return getattr(importlib.import_module(f"gncviz.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
