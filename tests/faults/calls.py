"""The public calls, each small enough to be made thousands of times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import gncviz as gv
from gncviz import figures, mechanism, paper, spectrum, theory
from gncviz.experiment import assemble
from gncviz.posterior import GuessAndCheckSettings

TASK = gv.Task.random(rows=3, cols=3, measurements=4, seed=1)
TENSORS = gv.TensorTask.random(shape=(2, 2, 2), measurements=4, seed=1)
NETWORK, PRIOR = gv.Network(width=3, depth=2), gv.Prior()
MATRICES = np.random.default_rng(0).standard_normal((6, 3, 3))
POST = gv.guess_and_check(TASK, NETWORK, epsilon=0.5, samples=30, method="plain", device="cpu")
GD = gv.gradient_descent(TASK, NETWORK, trials=2, epochs=5, device="cpu")


@dataclass(frozen=True)
class Call:
    """A function and arguments that it takes.

    Attributes:
        function: what is called.
        arguments: all by name, or by place where the name is a number.
    """

    function: Callable[..., Any]
    arguments: dict[str | int, Any]

    def made(self, changes: dict[str | int, Any]) -> Any:
        """Calls it, with some of its arguments changed."""
        given = {**self.arguments, **changes}
        places = [value for name, value in given.items() if isinstance(name, int)]
        return self.function(
            *places, **{name: value for name, value in given.items() if isinstance(name, str)}
        )


_TASK: dict[str | int, Any] = {
    "rows": 3,
    "cols": 3,
    "rank": 1,
    "norm": 1.0,
    "measurements": 4,
    "kind": "sensing",
    "seed": 0,
}
_SAMPLED: dict[str | int, Any] = {
    "task": TASK,
    "network": NETWORK,
    "prior": PRIOR,
    "epsilon": 0.5,
    "samples": 5,
    "draws": 2000,
    "seconds": 0.5,
    "seed": 0,
    "device": "cpu",
    "progress": None,
    "cancel": None,
}
_TRAINED: dict[str | int, Any] = {
    "task": TASK,
    "network": NETWORK,
    "trials": 2,
    "lr": 1e-2,
    "init": "uniform",
    "init_scale": 0.1,
    "epochs": 5,
    "momentum": 0.0,
    "step_rule": "adaptive",
    "tolerance": 1e-8,
    "seconds": 0.5,
    "seed": 0,
    "seeds": None,
    "device": "cpu",
}

CALLS: dict[str, Call] = {
    "Task.random": Call(gv.Task.random, _TASK),
    "Task": Call(gv.Task, {0: TASK.ground_truth, 1: TASK.measurements, "labels": None}),
    "Task.completion": Call(gv.Task.completion, {0: MATRICES[0], "held_out": 0.2, "seed": 0}),
    "Task.sensing": Call(gv.Task.sensing, {0: MATRICES, 1: np.ones(6)}),
    "Task.train_loss": Call(TASK.train_loss, {0: MATRICES}),
    "Task.gen_loss": Call(TASK.gen_loss, {0: MATRICES}),
    "Network": Call(
        gv.Network, {"width": 3, "depth": 2, "activation": "linear", "negative_slope": 0.2}
    ),
    "Prior": Call(gv.Prior, {"family": "gaussian", "normalize": False, "scaling": "fan_in"}),
    "Activation": Call(gv.Activation, {0: "cube", 1: lambda x: x**3, 2: lambda x: 3 * x**2}),
    "TensorTask.random": Call(
        gv.TensorTask.random,
        {
            "shape": (2, 2, 2),
            "rank": 1,
            "norm": 1.0,
            "measurements": 4,
            "kind": "sensing",
            "seed": 0,
        },
    ),
    "TensorNetwork": Call(gv.TensorNetwork, {"width": 3, "depth": 1, "form": "cp"}),
    "guess_and_check, tensors": Call(
        gv.guess_and_check, {**_SAMPLED, "task": TENSORS, "network": gv.TensorNetwork(width=3)}
    ),
    "theory.infinite_width": Call(
        theory.infinite_width, {0: TASK, 1: NETWORK, 2: PRIOR, "epsilon": 0.1}
    ),
    "Rescaling": Call(gv.Rescaling, {"unit": 2.0, "centre": 0.0}),
    **{
        f"guess_and_check, {method}": Call(gv.guess_and_check, {**_SAMPLED, "method": method})
        for method in ("plain", "splitting", "collapsed", "auto")
    },
    "gradient_descent": Call(gv.gradient_descent, _TRAINED),
    "at": Call(POST.at, {0: 0.4}),
    "settings": Call(GuessAndCheckSettings, {"epsilon": 0.1, "samples": 5, "seconds": None}),
    "assemble": Call(assemble, {0: {"network.width": 3}}),
    "spectrum.effective_rank": Call(spectrum.effective_rank, {0: MATRICES}),
    "spectrum.stable_rank": Call(spectrum.stable_rank, {0: MATRICES}),
    "spectrum.singular_values": Call(spectrum.singular_values, {0: MATRICES}),
    "spectrum.summarize": Call(spectrum.summarize, {0: MATRICES}),
    "spectrum.lyapunov_exponents": Call(spectrum.lyapunov_exponents, {"width": 3, "count": 2}),
    "spectrum.prior_spectra": Call(
        spectrum.prior_spectra,
        {0: NETWORK, 1: PRIOR, "rows": 3, "cols": 3, "depths": (2,), "draws": 5, "seed": 0},
    ),
    "mechanism.loss_dependence": Call(
        mechanism.loss_dependence,
        {0: TASK, 1: NETWORK, 2: PRIOR, "widths": (3,), "draws": 50, "seed": 0},
    ),
    "mechanism.collapse": Call(
        mechanism.collapse,
        {0: NETWORK, 1: PRIOR, "rows": 3, "cols": 3, "depths": (2,), "draws": 5, "seed": 0},
    ),
    "mechanism.rank_one_distance": Call(mechanism.rank_one_distance, {0: MATRICES}),
    "mechanism.rank_correlation": Call(
        mechanism.rank_correlation, {0: MATRICES[0, 0], 1: MATRICES[1, 1]}
    ),
    "theory.theorems": Call(theory.theorems, {0: TASK, 1: NETWORK, 2: PRIOR, "epsilon": 0.1}),
    "theory.rip_constant": Call(
        theory.rip_constant, {0: TASK, "rank": 1, "restarts": 1, "seed": 0}
    ),
    "figures.prior_vs_posterior": Call(figures.prior_vs_posterior, {0: POST, 1: GD}),
    "figures.loss_distributions": Call(figures.loss_distributions, {0: POST, 1: GD}),
    "figures.epsilon_path": Call(figures.epsilon_path, {0: POST, 1: GD}),
    "figures.matrices": Call(figures.matrices, {0: POST, 1: GD}),
    "figures.learning_curves": Call(figures.learning_curves, {0: GD}),
    "figures.effective_ranks": Call(figures.effective_ranks, {0: POST, 1: GD}),
    "paper.panel": Call(paper.panel, {"figure": 1, "activation": "linear"}),
    "paper.study": Call(paper.study, {0: "activations"}),
    "sweep": Call(
        gv.sweep,
        {
            0: "width",
            1: [3],
            "task": TASK,
            "seeds": 1,
            "epsilon": 0.5,
            "guess_and_check": {"samples": 5, "draws": 2000, "device": "cpu"},
            "descent": None,
            "workers": 1,
            "seconds": 2.0,
        },
    ),
}
