"""What linear measurements of an array compute: two losses of others, and what they see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gncviz.models.arrays import real_numbers
from gncviz.settings import SettingsError

if TYPE_CHECKING:
    import torch
    from numpy.typing import ArrayLike, NDArray

    from gncviz.models.matrix.generalization import HeldOut, Unmeasured
    from gncviz.models.matrix.losses import LinearLosses
    from gncviz.models.matrix.parts import Form, Parts
    from gncviz.models.matrix.readings import Readings
    from gncviz.models.matrix.span import Span
    from gncviz.models.protocols import Ball, TrialLosses


class LinearProblem:
    """Two losses of arrays of one shape, P numbers each.

    See :class:`gncviz.Task` for how one comes about, and :class:`gncviz.TensorTask`.
    """

    _parts: Parts

    @property
    def _form(self) -> Form:
        """What is measured, for sentences."""
        raise NotImplementedError

    @property
    def readings(self) -> Readings:
        """What is trained on: measurements and their labels."""
        return self._parts.readings

    @property
    def generalization(self) -> Unmeasured | HeldOut:
        """What L_gen is measured by."""
        return self._parts.generalization

    @property
    def ground_truth(self) -> NDArray[np.float64] | None:
        """W*, float64, read-only; None where nobody knows it."""
        return self._parts.truth

    @property
    def held_out(self) -> Readings | None:
        """What is held out, where there is no ground truth: measurements and their labels."""
        return self._parts.held_out

    @property
    def table(self) -> NDArray[np.float64] | None:
        """Of an array with holes its known entries, held out or not, NaN elsewhere; else None."""
        return self._parts.table

    @property
    def gen_label(self) -> str:
        """What L_gen is called: "generalization loss", or "held-out loss" without a truth."""
        return self.generalization.label

    @property
    def _span(self) -> Span:
        return self.readings.span

    @property
    def output_shape(self) -> tuple[int, ...]:
        """The shape of W."""
        return self._span.shape

    @property
    def size(self) -> int:
        """Entries of W, P."""
        return self._span.size

    @property
    def inputs(self) -> None:
        """None: a network is applied to the standard basis (App. A.1), or to none."""
        return None

    @property
    def count(self) -> int:
        """The number n of measurements that are trained on."""
        return self._span.count

    @property
    def entries(self) -> NDArray[np.int64] | None:
        """For completion, the places of the entries that are trained on; else None.

        With shape (n,), in the flattened array, in ascending order. With them nothing of the size
        of all measurements has to be held. Entries given as one-hot arrays have none.
        """
        return self._span.entries

    @property
    def measurements(self) -> NDArray[np.float64]:
        """A_1..A_n, with shape (n, ...), float64, read-only.

        Raises:
            SettingsError: they are too many to be held as arrays; see ``entries``.
        """
        return self._span.measurements

    @property
    def labels(self) -> NDArray[np.float64]:
        """y, with shape (n,), float64: <A_i, W*> unless others were given."""
        return self.readings.labels

    @property
    def measured_basis(self) -> NDArray[np.float64]:
        """An orthonormal basis of the span of the measurements, with shape (q, P), float64.

        q is the number of linearly independent measurements, n unless some depend on others.

        Raises:
            SettingsError: it is too large to be held.
        """
        return self._span.basis

    @property
    def ball(self) -> Ball | None:
        """{L_train < ε} as a ball in what is measured; None where that is too large to hold."""
        return self.readings.ball

    @property
    def unmeasured(self) -> int:
        """|𝓑| = P − q, the dimension of what the measurements do not see."""
        return self._span.unmeasured

    @property
    def complement(self) -> NDArray[np.float64]:
        """An orthonormal basis 𝓑 of the unmeasured directions: (|𝓑|, ...), float64.

        Raises:
            SettingsError: it is too large to be held.
        """
        return self._span.complement

    def train_loss(self, outputs: ArrayLike) -> NDArray[np.float64]:
        """L_train of Eq. 2: the mean squared residual over the measurements.

        L_train(W) = (1/n) Σ_i (<A_i, W> − y_i)².

        Args:
            outputs: W, with the shape of outputs after axes of any number.

        Returns:
            One loss each, with shape (...), float64.

        Raises:
            SettingsError: they have another shape.
        """
        return self.readings.loss(self._flat(outputs))

    def gen_loss(self, outputs: ArrayLike) -> NDArray[np.float64]:
        """L_gen: of Eq. 3, or over what is held out where there is no ground truth.

        With one, L_gen(W) = (1/|𝓑|) Σ_B (<B, W> − <B, W*>)², over an orthonormal basis 𝓑 of the
        unmeasured directions. It depends on the span of the measurements only, so it is computed by
        projection, without choosing a basis 𝓑. Without, the mean of (<B_j, W> − z_j)² over the
        held-out measurements B_j and their labels z_j.

        Args:
            outputs: W, with the shape of outputs after axes of any number.

        Returns:
            One loss each, with shape (...), float64.

        Raises:
            SettingsError: they have another shape.
        """
        return self.generalization.loss(self._flat(outputs))

    def _flat(self, outputs: ArrayLike) -> NDArray[np.float64]:
        """Arrays (..., *output_shape) as (..., P), float64."""
        shape, name = self.output_shape, self._form.many
        wanted = f"(..., {', '.join(map(str, shape))})"
        found = real_numbers(name, outputs, wanted)
        if found.shape[-len(shape) :] != shape:
            sentence = f"{name} must have shape {wanted}; got {found.shape}."
            raise SettingsError([(name, sentence)])
        return found.reshape(*found.shape[: -len(shape)], self.size)

    def losses(self, device: torch.device, dtype: torch.dtype) -> LinearLosses:
        """Both losses on columns; see :class:`gncviz.models.protocols.Losses`.

        Args:
            device: where they are computed.
            dtype: in which precision.
        """
        from gncviz.models.matrix.losses import LinearLosses

        return LinearLosses(self, device, dtype)

    def trial_losses(self, tasks: Sequence[Any], device: torch.device) -> TrialLosses:
        """The training losses of tasks of one shape, one a trial.

        Args:
            tasks: the tasks, this one among them.
            device: where they are computed.
        """
        from gncviz.models.matrix.trials import trial_losses

        return trial_losses(tasks, device)
