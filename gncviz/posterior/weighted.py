"""Blocks of weighted draws: hidden layers of the prior, and an output in the ball given these."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from gncviz.models.protocols import Ball, Readout
from gncviz.posterior.conditional import (
    Proposals,
    Spectrum,
    as_outputs,
    by_row,
    covariance_with_outputs,
)
from gncviz.posterior.draws import Draws
from gncviz.posterior.problem import Problem


@dataclass(frozen=True)
class Collapsed:
    """What integrating out the last layer is made of; float64.

    Attributes:
        problem: one for which :func:`collapsible` has no objection.
    """

    problem: Problem

    @cached_property
    def readout(self) -> Readout:
        """The last layer, given the rest."""
        found = self.problem.laws[0].readout
        assert found is not None
        return found

    @cached_property
    def ball(self) -> Ball:
        """{L_train < ε}."""
        assert self.problem.task.ball is not None
        return self.problem.task.ball

    @cached_property
    def directions(self) -> Tensor:
        """P in the losses' unit, with shape (q, P)."""
        return self._tensor(self.ball.directions / math.sqrt(self.problem.unit))

    @cached_property
    def pseudo_inverse(self) -> Tensor:
        """P⁺, with shape (P, q)."""
        return torch.linalg.pinv(self.directions)

    @cached_property
    def center(self) -> Tensor:
        """v* in the losses' unit, with shape (q,)."""
        return self._tensor(self.ball.center / math.sqrt(self.problem.unit))

    def radius(self, level: float) -> float:
        """Of {L_train < unit·level}, in the losses' unit, whose root is a power of two."""
        unit = self.problem.unit
        return self.ball.radius(level * unit) / math.sqrt(unit)

    def _tensor(self, array: np.ndarray) -> Tensor:
        return torch.tensor(array, device=self.problem.device)

    def prepare(self) -> None:
        """Makes all of it: once, and not by whichever thread comes first."""
        for name in ("readout", "ball", "directions", "pseudo_inverse", "center"):
            getattr(self, name)


@dataclass(frozen=True)
class WeightedDraws:
    """Draws with their weights at ε and at the thresholds of the path.

    Attributes:
        draws: at ε.
        log_weights: with shape (N,).
        path_log_weights: with shape (J, N), for J thresholds.
        path_gen_loss: with shape (J, N).
        shown: some draws at each threshold, flattened, with shape (J, S, P).
        shown_log_weights: theirs, with shape (J, S).
    """

    draws: Draws
    log_weights: np.ndarray
    path_log_weights: np.ndarray
    path_gen_loss: np.ndarray
    shown: np.ndarray
    shown_log_weights: np.ndarray

    @staticmethod
    def join(parts: list[WeightedDraws], problem: Problem) -> WeightedDraws:
        """One collection of several, in order."""
        nothing = np.empty((0, 0))
        arrays = (
            np.concatenate([getattr(part, name) for part in parts], axis=-1 if one else 1)
            if parts
            else (np.empty(0) if one else nothing)
            for name, one in (
                ("log_weights", True),
                ("path_log_weights", False),
                ("path_gen_loss", False),
                ("shown", False),
                ("shown_log_weights", False),
            )
        )
        return WeightedDraws(Draws.join([part.draws for part in parts], problem.task), *arrays)


def draw_weighted(
    parts: Collapsed, grid: np.ndarray, count: int, shown: int, rng: torch.Generator
) -> WeightedDraws:
    """One block of draws.

    Args:
        parts: what is drawn from.
        grid: the thresholds of the path, with shape (J,).
        count: how many draws.
        shown: of them at each threshold, for pictures.
        rng: of all random numbers.

    Raises:
        Stopped: the run was to end a moment ago.
    """
    problem, readout, directions = parts.problem, parts.readout, parts.directions
    hurry = problem.run.hurry
    hurry()
    rows, _ = readout.sides
    hidden = readout.draw_hidden(count, rng, problem.run).permute(2, 0, 1).contiguous()
    gram = hidden.transpose(1, 2) @ hidden
    seen = covariance_with_outputs(gram, by_row(readout, directions))
    covariance = as_outputs(readout, seen)
    hurry()
    spectrum = Spectrum.of(covariance @ directions.T)
    hurry()
    last = torch.empty(count, rows, readout.units, device=hidden.device)
    plain = as_outputs(readout, (last.normal_(generator=rng).double() @ hidden).flatten(1))
    center = spectrum.turned(parts.center.expand(count, -1))
    proposals = Proposals.draw(center, spectrum.variances, rng)

    # y given v, by Matheron's rule: plain + ΣPᵀ Q D⁻¹ (v − v of plain), in Q's basis.
    inverse = torch.where(spectrum.variances > 0, 1 / spectrum.variances, 0.0)
    pull = covariance.transpose(1, 2) @ (spectrum.basis * inverse[:, None])
    hurry()
    past = spectrum.turned(plain @ directions.T)
    levels = [*(float(epsilon) / problem.unit for epsilon in grid), problem.threshold]
    found = [proposals.within(parts.radius(level)) for level in levels]
    shifts = torch.stack([v - past for v, _ in found], dim=2)
    outputs = plain[:, :, None] + pull @ shifts
    hurry()
    exactly = problem.task.losses(problem.device, torch.float64)
    gen = exactly.gen(outputs[:, :, :-1]).T
    hurry()

    def exact(rows: Tensor | slice, threshold: int) -> Tensor:
        """Draws at one threshold, what is measured right to the last digit."""
        measured = (spectrum.basis[rows] @ found[threshold][0][rows][:, :, None])[:, :, 0]
        rough = outputs[rows, :, threshold]
        return rough + (measured - rough @ directions.T) @ parts.pseudo_inverse.T

    draws = Draws.of_columns(problem.task, exact(slice(None), -1).T.cpu().numpy())
    log_weights = torch.stack([log_weights for _, log_weights in found])
    logs = log_weights.cpu().numpy()
    # A draw that rounding put on the wrong side of ε.
    logs[-1] = np.where(draws.train_loss < problem.settings.epsilon, logs[-1], -math.inf)
    few = [exact(_resampled(row, shown), j) for j, row in enumerate(log_weights[:-1])]
    return WeightedDraws(
        draws,
        logs[-1],
        logs[:-1],
        gen.cpu().numpy(),
        torch.stack(few).cpu().numpy() if few else np.empty((0, shown, plain.shape[1])),
        np.repeat(log_weights[:-1].logsumexp(dim=1).cpu().numpy()[:, None], shown, axis=1),
    )


def _resampled(log_weights: Tensor, count: int) -> Tensor:
    """Places of ``count`` draws, each as often as its weight asks for (systematic resampling)."""
    total = log_weights.logsumexp(dim=0)
    cumulated = (log_weights - total).exp().nan_to_num(1.0).cumsum(dim=0)
    steps = (torch.arange(count, device=log_weights.device, dtype=cumulated.dtype) + 0.5) / count
    return torch.searchsorted(cumulated, steps).clamp_max(len(log_weights) - 1)
