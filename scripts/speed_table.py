"""Writes the README's table of what answers take, from what was measured.

python scripts/speed_table.py README.md

What was measured is docs/points.json, docs/growth.json and docs/before.json, of `python -m
benchmarks figures`, `growth` and `before` with `--json`.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gncviz.activation import ACTIVATIONS

BEGIN, END = "<!-- made by scripts/speed_table.py -->\n", "<!-- end of the speeds -->\n"
HEADER = """\
| setting | acceptance | method | seconds | times faster than 0.1.0 |
|---|---|---|---|---|
"""
MEASURED = Path(__file__).parents[1] / "docs"
SIGMAS = ("linear", "tanh", "leaky_relu")
DEPTHS, WIDTHS = (2, 5, 10), (5, 20, 160)
#: Of the release before, Leaky ReLU was measured at depth 9: its depth 10 took minutes.
BEFORE = {"linear": (2, 5, 10), "tanh": (2, 5, 10), "leaky_relu": (2, 5, 9)}


def read(name: str, key: str) -> dict[str, dict[str, Any]]:
    """What was measured, by the name of the point."""
    found = json.loads((MEASURED / f"{name}.json").read_text(encoding="utf-8"))[key]
    return {one["name"]: one for one in found}


def table() -> str:
    """The table in Markdown."""
    figures, growth = read("points", "points"), read("growth", "points")
    rows = [
        *(
            _row(
                f"Figure 1, {_label(sigma)}, width {_slashed(WIDTHS)}",
                [figures[f"Figure 1, {sigma}, k={width}"] for width in WIDTHS],
            )
            for sigma in SIGMAS
        ),
        *(
            _row(
                f"Figure 2, {_label(sigma)}, depth {_slashed(DEPTHS)}",
                [figures[f"Figure 2, {sigma}, d={depth}"] for depth in DEPTHS],
                _faster(sigma),
            )
            for sigma in SIGMAS
        ),
        _row(
            "normalized linear, depth 20 / 50, ε = 0.0035",
            [growth[f"normalized, d={depth}, ε=0.0035"] for depth in (20, 50)],
        ),
        _row(
            "width 5, depth 2, ε = 1e-3 / 1e-4 / 1e-5",
            [growth[f"ε={epsilon}, k=5, d=2"] for epsilon in ("0.001", "0.0001", "1e-05")],
        ),
        _row(
            "tanh, width 20 / 80 / 320, ε = 1e-6",
            [growth[f"tanh, k={width}, d=2, ε=1e-6"] for width in (20, 80, 320)],
        ),
        _row(
            "5×5 / 8×8 / 12×12 / 20×20 tasks, width 100, ε = 0.02",
            [growth[f"{m}×{m}, n={m * m // 2}, k=100, ε=0.02"] for m in (5, 8, 12, 20)],
        ),
    ]
    seconds = [one["seconds"] for one in figures.values()]
    middle, worst = statistics.median(seconds), max(seconds)
    rows.append(
        f"| all {len(seconds)} points of Figures 1 and 2 | | | "
        f"median {_plain(middle)}, worst {_plain(worst)} | |\n"
    )
    return HEADER + "".join(rows)


def _row(name: str, points: Sequence[dict[str, Any]], faster: str = "") -> str:
    methods = list(dict.fromkeys(one["method"] for one in points))
    cells = [
        name,
        _slashed(_power(one["log10_acceptance"]) for one in points),
        ", ".join(methods),
        _slashed(_plain(one["seconds"]) for one in points),
        faster,
    ]
    return f"| {' | '.join(cells)} |\n"


def _faster(sigma: str) -> str:
    """How many times, at the depths that both were measured at."""
    found, depths = read("before", "comparisons"), BEFORE[sigma]
    ratios = _slashed(
        _plain(found[f"time to 3 %, Figure 2, {sigma}, d={depth}"]["ratio"]) for depth in depths
    )
    return ratios if depths == DEPTHS else f"{ratios} (depth {_slashed(depths)})"


def _label(sigma: str) -> str:
    return ACTIVATIONS[sigma].label


def _slashed(parts: Any) -> str:
    return " / ".join(map(str, parts))


def _power(log10: float) -> str:
    mantissa, exponent = f"{10.0**log10:.0e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def _plain(number: float) -> str:
    """Two digits."""
    return (
        f"{number:.2f}" if number < 0.995 else f"{number:.1f}" if number < 9.95 else f"{number:.0f}"
    )


def updated(document: str) -> str:
    """A document with the table in its place."""
    before, _, rest = document.partition(BEGIN)
    return before + BEGIN + table() + END + rest.partition(END)[2]


def main() -> None:
    path = Path(sys.argv[1])
    path.write_text(updated(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
