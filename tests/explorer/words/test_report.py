"""The page's words are the results'."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import gncviz as gv
from gncviz.experiment.run import Experiment, Step
from gncviz.experiment.settings import ExperimentSettings
from gncviz.explorer.model.runner import Phase
from gncviz.explorer.words import report
from gncviz.posterior import GuessAndCheckResult
from gncviz.progress import Progress


@pytest.fixture(scope="module")
def post() -> GuessAndCheckResult:
    task = gv.Task.random(seed=0)
    return gv.guess_and_check(task, gv.Network(), epsilon=0.1, samples=300, method="plain")


def shown(post: GuessAndCheckResult, **changes: object) -> Experiment:
    return Experiment(ExperimentSettings(), post=replace(post, **changes))


def with_mean(post: GuessAndCheckResult, mean: float, stderr: float = 1e-4) -> Experiment:
    return shown(post, estimate=replace(post.estimate, mean_gen_loss=mean, stderr=stderr))


def test_status_while_running_tells_step_progress_and_time_left() -> None:
    step = Step(1, Progress(0.25, "13 of 100 000 draws fit: acceptance 1.3e-4", seconds=10.0))
    assert report.status_line(Phase.RUNNING, None, step) == (
        "Part 1 of 4, Guess &amp; Check: 13 of 100&nbsp;000 draws fit: acceptance 1.3·10⁻⁴, "
        "at most 30 s left"
    )


def test_verdict_compares_means(post: GuessAndCheckResult) -> None:
    prior = post.prior_mean_gen_loss
    assert "2.0 times lower than the prior's" in report.verdict(with_mean(post, prior / 2))
    assert "no better than an arbitrary draw" in report.verdict(with_mean(post, prior))
    assert "worse than an arbitrary draw" in report.verdict(with_mean(post, 2 * prior))


def test_verdict_waits_for_an_error_bar(post: GuessAndCheckResult) -> None:
    assert report.verdict(None) == ""
    assert report.verdict(with_mean(post, post.mean_gen_loss, float("nan"))) == ""


def test_verdict_brings_in_descent(post: GuessAndCheckResult) -> None:
    gd = gv.gradient_descent(post.task, gv.Network(), trials=2, epochs=3000)
    text = report.verdict(Experiment(ExperimentSettings(), post=post, descent=gd))
    ratio = post.mean_gen_loss / gd.mean_gen_loss
    assert ratio > 10
    assert "gradient descent's is" in text
    assert "lower than Guess &amp; Check's" in text


def test_cards_hold_the_numbers_with_their_errors(post: GuessAndCheckResult) -> None:
    text = report.cards(Experiment(ExperimentSettings(), post=post))
    assert f"{post.mean_gen_loss:.4f}" in text
    assert f"± {post.stderr:.4f}" in text
    assert text.count("gv-card-title") == 3
    assert report.cards(None).count("–") == 3


def test_cards_of_an_earlier_run_say_so(post: GuessAndCheckResult) -> None:
    text = report.cards(shown(post), "From the run before (width 5): the new one has none")
    assert "from the run before (width 5)</div>" in text


def test_cards_say_how_rare_a_fit_is(post: GuessAndCheckResult) -> None:
    found = report.cards(
        shown(post, estimate=replace(post.estimate, log10_acceptance=math.log10(1 / 21_987)))
    )
    assert "1 in 22&nbsp;000 fits" in found


def test_notes_tell_the_reason_and_the_doubts(post: GuessAndCheckResult) -> None:
    assert report.notes(None) == report.reason(None) == ""
    assert report.notes(shown(post)) == report.reason(shown(post)) == ""
    doubtful = shown(post, reason="plain: a <b>.", warnings=("Too few.",))
    assert report.notes(doubtful) == '<p class="gv-doubt">Too few.</p>'
    assert "Chosen: plain: a &lt;b&gt;." in report.reason(doubtful)
    # What both did without is said once.
    gd = gv.gradient_descent(post.task, gv.Network(), trials=1, epochs=1, device="cpu")
    both = replace(doubtful, descent=replace(gd, warnings=("Too few.", "No GPU.")))
    assert report.notes(both).count("gv-doubt") == 2
    assert report.notes(both).endswith('<p class="gv-doubt">No GPU.</p>')


def test_a_threshold_out_of_reach_is_not_called_an_acceptance(post: GuessAndCheckResult) -> None:
    nothing = {"fits": post.fits[:0], "weights": np.empty(0)}
    assert "ε was not reached" in report.cards(shown(post, method="splitting", **nothing))
    assert "no draw fits: acceptance below" in report.cards(shown(post, **nothing))
