"""What a task of data computes: its losses at all samples, and what they ask of outputs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gncviz.models.arrays import frozen, real_numbers
from gncviz.models.data.forms import FORMS, Form, LossName
from gncviz.models.protocols import Ball, HardLabels
from gncviz.settings import SettingsError

if TYPE_CHECKING:
    import torch
    from numpy.typing import ArrayLike, NDArray

    from gncviz.models.data.losses import DataLosses

#: Numbers that the matrix of a ball may have.
_LARGEST_BALL = 2**22


class DataProblem:
    """Two losses of outputs f(X); see :class:`gncviz.DataTask` for how one comes about.

    Attributes:
        x_train: inputs, with shape (n, d), float64, read-only.
        x_test: likewise (t, d).
        targets: of all outputs, with shape (K, n + t): numbers; or for two classes ±1, for more 1
            for the own one and 0.
        loss: on the training samples.
    """

    x_train: NDArray[np.float64]
    x_test: NDArray[np.float64]
    targets: NDArray[np.float64]
    loss: LossName

    @property
    def form(self) -> Form:
        """The loss and what is known of it."""
        return FORMS[self.loss]

    @property
    def count(self) -> int:
        """n, how many samples are trained on."""
        return len(self.x_train)

    @property
    def gen_label(self) -> str:
        """What L_gen is called: "test error", or "test loss" for numbers."""
        return self.form.gen_label

    @property
    def output_shape(self) -> tuple[int, int]:
        """(K, n + t)."""
        outputs, samples = self.targets.shape
        return outputs, samples

    @cached_property
    def inputs(self) -> NDArray[np.float64]:
        """X, with shape (d, n + t), float64, one column a sample."""
        return frozen(np.concatenate([self.x_train, self.x_test]).T.copy())

    @property
    def hard(self) -> HardLabels | None:
        """What {no training error} asks of each sample, where that is what ε = 1/n means."""
        return HardLabels(self.targets[:, : self.count]) if self.form.hard else None

    @cached_property
    def ball(self) -> Ball | None:
        """{L_train < ε} for the squared loss, which is a ball in the outputs that are seen."""
        outputs, samples = self.targets.shape
        seen = outputs * self.count
        if self.form.classes or seen * self.targets.size > _LARGEST_BALL:
            return None
        directions = np.zeros((outputs, self.count, outputs, samples))
        k, i = np.divmod(np.arange(seen), self.count)
        directions[k, i, k, i] = 1.0
        return Ball(directions.reshape(seen, -1), self.targets[:, : self.count].ravel(), seen)

    def train_loss(self, outputs: ArrayLike) -> NDArray[np.float64]:
        """L_train of outputs (..., K, n + t), with shape (...), float64.

        Raises:
            SettingsError: they have another shape.
        """
        return self._reference("train", outputs)

    def gen_loss(self, outputs: ArrayLike) -> NDArray[np.float64]:
        """L_gen of outputs (..., K, n + t), with shape (...), float64.

        Raises:
            SettingsError: they have another shape.
        """
        return self._reference("gen", outputs)

    def _reference(self, name: str, outputs: ArrayLike) -> NDArray[np.float64]:
        import torch

        rows, samples = self.output_shape
        array = real_numbers("outputs", outputs, f"(..., {rows}, {samples})")
        if array.shape[-2:] != self.output_shape:
            sentence = f"outputs must have shape (..., {rows}, {samples}); got {array.shape}."
            raise SettingsError([("outputs", sentence)])
        columns = torch.tensor(array.reshape(-1, rows * samples).T)
        losses = self.losses(torch.device("cpu"), torch.float64)
        found = getattr(losses, name)(columns)
        return np.asarray(found.numpy().reshape(array.shape[:-2]))

    def losses(self, device: torch.device, dtype: torch.dtype) -> DataLosses:
        """Both losses on columns; see :class:`gncviz.models.protocols.Losses`.

        Args:
            device: where they are computed.
            dtype: in which precision.
        """
        import torch

        from gncviz.models.data.losses import DataLosses

        target = torch.tensor(self.targets, device=device, dtype=dtype)[:, :, None]
        return DataLosses(self.form, target, self.count)

    def trial_losses(self, tasks: Sequence[DataProblem], device: torch.device) -> DataLosses:
        """The training losses of tasks of one shape, one a trial; in float64.

        Args:
            tasks: of one loss and one number of samples.
            device: where they are computed.

        Raises:
            SettingsError: they differ in the loss, or in how many samples are trained on.
        """
        import torch

        from gncviz.models.data.losses import DataLosses

        if len({(task.loss, task.count) for task in tasks}) > 1:
            sentence = "task must have one loss and as many training samples in all trials."
            raise SettingsError([("task", sentence)])
        alike = all(task.targets is tasks[0].targets for task in tasks)
        columns = np.stack([task.targets for task in tasks[: 1 if alike else None]], axis=2)
        return DataLosses(self.form, torch.tensor(columns, device=device), self.count)

    def unfoldings(self, outputs: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """f(X), whose singular values tell how many outputs differ.

        Args:
            outputs: with shape (..., K, n + t).
        """
        return {"f(X)": outputs}
