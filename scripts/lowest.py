"""Prints the lowest versions that pyproject.toml allows, as constraints for pip.

python scripts/lowest.py > lowest.txt; then, in a new environment of the lowest Python:
pip install -c lowest.txt -e ".[app,distributed,test]" and pytest -m "not browser and not slow".
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from packaging.requirements import Requirement

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def lowest(extras: tuple[str, ...] = ("app", "distributed")) -> list[str]:
    """A pin of each direct requirement, at the version where its range begins.

    Args:
        extras: whose requirements are taken in, beside those of the package itself.
    """
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    lines = list(project["dependencies"])
    for extra in extras:
        lines += project["optional-dependencies"][extra]
    needs = [Requirement(line) for line in lines]
    return [f"{need.name}=={begins(need)}" for need in needs]


def begins(need: Requirement) -> str:
    """The version where a requirement's range begins."""
    (version,) = (one.version for one in need.specifier if one.operator == ">=")
    return version


if __name__ == "__main__":
    print("\n".join(lowest()))
