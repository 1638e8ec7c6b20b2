"""The losses of a task of data on columns: flattened outputs at all samples, training first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from torch import Tensor

    from gncviz.models.data.forms import Form


@dataclass(frozen=True)
class DataLosses:
    """Both losses of columns, and the slope of one: for sampling and for trials.

    Attributes:
        form: of the losses.
        target: with shape (K, N, 1), or (K, N, T) for trials of tasks of their own.
        count: n, how many samples are trained on: the first ones of N.
    """

    form: Form
    target: Tensor
    count: int
    unit: ClassVar[float] = 1.0

    def train(self, outputs: Tensor) -> Tensor:
        """L_train of (P, C) outputs, with shape (C,)."""
        shaped = self._shaped(outputs)
        return self.form.train(shaped[:, : self.count], self.target[:, : self.count])

    def gen(self, outputs: Tensor) -> Tensor:
        """L_gen of (..., P, C) outputs, with shape (..., C)."""
        columns = outputs.movedim(-2, 0).reshape(outputs.shape[-2], -1)
        found = self.form.gen(self._shaped(columns)[:, self.count :], self.target[:, self.count :])
        return found.reshape(*outputs.shape[:-2], outputs.shape[-1])

    def slope(self, outputs: Tensor) -> Tensor:
        """The gradient of what descent goes down by the outputs, with shape (P, C)."""
        shaped = self._shaped(outputs)
        found = shaped.new_zeros(shaped.shape)
        seen = self.target[:, : self.count]
        found[:, : self.count] = self.form.slope(shaped[:, : self.count], seen)
        return found.reshape(outputs.shape)

    def select(self, trials: Tensor) -> DataLosses:
        """Those of some of the trials, by their places."""
        if self.target.shape[2] == 1:
            return self
        return replace(self, target=self.target[:, :, trials])

    def _shaped(self, outputs: Tensor) -> Tensor:
        return outputs.unflatten(0, self.target.shape[:2])
