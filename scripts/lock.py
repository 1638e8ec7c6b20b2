"""Writes the exact versions of everything gncviz needs, directly or not, as pip constraints."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
HEADER = """\
# Exact versions of everything gncviz needs, directly or not; made by `make lock`.
#
# torch: on Linux the ordinary wheel of this version brings CUDA with it. For a machine without a
# GPU, install PyTorch's CPU build of the same version first (the selector on PyTorch's site gives
# the command), then `make app`.
#
# jsonschema stays below 4.25: from there on its extras pull in a parser that takes seconds to
# import in every Jupyter process.
"""


def closure(root: str, extras: set[str]) -> dict[str, str]:
    """Versions of all installed packages that a package needs with some of its extras."""
    found: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(root, extra) for extra in ("", *extras)]
    while waiting:
        name, extra = waiting.pop()
        if (canonicalize_name(name), extra) in seen:
            continue
        seen.add((canonicalize_name(name), extra))
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue
        found[canonicalize_name(name)] = package.version.partition("+")[0]
        for line in package.requires or []:
            need = Requirement(line)
            if need.marker is None or need.marker.evaluate({"extra": extra}):
                waiting += [(need.name, wanted) for wanted in ("", *need.extras)]
    found.pop(canonicalize_name(root))
    return found


def too_new(names: Iterable[str]) -> list[str]:
    """Of installed packages those that do not install with the lowest Python that gncviz takes.

    Args:
        names: of packages.
    """
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    lowest = project["requires-python"].removeprefix(">=")
    wanted = {name: distribution(name).metadata.get("Requires-Python") or "" for name in names}
    return [
        f"{name} asks for Python {asked}, gncviz takes {lowest}"
        for name, asked in wanted.items()
        if not SpecifierSet(asked).contains(f"{lowest}.0")
    ]


if __name__ == "__main__":
    pins = closure("gncviz", {"app", "data", "distributed", "test", "dev", "docs"})
    if refused := too_new(pins):
        sys.exit("\n".join(refused))
    lines = [f"{name}=={version}" for name, version in sorted(pins.items())]
    Path(sys.argv[1]).write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
