"""What the theory tab says is measured, and what would meet a condition."""

from __future__ import annotations

import pytest

import gncviz as gv
from gncviz.experiment.settings import ExperimentSettings, assemble
from gncviz.explorer.tabs.theory import theorems_as_html
from gncviz.explorer.words.theorems import MEETS, measured, meets
from gncviz.paper.overview import overview
from gncviz.theory import infinite_width, theorems
from tests.explorer.driver import plain
from tests.sentences.held import Said


def settings(**changes: object) -> ExperimentSettings:
    return assemble({name.replace("__", "."): value for name, value in changes.items()})


def test_the_limit_of_the_setting_stands_beside_theorem_1() -> None:
    chosen = settings(network__activation="relu", task__seed=6, guess_and_check__epsilon=0.02)
    task = gv.Task.random(seed=6)
    limit = infinite_width(task, gv.Network(activation="relu"), gv.Prior(), 0.02).ratio
    said = Said(measured("Theorem 1", chosen))
    said.says("the limit of width is {} %", 100 * limit, error=0.2)
    panel = next(one for one in overview() if (one["figure"], one["activation"]) == (1, "linear"))
    last = panel["medians"]["guess_and_check"][-1] / panel["medians"]["prior"][-1]
    said.says("and {} % at width 160.", 100 * last)


@pytest.mark.parametrize(
    "changes", [{"prior__normalize": True}, {"network__depth": 1}, {"prior__normalize": "product"}]
)
def test_where_there_is_no_limit_none_is_told(changes: dict[str, object]) -> None:
    assert "limit of width is" not in measured("Theorem 1", settings(**changes))


def test_every_theorem_says_first_what_is_measured() -> None:
    chosen = settings(network__activation="relu", prior__normalize=True, task__rank=2)
    found = theorems(
        gv.Task.random(rank=2),
        gv.Network(activation="relu"),
        gv.Prior(normalize=True),
        epsilon=0.02,
    )
    page = plain(theorems_as_html(found, chosen))
    for theorem in found:
        assert measured(theorem.name, chosen)
        assert measured(theorem.name, chosen) in page
    assert page.count("Measured.") == page.count("Proved.") == len(found)
    assert page.index("Measured.") < page.index("Proved.") < page.index("σ is admissible")
    assert meets("σ is antisymmetric") in page


def test_only_conditions_that_are_not_met_say_what_would() -> None:
    found = theorems(gv.Task.random(), gv.Network(), gv.Prior(), epsilon=0.02)
    page = plain(theorems_as_html(found, settings()))
    assert meets("σ is antisymmetric") not in page
    assert meets("with normalization") in page


def test_what_would_meet_a_condition_is_of_a_condition() -> None:
    found = theorems(gv.Task.random(), gv.Network(), gv.Prior(), epsilon=0.02)
    texts = {condition.text for theorem in found for condition in theorem.conditions}
    assert set(MEETS) <= texts
