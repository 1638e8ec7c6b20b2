"""The tables of a sweep: against direct runs, numpy, and when only a part is known."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from gncviz.descent import gradient_descent
from gncviz.network import Network
from gncviz.posterior import guess_and_check
from gncviz.sweeps import METHODS, Axis, SweepResult, SweepSettings, run_sweep
from gncviz.sweeps.findings import DescentFinding, GuessAndCheckFinding
from gncviz.sweeps.points import DescentPoint, GuessAndCheckPoint
from gncviz.sweeps.result import points_of
from gncviz.task import Task
from tests.sweeps.small import DESCENT, QUICK, SAMPLING

EPSILONS = (0.3, 0.1, 5.0, 0.15)
OVER_EPSILON = QUICK.replace(axes=(Axis(name="epsilon", values=EPSILONS),))


def computed(settings: SweepSettings) -> SweepResult:
    with ThreadPoolExecutor(1) as pool:
        return run_sweep(settings, executor=pool)


@pytest.fixture(scope="module")
def over_width() -> SweepResult:
    """Two widths, two seeds."""
    return computed(QUICK)


@pytest.fixture(scope="module")
def over_epsilon() -> SweepResult:
    """Four thresholds, two seeds."""
    return computed(OVER_EPSILON)


def part(result: SweepResult, kept: int) -> SweepResult:
    return SweepResult(result.settings, dict(list(result.findings.items())[:kept]))


def row(frame: pd.DataFrame, **values: object) -> pd.Series:
    for name, value in values.items():
        frame = frame[frame[name] == value]
    assert len(frame) == 1
    return frame.iloc[0]


def test_a_row_for_each_value_seed_and_method(over_width: SweepResult) -> None:
    frame = over_width.to_frame()
    assert list(frame.columns) == [
        "width",
        "seed",
        "method",
        "mean_gen_loss",
        "stderr",
        "train_loss",
        "log10_acceptance",
        "log10_acceptance_stderr",
        "effective_samples",
        "sampler",
        "status",
        "epochs",
        "seconds",
    ]
    expected = {(width, seed, method) for width in (5, 6) for seed in (0, 1) for method in METHODS}
    rows = list(frame[["width", "seed", "method"]].itertuples(index=False, name=None))
    assert set(rows) == expected
    assert len(rows) == len(expected) == 12
    assert frame["width"].dtype == frame["seed"].dtype == int
    assert frame["mean_gen_loss"].dtype == frame["epochs"].dtype == float


@pytest.mark.parametrize("width", [5, 6])
@pytest.mark.parametrize("seed", [0, 1])
def test_numbers_are_those_of_direct_runs(over_width: SweepResult, width: int, seed: int) -> None:
    task, network = Task.random(seed=seed), Network(width=width)
    post = guess_and_check(task, network, **dict(SAMPLING) | {"seed": seed})
    gd = gradient_descent(task, network, **dict(DESCENT) | {"seed": seed})
    frame = over_width.to_frame()

    found = row(frame, width=width, seed=seed, method="guess_and_check")
    names = ["mean_gen_loss", "stderr", "log10_acceptance", "log10_acceptance_stderr"]
    for name in [*names, "effective_samples"]:
        assert found[name] == pytest.approx(getattr(post, name), rel=1e-9)
    assert (found["sampler"], found["status"]) == ("plain", "ok")

    prior = row(frame, width=width, seed=seed, method="prior")
    assert prior["mean_gen_loss"] == pytest.approx(post.prior_gen_loss.mean())
    assert prior["stderr"] == pytest.approx(post.prior_stderr)
    assert prior[["train_loss", "epochs", "log10_acceptance", "sampler"]].isna().all()

    descent = row(frame, width=width, seed=seed, method="gradient_descent")
    assert descent["mean_gen_loss"] == pytest.approx(gd.gen_loss[0], rel=1e-6)
    assert descent["train_loss"] == pytest.approx(gd.train_loss[0], rel=1e-6)
    assert (descent["status"], descent["epochs"]) == ("epochs_spent", 20)
    assert math.isnan(descent["stderr"])


def test_the_summary_has_median_and_quartiles() -> None:
    settings = QUICK.replace(seeds=tuple(range(7)), descent=None)
    losses = np.random.default_rng(0).random((2, 7))
    losses[1, 2:] = math.nan
    losses[1, 1] = math.nan
    findings = {}
    for number, place in enumerate(settings.places()):
        loss = float(losses.ravel()[number])
        findings[place.guess_and_check.key] = GuessAndCheckFinding(
            *[loss, 0.1, -1.0, 0.1, 50.0, "plain", "ok", 100, 2 * loss + 1, 0.1],
            *[(), (), (), (), (), (), (), 1.0, "cpu"],
        )
    summary = SweepResult(settings, findings).summary()
    assert list(summary.columns) == ["width", "method", "median", "q25", "q75", "seeds"]
    assert len(summary) == 4
    for width, some in ((5, losses[0]), (6, losses[1, :1])):
        found = row(summary, width=width, method="guess_and_check")
        assert found["median"] == np.median(some)
        assert found["q25"] == np.percentile(some, 25)
        assert found["q75"] == np.percentile(some, 75)
        assert found["seeds"] == len(some)
        assert row(summary, width=width, method="prior")["median"] == 2 * np.median(some) + 1


def test_where_no_seed_has_a_number_the_summary_says_nan() -> None:
    settings = QUICK.replace(seeds=(0,))
    lost = DescentFinding(math.nan, math.nan, "diverged", 3, 0.1, "cpu")
    findings = {place.descent.key: lost for place in settings.places() if place.descent}
    result = SweepResult(settings, findings)
    assert result.summary()["seeds"].tolist() == [0, 0]
    assert result.summary()[["median", "q25", "q75"]].isna().all(axis=None)
    assert result.to_frame()["status"].tolist() == ["diverged", "diverged"]


def test_the_wide_table_has_a_row_a_value(over_width: SweepResult) -> None:
    wide = over_width.to_wide()
    columns = {f"{method}_seed_{seed}" for method in METHODS for seed in (0, 1)}
    assert set(wide.columns) == {"width", *columns}
    assert wide["width"].tolist() == [5, 6]
    for _, found in over_width.to_frame().iterrows():
        there = row(wide, width=found["width"])
        assert there[f"{found['method']}_seed_{found['seed']}"] == found["mean_gen_loss"]


def test_an_epsilon_sweep_reads_the_path(over_epsilon: SweepResult) -> None:
    frame = over_epsilon.to_frame()
    assert len(frame) == 4 * 2 * 3
    assert over_epsilon.wanted == over_epsilon.found == 4
    for seed in (0, 1):
        settings = dict(SAMPLING) | {"seed": seed, "epsilon": 0.1}
        post = guess_and_check(Task.random(seed=seed), Network(), **settings)
        for epsilon in (0.1, 0.15):
            assert post.reaches(epsilon)
            direct = post if epsilon == 0.1 else post.at(epsilon)
            found = row(frame, epsilon=epsilon, seed=seed, method="guess_and_check")
            for name in ("mean_gen_loss", "stderr", "log10_acceptance", "effective_samples"):
                assert found[name] == pytest.approx(getattr(direct, name), rel=1e-6)
        above = row(frame, epsilon=5.0, seed=seed, method="guess_and_check")
        assert above["mean_gen_loss"] == pytest.approx(post.prior_mean_gen_loss)
        assert above["stderr"] == pytest.approx(post.prior_stderr)
        assert above["log10_acceptance"] == above["log10_acceptance_stderr"] == 0


def test_the_path_goes_up_to_where_all_of_the_prior_fits(over_epsilon: SweepResult) -> None:
    settings = dict(SAMPLING) | {"epsilon": 0.1}
    post = guess_and_check(Task.random(seed=0), Network(), **settings)
    found = over_epsilon.findings[next(OVER_EPSILON.places()).guess_and_check.key]
    assert isinstance(found, GuessAndCheckFinding)
    assert found.path["epsilon"].is_monotonic_decreasing
    fits = post.prior_train_loss < found.path_epsilon[0]
    assert fits.all()
    assert found.path_mean_gen_loss[0] == pytest.approx(post.prior_gen_loss.mean())
    between = [epsilon for epsilon in found.path_epsilon if epsilon > post.path["epsilon"].max()]
    assert len(between) > 3
    for epsilon in between:
        fits = post.prior_train_loss < epsilon
        assert found.at(epsilon).mean_gen_loss == pytest.approx(post.prior_gen_loss[fits].mean())
        assert 10 ** found.at(epsilon).log10_acceptance == pytest.approx(fits.mean())


def test_losses_of_an_epsilon_sweep_fall_with_epsilon(over_epsilon: SweepResult) -> None:
    summary = over_epsilon.summary()
    medians = summary[summary["method"] == "guess_and_check"]["median"]
    assert summary["epsilon"].unique().tolist() == [0.1, 0.15, 0.3, 5.0]
    assert medians.is_monotonic_increasing
    for method in ("prior", "gradient_descent"):
        assert summary[summary["method"] == method]["median"].nunique() == 1


@pytest.fixture(scope="module")
def too_far_down() -> SweepResult:
    """One seed, of which nothing fits at the smaller thresholds."""
    sampling = SAMPLING.replace(method="plain", draws=2000)
    axis = Axis(name="epsilon", values=(0.3, 2e-9, 1e-9))
    return computed(QUICK.replace(axes=(axis,), sampling=sampling, descent=None, seeds=(0,)))


def test_below_the_path_there_is_no_number(too_far_down: SweepResult) -> None:
    frame, sampling = too_far_down.to_frame(), too_far_down.settings.sampling
    for epsilon in (2e-9, 1e-9):
        found = row(frame, epsilon=epsilon, method="guess_and_check")
        assert math.isnan(found["mean_gen_loss"])
        assert math.isnan(found["stderr"])
        assert found["status"] == "no_acceptance"
        assert row(frame, epsilon=epsilon, method="prior")["mean_gen_loss"] > 0
    there = row(frame, epsilon=0.3, method="guess_and_check")
    post = guess_and_check(Task.random(seed=0), Network(), **dict(sampling) | {"epsilon": 0.3})
    error = math.hypot(there["stderr"], post.stderr)
    # 6 standard errors: a false alarm in 10^8 runs, were the seed not fixed.
    assert abs(there["mean_gen_loss"] - post.mean_gen_loss) < 6 * error


def test_above_a_threshold_that_was_not_reached_the_status_is_still_ok(
    too_far_down: SweepResult,
) -> None:
    frame = too_far_down.to_frame()
    assert row(frame, epsilon=0.3, method="guess_and_check")["status"] == "ok"


def test_a_finding_without_a_path_is_the_prior_nowhere() -> None:
    nothing = GuessAndCheckFinding(
        *[math.nan, math.nan, -math.inf, math.nan, 0.0, "plain", "no_acceptance", 9, 0.2, 0.1],
        *[(), (), (), (), (), (), (), 1.0, "cpu"],
    )
    assert math.isnan(nothing.at(0.1).mean_gen_loss)
    assert len(nothing.path) == 0


@pytest.mark.parametrize("kept", range(9))
def test_a_part_of_it_makes_tables_too(over_width: SweepResult, kept: int) -> None:
    result = part(over_width, kept)
    points = [point for point in points_of(QUICK) if point.key in result.findings]
    sampled = sum(isinstance(point, GuessAndCheckPoint) for point in points)
    descended = sum(isinstance(point, DescentPoint) for point in points)
    assert sampled + descended == kept
    assert (result.found, result.wanted, result.complete) == (kept, 8, kept == 8)
    assert f"{kept} of 8 points" in repr(result)

    frame, whole = result.to_frame(), over_width.to_frame()
    assert list(frame.columns) == list(whole.columns)
    assert len(frame) == 2 * sampled + descended
    assert len(frame.merge(whole)) == len(frame)
    assert result.summary()["seeds"].sum() == len(frame)
    wide = result.to_wide()
    assert wide.drop(columns="width").notna().to_numpy().sum() == len(frame)
    assert set(wide["width"]) == set(frame["width"])


def test_the_name_says_what_was_swept() -> None:
    assert repr(SweepResult(QUICK)) == (
        f"<SweepResult over width 5…6, 2 seeds, {QUICK.network.label}: 0 of 8 points>"
    )
    pair = (Axis(name="depth", values=(3,)), Axis(name="epsilon", values=(0.1, 0.02)))
    assert "over depth 3 × epsilon 0.1…0.02, 2 seeds" in repr(SweepResult(QUICK.replace(axes=pair)))


def test_without_descent_there_are_two_methods() -> None:
    settings = QUICK.replace(descent=None, axes=(Axis(name="width", values=(5,)),), seeds=(0,))
    frame = computed(settings).to_frame()
    assert sorted(frame["method"]) == ["guess_and_check", "prior"]
