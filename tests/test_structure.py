"""The house's rules, read off the source: who may compare whose names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from gncviz.activation import ACTIVATIONS
from gncviz.prior import FAMILIES
from gncviz.task import Kind

ROOT = Path(__file__).parents[1]
SOURCES = [
    path.relative_to(ROOT).as_posix()
    for folder in ("gncviz", "scripts", "benchmarks")
    for path in sorted((ROOT / folder).rglob("*.py"))
]

#: Names that stand for a row with behaviour, and the only file that may ask for one by name.
HOMES = {
    **dict.fromkeys(FAMILIES, "gncviz/prior.py"),
    **dict.fromkeys(ACTIVATIONS, "gncviz/activation.py"),
    **dict.fromkeys(get_args(Kind), "gncviz/task.py"),
}
#: Files whose comparisons still have to go.
UNMENDED = {
    "gncviz/descent/gradient.py",
    "gncviz/posterior/collapsed.py",
    "gncviz/posterior/reduction.py",
    "gncviz/posterior/refit.py",
}


def names_compared(source: str) -> Iterator[tuple[int, str]]:
    """Lines and names where a literal from :data:`HOMES` is compared, looked for or matched."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
        elif isinstance(node, ast.MatchValue):
            sides = [node.value]
        else:
            continue
        for side in sides:
            for part in ast.walk(side):
                if isinstance(part, ast.Constant) and part.value in HOMES:
                    yield part.lineno, part.value


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("x == 'uniform'", ["uniform"]),
        ("'sensing' != x.kind", ["sensing"]),
        ("x in ('relu', 'leaky_relu')", ["relu", "leaky_relu"]),
        ("x not in {'tanh'}", ["tanh"]),
        ("match x:\n    case 'linear' | 'sin':\n        pass", ["linear", "sin"]),
        ("x == 'fan_in' and f('uniform') and {'tanh': 1}[x]", []),
    ],
)
def test_comparisons_are_seen(source: str, found: list[str]) -> None:
    assert [name for _, name in names_compared(source)] == found


@pytest.mark.parametrize("path", SOURCES)
def test_names_are_compared_at_home_only(path: str) -> None:
    """Elsewhere the row is asked for the fact that matters, so that a new row is one row."""
    compared = names_compared((ROOT / path).read_text(encoding="utf-8"))
    strange = [(line, name) for line, name in compared if HOMES[name] != path]
    assert bool(strange) == (path in UNMENDED), strange
