"""What takes the steps of gradient descent: this is the readable way, for any model and device.

The compiled twin of :class:`TorchSteps` is :class:`gncviz.kernels.descent.CompiledSteps`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gncviz.descent.settings import DescentSettings
from gncviz.descent.step import RULE, inputs_of, layers_of, take_step
from gncviz.kernels import twin
from gncviz.kernels.plans import DescentPlan, Rule
from gncviz.models.asked import seen
from gncviz.models.protocols import AnyNetwork, AnyTask
from gncviz.progress import Run, Stopped

#: Weights that are moved between two looks at the clock and at Cancel.
_LOOK_NUMBERS = 2**15


class Look(NamedTuple):
    """Where the trials that still run stand.

    Attributes:
        epoch: steps taken.
        outputs: flattened, with shape (T, P), float64.
        losses: L_train, with shape (T,).
    """

    epoch: int
    outputs: NDArray[np.float64]
    losses: NDArray[np.float64]


class Steps(Protocol):
    """Trials of gradient descent under way."""

    def advance(
        self, epoch: int, stops: Sequence[int], bounds: NDArray[np.float64], run: Run
    ) -> Sequence[tuple[int, NDArray[np.float64], NDArray[np.float64]]]:
        """Goes through some of the stops, one at least.

        Args:
            epoch: where the trials stand.
            stops: epochs to look at, none before this one.
            bounds: a trial with a training loss above its own has diverged, with shape (T,).
            run: asked all the time.

        Returns:
            Looks. Only at the last may a trial have ended; where the run is to end, that one may
            be at any epoch.
        """

    def keep(self, rows: NDArray[np.bool_]) -> None:
        """Goes on with some of the trials, by a mask (T,)."""


def steps_of(
    tasks: Sequence[AnyTask],
    network: AnyNetwork,
    settings: DescentSettings,
    start: NDArray[np.float64],
    device: torch.device,
    run: Run,
) -> Steps:
    """Trials at epoch 0, by the fastest means there are for them.

    Args:
        tasks: one a trial.
        network: the model.
        settings: lr, momentum, the step rule, the tolerance.
        start: weights, with shape (T, D), float64.
        device: where the work runs.
        run: asked while a kernel is compiled.

    Raises:
        Stopped: the run is to end.
    """
    reference: Steps = TorchSteps(tasks, network, settings, start, device)
    return twin(reference, device, run)


class _Sight(NamedTuple):
    """What of the tasks is looked at.

    Attributes:
        loss: L_train of each trial.
        inputs: as :func:`gncviz.descent.step.inputs_of` has them.
    """

    loss: Any
    inputs: Tensor | None

    @classmethod
    def of(cls, tasks: Sequence[AnyTask], like: Tensor) -> _Sight:
        """That of tasks, one a trial, in the precision and on the device of a tensor."""
        return cls(tasks[0].trial_losses(tasks, like.device), inputs_of(tasks, like))

    def kept(self, chosen: Tensor) -> _Sight:
        """The same of the chosen trials."""
        inputs = self.inputs
        if inputs is not None and inputs.shape[2] > 1:
            inputs = inputs[:, :, chosen]
        return _Sight(self.loss.select(chosen), inputs)


class TorchSteps:
    """Trials side by side as tensors; see :class:`Steps` and, for the arguments, :func:`steps_of`.

    Attributes:
        epoch: where they stand.
    """

    def __init__(
        self,
        tasks: Sequence[AnyTask],
        network: AnyNetwork,
        settings: DescentSettings,
        start: NDArray[np.float64],
        device: torch.device,
    ) -> None:
        self._network, self._settings = network, settings
        self._task, self._shapes = tasks[0], network.blocks(tasks[0])
        self._flat = torch.from_numpy(start).to(device)
        self._whole = _Sight.of(tasks, self._flat)
        # Steps ask for no more than L_train does; a test may be many times larger.
        trained = [seen(task) for task in tasks]
        alike = trained[0] is tasks[0]
        self._trained = self._whole if alike else _Sight.of(trained, self._flat)
        self._velocity = torch.zeros_like(self._flat)
        self._mean_square = self._flat.new_zeros(len(tasks))
        self.epoch = 0

    @property
    def plan(self) -> DescentPlan | None:
        """For a layered network without inputs, and losses that are quadratic forms."""
        layers = getattr(self._network, "layers", lambda _: None)(self._task)
        loss = getattr(self._whole.loss, "quadratic", lambda: None)()
        if layers is None or loss is None or self._whole.inputs is not None:
            return None
        asked = self._settings
        rule = Rule(asked.lr, asked.momentum, asked.step_rule == "adaptive", *RULE)
        weights = self._flat.cpu().numpy()
        return DescentPlan(layers, loss, rule, asked.tolerance, weights)

    def keep(self, rows: NDArray[np.bool_]) -> None:
        """Goes on with some of the trials."""
        chosen = torch.as_tensor(np.flatnonzero(rows), device=self._flat.device)
        alike = self._trained is self._whole
        self._whole = self._whole.kept(chosen)
        self._trained = self._whole if alike else self._trained.kept(chosen)
        self._flat, self._velocity = self._flat[chosen], self._velocity[chosen]
        self._mean_square = self._mean_square[chosen]

    def advance(
        self, epoch: int, stops: Sequence[int], bounds: NDArray[np.float64], run: Run
    ) -> list[Look]:
        """Goes to the first stop."""
        self.epoch = epoch
        with suppress(Stopped):
            self._go(stops[0], run)
        return [self._look()]

    def _go(self, stop: int, run: Run) -> None:
        """Takes the steps up to an epoch.

        Raises:
            Stopped: the run is to end; all trials stand at one epoch.
        """
        layers = layers_of(self._flat, self._shapes)
        slope = torch.empty_like(self._flat)
        by_layer = layers_of(slope, self._shapes)
        look_every = max(_LOOK_NUMBERS // self._flat.numel(), 1)

        def slope_of_loss(outputs: Tensor) -> Tensor:
            run.check()  # Half-way through an epoch, which may be long.
            return self._trained.loss.slope(outputs)

        by_output = slope_of_loss if look_every == 1 else self._trained.loss.slope
        gradient = self._network.gradient(layers, by_output, by_layer, self._trained.inputs)
        while self.epoch < stop:
            if self.epoch % look_every == 0:
                run.check()
            gradient()
            if look_every == 1:
                run.check()
            self.epoch += 1
            take_step(
                self._flat, self._velocity, self._mean_square, slope, self.epoch, self._settings
            )

    def _look(self) -> Look:
        layers = layers_of(self._flat, self._shapes)
        columns = self._network.forward(layers, self._whole.inputs).reshape(-1, len(self._flat))
        losses = self._whole.loss.train(columns).cpu().numpy()
        return Look(self.epoch, columns.T.cpu().numpy().copy(), losses)
