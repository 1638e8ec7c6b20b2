"""What a sweep is called with: taken for what it is, or refused before anything is computed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gncviz import paper
from gncviz.descent.settings import DescentSettings
from gncviz.settings import SettingsError, sequence_of
from gncviz.sweeps import Store, sweep
from gncviz.sweeps.asked import axes_of, descent_of, sampling_of, seeds_of
from tests.sweeps.small import Recorder


@pytest.fixture
def executor() -> Iterator[Recorder]:
    """A thread."""
    with Recorder() as recorder:
        yield recorder


REFUSED = [
    ({"values": 5}, "values", "values should be a sequence, such as a list; got 5."),
    ({"values": "5"}, "values", "values should be a sequence, such as a list; got '5'."),
    ({"values": np.float64(5)}, "values", "a sequence"),
    ({"values": {5: 6}}, "values", "a sequence"),
    ({"values": [True]}, "values", "not be True or False"),
    (
        {"over": "colour"},
        "over",
        "width, depth, epsilon, measurements, train; got colour.",
    ),
    ({"over": ("width", "colour"), "values": [[5], [6]]}, "over", "one of width"),
    ({"over": 5}, "over", "one of width, depth, epsilon, measurements, train; got 5."),
    ({"seeds": True}, "seeds", "how many there are, or a sequence of them; got True."),
    ({"seeds": 0}, "seeds", "at least 1; got 0."),
    ({"seeds": 2.5}, "seeds", "how many"),
    ({"seeds": "12"}, "seeds", "how many"),
    ({"seeds": [0.5]}, "seeds", "integer"),
    ({"seeds": [1, True]}, "seeds", "not be True or False"),
    ({"guess_and_check": {"seed": 3}}, "guess_and_check", "should not have seed"),
    ({"guess_and_check": {"epsilon": 0.1}}, "guess_and_check", "should not have epsilon"),
    ({"guess_and_check": "splitting"}, "guess_and_check", "names and values of settings"),
    ({"descent": {"trials": 3}}, "descent", "should not have trials"),
    ({"descent": {"seed": 3}}, "descent", "should not have seed"),
    ({"descent": {"seeds": [3]}}, "descent", "should not have seeds"),
    ({"descent": {"init_scale": 1}, "init_scales": [1]}, "descent", "should not have init_scale"),
    ({"descent": 5}, "descent", "names and values of settings"),
    ({"init_scales": 0.1}, "init_scales", "a sequence"),
    ({"task": "sensing"}, "task", "should be a Task, or settings"),
    ({"prior": "gaussian"}, "prior", "instance of Prior; got 'gaussian'."),
    ({"network": 5}, "network", "a network, such as Network(width=5); got 5."),
    ({"epsilon": None}, "epsilon", "valid number"),
    ({"workers": 0}, "workers", "a whole number from 1 on; got 0."),
    ({"workers": 1.5}, "workers", "a whole number from 1 on; got 1.5."),
    ({"executor": "dask"}, "executor", "should be a concurrent.futures.Executor; got 'dask'."),
    ({"results": 5}, "results", "should be a path; got 5."),
]


@pytest.mark.parametrize(("asked", "field", "sentence"), REFUSED)
def test_what_is_no_argument_is_refused_in_a_sentence(
    executor: Recorder, asked: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        sweep(**{"over": "width", "values": [5], "executor": executor, **asked})
    assert [name for name, _ in caught.value.problems] == [field]
    assert str(caught.value).startswith(field)
    assert sentence in str(caught.value)
    assert str(caught.value).endswith(".")
    assert executor.jobs == []


@pytest.mark.parametrize("count", [2, np.int64(2), np.uint8(2), np.array(2)])
def test_seeds_are_counted_from_zero(count: Any) -> None:
    assert seeds_of(count) == (0, 1)


@pytest.mark.parametrize("kind", [list, tuple, np.array, pd.Series, iter, set])
def test_sequences_of_any_kind_are_taken(kind: Any) -> None:
    assert seeds_of(kind([3])) == (3,)
    assert sequence_of("values", kind([5])) == (5,)
    assert axes_of("width", kind([5]))[0].values == (5,)


def test_a_pair_of_axes_may_be_a_table() -> None:
    axes = axes_of(np.array(["width", "depth"]), np.array([[5, 6], [2, 3]]))
    assert [(axis.name, axis.values) for axis in axes] == [("width", (5, 6)), ("depth", (2, 3))]


def test_settings_that_are_the_callers_own_are_taken() -> None:
    assert sampling_of(0.1, None).epsilon == 0.1
    assert sampling_of(0.1, {"samples": 7}).samples == 7
    own = DescentSettings(seed=3, trials=4)
    assert descent_of(own) is own
    assert descent_of(None) is None


def test_an_argument_that_nobody_knows_is_refused(executor: Recorder) -> None:
    with pytest.raises(SettingsError, match=r"workres is not an argument; allowed are executor"):
        paper.panel(1, "linear", executor=executor, workres=3)  # type: ignore[call-arg]


def test_a_folder_of_ones_own_is_where_the_user_is_at_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, executor: Recorder
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    asked = {"epsilon": 0.5, "guess_and_check": {"samples": 20}, "descent": False, "seeds": 1}
    assert sweep("width", [5], results="~/mine", executor=executor, **asked).complete
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    assert len(list((tmp_path / "home" / "mine").rglob("*.parquet"))) == 1
    assert Store("~/mine").folder == tmp_path / "home" / "mine"
    assert paper.claims("~/mine") == []


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_results_that_cannot_be_stored_are_not_computed(
    tmp_path: Path, executor: Recorder, place: str
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match=r"results should be a folder; .*file is a file\."):
        sweep("width", [5], results=tmp_path / place, executor=executor)
    assert executor.jobs == []
