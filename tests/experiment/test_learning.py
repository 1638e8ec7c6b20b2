"""A setting of data computed whole: what each stage finds, and the lines that make the same."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pandas as pd
import pytest

import gncviz as gv
from gncviz.experiment.export import read_settings
from gncviz.experiment.learning import Learned, Stage, run_learning
from gncviz.experiment.learning.files import learned_files
from gncviz.experiment.learning.lines import learning_lines
from gncviz.experiment.learning.result import counts, panels, stops
from gncviz.experiment.learning.starts import STARTS, beginning, start_of
from gncviz.experiment.settings import ExperimentSettings
from gncviz.models.data.recipes import DataSettings, TableData
from gncviz.models.data.tables import Table

NETWORK = gv.Network(width=8, activation="relu")


def quick(**task: Any) -> ExperimentSettings:
    """A few draws on a few samples, within a second."""
    asked = beginning(DataSettings(**{"name": "moons", "train": 8, "test": 50, **task}), NETWORK)
    sampling = asked.guess_and_check.replace(samples=20, device="cpu")
    descent = asked.descent.replace(trials=2, lr=0.05, epochs=2000, device="cpu")
    return asked.replace(guess_and_check=sampling, descent=descent)


@pytest.fixture(scope="module")
def reports() -> list[tuple[Learned, Stage]]:
    told: list[tuple[Learned, Stage]] = []
    found = run_learning(quick(), lambda known, stage: told.append((known, stage)))
    return [*told, (found, told[-1][1])]


@pytest.fixture(scope="module")
def found(reports: list[tuple[Learned, Stage]]) -> Learned:
    return reports[-1][0]


def test_all_of_it_comes_stage_by_stage(reports: list[tuple[Learned, Stage]]) -> None:
    assert sorted({stage.number for _, stage in reports}) == [1, 2, 3]
    first = reports[0][0]
    assert first.plane is not None
    assert list(first.plane.regions) == [panels(first.settings)[4]]
    assert first.curve is None
    growing = [len(one.curve) for one, _ in reports if one.curve is not None]
    assert growing == sorted(growing)
    assert (growing[0], growing[-1]) < (growing[-1], 10)
    shares = [stage.fraction for _, stage in reports]
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_it_is_what_the_single_calls_find(found: Learned) -> None:
    settings = found.settings
    task = gv.DataTask.from_recipe(settings.task)
    over = task.over_grid()
    curve = gv.learning_curve(task, NETWORK, samples=20, over=over, device="cpu")
    assert found.curve is not None
    pd.testing.assert_frame_equal(found.curve, curve.table)
    assert curve.over is not None
    assert found.plane is not None
    assert tuple(found.plane.regions) == panels(settings)
    mean = np.einsum("n,nkp->kp", curve.over.weights, curve.over.outputs)[0, task.count :]
    average = found.plane.regions["average of all guesses"]
    np.testing.assert_array_equal(average.ravel(), mean > 0)
    assert found.descent is not None
    for stop in stops(settings):
        asked = {**dict(settings.descent), "tolerance": stop.tolerance}
        gd = gv.gradient_descent(task.first(4).with_loss(stop.loss), NETWORK, **asked)
        rows = found.descent[(found.descent["stop"] == stop.name) & (found.descent["n"] == 4)]
        np.testing.assert_allclose(rows["test_error"], gd.gen_loss)


def test_every_network_in_the_plane_is_right_about_the_samples(found: Learned) -> None:
    """At the point of the grid that is nearest, but for samples beside a border."""
    plane = found.plane
    assert plane is not None
    for sides in plane.regions.values():
        right = [
            label in sides[max(up - 1, 0) : up + 2, max(across - 1, 0) : across + 2]
            for (x, y), label in zip(plane.x, plane.labels, strict=True)
            for across, up in [(np.abs(plane.across - x).argmin(), np.abs(plane.up - y).argmin())]
        ]
        assert all(right)


def test_trials_that_did_not_come_so_far_have_no_number() -> None:
    settings = quick()
    settings = settings.replace(descent=settings.descent.replace(epochs=3))
    found = run_learning(settings)
    assert found.descent is not None
    assert found.plane is not None
    low = found.descent[found.descent["stop"] == stops(settings)[1].name]
    assert low["test_error"].isna().all()
    assert set(low["status"]) == {"epochs_spent"}
    assert panels(settings)[5] not in found.plane.regions


def test_more_inputs_have_a_curve_and_no_plane() -> None:
    found = run_learning(quick(name="parity", dim=4))
    assert found.plane is None
    assert found.curve is not None
    assert len(found.curve) == 9


def test_it_ends_when_it_is_cancelled() -> None:
    cancel = threading.Event()
    told: list[int] = []

    def report(_: Learned, stage: Stage) -> None:
        told.append(stage.number)
        if stage.number == 2:
            cancel.set()

    found = run_learning(quick(train=64), report, cancel)
    assert max(told) == 2
    assert found.descent is None
    assert found.plane is not None


def test_gradient_descent_begins_with_all_classes() -> None:
    x = np.arange(20.0)[:, None]
    y = ["a"] * 9 + ["b"] * 11
    task = gv.DataTask(x, y, x, y, "errors")
    assert counts(task) == [10, 20]
    with pytest.raises(gv.SettingsError, match="task should be one of data"):
        run_learning(ExperimentSettings())


def test_the_lines_make_the_same(found: Learned, capsys: pytest.CaptureFixture[str]) -> None:
    made: dict[str, Any] = {}
    exec(learning_lines(found.settings).replace(".show()", ""), made)
    assert found.curve is not None
    pd.testing.assert_frame_equal(made["curve"].table, found.curve)
    assert found.descent is not None
    for stop, results in made["descent"].items():
        for n, gd in results.items():
            rows = found.descent[(found.descent["stop"] == stop) & (found.descent["n"] == n)]
            np.testing.assert_allclose(rows["test_error"], gd.gen_loss)
    assert "acceptance" in capsys.readouterr().out


def test_lines_name_the_file_and_the_set() -> None:
    rows = "\n".join(f"{i},{i * i % 7},{'ab'[i % 2]}" for i in range(20))
    recipe = TableData.of(Table.of(f"x,y,kind\n{rows}".encode(), "mine.csv"), train=6, seed=2)
    lines = learning_lines(beginning(recipe, NETWORK))
    assert 'gv.DataTask.read("mine.csv", label="kind", train=6, seed=2)' in lines
    digits = learning_lines(STARTS["pair"].settings) if STARTS["pair"].offered else ""
    assert not digits or "classes=(3, 8)" in digits
    assert "over_grid" not in digits


def test_files_are_the_tables(found: Learned) -> None:
    files = {one.name: one.content() for one in learned_files(found)}
    assert set(files) == {
        *("gncviz-curve.csv", "gncviz-descent.csv", "gncviz-settings.json", "gncviz-run.py")
    }
    assert files["gncviz-curve.csv"].decode().startswith("n,log10_acceptance,")
    assert read_settings(files["gncviz-settings.json"]) == found.settings
    assert len(learned_files(Learned(found.settings))) == 2


def test_sets_are_known_by_their_samples() -> None:
    for name, start in STARTS.items():
        assert start_of(start.settings.replace(network={"width": 3})) == name
    assert start_of(quick(name="parity", dim=4)) == ""
