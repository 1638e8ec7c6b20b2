"""A stored experiment is the same experiment."""

from __future__ import annotations

import dataclasses
import json
import math
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import gncviz as gv
from gncviz.experiment import (
    Experiment,
    ExperimentSettings,
    assemble,
    read_experiment,
    run_experiment,
    write_experiment,
)
from gncviz.settings import SettingsError
from gncviz.task import Task
from tests.experiment.small import SETTINGS


def assert_same(one: Any, other: Any) -> None:
    """Of the same type, to the last bit."""
    if isinstance(one, float) and isinstance(other, float):
        assert one == other or (math.isnan(one) and math.isnan(other))
        return
    assert type(one) is type(other)
    if isinstance(one, Task):
        assert one.to_dict() == other.to_dict()
    elif isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    elif isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    elif isinstance(one, tuple):
        assert len(one) == len(other)
        for mine, theirs in zip(one, other, strict=True):
            assert_same(mine, theirs)
    elif isinstance(one, Mapping):
        assert list(one) == list(other)
        for key in one:
            assert_same(one[key], other[key])
    elif dataclasses.is_dataclass(one):
        for field in dataclasses.fields(one):
            assert_same(getattr(one, field.name), getattr(other, field.name))
    else:
        assert one == other


def stored(found: Experiment, folder: Path) -> Experiment:
    write_experiment(folder / "new" / "run.parquet", found)
    assert [file.name for file in (folder / "new").iterdir()] == ["run.parquet"]
    return read_experiment(folder / "new" / "run.parquet")


def test_what_is_read_is_what_was_written(found: Experiment, tmp_path: Path) -> None:
    again = stored(found, tmp_path)
    assert_same(again, found)
    assert again.post is not None
    assert found.post is not None
    assert str(again.post) == str(found.post)
    epsilon = float(found.post.path["epsilon"].median())
    assert_same(again.post.at(epsilon), found.post.at(epsilon))


@pytest.mark.parametrize("method", ["plain", "splitting", "collapsed"])
def test_every_method_s_result_is_stored(method: str, tmp_path: Path) -> None:
    changes = {"guess_and_check.method": method, "guess_and_check.samples": 40}
    asked = assemble(changes | {"prior.family": "gaussian", "prior.normalize": False}, SETTINGS)
    found = run_experiment(asked, parts=("post",))
    again = stored(found, tmp_path)
    assert_same(again, found)
    assert again.descent is None


def test_another_epsilon_leads_back_to_the_run_and_takes_no_more_room(
    found: Experiment, tmp_path: Path
) -> None:
    assert found.post is not None
    epsilon = found.post.settings.epsilon
    there = dataclasses.replace(found, post=found.post.at(float(found.post.path["epsilon"].max())))
    for name, one in (("run", found), ("at", there)):
        write_experiment(tmp_path / name, one)
    back = read_experiment(tmp_path / "at").post
    assert back is not None
    assert_same(back.at(epsilon), there.post.at(epsilon) if there.post else None)
    assert back.at(epsilon).draws == found.post.draws
    sizes = [(tmp_path / name).stat().st_size for name in ("run", "at")]
    assert sizes[1] < 1.3 * sizes[0]


def test_it_is_read_and_shown_without_torch(found: Experiment, tmp_path: Path) -> None:
    write_experiment(tmp_path / "run.parquet", found)
    program = (
        "import sys; from gncviz.experiment import read_experiment;"
        "from gncviz.experiment.export import files;"
        "found = read_experiment(sys.argv[1]); print(found.post, found.descent);"
        "[file.content() for file in files(found)];"
        "assert 'torch' not in sys.modules"
    )
    line = [sys.executable, "-c", program, str(tmp_path / "run.parquet")]
    said = subprocess.run(line, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert said.stdout == f"{found.post} {found.descent}\n"


def test_nothing_found_is_stored_too(tmp_path: Path) -> None:
    asked = assemble(
        {
            "guess_and_check.epsilon": 1e-6,
            "guess_and_check.method": "plain",
            "guess_and_check.draws": 100,
            "descent.lr": 1e6,
            "descent.step_rule": "fixed",
            "descent.init_scale": 1.0,
            "descent.epochs": 100,
        }
    )
    found = run_experiment(asked, parts=("post", "descent"))
    assert found.descent is not None
    assert found.descent.diverged.all()
    again = stored(found, tmp_path)
    assert_same(again, found)
    assert again.post is not None
    assert np.isnan(again.post.mean_gen_loss)


def test_trials_of_one_task_stay_so_and_own_arrays_are_kept(tmp_path: Path) -> None:
    task = gv.Task([[1.0, 0.5], [0.0, 0.0]], [[[1.0, 0.0], [0.0, 0.0]]])
    gd = gv.gradient_descent(task, gv.Network(), trials=3, epochs=10)
    again = stored(Experiment(ExperimentSettings(), descent=gd), tmp_path)
    assert again.descent is not None
    assert len({id(one) for one in again.descent.tasks}) == 1
    assert_same(again.descent, gd)


def test_what_has_no_name_in_a_file_is_refused(found: Experiment, tmp_path: Path) -> None:
    strange = dataclasses.replace(found, mechanism=object())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="no name for object"):
        write_experiment(tmp_path / "run.parquet", strange)
    assert not list(tmp_path.iterdir())


def damaged(path: Path, kind: str, found: Experiment) -> None:
    write_experiment(path, found)
    table = pq.read_table(path)
    said = json.loads(table.schema.metadata[b"gncviz"])
    if kind == "cut":
        path.write_bytes(path.read_bytes()[:-100])
    elif kind == "foreign":
        pq.write_table(pa.table({"a": [1]}), path)
    elif kind == "missing":
        path.unlink()
    else:
        changes = {
            "later": {"format": 2},
            "class": {"found": {"is": "Popen", "of": {}}},
            "field": {"found": {"is": "Experiment", "of": {"wings": 2}}},
        }
        said |= changes[kind]
        changed = table.replace_schema_metadata({b"gncviz": json.dumps(said).encode()})
        pq.write_table(changed, path)


@pytest.mark.parametrize("kind", ["cut", "foreign", "missing", "later", "class", "field"])
def test_a_file_that_is_none_of_ours_is_named(kind: str, found: Experiment, tmp_path: Path) -> None:
    path = tmp_path / "run.parquet"
    damaged(path, kind, Experiment(found.settings))
    with pytest.raises(SettingsError, match=r"run\.parquet should be a file that write_experiment"):
        read_experiment(path)
