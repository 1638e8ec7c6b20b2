"""Regression and classification: what a network should give at some inputs, and at others."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, get_args

import numpy as np

from gncviz.models.arrays import frozen, frozen_array
from gncviz.models.data import files, labels
from gncviz.models.data.forms import FORMS, LossName
from gncviz.models.data.problem import DataProblem
from gncviz.models.data.recipes import DataSettings, GivenData, TableData
from gncviz.settings import SettingsError, whole_number
from gncviz.words import grouped

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

#: How far a grid reaches beyond the samples, as a share of what these span.
_MARGIN = 0.25


class DataTask(DataProblem):
    """Samples to learn from, and others to test on.

    A network is applied to all of them: an output is f(X), with shape (K, n + t) for K outputs, n
    samples of training and t of the test, which come after them. Two classes are told apart by the
    sign of one output, more by the largest of as many outputs. Immutable; arrays are read-only.

    Inputs are taken as they are. The prior is made for entries whose mean square is about one.

    Args:
        x_train: n inputs, with shape (n, d), a row a sample: NumPy, torch, pandas or nested lists.
        y_train: their labels, with shape (n,): classes, as any values, or numbers; or numbers (n,
            K) for K outputs.
        x_test: t inputs, with shape (t, d).
        y_test: their labels.
        loss: "squared", labels being numbers: L_train is the mean squared error, L_gen that of the
            test. "logistic", labels being classes: L_train is the mean of log(1 + exp(−margin)), or
            the cross entropy, and L_gen is the test error, the share of the test that is wrong.
            "errors": L_train is the share of the training samples that are wrong, so that ε = 1/n
            or less means none; L_gen is the test error.
        settings: the recipe that the arrays came from, if any; set by :meth:`load`.

    Raises:
        SettingsError: shapes do not fit, a number is missing or not finite, there is only one
            class, or the test has a class or columns of its own.

    Example:
        >>> task = DataTask([[0.0], [1.0]], ["no", "yes"], [[2.0]], ["yes"], loss="errors")
        >>> task.output_shape, task.classes
        ((1, 3), ('no', 'yes'))
        >>> task.train_loss([[-0.5, -0.1, 3.0]]).item(), task.gen_loss([[-0.5, -0.1, 3.0]]).item()
        (0.5, 0.0)
    """

    classes: tuple[Any, ...] | None
    settings: DataSettings | TableData | None

    def __init__(
        self,
        x_train: ArrayLike,
        y_train: ArrayLike,
        x_test: ArrayLike,
        y_test: ArrayLike,
        loss: str = "squared",
        *,
        settings: DataSettings | TableData | None = None,
    ) -> None:
        if loss not in FORMS:
            wanted = ", ".join(map(repr, get_args(LossName)))
            raise SettingsError([("loss", f"loss should be one of {wanted}; got {loss!r}.")])
        train, test = _inputs(x_train, x_test)
        counts, names = (len(train), len(test)), None
        if FORMS[loss].classes:
            names, *places = labels.classes(y_train, y_test, counts)
            told = [labels.targets(part, len(names)) for part in places]
        else:
            given = (("y_train", y_train), ("y_test", y_test))
            told = [labels.numbers(*one, count) for one, count in zip(given, counts, strict=True)]
        if len(told[0]) != len(told[1]):
            sentence = f"y_test must have the {len(told[0])} outputs of y_train"
            raise SettingsError([("y_test", f"{sentence}; got {len(told[1])}.")])
        vars(self).update(
            x_train=train,
            x_test=test,
            targets=frozen(np.concatenate(told, axis=1)),
            classes=names,
            loss=loss,
            settings=settings,
        )

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a DataTask is immutable; make a new one instead of setting {name}.")

    @classmethod
    def load(
        cls,
        name: str = "digits",
        *,
        classes: Sequence[Any] | None = None,
        train: int = 32,
        test: int | None = None,
        loss: str | None = None,
        noise: float | None = None,
        dim: int | None = None,
        seed: int = 0,
    ) -> DataTask:
        """A set of scikit-learn's, or a small one that is made here.

        Args:
            name: "digits", "breast_cancer", "wine" or "iris", for which scikit-learn has to be
                installed; or "moons", "spirals", "teacher_student" or "parity", which are made.
            classes: which of a set's classes, in scikit-learn's numbering, such as (3, 8); all by
                default. Classes that are to be one are named together, as in ((0, 2, 4, 6, 8), (1,
                3, 5, 7, 9)).
            train: n, how many samples are trained on, drawn at random.
            test: how many are tested on; all others of a set by default, 1000 of one that is made.
            loss: as in :class:`DataTask`; "errors" by default.
            noise: of a set that is made: how far points are off, or, for "teacher_student" and
                "parity", the share of labels that are turned; its own by default.
            dim: of "teacher_student" and "parity": how many inputs there are; 10 by default.
            seed: of the choice, or of what is made.

        Raises:
            SettingsError: there is no such set or class, it has too few samples, or scikit-learn is
                not installed.

        Example:
            >>> DataTask.load("moons", train=16)
            DataTask(moons, n=16, test 1000, 2 inputs, loss='errors', seed=0)
        """
        given = {"classes": classes, "loss": loss, "noise": noise, "dim": dim, "test": test}
        known = {name: value for name, value in given.items() if value is not None}
        return cls.from_recipe(DataSettings(name=name, train=train, seed=seed, **known))

    @classmethod
    def read(
        cls,
        path: Path | str,
        *,
        label: str | None = None,
        train: int | None = None,
        held_out: float | None = None,
        test: int | None = None,
        seed: int = 0,
    ) -> DataTask:
        """The task in a file: a CSV table of samples, or an npz file that :meth:`save` wrote.

        A table has numbers in all columns but one, which names the class of each sample. Inputs are
        measured from their means, in standard deviations, both of those that are trained on.

        Args:
            path: of the file.
            label: the column of the classes; the last by default.
            train: n, how many samples are trained on; all that are not held out by default.
            held_out: the share of a table that is tested on at least; a fifth by default.
            test: how many are tested on at most; all others by default.
            seed: of the choice.

        Raises:
            SettingsError: the file cannot be read, or has no such samples; the sentence says where.
        """
        given: dict[str, Any] = {"label": label, "train": train, "test": test, "seed": seed}
        return cls.from_recipe(files.read(path, held_out, **given))

    def save(self, path: Path | str | IO[bytes]) -> None:
        """Writes the arrays of the task, for :meth:`read`.

        Args:
            path: of an npz file; or one that is open.

        Raises:
            SettingsError: its name does not end with .npz.
        """
        arrays = self.x_train, self.y_train, self.x_test, self.y_test
        files.save(path, GivenData.of(*arrays, loss=self.loss))

    @classmethod
    def from_recipe(cls, recipe: DataSettings | GivenData | TableData) -> DataTask:
        """The task that settings describe; the same settings give the same task.

        Args:
            recipe: how it is chosen or made, or its arrays.
        """
        settings = None if isinstance(recipe, GivenData) else recipe
        return cls(*recipe.arrays(), loss=recipe.loss, settings=settings)

    @property
    def recipe(self) -> DataSettings | TableData | GivenData:
        """The task as settings."""
        if self.settings is not None:
            return self.settings
        return GivenData.of(self.x_train, self.y_train, self.x_test, self.y_test, self.loss)

    def with_loss(self, loss: str) -> DataTask:
        """The same samples under another loss.

        Args:
            loss: as in :class:`DataTask`.

        Raises:
            SettingsError: the labels are none for that loss.
        """
        task = DataTask(self.x_train, self.y_train, self.x_test, self.y_test, loss)
        if self.settings is not None:
            vars(task).update(settings=self.settings.replace(loss=loss))
        return task

    def first(self, count: int) -> DataTask:
        """The same task with its first samples only, and the same test.

        Args:
            count: how many are trained on.

        Raises:
            SettingsError: there are not so many, or they are of one class.
        """
        if not 1 <= count <= self.count:
            sentence = f"count should be between 1 and {self.count}, the samples; got {count!r}."
            raise SettingsError([("count", sentence)])
        fewer = self.x_train[:count], self.y_train[:count]
        return DataTask(*fewer, self.x_test, self.y_test, self.loss)

    @property
    def y_train(self) -> NDArray[Any]:
        """Labels of the training samples as they were given, with shape (n,) or (n, K)."""
        return self._labels(self.targets[:, : self.count])

    @property
    def y_test(self) -> NDArray[Any]:
        """Labels of the test, likewise."""
        return self._labels(self.targets[:, self.count :])

    def _labels(self, targets: NDArray[np.float64]) -> NDArray[Any]:
        if self.classes is None:
            return targets[0] if len(targets) == 1 else targets.T
        return np.asarray(self.classes)[_places(targets)]

    def over_grid(self, side: int = 60) -> DataTask:
        """The same training samples, tested on a grid over the plane: for decision regions.

        A point of the grid has the label of the training sample nearest to it, so that the test
        error is of no interest.

        Args:
            side: points along each side, from left to right and from below.

        Raises:
            SettingsError: there are not two inputs, or labels are numbers.
        """
        if self.x_train.shape[1] != 2 or self.classes is None:
            sentence = "task should have two inputs and classes, for regions in the plane; it has"
            raise SettingsError([("task", f"{sentence} {self.x_train.shape[1]} inputs.")])
        count = whole_number("side", side, 2)
        low, high = self.x_train.min(axis=0), self.x_train.max(axis=0)
        margin = _MARGIN * (high - low) + 1e-9
        axes = np.linspace(low - margin, high + margin, count).T
        points = np.stack([part.ravel() for part in np.meshgrid(*axes)], axis=1)
        apart = ((points[:, None] - self.x_train) ** 2).sum(axis=2)
        nearest = self.y_train[apart.argmin(axis=1)]
        return DataTask(self.x_train, self.y_train, points, nearest, self.loss)

    @property
    def grid(self) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Places across and up, where the test is a grid in the plane as of :meth:`over_grid`."""
        if self.x_test.shape[1] != 2:
            return None
        axes = [np.unique(column) for column in self.x_test.T]
        points = np.stack([part.ravel() for part in np.meshgrid(*axes)], axis=1)
        whole = points.shape == self.x_test.shape and bool((points == self.x_test).all())
        return (axes[0], axes[1]) if whole and len(points) > 1 else None

    @cached_property
    def seen(self) -> DataTask:
        """The task with one sample of the test only, for those who look at L_train."""
        return DataTask(self.x_train, self.y_train, self.x_test[:1], self.y_test[:1], self.loss)

    def __reduce__(self) -> tuple[Any, ...]:
        arrays = self.x_train, self.y_train, self.x_test, self.y_test
        return _again, (*arrays, self.loss, self.settings)

    def __repr__(self) -> str:
        origin = "" if self.settings is None else f"{self.settings.source}, "
        seed = "" if self.settings is None else f", seed={self.settings.seed}"
        sizes = f"n={grouped(self.count)}, test {len(self.x_test)}, {len(self.inputs)} inputs"
        return f"DataTask({origin}{sizes}, loss={self.loss!r}{seed})"


def _again(*parts: Any) -> DataTask:
    """A copy, made anew so that its arrays are as read-only."""
    return DataTask(*parts[:5], settings=parts[5])


def _places(targets: NDArray[np.float64]) -> NDArray[np.int64]:
    if len(targets) == 1:
        return (targets[0] > 0).astype(np.int64)
    return targets.argmax(axis=0)


def _inputs(train: Any, test: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Inputs of training and test, with shapes (n, d) and (t, d)."""
    names = [list(getattr(given, "columns", [])) for given in (train, test)]
    if all(names) and names[0] != names[1]:
        missing = [name for name in names[0] if name not in names[1]] or names[1]
        sentence = "x_test must have the columns of x_train, in the same order; look at"
        raise SettingsError([("x_test", f"{sentence} {missing[0]!r}.")])
    found = [
        frozen_array(name, given, "(samples, inputs)", 2)
        for name, given in (("x_train", train), ("x_test", test))
    ]
    if found[0].shape[1] != found[1].shape[1]:
        sides = found[0].shape[1], found[1].shape[1]
        sentence = f"x_test must have the {sides[0]} columns of x_train; got {sides[1]}."
        raise SettingsError([("x_test", sentence)])
    return found[0], found[1]
