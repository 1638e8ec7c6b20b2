"""pyproject.toml, constraints.txt and environment.yml say the same."""

from __future__ import annotations

import re
import runpy
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def requirements() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    return [Requirement(line) for line in sum(extras, project["dependencies"])]


def conda() -> dict[str, str]:
    entries = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    (by_pip,) = (entry["pip"] for entry in entries if isinstance(entry, dict))
    plain = [entry for entry in entries if isinstance(entry, str) and "=" in entry]
    plain += [entry.partition(";")[0] for entry in by_pip if "==" in entry]
    return dict(re.split("==?", entry, maxsplit=1) for entry in plain)


@pytest.mark.parametrize("need", requirements(), ids=lambda need: need.name)
def test_every_requirement_is_pinned_within_its_range(need: Requirement) -> None:
    assert need.specifier.contains(pins()[need.name])


@pytest.mark.parametrize("need", requirements(), ids=lambda need: need.name)
def test_conda_gets_the_pinned_version(need: Requirement) -> None:
    assert conda()[need.name] == pins()[need.name]


def test_conda_adds_nothing_of_its_own() -> None:
    known = {need.name for need in requirements()} | {"python", "jsonschema"}
    assert set(conda()) <= known


def test_pins_are_plain_versions() -> None:
    for name, version in pins().items():
        assert re.fullmatch(r"[0-9][0-9a-z.]*", version), (name, version)


def test_pins_install_with_the_lowest_python() -> None:
    """The environment has the pinned versions; what they ask for is in what comes with them."""
    script = runpy.run_path(str(ROOT / "scripts" / "lock.py"))
    assert script["too_new"](script["closure"]("gncviz", {"app", "test", "dev", "docs"})) == []


def test_nothing_slow_is_imported_with_jupyter() -> None:
    """rfc3987-syntax takes seconds to import in every Jupyter process; see constraints.txt."""
    assert "rfc3987-syntax" not in pins()
    assert conda()["jsonschema"] == pins()["jsonschema"]


def test_the_lowest_versions_are_those_where_ranges_begin() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "lowest.py"))
    pinned = dict(line.split("==") for line in script["lowest"]())
    assert {"numpy", "torch", "voila"} <= set(pinned)
    for need in requirements():
        if need.name in pinned:
            assert need.specifier.contains(pinned[need.name])
            assert Version(pinned[need.name]) <= Version(pins()[need.name])
