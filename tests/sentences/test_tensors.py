"""What the page on tensors says of the form that was left out, and the script that tried it."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
import torch

from gncviz.paper.studies.summaries import mean_error
from tests.documents import ROOT
from tests.sentences.held import Held, loose, prose

PAGE = ROOT / "docs" / "tensors.md"
TABLE = pd.read_csv(ROOT / "docs" / "hierarchical.csv", comment="#")


def of(form: str, width: int, column: str = "loss") -> np.ndarray:
    """A column at one width, a task each."""
    found = TABLE[(TABLE["form"] == form) & (TABLE["width"] == width)].sort_values("seed")
    return found[column].to_numpy()


def ratio(rank: int, terms: int) -> tuple[float, float]:
    """The tree's loss over that of CP, task by task."""
    return mean_error(of("hierarchical", rank) / of("CP", terms))


def sizes(column: str, *pairs: tuple[int, int]) -> list[float]:
    """What the networks that are compared have in common, the tree's first."""
    return [of(form, width, column)[0] for pair in pairs for form, width in named(pair)]


def named(pair: tuple[int, int]) -> zip[tuple[str, int]]:
    return zip(("hierarchical", "CP"), pair, strict=True)


HELD = [
    Held(
        "loss is {} of the prior's at rank 1 of the edges and {} at rank 8",
        lambda: [
            float(np.mean(of("hierarchical", r) / of("hierarchical", r, "prior"))) for r in (1, 8)
        ],
    ),
    Held(
        "its loss is {} ± {} of CP's with {} weights, and {} ± {} with {}",
        lambda: [
            *(*ratio(4, 13), of("CP", 13, "weights")[0]),
            *(*ratio(8, 76), of("CP", 76, "weights")[0]),
        ],
    ),
    Held(
        "with {} against {} and {} against {}, it is farther from the ground truth: its loss is "
        "{} ± {} and {} ± {} times as large",
        lambda: [*sizes("kurtosis", (4, 3), (8, 9)), *ratio(4, 3), *ratio(8, 9)],
    ),
]


@pytest.mark.parametrize("one", HELD, ids=lambda one: one.template[:40])
def test_sentences_say_what_was_found(one: Held) -> None:
    one.check(prose(PAGE))


def test_no_other_numbers_are_said() -> None:
    apart = [
        "tensors of 64 entries and orders two to four, of which 40 random measurements",
        "85 measurements of 256 entries, everything of norm 1 and an ε of 0.3",
    ]
    assert loose(prose(PAGE), HELD, apart) == []


def test_the_table_is_whole() -> None:
    assert set(TABLE["status"]) == {"ok"}
    assert set(TABLE.groupby(["form", "width"]).size()) == {4}
    assert sizes("weights", (4, 13), (8, 76)) == [208, 208, 1216, 1216]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    path = ROOT / "scripts" / "hierarchical.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_tree_is_what_its_nodes_make_of_its_leaves(script: ModuleType) -> None:
    network = script.Hierarchical(width=3)
    task = script.gv.TensorTask.random(shape=(4, 4, 4, 4), measurements=5)
    rng = torch.Generator().manual_seed(0)
    weights = [torch.randn(*shape, 2, generator=rng) for shape in network.blocks(task)]
    *leaves, left, right, root = [block[..., 1] for block in weights]
    nodes = [node.reshape(-1, 3, 3) for node in (left, right, root)]
    whole = torch.einsum("ai,bj,ck,dl,eab,fcd,gef->ijkl", *leaves, *nodes)
    found = network.forward(weights)[..., 1]
    torch.testing.assert_close(found, whole / whole.norm())
