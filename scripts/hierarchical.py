"""Guess & Check with tensors in hierarchical form against CP, which the page on tensors tells of.

python scripts/hierarchical.py docs/hierarchical.csv
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pandas as pd
import torch
from torch import Tensor

import gncviz as gv
from gncviz.devices import one_thread
from gncviz.models.simple import SimpleNetwork
from gncviz.provenance import commit, machine

SIDE, ORDER, MEASUREMENTS, SEEDS = 4, 4, 85, range(4)
#: ε and losses are in units of the loss of W = 0.
EPSILON, NULL = 0.3, 1 / SIDE**ORDER
#: Ranks of the tree; terms of CP with as many weights as these, or with as large a kurtosis.
WIDTHS = {"hierarchical": (1, 2, 4, 8), "CP": (1, 3, 9, 13, 76)}


class Hierarchical(SimpleNetwork):
    """A tensor of order four by a balanced tree, with the same rank at every edge; of norm 1."""

    def blocks(self, task: Any) -> list[tuple[int, int]]:
        """Shapes of the weights: of the modes, of the two nodes and of the root."""
        leaves = [(self.width, side) for side in task.output_shape]
        return [*leaves, *[(self.width, self.width**2)] * 2, (1, self.width**2)]

    def forward(self, weights: Sequence[Tensor], inputs: Tensor | None = None) -> Tensor:
        """The tensors over their norms, with shape (4, 4, 4, 4, C)."""
        *leaves, left, right, root = weights
        pairs = joined(left, *leaves[:2]), joined(right, *leaves[2:])
        whole = joined(root, *(pair.flatten(1, 2) for pair in pairs))[0]
        sides = [leaf.shape[1] for leaf in leaves]
        return whole.reshape(*sides, -1) / whole.norm(dim=(0, 1))


def joined(node: Tensor, one: Tensor, two: Tensor) -> Tensor:
    """What a node makes of two below it, (r, i, C) and (r, j, C), with shape (rows, i, j, C)."""
    cube = node.unflatten(1, (len(one), len(two)))
    return torch.einsum("abjc,bic->aijc", torch.einsum("abdc,djc->abjc", cube, two), one)


def kurtosis(form: str, width: int) -> float:
    """The excess kurtosis of an entry before normalization.

    Given what is below it, a node is Gaussian: each of the six below the root multiplies the fourth
    moment by 1 + 2/r.
    """
    if form == "CP":
        return (3**ORDER - 3) / width
    return 3 * (1 + 2 / width) ** 6 - 3


def measured(place: tuple[str, int, int]) -> dict[str, Any]:
    """One run.

    Args:
        place: the form, its width, and the seed of the task.
    """
    form, width, seed = place
    task = gv.TensorTask.random(shape=(SIDE,) * ORDER, measurements=MEASUREMENTS, seed=seed)
    network: Any = Hierarchical(width=width)
    if form == "CP":
        network = gv.TensorNetwork(width=width)
    prior = gv.Prior(normalize=form == "CP")
    with one_thread():
        post = gv.guess_and_check(
            task, network, prior, EPSILON * NULL, method="splitting", samples=100, seed=seed
        )
    return {
        **{"form": form, "width": width, "seed": seed},
        "weights": sum(rows * columns for rows, columns in network.blocks(task)),
        "kurtosis": kurtosis(form, width),
        "prior": post.prior_mean_gen_loss / NULL,
        "loss": post.mean_gen_loss / NULL,
        "stderr": post.stderr / NULL,
        "log10_acceptance": post.log10_acceptance,
        "status": str(post.status),
    }


def main() -> None:
    """Writes the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", help="where the table goes, as CSV")
    asked = parser.parse_args()
    places = [
        (form, width, seed) for form, widths in WIDTHS.items() for width in widths for seed in SEEDS
    ]
    with ProcessPoolExecutor() as pool:
        rows = list(pool.map(measured, places[::-1]))[::-1]
    with open(asked.file, "w", encoding="utf-8") as file:
        file.write(f"# python scripts/hierarchical.py, {commit()}, {machine()}\n")
        pd.DataFrame(rows).to_csv(file, index=False, float_format="%.6g")


if __name__ == "__main__":
    main()
