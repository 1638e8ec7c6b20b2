"""The call: what it takes, what it reports, and where it goes on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gncviz
from gncviz import progress as progress_module
from gncviz.descent.settings import DescentSettings
from gncviz.models import FixedTask
from gncviz.models.matrix.recipes import GivenTask
from gncviz.models.recipe import TaskRecipe
from gncviz.network import Network
from gncviz.posterior import guess_and_check
from gncviz.prior import Prior
from gncviz.progress import Progress
from gncviz.settings import SettingsError
from gncviz.sweeps import SweepResult, sweep
from gncviz.sweeps.points import Point
from gncviz.task import Task, TaskSettings
from tests.sweeps.small import DESCENT, SAMPLING, Recorder

QUICK: dict[str, Any] = {
    "epsilon": 0.2,
    "seeds": 2,
    "guess_and_check": {"samples": 50, "draws": 10**5, "device": "cpu"},
    "descent": {"epochs": 20, "device": "cpu"},
}


@pytest.fixture
def executor() -> Iterator[Recorder]:
    """A thread."""
    with Recorder() as recorder:
        yield recorder


def recipe(point: Point) -> TaskRecipe:
    return point.task


def quick(over: Any, values: Any, executor: Recorder, **changes: Any) -> SweepResult:
    return sweep(over, values, executor=executor, **{**QUICK, **changes})


def test_it_is_a_name_of_the_package() -> None:
    assert gncviz.sweep is sweep
    assert gncviz.SweepResult is SweepResult


def test_what_is_asked_for_becomes_settings(executor: Recorder) -> None:
    result = quick(
        "depth",
        np.array([2, 3]),
        executor,
        task=TaskSettings(rank=2),
        network=Network(width=4),
        prior=Prior("uniform"),
        seeds=(5, 3),
        init_scales=[0.1, 0.2],
    )
    settings = result.settings
    assert settings.axes[0].values == (2, 3)
    assert settings.task == TaskSettings(rank=2)
    assert settings.network == Network(width=4)
    assert settings.prior == Prior("uniform")
    assert settings.sampling == SAMPLING
    assert settings.descent == DESCENT
    assert settings.seeds == (5, 3)
    assert settings.init_scales == (0.1, 0.2)
    assert result.complete
    assert result.to_frame()["depth"].unique().tolist() == [2, 3]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (False, None),
        (True, DescentSettings(trials=1)),
        ({"epochs": 30, "lr": 0.02}, DescentSettings(trials=1, epochs=30, lr=0.02)),
        (DescentSettings(epochs=30), DescentSettings(epochs=30)),
    ],
)
def test_descent_is_asked_for_in_several_ways(
    executor: Recorder, asked: Any, expected: DescentSettings | None
) -> None:
    stopped = threading.Event()
    stopped.set()
    result = quick("width", [5, 6], executor, descent=asked, cancel=stopped)
    assert result.settings.descent == expected
    assert result.wanted == (4 if expected is None else 8)


def test_without_descent_none_runs(executor: Recorder) -> None:
    result = quick("width", [5], executor, descent=False)
    assert result.complete
    assert {point.kind for job in executor.jobs for point in job.points} == {"guess_and_check"}
    assert set(result.to_frame()["method"]) == {"prior", "guess_and_check"}


def test_descent_settings_run_as_given(executor: Recorder) -> None:
    result = quick("width", [5], executor, descent=DescentSettings(trials=8, epochs=25))
    descents = result.to_frame().query("method == 'gradient_descent'")
    assert descents["epochs"].tolist() == [25, 25]
    assert descents["seed"].tolist() == [0, 1]


def test_a_task_of_arrays_is_the_same_for_every_seed(executor: Recorder) -> None:
    random = Task.random(seed=11)
    task = Task(random.ground_truth, random.measurements)
    result = quick("width", [5], executor, task=task)
    assert isinstance(result.settings.task, GivenTask)
    found = result.to_frame().query("method == 'guess_and_check'")["mean_gen_loss"].tolist()
    for seed in (0, 1):
        post = guess_and_check(task, Network(), **dict(SAMPLING) | {"seed": seed})
        assert found[seed] == pytest.approx(post.mean_gen_loss, rel=1e-9)
    assert found[0] != found[1]


def test_a_task_that_was_drawn_is_the_same_for_every_seed(executor: Recorder) -> None:
    task = Task.random(seed=11, norm=2.0)
    result = quick("width", [5], executor, task=task)
    assert result.settings.task == FixedTask(recipe=task.settings)
    assert {job_task for job in executor.jobs for job_task in map(recipe, job.points)} == {
        result.settings.task
    }
    found = result.to_frame().query("method == 'guess_and_check'")["mean_gen_loss"].tolist()
    for seed in (0, 1):
        post = guess_and_check(task, Network(), **dict(SAMPLING) | {"seed": seed})
        assert found[seed] == pytest.approx(post.mean_gen_loss, rel=1e-9)


def test_a_task_that_was_drawn_can_have_fewer_measurements(executor: Recorder) -> None:
    task = Task.random(seed=11)
    result = quick("measurements", [8, 10], executor, task=task, descent=False)
    tasks = {recipe(point) for job in executor.jobs for point in job.points}
    assert tasks == {FixedTask(recipe=task.settings.replace(measurements=n)) for n in (8, 10)}
    assert result.complete


def test_settings_of_a_task_are_drawn_anew_for_every_seed(executor: Recorder) -> None:
    result = quick("width", [5], executor, task=TaskSettings(seed=11, norm=2.0), descent=False)
    found = result.to_frame().query("method == 'prior'")["mean_gen_loss"].tolist()
    for seed in (0, 1):
        task = Task.random(seed=seed, norm=2.0)
        post = guess_and_check(task, Network(), **dict(SAMPLING) | {"seed": seed})
        assert found[seed] == pytest.approx(post.prior_mean_gen_loss, rel=1e-9)


def test_a_pair_is_swept_over_its_product(executor: Recorder) -> None:
    result = quick(("width", "depth"), [[4, 5], [2, 3]], executor, seeds=[7])
    frame = result.to_frame()
    pairs = set(frame[["width", "depth"]].itertuples(index=False, name=None))
    assert pairs == {(4, 2), (4, 3), (5, 2), (5, 3)}
    assert len(frame) == 12
    assert len(result.summary()) == 12
    wide = result.to_wide()
    assert list(wide.columns[:2]) == ["width", "depth"]
    assert len(wide) == 4
    one = guess_and_check(
        Task.random(seed=7), Network(width=4, depth=3), **dict(SAMPLING) | {"seed": 7}
    )
    there = wide.query("width == 4 and depth == 3")["guess_and_check_seed_7"].item()
    assert there == pytest.approx(one.mean_gen_loss, rel=1e-9)


def test_a_pair_with_epsilon_takes_a_run_a_width(executor: Recorder) -> None:
    result = quick(("epsilon", "width"), [[0.3, 0.2], [4, 5]], executor, seeds=1, descent=False)
    assert result.wanted == 2
    assert len(result.to_frame()) == 8
    direct = guess_and_check(Task.random(seed=0), Network(width=4), **dict(SAMPLING))
    there = result.to_wide().query("width == 4")["guess_and_check_seed_0"].tolist()
    assert there[0] == pytest.approx(direct.mean_gen_loss, rel=1e-9)
    # Interpolated, of rows that count the prior's draws.
    fits = direct.prior_train_loss < 0.3
    assert there[1] == pytest.approx(direct.prior_gen_loss[fits].mean(), rel=0.03)


def test_progress_goes_from_nothing_to_all(
    executor: Recorder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(progress_module, "_INTERVAL", 0.0)
    reports: list[Progress] = []
    result = quick("width", [5, 6], executor, progress=reports.append, results=tmp_path)
    fractions = [report.fraction for report in reports]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0
    assert fractions[-1] == 1
    assert all(fraction < 1 for fraction in fractions[:-1])
    parts = [report.partial() for report in reports if report.partial is not None]
    found = [part.found for part in parts]
    assert len(found) == len(reports)
    assert found == sorted(found)
    assert found[0] == 0
    # A job is a sampled point, or the two descents of a width.
    assert len(set(found)) == 7
    assert found[-1] == 8
    assert reports[0].message == "0 of 8 points"
    assert reports[-1].message == "8 of 8 points"
    assert parts[-1].to_frame().equals(result.to_frame())

    again: list[Progress] = []
    quick("width", [5, 6, 7], executor, progress=again.append, results=tmp_path)
    assert again[0].message == "8 of 12 points, 8 of them from before"
    assert again[0].fraction == 0
    assert again[-1].message == "12 of 12 points, 8 of them from before"


def test_every_point_is_reported_however_fast_they_come(
    executor: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_module, "_INTERVAL", 3600.0)
    reports: list[Progress] = []
    quick("width", [5, 6, 7], executor, seeds=1, descent=False, progress=reports.append)
    found = [report.partial().found for report in reports if report.partial is not None]
    assert sorted(set(found)) == [0, 1, 2, 3]


def test_a_bar_is_shown_where_asked_for(
    executor: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    quick("width", [5], executor, progress=True, descent=False)
    assert "100%" in capsys.readouterr().err


def test_what_is_known_is_not_computed_again(executor: Recorder, tmp_path: Path) -> None:
    first = quick("width", [5, 6], executor, results=str(tmp_path))
    before = len(executor.keys)
    again = quick("width", [6, 5], executor, results=tmp_path, seeds=[1, 0])
    assert len(executor.keys) == before == 8
    names = ["width", "seed", "method"]
    assert (
        again.to_frame()
        .sort_values(names, ignore_index=True)
        .equals(first.to_frame().sort_values(names, ignore_index=True))
    )
    wider = quick("width", [6, 7], executor, results=tmp_path)
    assert wider.complete
    assert len(executor.keys) == before + 4


def test_without_a_folder_nothing_is_written(
    executor: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    quick("width", [5], executor, seeds=1)
    assert list(tmp_path.iterdir()) == []


def test_cancel_gives_the_result_so_far(executor: Recorder, tmp_path: Path) -> None:
    cancel = threading.Event()

    def stop(progress: Progress) -> None:
        if progress.partial is not None and progress.partial().found:
            cancel.set()

    result = quick("width", [5, 6], executor, progress=stop, cancel=cancel, results=tmp_path)
    assert 0 < result.found < result.wanted
    assert len(list(tmp_path.rglob("*.parquet"))) == result.found
    assert quick("width", [5, 6], executor, results=tmp_path).complete


def test_a_setting_that_is_not_allowed_computes_nothing(executor: Recorder) -> None:
    with pytest.raises(SettingsError, match="sampels is not a setting"):
        quick("width", [5], executor, guess_and_check={"sampels": 3})
    with pytest.raises(SettingsError, match="epochs should be"):
        quick("width", [5], executor, descent={"epochs": 0})
    with pytest.raises(SettingsError, match="width should be"):
        quick("width", [5, 10**6], executor)
    assert executor.jobs == []
