"""A model of another kind in a few lines: y = tanh(w·x) on points of the plane."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch

from gncviz.models.law import direct_law
from gncviz.models.recipe import TaskRecipe
from gncviz.settings import Settings
from gncviz.streams import Stream, numpy_generator


class ToyRecipe(TaskRecipe):
    model: ClassVar[str] = "toy"
    points: int = 5
    seed: int = 0

    def seeded(self, seed: int) -> ToyRecipe:
        return self.replace(seed=seed)


class ToyTask:
    """The first points are trained on, the last one is not."""

    ball = None

    def __init__(self, recipe: ToyRecipe) -> None:
        rng = numpy_generator(recipe.seed, Stream.TASK)
        self.recipe, self.output_shape = recipe, (1, recipe.points)
        self.inputs = rng.standard_normal((2, recipe.points))
        self.truth = np.tanh([1.0, -0.5] @ self.inputs)[None]

    def train_loss(self, outputs):
        return ((np.asarray(outputs) - self.truth)[..., 0, :-1] ** 2).mean(axis=-1)

    def gen_loss(self, outputs):
        return (np.asarray(outputs) - self.truth)[..., 0, -1] ** 2

    def losses(self, device, dtype):
        return ToyLosses(torch.as_tensor(self.truth.T, device=device, dtype=dtype))

    def trial_losses(self, tasks, device):
        return ToyLosses(torch.tensor(np.concatenate([task.truth for task in tasks]).T))

    def unfoldings(self, outputs):
        return {"y": outputs}


class ToyLosses:
    unit = 1.0

    def __init__(self, truth):
        self.truth = truth

    def train(self, y):
        return (y - self.truth)[:-1].square().mean(dim=0)

    def gen(self, y):
        return (y - self.truth)[-1].square()

    def slope(self, y):
        slope = 2 * (y - self.truth) / (len(y) - 1)
        slope[-1] = 0.0
        return slope

    def select(self, trials):
        return ToyLosses(self.truth[:, trials])


class ToyNetwork(Settings):
    width: int = 1
    depth: int = 1
    label: ClassVar[str] = "tanh(w·x)"
    effort: ClassVar[float] = 1.0

    def blocks(self, task):
        return [(1, 2)]

    def forward(self, weights, inputs=None):
        return (weights[0][:, :, None] * inputs[None]).sum(dim=1).tanh()

    def gradient(self, weights, slope, into, inputs=None):
        def compute():
            y = self.forward(weights, inputs)
            back = slope(y.flatten(0, 1)).view_as(y) * (1 - y * y)
            into[0].copy_((back[:, None] * inputs[None]).sum(dim=2))
            return y

        return compute

    def laws(self, task, prior):
        return (direct_law(self, task, prior),)
