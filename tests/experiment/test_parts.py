"""What depends on what, and what is shown of a part."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from gncviz.experiment.options import OPTIONS
from gncviz.experiment.parts import PARTS, depths_around
from gncviz.experiment.settings import ExperimentSettings, assemble

#: Another value of each setting, where adding one to a number would not do.
OTHERS: dict[str, Any] = {
    "network.negative_slope": 0.3,
    "guess_and_check.seconds": 5.0,
    "guess_and_check.device": "cpu",
    "descent.momentum": 0.5,
    "descent.seconds": 5.0,
    "descent.seeds": tuple(range(8)),
    "network.bias": True,
    "task.shape": (4, 4, 5),
    "task.classes": (3, 8),
    "task.test": 7,
    "task.noise": 0.3,
    "descent.device": "cpu",
}


def other(settings: ExperimentSettings, path: str) -> ExperimentSettings:
    """The same settings but for one, which has another value."""
    (row,) = (row for row in OPTIONS if row.path == path)
    if row.choices:
        value = next(choice.value for choice in row.choices if choice.value != row.default)
    else:
        value = OTHERS[path] if path in OTHERS else row.default + 1
    return assemble({path: value}, settings)


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("network.width", {"post", "spectra", "descent", "mechanism"}),
        ("network.depth", {"post", "descent", "mechanism"}),
        ("prior.family", {"post", "spectra", "mechanism"}),
        ("guess_and_check.epsilon", {"post"}),
        ("guess_and_check.method", {"post"}),
        ("guess_and_check.seed", {"post", "spectra", "mechanism"}),
        ("task.rows", {"post", "spectra", "descent", "mechanism"}),
        ("task.seed", {"post", "descent", "mechanism"}),
        ("descent.lr", {"descent"}),
    ],
)
def test_a_change_reaches_what_depends_on_it_and_nothing_else(path: str, names: set[str]) -> None:
    before = ExperimentSettings()
    after = other(before, path)
    assert {
        part.name for part in PARTS if part.depends_on(before) != part.depends_on(after)
    } == names


@pytest.mark.parametrize("path", [row.path for row in OPTIONS if len(row.choices) != 1])
def test_every_setting_reaches_some_part(path: str) -> None:
    (row,) = (row for row in OPTIONS if row.path == path)
    before = assemble({"task.model": row.models[0]})
    after = other(before, path)
    assert any(part.depends_on(before) != part.depends_on(after) for part in PARTS)


def test_settings_and_parts_are_there_without_torch_or_plotly() -> None:
    program = (
        "import gncviz.experiment, gncviz.experiment.options, sys;"
        "print({'torch', 'plotly', 'ipywidgets', 'scipy'} & set(sys.modules))"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "set()"


@pytest.mark.parametrize("depth", [1, 5, 10, 11, 50, 300])
def test_depths_around_hold_the_present_one(depth: int) -> None:
    depths = depths_around(depth)
    assert depth in depths
    assert depths == sorted(set(depths))
    assert len(depths) <= 13
