"""What the view on data says: the numbers of the run, and no more than they tell."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from gncviz.experiment.learning import Learned, Stage
from gncviz.experiment.learning.starts import STARTS
from gncviz.explorer.model.runner import Phase
from gncviz.explorer.words import data as words
from gncviz.lattice.learned import known
from gncviz.posterior.curve.result import COLUMNS
from gncviz.progress import Progress
from tests.explorer.driver import plain

SETTINGS = STARTS["moons"].settings


def learned(guess: float, error: float, first: list[float], low: list[float]) -> Learned:
    """A result with these test errors at n = 16."""
    rows = [(n, -0.2 * n, 0.01, 0.6, guess, error, guess / 2, 0.01, 100.0) for n in range(17)]
    trials = [
        (stop, 16, trial, value, "converged")
        for stop, values in (("first zero error", first), ("logistic loss 0.01", low))
        for trial, value in enumerate(values)
    ]
    descent = pd.DataFrame(trials, columns=["stop", "n", "trial", "test_error", "status"])
    curve = pd.DataFrame(rows, columns=list(COLUMNS))
    return Learned(SETTINGS, curve=curve, descent=descent, message="all is well", seconds=3.0)


def test_the_answer_has_the_numbers_of_the_run() -> None:
    told = plain(words.answer(learned(0.2, 0.004, [0.1, 0.11, 0.09], [0.19, 0.21, 0.205])))
    assert "gets all 16 right gets 20.0 ± 0.4 % of new samples wrong" in told
    assert "the average of all guesses 10 ± 1 %" in told
    assert "as soon as all are right: 10.0 ± 0.6 %, less than a guess" in told
    assert "low loss: 20.2 ± 0.6 %, no different from a guess within the errors" in told


def test_a_difference_that_is_none_is_called_none() -> None:
    same = words.answer(learned(0.2, 0.004, [0.2, 0.2], [0.2, 0.2]))
    assert same.count("no different from a guess") == 2
    worse = words.answer(learned(0.1, 0.001, [0.2, 0.21], [0.05, 0.06]))
    assert "more than a guess" in worse
    assert "less than a guess" in worse


def test_nothing_is_answered_before_all_is_known() -> None:
    whole = learned(0.2, 0.004, [0.1], [0.1])
    assert whole.curve is not None
    part = replace(whole, curve=whole.curve.iloc[:9])
    for found in (None, Learned(SETTINGS), part, replace(whole, descent=None)):
        assert words.answer(found) == ""
    assert plain(words.cards(part)).count("–") == 2
    assert plain(words.cards(None)).count("–") == 4


def test_trials_that_did_not_end_are_left_out() -> None:
    whole = learned(0.2, 0.004, [0.1, 0.3], [float("nan")])
    assert "low loss" not in words.answer(whole)
    assert "20.0 %" in plain(words.cards(whole))


@pytest.mark.parametrize(
    ("phase", "says"),
    [
        (Phase.RUNNING, "Step 2 of 3, Guess & Check: 4 of 16 samples …"),
        (Phase.CANCELLED, "Stopped; what was found so far stays."),
        (Phase.FAILED, "The run failed."),
        (Phase.DONE, "Done in 3.0 s: all is well."),
    ],
)
def test_it_says_where_a_run_stands(phase: Phase, says: str) -> None:
    stage = Stage(2, Progress(0.25, "4 of 16 samples", 1.0))
    found = learned(0.2, 0.004, [0.1], [0.1])
    assert plain(words.status(phase, found, stage)) == says


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("extinct", "no guess was left after 8 of 16 samples; fewer"),
        ("budget_exhausted", "the budget was spent after 8 of 16 samples; fewer"),
    ],
)
def test_a_curve_that_ends_early_says_why(status: str, says: str) -> None:
    whole = learned(0.2, 0.004, [0.1], [0.1])
    assert whole.curve is not None
    # Islands that died have no error; a budget that was spent leaves no rows.
    curve = whole.curve.copy()
    curve.loc[9:, "gen_error"] = float("nan")
    for one in (curve, curve.iloc[:9]):
        found = replace(whole, curve=one, status=status)
        assert says in plain(words.status(Phase.DONE, found, None))
        assert words.answer(found) == ""
        assert plain(words.cards(found)).count("–") == 2


def test_another_setting_is_to_be_run() -> None:
    found = learned(0.2, 0.004, [0.1], [0.1])
    for phase in (Phase.IDLE, Phase.DONE):
        assert "Press Run" in words.status(phase, found, None, stale=True)
    assert "Press Run" in words.status(Phase.IDLE, None, None)
    stored = words.status(Phase.IDLE, replace(found, made={"commit": "0123456789"}), None)
    assert plain(stored) == "Stored run, seed 0, commit 0123456. Run computes it anew."


def test_doubts_are_said() -> None:
    doubt = "Islands <died>. Ask for more samples."
    found = replace(learned(0.2, 0.004, [0.1], [0.1]), warnings=(doubt,))
    text = words.status(Phase.DONE, found, None)
    assert "Islands &lt;died&gt;. Try another seed" in text
    assert "more samples" not in text, "samples are those of the data here"


def test_a_figure_is_told_in_words_whose_it_is() -> None:
    assert words.setting(SETTINGS) == "Two moons, n = 16, ReLU, width 16, depth 2, seed 0"
    assert words.whose(SETTINGS, Phase.IDLE).endswith(": press Run")
    found = learned(0.2, 0.004, [0.1], [0.1])
    assert "16 training samples" in words.alt(found, "regions")
    assert "how rare guesses are" in words.alt(found, "curve")
    assert "20.0 ± 0.4 %" in words.alt(found, "curve")


def test_samples_alone_are_not_said_to_be_right() -> None:
    stored = known(SETTINGS)
    assert stored is not None
    assert stored.plane is not None
    bare = replace(stored, plane=replace(stored.plane, regions={}))
    assert "get the 16 training samples right" in words.seen(stored, "regions")
    assert words.seen(bare, "regions").startswith("The 16 training samples, before any network")
