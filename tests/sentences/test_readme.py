"""The README says what the stored results and the code say."""

from __future__ import annotations

import math

import pytest

import gncviz as gv
from gncviz.kernels import plans
from gncviz.paper import Claim
from gncviz.posterior.splitting import target
from tests.documents import ROOT
from tests.sentences.held import Held, loose, prose
from tests.sentences.results import claims, losses, panel, wide
from tests.sentences.test_reproduction import LIMIT_ERROR, limits

DOCUMENT = ROOT / "README.md"


def of_the_paper() -> list[Claim]:
    return [claim for claim in claims() if claim.scaling == "fan_in"]


def failing() -> list[Claim]:
    return [claim for claim in of_the_paper() if not claim.holds]


def held(some: list[Claim]) -> list[float]:
    return [len(some), sum(claim.holds for claim in some)]


def about_descent() -> list[float]:
    found = sum("gradient descent is below" in claim.claim for claim in failing())
    return [found, len(failing()) - found]


HELD = [
    Held("All {} panels of the paper", lambda: [len(gv.paper.PANELS)]),
    Held(
        "Of the {} claims that the figures make, {} hold here. The {} that do not",
        lambda: [*held(of_the_paper()), len(failing())],
    ),
    Held(
        "all about depth, {} of them about Leaky ReLU: {} say that gradient descent",
        lambda: [
            sum(claim.activation == "leaky_relu" for claim in failing()),
            about_descent()[0],
        ],
    ),
    Held("given; {} are trends that six", lambda: about_descent()[1:]),
    Held(
        "counts {}, of which {} hold: the {} more are those of the tanh panels",
        lambda: [*held(list(claims())), len(claims()) - len(of_the_paper())],
    ),
    Held(
        "for ReLU from {} to {} in eight of them",
        lambda: [limits("relu").min(), limits("relu").max()],
        LIMIT_ERROR,
    ),
    Held(
        "Below ε of {} and beyond {} layers ({} of fewer than {} units) moves are not",
        lambda: [
            target._FLOAT32_RESOLUTION**2,
            plans._DEEPEST_OF_SOME_WIDTH,
            plans._DEEPEST,
            plans._SOME_WIDTH,
        ],
    ),
]
#: Measured on a machine by `python -m benchmarks`, or requirements and addresses.
APART = [
    "computing them took 4.4 minutes",
    "Python 3.11 or newer",
    "What an answer with 3 % standard error takes",
    "takes to 3 % accuracy",
    "take ten times as long",
    "over 200 runs",
    "logarithm of 1/acceptance",
]


@pytest.mark.parametrize("sentence", HELD, ids=lambda one: one.template[:40])
def test_a_sentence_says_what_the_results_say(sentence: Held) -> None:
    sentence.check(prose(DOCUMENT))


def test_every_number_is_held() -> None:
    assert loose(prose(DOCUMENT), HELD, APART) == []


# --- sentences without a number


def test_failing_claims_are_about_depth() -> None:
    for claim in failing():
        assert gv.paper.FIGURES[claim.figure].over == "depth"
        if "seeds" in claim.numbers:
            assert (claim.numbers["seeds that show it"], claim.numbers["seeds"]) == (6, 8)


def test_one_draw_in_how_many_fits_at_the_papers_thresholds() -> None:
    """ "one draw in ten thousand to one in a hundred million": orders of magnitude, by medians."""
    found = [
        wide(panel(figure, activation), "guess_and_check", "log10_acceptance").median()
        for figure in (1, 2)
        for activation in gv.paper.ACTIVATIONS
    ]
    assert math.isclose(max(one.max() for one in found), -4, abs_tol=1)
    assert math.isclose(min(one.min() for one in found), -8, abs_tol=1)


def test_depth_leaves_a_third_of_the_loss() -> None:
    ends = losses(panel(2, "linear")).median()
    assert 0.28 < ends[10] / ends[2] < 0.38
