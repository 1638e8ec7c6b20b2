"""7 · From matrices to networks."""

from __future__ import annotations

from typing import Any

import numpy as np

from gncviz.paper.studies import networks_on_data as study
from gncviz.paper.studies.summaries import mean_error, of
from gncviz.paper.studies.tensors import crossovers, shares
from tests.sentences.held import Said
from tests.sentences.test_studies import table


def see_tensor(said: Said, n: Any) -> None:
    said.has("luck leaves a quarter of the prior's loss, gradient descent next to nothing")
    assert abs(n.post.mean_gen_loss / n.post.prior_mean_gen_loss - 0.25) < 0.04
    assert n.gd.mean_gen_loss / n.post.prior_mean_gen_loss < 1e-3


def see_tensors(said: Said, n: Any) -> None:
    found = table("tensor_width")
    said.has("share of the prior's loss rises to one")
    assert abs(shares(found, 2)[2000].mean() - 1) < 0.03
    halves = [float(np.exp(np.nanmean(np.log(crossovers(found, order))))) for order in (2, 3, 4)]
    said.says("half of it is reached at the widths {}, {} and {}", *halves)


def see_regions(said: Said, n: Any) -> None:
    said.has("One network in about 540 is right at all twelve points")
    assert abs(1 / n.lucky.acceptance / 540 - 1) < 0.1
    said.has("errs less than a single one", "is no better than luck here")
    assert n.average < n.lucky.mean_gen_loss - 4 * n.lucky.stderr
    assert n.trained.mean_gen_loss > n.lucky.mean_gen_loss


def see_curve(said: Said, n: Any) -> None:
    rows = n.curve.table
    said.has("the rarer the networks that fit, one in 20 000 at the end")
    assert abs(10 ** -rows["log10_acceptance"][32] / 20_000 - 1) < 0.15
    said.has("errs less often at every $n$ shown", "about as rarely as gradient descent at the low")
    first, low = n.descent.values()
    for count in (8, 16, 32):
        single, average = rows["gen_error"][count], rows["bayes_error"][count]
        assert first[count].mean_gen_loss < single
        assert low[count].mean_gen_loss < 0.7 * single
        assert abs(average - low[count].mean_gen_loss) < 0.02
    assert rows["gen_error"][32] < rows["gen_error"][16] < rows["gen_error"][8]


def debate(said: Said, n: Any) -> None:
    found = of(table("networks_on_data"), set=study.PAIR, over="samples", train=128)
    rare = -of(found, method="guess_and_check")["log10_acceptance"].median()
    said.says("one network in $10^{}$ fits", round(rare))


def see_debate(said: Said, n: Any) -> None:
    found = table("networks_on_data")
    said.has("at every number of samples from 32 on, and far more often than descent to a low loss")
    for count in (32, 64, 128):
        for stop, most in ((study.FIRST, 3.0), (study.LOW, 6.0)):
            gap, error = mean_error(study.gaps(found, stop, count))
            assert gap > most * error
    said.has("With 16 samples and equal training error the difference is within its error bar")
    gap, error = mean_error(study.gaps(found, study.FIRST, 16))
    assert abs(gap) < 2 * error
    said.has("Width changes nothing for guesses, and depth makes them worse")
    change, error = mean_error(study.changes(found, "width", study.GUESS))
    assert abs(change) < 2 * error + 0.005
    change, error = mean_error(study.changes(found, "depth", study.GUESS))
    assert change > 2 * error
    said.has(
        "It errs as rarely as gradient descent at a low loss, at every number of samples shown"
    )
    for count in study.SAMPLES:
        low, average = (
            study.errors(found, curve, count).mean() for curve in (study.LOW, study.AVERAGE)
        )
        assert average < low + 0.005


def solution_1(said: Said, n: Any) -> None:
    said.has("a hundred times as rare and more", "both are at chance")
    assert n.random["log10_acceptance"] < n.curve.table["log10_acceptance"][16] - 2
    for error in (n.random["gen_error"], n.fitted.mean_gen_loss):
        assert abs(error - 0.5) < 0.1


def solution_2(said: Said, n: Any) -> None:
    said.has("Nearly the same")
    narrow, wide = n.errors[4], n.errors[64]
    assert abs(narrow - wide) < 0.03


def solution_3(said: Said, n: Any) -> None:
    said.has("at the low loss little", "they end where the average of Guess & Check is")
    single = n.descent["logistic loss 0.01"][32].mean_gen_loss
    assert 0 < single - n.together["loss 0.01"] < 0.02
    assert n.together["first zero error"] < n.descent["first zero error"][32].mean_gen_loss
    assert abs(n.together["loss 0.01"] - n.curve.table["bayes_error"][32]) < 0.02
