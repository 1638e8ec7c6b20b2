"""Islands of networks that are right at the first samples, and one sample more.

The event that the first j samples are right is the level, so that the learning curve is what
splitting passes on its way. A Gaussian prior does not mind a rotation of the inputs: they are
turned so that sample j has no more than j coordinates. Weights of the others have never been looked
at. They are drawn when they are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gncviz.kernels import twin
from gncviz.models.asked import hard
from gncviz.models.protocols import AnyTask, HardLabels, Stack
from gncviz.posterior.curve.sweep import Sweep, TorchSweep, forward, layers_of
from gncviz.posterior.problem import Problem
from gncviz.progress import Run
from gncviz.words import grouped

#: Inputs of more coordinates than this are not turned: that would take longer than it saves.
_MOST_TURNED = 2048
#: Networks that have to fit into memory together for islands to be worth their name.
_FEWEST = 64
#: Numbers that units take in at a time, where outputs at all samples are computed.
_NUMBERS = 2**21


def crowdable(problem: Problem) -> str | None:
    """None where levels can be samples; else what that would need, and what there is."""
    asked = hard(problem.task)
    if asked is None:
        return 'a task that asks which side outputs are on, such as DataTask(..., loss="errors")'
    count = asked.targets.shape[1]
    if problem.settings.epsilon > 1 / count:
        got = f"got {problem.settings.epsilon:g}"
        return f"ε = 1/{count} or less, which means no training error; {got}"
    if problem.laws[0].stack is None:
        return "a layered network under a Gaussian prior without normalization"
    size = problem.laws[0].size
    if problem.run.room(size) < _FEWEST:
        return f"{_FEWEST} networks or more in memory; each of these has {grouped(size)} weights"
    return None


@dataclass(frozen=True)
class Ground:
    """What all islands share.

    Attributes:
        problem: what is sampled.
        stack: the network; its inputs, turned, are the training samples.
        everywhere: inputs at all samples of the task, turned, with shape (r, N), float64.
        hard: what is asked of the training samples.
        elsewhere: likewise at all samples of the other task that is looked at; None without one.
        rising: whether they were turned, so that sample j has its first j coordinates only.
    """

    problem: Problem
    stack: Stack
    everywhere: NDArray[np.float64]
    hard: HardLabels
    elsewhere: NDArray[np.float64] | None
    rising: bool

    @classmethod
    def of(cls, problem: Problem, other: AnyTask | None = None) -> Ground:
        """Turns the inputs.

        Args:
            problem: what is sampled.
            other: the same training samples with another test, looked at in the end.
        """
        stack, asked = problem.laws[0].stack, hard(problem.task)
        assert stack is not None
        assert asked is not None
        count = asked.targets.shape[1]
        rising = len(stack.inputs) <= _MOST_TURNED
        turned = np.linalg.qr(stack.inputs[:, :count], mode="complete")[0] if rising else None
        everywhere = _turned(stack.inputs, turned, count)
        seen = replace(stack, inputs=np.ascontiguousarray(everywhere[:, :count]))
        elsewhere = None
        if other is not None:
            there = problem.network.laws(other, problem.prior)[0].stack
            assert there is not None
            elsewhere = _turned(there.inputs, turned, count)
        return cls(problem, seen, everywhere, asked, elsewhere, rising)

    @property
    def samples(self) -> int:
        """n, those that are trained on."""
        return self.hard.targets.shape[1]

    @cached_property
    def reference(self) -> TorchSweep:
        """What moves the chains, in torch."""
        return TorchSweep(self.stack, self.hard, self.rising)

    @cached_property
    def sweep(self) -> Sweep:
        """What moves the chains.

        Raises:
            Stopped: the run is to end before a kernel is compiled.
        """
        reference: Sweep = self.reference
        return twin(reference, self.problem.device, self.problem.run)

    def seen(self, count: int) -> int:
        """How many coordinates the first samples have."""
        rows = len(self.stack.inputs)
        return min(count, rows) if self.rising else rows

    def draw_unseen(self, z: Tensor, first: int, end: int, rng: torch.Generator) -> None:
        """Draws the weights of some coordinates anew, in place.

        Args:
            z: weights, with shape (C, D).
            first: coordinate.
            end: the one after the last.
            rng: of the draws.
        """
        if first < end:
            part = layers_of(self.stack, z)[0][:, :, first:end]
            part.copy_(torch.empty(part.shape, device=z.device).normal_(generator=rng))

    def right_at(self, z: Tensor, sample: int) -> Tensor:
        """Which networks are right at a sample, with shape (C,)."""
        inputs = torch.tensor(self.stack.inputs[:, sample : sample + 1]).to(z)
        outputs = forward(self.stack, layers_of(self.stack, z), inputs)[-1]
        return self.reference.right(outputs, sample)[:, 0]

    def outputs(self, z: Tensor, run: Run, at: NDArray[np.float64] | None = None) -> Tensor:
        """Outputs of networks, with shape (C, K·N), in the precision of z.

        Args:
            z: weights, with shape (C, D).
            run: asked all the time.
            at: turned inputs, with shape (r, N); those at all samples of the task by default.

        Raises:
            Stopped: the run is to end.
        """
        inputs = torch.tensor(self.everywhere if at is None else at).to(z)
        widest = max((*self.stack.widths, self.stack.outputs))
        step = max(_NUMBERS // (widest * inputs.shape[1]), 1)
        parts = []
        for part in z.split(step):
            run.check()
            parts.append(forward(self.stack, layers_of(self.stack, part), inputs)[-1].flatten(1))
        return torch.cat(parts)


def _turned(
    inputs: NDArray[np.float64], turn: NDArray[np.float64] | None, count: int
) -> NDArray[np.float64]:
    """Inputs (r, N) turned by a rotation (r, r), without what rounding leaves of the first."""
    if turn is None:
        return inputs
    turned: NDArray[np.float64] = turn.T @ inputs
    turned[:, :count] = np.triu(turned[:, :count])
    return turned


@dataclass
class Island:
    """Networks that never heard of other islands.

    Attributes:
        ground: what all islands share.
        rng: of all its random numbers.
        z: weights, with shape (M, D), float32.
        log_z: natural logarithm of the estimate of P(the samples so far are right).
    """

    ground: Ground
    rng: torch.Generator
    z: Tensor
    log_z: float = 0.0

    @classmethod
    def drawn(cls, ground: Ground, networks: int, rng: torch.Generator) -> Island:
        """Draws of the prior."""
        empty = torch.empty(networks, ground.stack.size, device=ground.problem.device)
        return cls(ground, rng, empty.normal_(generator=rng))

    @property
    def alive(self) -> bool:
        """Whether a network got this far."""
        return math.isfinite(self.log_z)

    def go_on(self, sample: int, sweeps: int, run: Run) -> None:
        """Lets through the networks that are right at the next sample, and moves them.

        Args:
            sample: its number; all before are right.
            sweeps: how often each network is moved.
            run: asked all the time.

        Raises:
            Stopped: the run is to end.
        """
        if not self.alive:
            return
        ground, z = self.ground, self.z
        ground.draw_unseen(z, ground.seen(sample), ground.seen(sample + 1), self.rng)
        survivors = ground.right_at(z, sample).nonzero().flatten()
        if not len(survivors):
            self.log_z = -math.inf
            return
        self.log_z += math.log(len(survivors) / len(z))
        # All survivors equally often, up to one.
        order = torch.randperm(len(survivors), generator=self.rng, device=z.device)
        turn = torch.arange(len(z), device=z.device) % len(survivors)
        self.z = z = z[survivors[order[turn]]]
        reference = ground.reference
        for _ in range(sweeps):
            noise, spots = (
                torch.empty(len(z), size, device=z.device)
                for size in (reference.noise, reference.spots)
            )
            noise.normal_(generator=self.rng)
            spots.uniform_(generator=self.rng)
            ground.sweep.go(z, noise, spots, sample + 1, run)

    def shown(self, count: int, samples: int) -> Tensor:
        """Some of its networks whole, what was never looked at drawn now, with shape (count, D).

        Args:
            count: how many.
            samples: that are right.
        """
        z = self.z[:count].clone()
        self.ground.draw_unseen(
            z, self.ground.seen(samples), len(self.ground.stack.inputs), self.rng
        )
        return z
