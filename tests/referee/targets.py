"""The referee's targets: settings whose answers are known, and the methods that apply to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

import gncviz as gv
from gncviz.models.protocols import AnyNetwork, AnyTask
from tests.referee import truth
from tests.referee.toys import Ball, Normals, Piece, Pieces, Plateau, Signs, Worst
from tests.referee.truth import Truth

#: Independent standard normals.
FREE = Normals()


@dataclass(frozen=True)
class Target:
    """A posterior of which the acceptance and the mean loss are known.

    Attributes:
        name: for tables.
        truth: what is known.
        task, network, epsilon, prior: of :func:`gncviz.guess_and_check`.
        methods: those that are tried.
        beyond: the methods that no run of this size can tell to be wrong; see ``docs/referee.md``.
    """

    name: str
    truth: Truth
    task: AnyTask
    epsilon: float
    network: AnyNetwork = FREE
    prior: gv.Prior = field(default_factory=gv.Prior)
    methods: Sequence[str] = ("splitting", "auto")
    beyond: Sequence[str] = ()


def _ball(name: str, size: int, epsilon: float, *methods: str) -> Target:
    known = truth.ball(size, 1.0, (size * epsilon) ** 0.5)
    return Target(name, known, Ball(size, 1.0), epsilon, methods=(*methods, "splitting", "auto"))


def _pieces(name: str, epsilon: float, task: Pieces, beyond: Sequence[str] = ()) -> Target:
    return Target(name, task.truth(epsilon), task, epsilon, beyond=beyond)


def _plateau(edge: float) -> Target:
    known = truth.plateau(5, edge, 0.05 / 0.95)
    return Target(f"plateau of all z_1 < {edge:g}", known, Plateau(5, edge), 0.05)


def _column(
    name: str,
    network: gv.Network,
    measured: Sequence[float],
    others: Sequence[float],
    epsilon: float,
) -> Target:
    """W has one column, of which the first entries are observed."""
    entries, count = np.array([*measured, *others])[:, None], len(measured)
    task = gv.Task(entries, np.eye(len(entries))[:count, :, None])
    known = truth.column(
        network.width, network.depth, np.array(measured), np.array(others), epsilon
    )
    methods = ("plain",) * (known.log10_acceptance > -4) + ("splitting", "collapsed", "auto")
    return Target(name, known, task, epsilon, network, methods=methods)


def _cap(name: str, rows: int, depth: int, epsilon: float) -> Target:
    """W is a point of the sphere, and one measurement says how near it is to W*."""
    entries = np.eye(rows)[:1].T
    return Target(
        name,
        truth.cap(rows, epsilon),
        gv.Task(entries, entries[None]),
        epsilon,
        gv.Network(width=rows, depth=depth),
        gv.Prior(normalize=True),
    )


#: A core, and shells around it, each thicker than the one before where the loss is small.
_ONION = (Piece(0.0, 1.0, 2.0, 0.1), Piece(2.5, 0.02, 3.0, 0.4), Piece(5.0, 0.4, 10.0, 1.0))


def _two(distance: float) -> tuple[Piece, Piece]:
    """A near piece that shrinks fast with ε, and a far one that does not."""
    return Piece(0.0, 1.0, 2.0, 0.1), Piece(distance, 0.7, 8.0, 1.0)


def _jump(distance: float) -> tuple[Piece, Piece]:
    """A near piece that ends at 0.1, and a far one that goes on."""
    return Piece(0.0, 1.0, 2.0, 0.1, floor=0.1), Piece(distance, 1.0, 4.0, 1.0)


_SIX = 6 * [0.4]
TARGETS = [
    _ball("ball, 6 dimensions", 6, 0.2, "plain"),
    _ball("ball, 20 dimensions", 20, 5e-8),
    Target(
        "orthant, 8 signs, all tied",
        truth.orthant(8, 0.0, 0.0),
        Signs(8),
        0.5 / 8,
        methods=("plain", "splitting", "auto"),
    ),
    Target("orthant, 40 signs, all tied", truth.orthant(40, 0.0, 0.0), Signs(40), 0.5 / 40),
    Target(
        "orthant, 60 coordinates, correlated",
        truth.orthant(60, 0.2, 1e-3),
        Worst(60),
        1e-3,
        Normals(correlation=0.2),
    ),
    _pieces("onion of three shells", 1e-6, Pieces(4, _ONION, shells=True)),
    _pieces("two pieces, the far one in sight", 1e-6, Pieces(4, _two(3.5))),
    _pieces("two pieces, the far one hidden", 1e-6, Pieces(4, _two(5.5)), ("splitting", "auto")),
    _pieces("jump in ε, the far piece in sight", 1e-3, Pieces(4, _jump(2.5))),
    _pieces("jump in ε, the far piece hidden", 1e-3, Pieces(4, _jump(5.0))),
    _plateau(2.0),
    _plateau(5.5),
    _column("column, width 3", gv.Network(width=3), [0.5, 0.5], [0.5, 0.5], 1e-2),
    _column("column, width 8, to 1e-60", gv.Network(width=8), 10 * [0.3], [0.3, 0.3], 3e-13),
    _column("column, depth 30", gv.Network(width=10, depth=30), _SIX[:4], _SIX[4:], 1e-4),
    _column("column, heavy-tailed weights", gv.Network(width=2), 3 * [0.0], [1.0, 1.0], 1e-8),
    _cap("cap of the sphere, 40 rows", 40, 2, 0.01),
    _cap("cap of the sphere, depth 10", 10, 10, 1e-4),
]
