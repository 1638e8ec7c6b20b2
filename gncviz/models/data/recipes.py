"""Settings that describe a task of data: a set by its name, or a person's own arrays."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from gncviz.models.data import datasets
from gncviz.models.data.forms import FORMS, LossName
from gncviz.models.data.labels import targets
from gncviz.models.recipe import SeededRecipe, TaskRecipe
from gncviz.settings import SettingsError, as_python
from gncviz.streams import Stream, numpy_generator
from gncviz.words import grouped

Label = int | float | str | bool
Row = tuple[float, ...]
#: Inputs and labels of training, then of the test.
Arrays = tuple[NDArray[np.float64], NDArray[Any], NDArray[np.float64], NDArray[Any]]

#: Choices of samples that are looked at, for one in which each class has a sample.
_CHOICES = 100
#: How many samples of a set that is made are tested on.
_TEST = 1000


class DataSettings(SeededRecipe):
    """The recipe of a named set; see :meth:`gncviz.DataTask.load`."""

    model: ClassVar[str] = "data"

    name: datasets.SetName = Field("digits", description="Set of samples.")
    classes: tuple[int | tuple[int, ...], ...] | None = Field(
        None, description="Classes of the set, or groups of them; all by default."
    )
    train: int = Field(32, ge=2, le=100_000, description="Samples n that are trained on.")
    test: int | None = Field(
        None, ge=1, le=1_000_000, description="Samples of the test; all others by default."
    )
    loss: LossName = Field("errors", description="Loss on the training samples.")
    noise: float | None = Field(None, ge=0, le=10, description="Noise of a set that is made.")
    dim: int = Field(10, ge=1, le=10_000, description="Inputs of a set that is made.")
    seed: int = Field(0, ge=0, lt=2**63, description="Seed of the choice of samples.")

    @property
    def gen_label(self) -> str:
        """What L_gen is called."""
        return FORMS[self.loss].gen_label

    @property
    def nested(self) -> bool:
        """Whether with fewer samples it has the first of those of more, and the same test."""
        return self.name not in datasets.MADE and self.test is not None

    def arrays(self) -> Arrays:
        """Samples of the set, chosen by the seed.

        Raises:
            SettingsError: the set is not there, or has not so many samples, or not these classes.
        """
        rng = numpy_generator(self.seed, Stream.TASK)
        if self.name in datasets.MADE:
            count = self.train + (_TEST if self.test is None else self.test)
            x, y = datasets.made(self.name, rng, count, self.noise, self.dim, self._numbers)
        else:
            if self.noise is not None:
                sentence = f"noise is for sets that are made, not {self.name}."
                raise SettingsError([("noise", sentence)])
            x, y = datasets.packaged(self.name)
            x, y = datasets.grouped_classes(x, y, self.classes)
            if self._numbers:
                y = _as_numbers(y)
        return self._split(x, y, rng)

    @property
    def _numbers(self) -> bool:
        return not FORMS[self.loss].classes

    def _split(self, x: NDArray[np.float64], y: NDArray[Any], rng: np.random.Generator) -> Arrays:
        most = len(x) - (1 if self.test is None else self.test)
        if self.train > most:
            sentence = f"train should leave samples to test on: at most {grouped(max(most, 0))} of"
            raise SettingsError([("train", f"{sentence} {grouped(len(x))}; got {self.train}.")])
        for _ in range(_CHOICES):
            order = rng.permutation(len(x))
            train = order[: self.train]
            if self._numbers or len(set(y[train].tolist())) == len(set(y.tolist())):
                break
        else:
            sentence = f"train should be more, so that each class has a sample; got {self.train}."
            raise SettingsError([("train", sentence)])
        # From the end, so that it is the same for any number of samples that are trained on.
        test = order[self.train if self.test is None else len(x) - self.test :]
        return x[train], y[train], x[test], y[test]


def _as_numbers(y: NDArray[Any]) -> NDArray[np.float64]:
    """Classes as what outputs should be: ±1, or a row with a one."""
    names, places = np.unique(y, return_inverse=True)
    found = targets(places, len(names))
    return found[0] if len(found) == 1 else found.T


class GivenData(TaskRecipe):
    """A task of a person's own arrays; see :class:`gncviz.DataTask`.

    Args:
        x_train: inputs, a row a sample.
        y_train: their labels.
        x_test: inputs of the test.
        y_test: their labels.
        loss: on the training samples.
    """

    model: ClassVar[str] = "data"

    x_train: tuple[Row, ...]
    y_train: tuple[Label | Row, ...]
    x_test: tuple[Row, ...]
    y_test: tuple[Label | Row, ...]
    loss: LossName = "squared"

    @classmethod
    def of(cls, *arrays: Any, **rest: Any) -> GivenData:
        """The recipe of arrays.

        Args:
            *arrays: in the order of the fields.
            **rest: the loss.
        """
        names = ("x_train", "y_train", "x_test", "y_test", "loss")
        return cls(**dict(zip(names, map(as_python, arrays), strict=False)), **rest)

    @property
    def gen_label(self) -> str:
        """What L_gen is called."""
        return FORMS[self.loss].gen_label

    def arrays(self) -> Arrays:
        """The arrays."""
        parts = self.x_train, self.y_train, self.x_test, self.y_test
        x_train, y_train, x_test, y_test = map(np.asarray, parts)
        return x_train, y_train, x_test, y_test
