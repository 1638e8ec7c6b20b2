"""Settings of a run that takes a moment; few of them have their defaults."""

from __future__ import annotations

from gncviz.experiment import assemble

SETTINGS = assemble(
    {
        "task.rows": 3,
        "task.cols": 4,
        "task.measurements": 5,
        "task.kind": "completion",
        "task.norm": 1.5,
        "task.seed": 3,
        "network.width": 4,
        "network.depth": 3,
        "network.activation": "tanh",
        "prior.family": "uniform",
        "prior.normalize": True,
        "prior.scaling": "fan_out",
        "guess_and_check.epsilon": 0.15,
        "guess_and_check.samples": 60,
        "guess_and_check.draws": 20_000,
        "guess_and_check.seed": 4,
        "descent.trials": 3,
        "descent.lr": 0.02,
        "descent.epochs": 40,
        "descent.momentum": 0.5,
        "descent.tolerance": 0,
        "descent.seed": 5,
    }
)
