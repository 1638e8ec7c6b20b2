"""What a server allows: budgets are lowered, sizes refused, all else left as it is."""

from __future__ import annotations

import pytest

import gncviz as gv
from gncviz.experiment import assemble
from gncviz.experiment.limits import Limits
from gncviz.experiment.settings import PRESETS, flat


def test_without_limits_nothing_changes() -> None:
    for preset in PRESETS:
        assert Limits().held(preset.settings) == preset.settings
    assert Limits().sentence == ""


@pytest.mark.parametrize(
    ("limit", "path"),
    [
        ({"draws": 1000}, "guess_and_check.draws"),
        ({"samples": 100}, "guess_and_check.samples"),
        ({"seconds": 2.5}, "guess_and_check.seconds"),
        ({"seconds": 2.5}, "descent.seconds"),
        ({"epochs": 10}, "descent.epochs"),
        ({"trials": 2}, "descent.trials"),
    ],
)
def test_budgets_are_lowered(limit: dict[str, float], path: str) -> None:
    (most,) = limit.values()
    settings = PRESETS[0].settings
    held = Limits(**limit).held(settings)
    assert flat(held)[path] == most
    touched = {name for name, value in flat(held).items() if value != flat(settings)[name]}
    assert {name.rpartition(".")[2] for name in touched} == {path.rpartition(".")[2]}
    assert Limits(**limit).held(held) == held


@pytest.mark.parametrize(
    ("limit", "values"),
    [
        ({"width": 10}, {"network.width": 11}),
        ({"depth": 3}, {"network.depth": 4}),
        ({"side": 6}, {"task.rows": 7}),
        ({"side": 6}, {"task.cols": 7}),
        ({"measurements": 15}, {"task.measurements": 16}),
    ],
)
def test_sizes_are_refused(limit: dict[str, int], values: dict[str, int]) -> None:
    ((path, value),) = values.items()
    with pytest.raises(gv.SettingsError, match=f"on this server; got {value}") as caught:
        Limits(**limit).held(assemble(values))
    assert [name for name, _ in caught.value.problems] == [path]
    Limits(**limit).held(assemble({path: value - 1}))


def test_the_sentence_says_every_budget() -> None:
    limits = Limits(draws=10**6, seconds=2.5, trials=4, width=7)
    assert limits.sentence == (
        "This server allows a run 1 000 000 draws, 2.5 seconds and 4 trials at most."
    )


def test_sides_of_a_tensor_are_sides() -> None:
    limits = Limits(side=4, draws=100)
    with pytest.raises(gv.SettingsError, match=r"shape should be at most 4 on this server"):
        limits.held(assemble({"task.model": "tensor", "task.shape": (4, 5, 4)}))
    held = limits.held(assemble({"task.model": "tensor", "task.shape": (4, 4, 4)}))
    assert held.guess_and_check.draws == 100
