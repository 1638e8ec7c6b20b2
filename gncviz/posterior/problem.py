"""A sampling problem made ready: the law of the output, the losses, and exact checks of draws."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from gncviz.devices import one_thread, resolve_device
from gncviz.models.arrays import checked_size
from gncviz.models.asked import check_reachable, seen
from gncviz.models.law import cheapest, chunk_size, drawn_outputs, held
from gncviz.models.protocols import AnyNetwork, AnyTask, Law, Losses
from gncviz.posterior.draws import Draws, output_size
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.prior import Prior
from gncviz.progress import Run
from gncviz.settings import SettingsError
from gncviz.streams import Stream, torch_generator

_PRIOR_DRAWS = 10_000
#: Very large networks get fewer draws of the prior, so that these take a second or so.
_PRIOR_NUMBERS = 2**27
_MIN_PRIOR_DRAWS = 500
#: The share of the time budget that they may take, but for the first ones.
_PRIOR_SHARE = 0.2

#: The square of float64's rounding, in the losses' unit.
_RESOLUTION = 2.0**-106

#: Losses closer to each other than this, relatively, are one value to float32.
TIED = 1e-5


@dataclass(frozen=True, eq=False)
class Problem:
    """What to sample, on which device, and within which budget.

    Attributes:
        task, network, prior, settings: as given to :func:`gncviz.guess_and_check`.
        laws: the law of the output under the prior, in all exact forms; the direct one first.
        device: where the sampling runs.
        run: the budget, the end and the reports of the call.
        prior_draws: unconditioned draws of the prior, from a stream of their own.
    """

    task: AnyTask
    network: AnyNetwork
    prior: Prior
    settings: GuessAndCheckSettings
    laws: tuple[Law, ...]
    device: torch.device
    run: Run
    prior_draws: Draws

    @classmethod
    def prepare(
        cls,
        task: AnyTask,
        network: AnyNetwork,
        prior: Prior,
        settings: GuessAndCheckSettings,
        run: Run | None = None,
        device: torch.device | None = None,
    ) -> Problem:
        """Finds the forms of the law, and draws from the prior.

        Args:
            task: as given to :func:`gncviz.guess_and_check`.
            network: likewise.
            prior: likewise.
            settings: likewise.
            run: of the call.
            device: where it runs; by default the one that the settings name.

        Raises:
            SettingsError: a network or so many draws would not fit into memory, or ε is a rounding
                error.
        """
        shape = " × ".join(map(str, task.output_shape))
        what = f"{settings.samples} draws of {shape} numbers"
        checked_size("samples", what, settings.samples * output_size(task))
        device, laws = device or resolve_device(settings.device), network.laws(task, prior)
        run = run or Run()
        drawn = draw_prior(task, held(cheapest(laws)), settings.seed, device, run)
        check_reachable(task, settings.epsilon)
        if drawn.train_loss.any():
            _check_resolution(task.losses(device, torch.float64).unit, settings.epsilon)
        return cls(task, network, prior, settings, laws, device, run, drawn)

    @property
    def law(self) -> Law:
        """The form of the law that is the cheapest to draw from."""
        return cheapest(self.laws)

    @property
    def moving_law(self) -> Law:
        """The form of the law that is the cheapest to move about in."""
        return min(self.laws, key=lambda law: law.moving_cost)

    @property
    def output_size(self) -> int:
        """P, how many numbers an output has."""
        return output_size(self.task)

    @cached_property
    def losses(self) -> Losses:
        """The losses on columns in float32, for screening draws."""
        return self.task.losses(self.device, torch.float32)

    def train_loss(self, entries: Tensor) -> Tensor:
        """L_train in the losses' unit of (D, C) entries of :attr:`law`, with shape (C,), float32.

        Outputs that only L_gen asks for are not computed.
        """
        law, losses = self.sight
        return losses.train(law.outputs(entries))

    @cached_property
    def sight(self) -> tuple[Law, Losses]:
        """The law and the losses of as much of the outputs as L_train asks for, in float32."""
        part = seen(self.task)
        if part is self.task:
            return self.law, self.losses
        law = cheapest(self.network.laws(part, self.prior))
        return law, part.losses(self.device, torch.float32)

    @property
    def unit(self) -> float:
        """L_train = unit · what :attr:`losses` call the training loss."""
        return self.losses.unit

    @cached_property
    def block(self) -> int:
        """Draws in a block of the random stream; a power of two that depends on settings only."""
        return chunk_size(self.law, output_size(seen(self.task)))

    def exact(self, law: Law, entries: Tensor, normals: bool = False) -> Draws:
        """Recomputes draws in float64, from their float32 random numbers.

        Args:
            law: of the output.
            entries: with shape (D, C).
            normals: whether they are the normals that the entries come from.
        """
        step = max(Run.room(16 * law.size), 1)
        parts = []
        for first in range(0, entries.shape[1], step):
            part = entries[:, first : first + step].double()
            parts.append(law.outputs(law.from_normals(part) if normals else part))
        if not parts:
            return Draws.none(self.task)
        columns = parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)
        return Draws.of_columns(self.task, columns.cpu().numpy())

    @cached_property
    def screen(self) -> float:
        """A float32 training loss above this is certainly not below ε in float64.

        The margin is on the root mean square residual, far wider than float32's rounding of it,
        which is in proportion to the measurements and labels: in the losses' unit, to one.
        """
        root = math.sqrt(self.settings.epsilon) / math.sqrt(self.unit)
        above = root * (1 + 1e-4) + 2e-5
        # Not by a power, which raises an error where a product is infinite.
        return above * above

    @cached_property
    def threshold(self) -> float:
        """ε in the losses' unit, kept clear of values that the training loss takes again and again.

        Where units die, many networks give one and the same output, and its loss may be nearer to ε
        than rounding tells. Whether it is below ε is decided in float64; then ε is moved away from
        it a little, to where nearly no other loss lies.
        """
        epsilon, losses = self.settings.epsilon, self.prior_draws.train_loss
        values, counts = np.unique(losses, return_counts=True)
        near = values[(counts > 1) & (np.abs(values - epsilon) < 2 * TIED * epsilon)]
        if len(near):
            below = near[near < epsilon]
            epsilon = float(below.max()) * (1 + TIED) if len(below) else near[0] * (1 - TIED)
        return epsilon / self.unit


def _check_resolution(unit: float, epsilon: float) -> None:
    """Raises a SettingsError where float64 cannot tell a training loss below ε from zero."""
    least = unit * _RESOLUTION
    if epsilon < least:
        sentence = (
            f"epsilon should be at least {least:.2g}: with measurements and labels of this size, "
            f"smaller training losses are rounding errors; got {epsilon!r}."
        )
        raise SettingsError([("epsilon", sentence)])


def draw_prior(
    task: AnyTask, law: Law, seed: int, device: torch.device, run: Run | None = None
) -> Draws:
    """Unconditioned draws; fewer where the network is very large, or the run is to end.

    Args:
        task: the task.
        law: of the output.
        seed: of the run.
        device: where they are made.
        run: asked all the time; what it ends before the first draw is there has none.
    """
    outputs = output_size(task)
    wanted = min(max(_PRIOR_NUMBERS // law.size, _MIN_PRIOR_DRAWS), _PRIOR_DRAWS)
    wanted = max(min(wanted, Run.room(outputs)), 1)
    rngs = (torch_generator(seed, Stream.PRIOR, i, device) for i in itertools.count())
    with one_thread(device.type == "cpu"):
        rows = drawn_outputs(law, outputs, wanted, rngs, run, _PRIOR_SHARE)
    return Draws.of(task, rows.reshape(-1, *task.output_shape))
