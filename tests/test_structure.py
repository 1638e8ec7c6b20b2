"""The house's rules, read off the source: which way imports go, who compares whose names."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
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

#: The rooms, each of which may import itself and what stands below.
ORDER = [
    {"__main__"},
    {"cli"},
    {"serving"},
    {"explorer"},
    {"figures"},
    {"lattice"},
    {"paper"},
    {"sweeps"},
    {"experiment"},
    {"theory"},
    {"mechanism"},
    {"spectrum"},
    {"descent"},
    {"posterior"},
    # The models with their public faces.
    {"models", "network", "task"},
    {"kernels"},
    {
        *("activation", "devices", "files", "prior", "progress", "provenance", "settings"),
        *("streams", "words"),
    },
]
LEVEL = {room: level for level, rooms in enumerate(ORDER) for room in rooms}

#: Names that stand for a row with behaviour, and the only file that may ask for one by name.
HOMES = {
    **dict.fromkeys(FAMILIES, "gncviz/prior.py"),
    **dict.fromkeys(ACTIVATIONS, "gncviz/activation.py"),
    **dict.fromkeys(get_args(Kind), "gncviz/models/matrix/recipes.py"),
}


def module_of(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


MODULES = {module_of(path): path for path in SOURCES if path.startswith("gncviz/")}


def imported(source: str) -> Iterator[tuple[int, str]]:
    """Lines and modules of gncviz that are imported when the source runs, or a function in it."""
    for node in _running(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in MODULES else str(node.module) for name in whole]
        else:
            continue
        yield from ((node.lineno, name) for name in names if name in MODULES)


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """All that is below a node, without what stands there for type checkers only."""
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        below: list[ast.AST] = [*node.orelse]
    else:
        below = [*ast.iter_child_nodes(node)]
    for child in below:
        yield child
        yield from _running(child)


def room_of(module: str) -> str:
    return module.split(".")[1]


def test_imports_are_seen() -> None:
    source = """
import gncviz.task, numpy
from gncviz import figures, __version__
if TYPE_CHECKING:
    from gncviz.cli import main
else:
    from gncviz.network import Network
def f():
    from gncviz.spectrum.singular import RESOLUTION
"""
    found = [(2, "gncviz.task"), (3, "gncviz.figures"), (3, "gncviz")]
    found += [(7, "gncviz.network"), (9, "gncviz.spectrum.singular")]
    assert list(imported(source)) == found


@pytest.mark.parametrize("module", [name for name in MODULES if name != "gncviz"])
def test_imports_go_down(module: str) -> None:
    """The package itself is no room: it loads names when they are asked for."""
    own = LEVEL[room_of(module)]
    below = imported((ROOT / MODULES[module]).read_text(encoding="utf-8"))
    rooms = [(line, room_of(name)) for line, name in below if name != "gncviz"]
    assert [(line, room) for line, room in rooms if LEVEL[room] < own] == []


def test_no_modules_import_each_other() -> None:
    graph = {
        module: {name for _, name in imported((ROOT / path).read_text(encoding="utf-8"))}
        for module, path in MODULES.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle: {' <- '.join(error.args[1])}")


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
    assert strange == []


#: What makes a stream of random numbers, by the last part of its name.
MAKERS = {"default_rng", "SeedSequence", "Generator", "RandomState", "manual_seed"}


def called(source: str) -> Iterator[tuple[int, str]]:
    """Lines and last names of what is called."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            yield node.lineno, name


@pytest.mark.parametrize("path", [path for path in SOURCES if path.startswith("gncviz/")])
def test_generators_are_made_in_streams_only(path: str) -> None:
    """Two of them made elsewhere agreed once: (seed, 0) is seed, to NumPy."""
    found = [
        (line, name)
        for line, name in called((ROOT / path).read_text(encoding="utf-8"))
        if name in MAKERS
    ]
    assert bool(found) == (path == "gncviz/streams.py"), found


#: What of the models everybody may know: the protocols, and what holds of all models.
COMMON = {"protocols", "law", "arrays", "products", "asked"}


@pytest.mark.parametrize("room", ["posterior", "descent"])
def test_samplers_know_no_model(room: str) -> None:
    for module in [name for name in MODULES if name.startswith(f"gncviz.{room}")]:
        source = (ROOT / MODULES[module]).read_text(encoding="utf-8")
        names = [name for _, name in imported(source)]
        models = [name for name in names if name.startswith("gncviz.models.")]
        assert [name for name in models if name.split(".")[2] not in COMMON] == [], module
        assert not {"gncviz.task", "gncviz.network"} & set(names), module


@pytest.mark.parametrize("path", [path for path in SOURCES if path.startswith("gncviz/")])
def test_nobody_asks_which_law_it_is(path: str) -> None:
    """A law answers what it can do; its class is nobody's business."""
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance":
            assert "Law" not in ast.unparse(node.args[1]), node.lineno


#: Lines of a source file.
LONGEST = 365


def test_no_file_is_longer_than_a_sitting() -> None:
    long = {
        path: count
        for path in SOURCES
        if (count := len((ROOT / path).read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert long == {}


#: Source files in one folder.
MOST = 14


def test_no_folder_holds_more_than_one_looks_through() -> None:
    counts = Counter(str(Path(path).parent) for path in SOURCES)
    assert {folder: count for folder, count in counts.items() if count > MOST} == {}
