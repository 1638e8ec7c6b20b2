"""Populations at a level, as records of it: the border between islands' columns and draws."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gncviz.posterior.draws import Draws
from gncviz.posterior.estimate import unit_of
from gncviz.posterior.moves import Population
from gncviz.posterior.splitting.islands import Islands
from gncviz.posterior.splitting.records import Record
from gncviz.posterior.splitting.shape import Shape
from gncviz.posterior.splitting.target import Target


@dataclass(frozen=True)
class Reached:
    """Populations below one level.

    Attributes:
        target: what they are states of.
        level: the threshold on L_train.
        log_z: of the islands.
        populations: one of each group.
        shape: of each.
        each: maps a function over the groups.
    """

    target: Target
    level: float
    log_z: np.ndarray
    populations: list[Population]
    shape: Shape
    each: Callable[[Callable[[Tensor], Draws], list[Tensor]], Iterable[Draws]] = map

    def on_the_way(self, shown: int) -> Record:
        """What all states say, and a few of them.

        Args:
            shown: draws that are kept of an island.
        """
        shape = self.shape
        gen = torch.cat([p.gen_loss for p in self.populations], dim=1).double()
        gen = gen.view(len(gen), -1, shape.chains).transpose(0, 1).flatten(1)
        # One state of each of some chains: those of the same chain are much alike.
        count, device = min(shown, shape.chains), gen.device
        picked = [p.states[-1][_columns(shape, count, device)] for p in self.populations]
        # Few as they are, they take no longer together than those of a group.
        draws, island = self._fitting([self.target.exact(torch.cat(picked))], 1)
        unit = unit_of(gen.amax().cpu().numpy())
        roots = (gen / unit).square().mean(dim=1).sqrt().cpu().numpy() * unit
        known = Islands(self.log_z, gen.mean(dim=1).cpu().numpy(), roots, gen.numel())
        return Record(self.level, known, draws, island)

    def at_epsilon(self) -> Record:
        """Every state is a posterior draw, and the estimate rests on these alone."""
        states = [p.states.flatten(0, 1) for p in self.populations]
        exact = list(self.each(self.target.exact, states))
        draws, island = self._fitting(exact, self.shape.length)
        islands, unit = len(self.log_z), unit_of(draws.gen_loss)
        count = np.maximum(np.bincount(island, minlength=islands), 1)
        means = np.bincount(island, draws.gen_loss, islands) / count
        squares = np.bincount(island, (draws.gen_loss / unit) ** 2, islands) / count
        known = Islands(self.log_z, means, np.sqrt(squares) * unit, len(draws))
        return Record(self.level, known, draws, island)

    def _fitting(self, parts: list[Draws], turns: int) -> tuple[Draws, np.ndarray]:
        """Draws without those that rounding put below the level, and the islands they are from.

        Args:
            parts: of all groups; the islands of each come one after the other, ``turns`` times.
            turns: how often they come.
        """
        draws, islands = Draws.join(parts, self.target.problem.task), self.shape.islands
        groups = len(self.populations)
        each = len(draws) // (groups * islands * turns)
        of_group = np.tile(np.repeat(np.arange(islands), each), turns)
        island = np.concatenate([i * islands + of_group for i in range(groups)])
        fits = draws.train_loss < self.level
        return draws[fits], island[fits]


def _columns(shape: Shape, count: int, device: torch.device) -> Tensor:
    first = torch.arange(shape.islands, device=device)[:, None] * shape.chains
    return (first + torch.arange(count, device=device)).flatten()
