"""Sweeps whose Guess & Check runs are learning curves."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import gncviz as gv
from gncviz.models import drawn
from gncviz.models.data.recipes import DataSettings
from gncviz.settings import SettingsError
from gncviz.sweeps import Axis, Store, SweepResult, SweepSettings, run_sweep
from gncviz.sweeps.findings import CurveFinding
from gncviz.sweeps.points import CurvePoint
from gncviz.sweeps.result import points_of
from gncviz.sweeps.store import read_table, write_table
from tests.sweeps.small import DESCENT, SAMPLING, text

DIGITS = DataSettings(classes=(3, 8), test=50)
NETWORK = gv.Network(width=4, activation="relu")
SETTINGS = SweepSettings(
    axes=(Axis(name="train", values=(2, 4, 3)),),
    task=DIGITS,
    network=NETWORK,
    sampling=SAMPLING.replace(draws=10**7),
    descent=DESCENT.replace(epochs=2),
    seeds=(5,),
    curves=True,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("curves"))


@pytest.fixture(scope="module")
def result(store: Store) -> SweepResult:
    with ThreadPoolExecutor(1) as pool:
        return run_sweep(SETTINGS, store, executor=pool)


def test_fewer_samples_are_the_first_of_more_and_the_test_is_the_same() -> None:
    more, fewer = (drawn(DIGITS.replace(train=count, seed=3)) for count in (64, 16))
    np.testing.assert_array_equal(more.x_train[:16], fewer.x_train)
    np.testing.assert_array_equal(more.x_test, fewer.x_test)
    np.testing.assert_array_equal(more.y_test, fewer.y_test)
    assert DIGITS.nested
    assert not DIGITS.replace(test=None).nested
    assert not DataSettings(name="moons", test=50).nested


def test_a_seed_takes_one_curve_at_the_most_samples() -> None:
    places = list(SETTINGS.places())
    assert [place.train for place in places] == [2, 4, 3]
    assert [place.last for place in places] == [False, True, False]
    (key,) = {place.guess_and_check.key for place in places}
    assert places[0].guess_and_check.task == DIGITS.replace(train=4, seed=5)
    assert [place.descent.task.train for place in places if place.descent] == [2, 4, 3]
    # ε and the method are nothing that a curve has.
    other = SETTINGS.replace(sampling=SETTINGS.sampling.replace(epsilon=0.01, method="plain"))
    assert next(other.places()).guess_and_check.key == key
    assert next(SETTINGS.replace(curves=False).places()).guess_and_check.key != key
    assert len(points_of(SETTINGS)) == 6


def test_a_curve_is_read_at_every_number_of_samples(result: SweepResult) -> None:
    assert result.complete
    frame = result.to_frame()
    asked = {"samples": 50, "draws": 10**7, "seed": 5, "device": "cpu"}
    curve = gv.learning_curve(drawn(DIGITS.replace(train=4, seed=5)), NETWORK, **asked)
    assert len(frame) == 3 * 4
    for count in (2, 3, 4):
        row = curve.table.iloc[count]
        part = frame[frame["train"] == count].set_index("method")
        names = {"mean_gen_loss": "gen_error", "stderr": "stderr"}
        names |= {name: name for name in ("log10_acceptance", "effective_samples")}
        for name, own in names.items():
            assert part.loc["guess_and_check", name] == row[own]
        assert part.loc["average", "mean_gen_loss"] == row["bayes_error"]
        assert part.loc["average", "stderr"] == row["bayes_stderr"]
        assert part.loc["prior", "mean_gen_loss"] == curve.table["gen_error"][0]
    assert set(frame["sampler"].dropna()) == {"curve"}


def test_what_is_stored_comes_back(result: SweepResult, store: Store, tmp_path: Path) -> None:
    point = next(one for one in points_of(SETTINGS) if isinstance(one, CurvePoint))
    found = result.findings[point.key]
    assert isinstance(found, CurveFinding)
    assert store.folder is not None
    again = Store(store.folder).get(point)
    assert again is not None
    assert text(again) == text(found)
    write_table(tmp_path / "table.parquet", [(point, found, {})])
    ((same, read, _),) = read_table(tmp_path / "table.parquet")
    assert same.key == point.key
    assert text(read) == text(found)


def test_beyond_its_end_a_curve_has_no_number(result: SweepResult) -> None:
    (found,) = (one for one in result.findings.values() if isinstance(one, CurveFinding))
    assert math.isnan(found.at(5).mean_gen_loss)
    assert all(map(math.isnan, found.average(5)))
    assert found.at(0).log10_acceptance == 0
    assert len(found.gen_error) == 5


def arrays(count: int) -> gv.DataTask:
    """Points of a line, by the side that they are on."""
    x = np.linspace(-1, 1, 40)[np.random.default_rng(0).permutation(40)][:, None]
    y = x[:, 0] > 0
    return gv.DataTask(x[:count], y[:count], x[20:], y[20:], loss="errors")


def digits(count: int) -> gv.DataTask:
    return gv.DataTask.load("digits", classes=(3, 8), train=count, test=50, seed=7)


@pytest.mark.parametrize(
    ("task", "six"),
    [
        (digits(12), lambda _: digits(6)),
        (arrays(8), lambda _: arrays(6)),
        (DIGITS, lambda seed: drawn(DIGITS.replace(train=6, seed=seed))),
    ],
    ids=["one", "arrays", "settings"],
)
def test_any_task_whose_samples_can_be_counted_has_curves(
    task: gv.DataTask | DataSettings, six: Callable[[int], gv.DataTask]
) -> None:
    """One that is drawn stays what it is, for every seed and every number of samples."""
    asked = {"network": NETWORK, "seeds": 2, "curves": True, "descent": False}
    with ThreadPoolExecutor(1) as pool:
        result = gv.sweep(
            "train", [4, 6], task=task, guess_and_check={"samples": 30}, executor=pool, **asked
        )
    found = result.to_frame().query("method == 'guess_and_check'")
    for seed in (0, 1):
        table = gv.learning_curve(six(seed), NETWORK, samples=30, seed=seed).table
        mine = found[found["seed"] == seed]
        assert mine["mean_gen_loss"].tolist() == table["gen_error"][[4, 6]].tolist()


def test_arrays_have_no_more_samples_than_there_are() -> None:
    with pytest.raises(SettingsError, match="train should be at most 8, as there are no more"):
        gv.sweep("train", [4, 9], task=arrays(8), network=NETWORK)


@pytest.mark.parametrize(
    "task",
    [DIGITS.replace(test=None), DataSettings(name="moons", test=9), gv.Task.random().recipe],
)
def test_other_tasks_have_none(task: object) -> None:
    with pytest.raises(SettingsError, match="curves should be of samples of a packaged set"):
        SETTINGS.replace(task=task, axes=(Axis(name="width", values=(4,)),))
