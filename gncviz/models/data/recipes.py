"""Settings that describe a task of data: a set by its name, or a person's own arrays."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from gncviz.models.data import datasets
from gncviz.models.data.forms import FORMS, LossName
from gncviz.models.data.labels import targets
from gncviz.models.data.tables import Table
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
#: The share of a table that is tested on where nobody says another.
SHARE = 0.2


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
    def source(self) -> str:
        """Where the samples are from."""
        return self.name

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
        train, others = chosen(y, self.train, rng, each=not self._numbers)
        # From the end, so that it is the same for any number of samples that are trained on.
        test = others if self.test is None else others[len(others) - self.test :]
        return x[train], y[train], x[test], y[test]


def chosen(
    y: NDArray[Any], train: int, rng: np.random.Generator, *, each: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which samples are trained on, and the others, in a random order.

    Args:
        y: labels, with shape (N,).
        train: how many are trained on.
        rng: of the choice.
        each: whether each class is to have a sample among them.

    Raises:
        SettingsError: too few for that.
    """
    for _ in range(_CHOICES):
        order = rng.permutation(len(y))
        if not each or len(set(y[order[:train]].tolist())) == len(set(y.tolist())):
            return order[:train], order[train:]
    sentence = f"train should be more, so that each class has a sample; got {train}."
    raise SettingsError([("train", sentence)])


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

    @property
    def train(self) -> int:
        """How many samples are trained on."""
        return len(self.x_train)

    @property
    def variable(self) -> frozenset[str]:
        """The number of samples: it has the first of them."""
        return frozenset({"train"})

    @property
    def nested(self) -> bool:
        """Always: see :attr:`variable`."""
        return True

    def varied(self, **values: Any) -> TaskRecipe:
        """The recipe with the first samples only, where it is their number that is swept.

        Raises:
            SettingsError: there are not so many.
        """
        count = values.pop("train", self.train)
        if count > self.train:
            sentence = (
                f"train should be at most {grouped(self.train)}, as there are no more samples"
            )
            raise SettingsError([("train", f"{sentence}; got {count}.")])
        first = {"x_train": self.x_train[:count], "y_train": self.y_train[:count]}
        return super().varied(**first, **values)

    def arrays(self) -> Arrays:
        """The arrays."""
        parts = self.x_train, self.y_train, self.x_test, self.y_test
        x_train, y_train, x_test, y_test = map(np.asarray, parts)
        return x_train, y_train, x_test, y_test


class TableData(SeededRecipe):
    """A task of a person's own table; see :meth:`gncviz.DataTask.read`.

    Args:
        x: inputs, a row a sample.
        y: their classes.
        train: how many samples are trained on; all that are not held out by default.
        held_out: the share that is tested on at least.
        test: how many are tested on at most.
        loss: on the training samples.
        seed: of the choice.
        file: what the file is called.
        label: the column of the classes.
    """

    model: ClassVar[str] = "data"

    x: tuple[Row, ...]
    y: tuple[str, ...]
    train: int | None = Field(None, ge=2, description="Samples n that are trained on.")
    held_out: float = Field(SHARE, gt=0, lt=1, description="Share that is tested on.")
    test: int | None = Field(None, ge=1, description="Samples of the test, at most.")
    loss: LossName = "errors"
    seed: int = Field(0, ge=0, lt=2**63, description="Seed of the choice of samples.")
    file: str = ""
    label: str = ""

    @classmethod
    def of(cls, table: Table, label: str | None = None, **rest: Any) -> TableData:
        """The recipe of a table.

        Args:
            table: the cells.
            label: the column of the classes; the last by default.
            **rest: further fields.

        Raises:
            SettingsError: the table has no such samples.
        """
        x, y = table.samples(label)
        name = table.names[-1] if label is None else label
        return cls(x=x, y=y, file=table.file, label=name, **rest)

    @property
    def source(self) -> str:
        """Where the samples are from."""
        return self.file

    @property
    def gen_label(self) -> str:
        """What L_gen is called."""
        return FORMS[self.loss].gen_label

    @property
    def most(self) -> int:
        """Samples that can be trained on."""
        return len(self.y) - max(round(self.held_out * len(self.y)), 1)

    def arrays(self) -> Arrays:
        """The samples, chosen by the seed, inputs measured from their means in training.

        In their standard deviations there; a column that is the same all through is left at zero.

        Raises:
            SettingsError: there are not so many samples, or the loss asks for numbers.
        """
        if not FORMS[self.loss].classes:
            sentence = "loss of a table should be 'errors' or 'logistic': its labels are classes"
            raise SettingsError([("loss", f"{sentence}; got {self.loss!r}.")])
        count = self.most if self.train is None else self.train
        if count > self.most:
            sentence = f"train should be at most {grouped(self.most)} of the {grouped(len(self.y))}"
            share = f"{100 * self.held_out:g} % are held out"
            raise SettingsError([("train", f"{sentence} samples, as {share}; got {count}.")])
        x, y = np.array(self.x), np.array(self.y)
        rng = numpy_generator(self.seed, Stream.HELD_OUT)
        train, others = chosen(y, count, rng, each=True)
        test = others[: self.test]
        spread = x[train].std(axis=0)
        x = (x - x[train].mean(axis=0)) / np.where(spread > 0, spread, np.inf)
        return x[train], y[train], x[test], y[test]
