"""What a simple model derives is what a model that writes it out has."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import gncviz as gv
from gncviz.models.dense.network import Network
from gncviz.models.simple import ColumnLosses, SimpleNetwork, SimpleTask

TASK = gv.Task.random(rows=3, cols=4, measurements=5, kind="completion", seed=1)
SEEN = torch.tensor(TASK.entries.copy())


class Completion(SimpleTask):
    """:data:`TASK`, told by its losses."""

    target = TASK.ground_truth

    def train_of(self, outputs, target):
        return (outputs - target)[SEEN].square().mean(dim=0)

    def gen_of(self, outputs, target):
        error = (outputs - target).square()
        return (error.sum(dim=0) - error[SEEN].sum(dim=0)) / TASK.unmeasured


class Layers(SimpleNetwork):
    """A linear network."""

    inner: Network = Network(width=6, depth=3)

    def blocks(self, task):
        return self.inner.blocks(task)

    def forward(self, weights, inputs=None):
        return self.inner.forward(weights, inputs)


def test_losses_are_those_of_the_task() -> None:
    simple, rng = Completion(), np.random.default_rng(0)
    for shape in ((3, 4), (7, 3, 4), (2, 5, 3, 4), (0, 3, 4)):
        matrices = rng.standard_normal(shape)
        for name in ("train_loss", "gen_loss"):
            ours, theirs = getattr(simple, name)(matrices), getattr(TASK, name)(matrices)
            np.testing.assert_allclose(ours, theirs, rtol=1e-12)
            assert ours.shape == shape[:-2]
    for wrong in (np.zeros((4, 3)), np.zeros(4), 1.0):
        with pytest.raises(gv.SettingsError, match=r"outputs must have shape \(..., 3, 4\)"):
            simple.train_loss(wrong)
    assert simple.unfoldings(np.zeros((7, 3, 4)))["output"].shape == (7, 3, 4)


def test_columns_and_slopes_are_those_of_the_task() -> None:
    outputs = torch.randn(12, 6, dtype=torch.float64)
    cpu = torch.device("cpu")
    ours, theirs = (one.losses(cpu, torch.float64) for one in (Completion(), TASK))
    torch.testing.assert_close(ours.train(outputs), theirs.train(outputs) * theirs.unit)
    torch.testing.assert_close(ours.gen(outputs), theirs.gen(outputs))
    ours, theirs = (one.trial_losses([one] * 6, cpu) for one in (Completion(), TASK))
    assert isinstance(ours, ColumnLosses)
    torch.testing.assert_close(ours.slope(outputs), theirs.slope(outputs))
    few = torch.tensor([1, 4])
    torch.testing.assert_close(ours.select(few).train(outputs[:, few]), ours.train(outputs)[few])


def test_descent_is_that_of_the_written_out_gradient() -> None:
    asked = {"trials": 3, "epochs": 200, "lr": 1e-2, "init_scale": 0.5, "tolerance": 0.0}
    ours = gv.gradient_descent(Completion(), Layers(), device="cpu", **asked)
    theirs = gv.gradient_descent(TASK, Layers().inner, device="cpu", **asked)
    np.testing.assert_allclose(ours.outputs, theirs.outputs, rtol=1e-9)


def test_draws_are_those_of_the_same_network() -> None:
    asked = {"epsilon": 0.3, "method": "plain", "samples": 50, "device": "cpu"}
    posts = [gv.guess_and_check(task, Layers(), **asked) for task in (Completion(), TASK)]
    np.testing.assert_allclose(posts[0].gen_loss, posts[1].gen_loss, rtol=1e-9)
    assert Layers().label == "Layers, width 1, depth 1"
