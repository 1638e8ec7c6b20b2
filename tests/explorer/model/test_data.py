"""The view on data without widgets: stored at once, a file taken or refused, runs, limits."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

import gncviz as gv
from gncviz.experiment.learning.starts import STARTS, beginning
from gncviz.experiment.limits import VARIABLE, Limits
from gncviz.experiment.settings import ExperimentSettings, assemble
from gncviz.explorer.model.data import MOST_CLASSES, OWN, DataModel
from gncviz.explorer.model.runner import Phase
from gncviz.models.data.recipes import DataSettings
from gncviz.settings import SettingsError

CSV = "\n".join(
    ["height,weight,kind", *(f"{i % 7},{i * i % 11},{int(i % 3 > 0)}" for i in range(40))]
).encode()


def quick(**values: object) -> ExperimentSettings:
    """A few draws on a few samples."""
    asked = beginning(
        DataSettings(name="moons", train=6, test=50), gv.Network(width=8, activation="relu")
    )
    changes = {"guess_and_check.samples": 20, "descent.trials": 2, "descent.epochs": 500}
    return assemble({**changes, **values}, asked)


def wait_for(condition: Callable[[], object], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@pytest.mark.parametrize("name", STARTS)
def test_what_a_set_begins_with_is_there_at_once(name: str) -> None:
    if not STARTS[name].offered:
        pytest.skip("scikit-learn is not installed")
    model = DataModel()
    model.choose(name)
    assert model.found is not None
    assert model.found.settings == model.settings == STARTS[name].settings
    assert (model.phase, model.stale, model.stored, model.waiting) == (
        Phase.IDLE,
        False,
        True,
        False,
    )


def test_another_setting_leaves_the_figure_and_says_that_it_is_of_another() -> None:
    model = DataModel()
    before = model.found
    model.settings = quick()
    assert model.found is before
    assert model.stale
    assert model.waiting
    model.settings = STARTS["moons"].settings
    assert not model.stale


def test_a_run_finds_all_of_it() -> None:
    model = DataModel()
    model.settings = quick()
    seen = []
    model.observe(lambda change: seen.append(change.new), "found")
    model.run()
    assert model.phase is Phase.RUNNING
    model.join(60)
    assert model.phase is Phase.DONE, model.error
    assert model.found is not None
    assert not model.stale
    assert not model.stored
    assert model.found.descent is not None
    # Nothing was shown that had nothing in it.
    assert all(one.curve is not None or one.plane.regions for one in seen)


@pytest.mark.parametrize("cancelled", [False, True], ids=["to its end", "cancelled"])
def test_a_run_of_what_is_shown_takes_nothing_away(cancelled: bool) -> None:
    model = DataModel()
    assert model.found is not None
    assert model.found.plane is not None
    assert model.found.curve is not None
    names, seen = set(model.found.plane.regions), []
    rows = [len(table) for table in (model.found.curve, model.found.descent)]
    model.observe(lambda change: seen.append(change.new), "found")
    model.run()
    if cancelled:
        wait_for(lambda: seen)
        model.cancel()
    model.join(60)
    assert model.phase is (Phase.CANCELLED if cancelled else Phase.DONE), model.error
    assert seen
    assert all(set(one.plane.regions) == names for one in seen)
    assert all([len(table) for table in (one.curve, one.descent)] == rows for one in seen)


def test_samples_are_seen_before_anything_is_known() -> None:
    model = DataModel()
    model.found = None
    model.settings = quick()
    model.run()
    assert model.found is not None
    assert model.found.plane is not None
    assert len(model.found.plane.x) == 6
    model.cancel()
    model.join(60)


def test_cancel_and_another_setting_end_a_run() -> None:
    model = DataModel()
    model.settings = quick(**{"task.train": 64, "guess_and_check.samples": 10**6})
    model.run()
    wait_for(lambda: model.stage is not None and model.stage.number == 2)
    start = time.monotonic()
    model.cancel()
    assert time.monotonic() - start < 0.3
    assert model.phase is Phase.CANCELLED
    found = model.found
    model.join(60)
    assert model.found is found, "nothing is shown after Cancel"
    model.run()
    model.settings = quick()
    assert model.phase is Phase.CANCELLED
    model.join(60)


def test_the_threshold_follows_the_samples_and_the_test_is_small() -> None:
    model = DataModel()
    model.settings = quick(**{"task.train": 10, "task.test": 5000, "guess_and_check.epsilon": 0.5})
    assert model.settings.guess_and_check.epsilon == 0.05
    assert model.settings.task.test == 300


def test_what_is_no_setting_of_the_view_is_refused() -> None:
    model = DataModel()
    for settings, says in (
        (ExperimentSettings(), "task should be one of data"),
        (quick(**{"task.loss": "logistic"}), "loss should be errors"),
        (quick(**{"task.name": "parity", "task.dim": 2}), "dim should be at least 3"),
    ):
        with pytest.raises(SettingsError, match=says):
            model.settings = settings
    model.open(quick(**{"task.loss": "squared"}))
    assert model.refused.startswith("The address of this page: loss should be errors")
    assert model.chosen == "moons"


def test_a_file_is_a_setting() -> None:
    model = DataModel()
    model.upload("mine.csv", len(CSV), CSV)
    assert (model.refused, model.chosen, model.own) == ("", OWN, True)
    task = gv.DataTask.from_recipe(model.settings.task)
    assert (task.count, task.classes) == (16, ("0", "1"))
    assert model.stale
    assert model.shared.task == STARTS["moons"].settings.task
    model.choose_label("weight")
    assert model.refused == ""
    assert model.settings.task.label == "weight"
    model.choose("moons")
    assert not model.own
    model.choose(OWN)
    assert model.settings.task.file == "mine.csv", "the file is still there"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"x,y\n1,a\n2,oh no", "each class should have two samples"),
        (b"x,y\n1,a\nwords,a\n2,b\n3,b", "in row 3 of 'x' 'words' is none"),
        (b"\xff\xfe\x00", "it is no CSV file"),
        (b"x,y\n" + b"1,a\n2,b\n" * 3000, "at most 5 000 samples; it has 6 000"),
        (b",".join([b"1"] * 200) + b"\n" + b",".join([b"2"] * 200), "at most 101 columns"),
        (
            b"x,y\n" + b"".join(b"1,%d\n" % (i % (MOST_CLASSES + 2)) for i in range(60)),
            "at most 10 classes here; 'y' has 12",
        ),
        (None, "at most 1 000 000 bytes; it has 2 000 000"),
    ],
)
def test_a_file_is_refused_in_a_sentence(content: bytes | None, says: str) -> None:
    model = DataModel()
    before = model.settings
    model.upload("bad.csv", 2_000_000 if content is None else len(content), content)
    assert says in model.refused
    assert model.refused.startswith("bad.csv: ")
    assert "\n" not in model.refused
    assert (model.settings, model.chosen) == (before, "moons")
    model.upload("mine.csv", len(CSV), CSV)
    assert model.refused == ""
    model.choose_label("height")
    assert (model.refused, model.settings.task.label) == ("", "height")


def test_limits_of_the_server_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(seconds=5, samples=50, trials=2, measurements=20, width=64, megabytes=0.5)
    monkeypatch.setenv(VARIABLE, limits.model_dump_json(exclude_none=True))
    model = DataModel()
    asked = model.settings
    assert (asked.guess_and_check.seconds, asked.guess_and_check.samples) == (5, 50)
    assert (asked.descent.trials, model.most_bytes) == (2, 450_000)
    with pytest.raises(SettingsError, match="train should be at most 20 on this server"):
        model.settings = quick(**{"task.train": 30})
    with pytest.raises(SettingsError, match="width should be at most 64 on this server"):
        model.settings = quick(**{"network.width": 100})


def test_time_and_devices_make_no_other_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, Limits(seconds=30).model_dump_json(exclude_none=True))
    model = DataModel()
    assert model.settings.guess_and_check.seconds == 30
    assert model.stored
    assert not model.stale
