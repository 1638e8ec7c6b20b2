"""How a population is laid out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """How a population is laid out.

    Attributes:
        islands: how many there are.
        chains: M, in each island.
        length: P, states in a chain.
        thin: moves from one state of a chain to the next.
    """

    islands: int
    chains: int
    length: int
    thin: int = 1

    @property
    def columns(self) -> int:
        """Chains of all islands; chain j of island i is column i·M + j."""
        return self.islands * self.chains

    @property
    def size(self) -> int:
        """N = M·P, the states of an island."""
        return self.chains * self.length

    @property
    def states(self) -> int:
        """Of all islands."""
        return self.columns * self.length
