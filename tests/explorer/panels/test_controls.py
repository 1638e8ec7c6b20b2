"""The controls say what is wrong, and carry along what they do not show."""

from __future__ import annotations

import pytest

from gncviz.experiment.settings import ExperimentSettings, assemble
from gncviz.explorer.panels.controls import Controls


class Panel:
    """Controls, with what they have told."""

    def __init__(self, settings: ExperimentSettings) -> None:
        self.taken: list[ExperimentSettings] = []
        self.problems: list[str] = []
        self.controls = Controls(settings, self.taken.append, self._tell)

    def _tell(self, problems: list[str]) -> None:
        self.problems = problems

    def type(self, path: str, text: str) -> None:
        self.controls.controls[path].input.value = text


def test_shown_and_read_again_nothing_changes() -> None:
    """Not even the twelfth digit, or seeds and a time limit that have no control."""
    settings = assemble(
        {
            "guess_and_check.epsilon": 0.0123456789012,
            "guess_and_check.seconds": 7.5,
            "task.seed": 1,
            "guess_and_check.seed": 2,
            "descent.seed": 3,
            "descent.device": "cpu",
            "network.negative_slope": 0.1,
        }
    )
    panel = Panel(settings)
    assert panel.controls.submit()
    assert panel.taken == [settings]


def test_one_seed_for_all_once_it_is_touched() -> None:
    panel = Panel(assemble({"guess_and_check.seed": 2, "descent.seed": 3}))
    panel.type("task.seed", "12345")
    (taken,) = panel.taken
    assert {taken.task.seed, taken.guess_and_check.seed, taken.descent.seed} == {12345}


@pytest.mark.parametrize(
    ("path", "text", "sentence"),
    [
        ("network.width", "0", "Width should be greater than or equal to 1; got 0."),
        ("task.seed", "-1", "Seed should be greater than or equal to 0; got -1."),
        ("task.rank", "9", "Rank must be at most min(rows, cols) = 5; got 9."),
    ],
)
def test_a_problem_is_told_once_and_by_its_label(path: str, text: str, sentence: str) -> None:
    panel = Panel(ExperimentSettings())
    panel.type(path, text)
    assert panel.problems == [sentence]
    assert panel.controls.controls[path].complaint.value == sentence
    assert panel.taken == []


def test_a_problem_of_what_has_no_control_is_told_too() -> None:
    panel = Panel(assemble({"descent.trials": 2, "descent.seeds": (1, 2)}))
    panel.type("descent.trials", "3")
    assert panel.problems == ["seeds should be 3, one a trial; got 2."]
