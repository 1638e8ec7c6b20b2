"""Runs whose numbers are not to change unnoticed: each gives generalization losses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

import gncviz as gv

Losses = NDArray[np.float64]


def _sampled(network: gv.Network, prior: gv.Prior, epsilon: float, **settings: object) -> Losses:
    task = gv.Task.random(seed=1)
    return gv.guess_and_check(
        task, network, prior, epsilon=epsilon, seed=5, device="cpu", **settings
    ).gen_loss


def _descended(network: gv.Network, **settings: object) -> Losses:
    task = gv.Task.random(seed=1)
    return gv.gradient_descent(
        task, network, trials=4, epochs=1500, seed=5, device="cpu", **settings
    ).gen_loss


def _of_tensors(**settings: object) -> Losses:
    task = gv.TensorTask.random(shape=(3, 3, 3), measurements=10, seed=1)
    network = gv.TensorNetwork(width=4, depth=2)
    return gv.guess_and_check(task, network, samples=50, seed=5, device="cpu", **settings).gen_loss


#: By name; a few seconds all together.
GOLDEN: dict[str, Callable[[], Losses]] = {
    "plain, linear": lambda: _sampled(
        gv.Network(width=5, depth=2), gv.Prior(), 0.05, method="plain", samples=100
    ),
    "plain, wide and reduced": lambda: _sampled(
        gv.Network(width=100, depth=3), gv.Prior(normalize=True), 0.03, method="plain", samples=100
    ),
    "plain, tanh, uniform, fan-out": lambda: _sampled(
        gv.Network(width=20, depth=3, activation="tanh"),
        gv.Prior("uniform", scaling="fan_out"),
        0.05,
        method="plain",
        samples=100,
    ),
    "splitting, normalized, linear": lambda: _sampled(
        gv.Network(width=5, depth=4), gv.Prior(normalize=True), 0.01, method="splitting", samples=50
    ),
    "splitting, normalized, Leaky ReLU": lambda: _sampled(
        gv.Network(width=5, depth=3, activation="leaky_relu"),
        gv.Prior("uniform", normalize=True),
        0.015,
        method="splitting",
        samples=50,
    ),
    "splitting, refits, tanh": lambda: _sampled(
        gv.Network(width=5, depth=2, activation="tanh"),
        gv.Prior(),
        0.02,
        method="splitting",
        samples=50,
    ),
    "splitting, reduced": lambda: _sampled(
        gv.Network(width=300, depth=2),
        gv.Prior(normalize=True),
        0.02,
        method="splitting",
        samples=50,
    ),
    "collapsed, tanh": lambda: _sampled(
        gv.Network(width=40, depth=2, activation="tanh"), gv.Prior(), 1e-3, samples=200
    ),
    "automatic": lambda: _sampled(gv.Network(width=5, depth=2), gv.Prior(), 0.02, samples=50),
    "descent, adaptive": lambda: _descended(gv.Network(width=5, depth=3), lr=1e-2, init_scale=0.1),
    "descent, momentum, fixed steps, tanh": lambda: _descended(
        gv.Network(width=8, depth=2, activation="tanh"),
        lr=0.1,
        init_scale=0.1,
        momentum=0.9,
        step_rule="fixed",
    ),
    "spectra": lambda: gv.spectrum.prior_spectra(
        gv.Network(width=5, activation="relu"), gv.Prior(), depths=(2, 5), draws=200
    )["q50"].to_numpy(),
    "plain, completion, sine": lambda: (
        gv.guess_and_check(
            gv.Task.random(kind="completion", seed=2),
            gv.Network(width=6, depth=2, activation="sin"),
            epsilon=0.1,
            method="plain",
            samples=50,
            seed=5,
            device="cpu",
        ).gen_loss
    ),
    "splitting, deep, an activation of one's own": lambda: _sampled(
        gv.Network(width=4, depth=6, activation=gv.Activation("soft", lambda x: x / (1 + abs(x)))),
        gv.Prior(),
        0.1,
        method="splitting",
        samples=30,
    ),
    "tensor, plain": lambda: _of_tensors(method="plain", epsilon=0.6),
    "tensor, splitting": lambda: _of_tensors(method="splitting", epsilon=0.3),
    "tensor, collapsed": lambda: _of_tensors(method="collapsed", epsilon=0.3),
    "learning curve, moons": lambda: (
        gv.learning_curve(
            gv.DataTask.load("moons", train=8, seed=1),
            gv.Network(width=6, activation="relu"),
            samples=40,
            seed=5,
            device="cpu",
        )
        .table["gen_error"]
        .to_numpy()
    ),
    "descent, data": lambda: (
        gv.gradient_descent(
            gv.DataTask.load("moons", train=8, loss="logistic", seed=1),
            gv.Network(width=6, activation="relu"),
            trials=3,
            epochs=300,
            init=gv.Prior(),
            init_scale=1.0,
            seed=5,
            device="cpu",
        ).gen_loss
    ),
    "limit of width, ReLU": lambda: np.array(
        [
            gv.theory.infinite_width(
                gv.Task.random(seed=seed), gv.Network(activation="relu"), gv.Prior(), 0.02
            ).mean_gen_loss
            for seed in range(3)
        ]
    ),
}
