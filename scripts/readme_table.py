"""Writes the README's table of the reproduction from the results that come with gncviz.

python scripts/readme_table.py README.md
"""

from __future__ import annotations

import sys
from pathlib import Path

from gncviz.paper import ACTIVATIONS, FIGURES, Claim, Figure, claims
from gncviz.prior import FAMILIES
from gncviz.task import TaskSettings

BEGIN, END = "<!-- made by scripts/readme_table.py -->\n", "<!-- end -->\n"
HEADER = """\
| figure | what varies | what sets it apart | prior | linear | tanh | Leaky ReLU |
|---|---|---|---|---|---|---|
"""


def table() -> str:
    """The table in Markdown: how many claims hold of those made, by figure and activation."""
    found = [claim for claim in claims() if claim.scaling == "fan_in"]
    return HEADER + "".join(row(figure, found) for figure in FIGURES.values())


def row(figure: Figure, found: list[Claim]) -> str:
    """The line of a figure."""
    cells = [str(figure.number), figure.over, apart(figure), prior(figure)]
    cells += [
        counted([c for c in found if (c.figure, c.activation) == (figure.number, activation)])
        for activation in ACTIVATIONS
    ]
    return f"| {' | '.join(cells)} |\n"


def apart(figure: Figure) -> str:
    """What a figure has that Figures 1 and 2 have not."""
    parts = [f"rank {figure.rank}"] * (figure.rank > 1)
    parts += ["momentum"] * (figure.momentum > 0)
    parts += [figure.kind] * (figure.kind != TaskSettings().kind)
    return ", ".join(parts)


def prior(figure: Figure) -> str:
    """Its family, and whether it is normalized."""
    return FAMILIES[figure.family].label + (", normalized" if figure.normalize else "")


def counted(found: list[Claim]) -> str:
    """How many claims hold of how many; those panels stand out where one does not."""
    held = sum(claim.holds for claim in found)
    text = f"{held} of {len(found)}"
    return text if held == len(found) else f"**{text}**"


def updated(document: str) -> str:
    """A document with the table in its place."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(updated(path.read_text(encoding="utf-8")), encoding="utf-8")
