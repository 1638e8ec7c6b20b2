"""Laws of matrices as the tests look at them: draws as rows, outputs as matrices."""

from __future__ import annotations

import torch
from torch import Tensor

from gncviz.models.dense.bartlett import BartlettLaw
from gncviz.models.dense.law import DenseLaw
from gncviz.models.law import OutputShape
from gncviz.models.protocols import Law
from gncviz.network import Network
from gncviz.prior import Prior


def direct_law(network: Network, prior: Prior, rows: int, cols: int) -> DenseLaw:
    """The law over all weights."""
    return DenseLaw(network, prior, OutputShape((rows, cols)))


def draw(law: Law, count: int, rng: torch.Generator) -> Tensor:
    """Entries of draws as rows (N, D)."""
    return law.draw(count, rng).T


def matrices(law: DenseLaw | BartlettLaw, entries: Tensor) -> Tensor:
    """W, with shape (N, m, m'), for rows of entries (N, D)."""
    shape = (law.rows, law.cols) if isinstance(law, BartlettLaw) else law.task.output_shape
    return law.outputs(entries.T).T.reshape(-1, *shape)
