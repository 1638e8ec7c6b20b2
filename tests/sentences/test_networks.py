"""What the page on networks on data says, and the verdict of their study."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import pytest

from gncviz.paper.studies import networks_on_data as study
from gncviz.paper.studies.summaries import mean_error, of
from gncviz.paper.studies.tables import DISAGREE
from tests.documents import ROOT
from tests.sentences.held import Held, loose, prose
from tests.sentences.test_studies import table

PAGE = ROOT / "docs" / "networks.md"


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    return table("networks_on_data")


def means(take: Callable[..., Sequence[float]], *calls: tuple[object, ...]) -> list[float]:
    """Means with their errors, one pair a call."""
    return [number for call in calls for number in mean_error(take(*call))]


def held(found: pd.DataFrame) -> list[Held]:
    gaps, errors, changes = study.gaps, study.errors, study.changes
    guess, average, first, low = study.GUESS, study.AVERAGE, study.FIRST, study.LOW
    return [
        Held(
            "it errs in {} ± {} of the test, gradient descent at its first zero error in {} ± {}",
            lambda: means(errors, (found, guess, 128), (found, first, 128)),
        ),
        Held(
            "difference is {} ± {} at 32 samples and {} ± {} at 128; at 16 it is {} ± {}",
            lambda: means(gaps, *((found, first, n) for n in (32, 128, 16))),
        ),
        Held(
            "from {} ± {} at 16 to {} ± {} at 128",
            lambda: means(gaps, *((found, low, n) for n in (16, 128))),
        ),
        Held(
            "It errs in {} ± {} at 128 samples, where descent to a low loss errs in {} ± {}; for "
            "even against odd it is {} ± {} and {} ± {}",
            lambda: means(
                errors,
                *((found, curve, 128) for curve in (average, low)),
                *((found, curve, 128, study.HARDEST) for curve in (average, low)),
            ),
        ),
        Held(
            "the log10 acceptance of its rarest task is {}",
            lambda: [of(found, set=study.HARDEST, train=128)["log10_acceptance"].min()],
        ),
        Held(
            "changes the error of single guesses by {} ± {}; what it does for gradient descent, by "
            "{} ± {} at its first zero error and {} ± {} at a low loss",
            lambda: means(changes, *((found, "width", curve) for curve in (guess, first, low))),
        ),
        Held(
            "adds {} ± {} for guesses, {} ± {} and {} ± {} for descent",
            lambda: means(changes, *((found, "depth", curve) for curve in (guess, first, low))),
        ),
    ]


def test_the_page_says_what_the_table_does(found: pd.DataFrame) -> None:
    sentences = held(found)
    for sentence in sentences:
        sentence.check(prose(PAGE))
    # Settings of the study, and of those that it is held against.
    apart = [
        *("3 against 8, 4 against 9", "128 samples of 3 and 8", "at a logistic loss of 0.01"),
        *("had 32 samples at most", "with 1, 2, 3, … samples", "With 128 samples the log10"),
        *("With 64 samples of 3 and 8", "width from 4 to 256", "Depth from 2 to 5"),
        "7 · From matrices to networks",
    ]
    assert loose(prose(PAGE), sentences, apart) == []


def test_a_single_guess_errs_more_often_and_the_average_does_not(found: pd.DataFrame) -> None:
    for name in study.SETS:
        last = study.SAMPLES[-1]
        for stop in (study.FIRST, study.LOW):
            gap, error = mean_error(study.gaps(found, stop, last, name))
            assert gap > 4 * error
        low, average = (
            study.errors(found, curve, last, name) for curve in (study.LOW, study.AVERAGE)
        )
        assert average.mean() < low.mean() + 2 * mean_error(average)[1]


def test_the_lead_of_descent_to_a_low_loss_closes_with_samples(found: pd.DataFrame) -> None:
    gaps = [study.gaps(found, study.LOW, count).mean() for count in study.SAMPLES]
    assert gaps == sorted(gaps, reverse=True)
    # Where samples are few and training errors the same, the difference is not resolved.
    gap, error = mean_error(study.gaps(found, study.FIRST, study.SAMPLES[0]))
    assert abs(gap) < 2 * error


def test_depth_hurts_both_and_width_does_little(found: pd.DataFrame) -> None:
    for curve in (study.GUESS, study.FIRST):
        change, error = mean_error(study.changes(found, "depth", curve))
        assert change > 2 * error
    assert abs(study.changes(found, "width", study.GUESS).mean()) < 0.005
    for curve in (study.FIRST, study.LOW):
        change, error = mean_error(study.changes(found, "width", curve))
        assert abs(change) < 2 * error


def test_islands_of_the_hardest_tasks_agree(found: pd.DataFrame) -> None:
    hardest = of(found, set=study.HARDEST, train=study.SAMPLES[-1], method="guess_and_check")
    assert len(hardest) == len(study.SEEDS)
    assert not (hardest["doubt"] == DISAGREE).any()
