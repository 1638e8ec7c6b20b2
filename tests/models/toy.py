"""A model of another kind in a few lines: y = tanh(w·x) on points of the plane."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from gncviz.models.recipe import TaskRecipe
from gncviz.models.simple import SimpleNetwork, SimpleTask
from gncviz.streams import Stream, numpy_generator


class ToyRecipe(TaskRecipe):
    model: ClassVar[str] = "toy"
    points: int = 5
    seed: int = 0

    def seeded(self, seed: int) -> ToyRecipe:
        return self.replace(seed=seed)


class ToyTask(SimpleTask):
    """The first points are trained on, the last one is not."""

    def __init__(self, recipe: ToyRecipe) -> None:
        self.recipe, rng = recipe, numpy_generator(recipe.seed, Stream.TASK)
        self.inputs = rng.standard_normal((2, recipe.points))
        self.target = np.tanh([1.0, -0.5] @ self.inputs)[None]

    def train_of(self, outputs, target):
        return (outputs - target)[:-1].square().mean(dim=0)

    def gen_of(self, outputs, target):
        return (outputs - target)[-1].square()


class ToyNetwork(SimpleNetwork):
    def blocks(self, task):
        return [(1, 2)]

    def forward(self, weights, inputs=None):
        return (weights[0][:, :, None] * inputs[None]).sum(dim=1).tanh()
