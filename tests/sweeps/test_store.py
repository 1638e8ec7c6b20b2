"""The store: what is put comes back, and nothing that was damaged does."""

from __future__ import annotations

import json
import math
import os
import platform
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gncviz import files as files_module
from gncviz.models.matrix.recipes import GivenTask
from gncviz.network import Network
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.prior import Prior
from gncviz.provenance import commit, machine, versions
from gncviz.sweeps import Axis, Store, StoreWarning, run_sweep
from gncviz.sweeps.findings import DescentFinding, Finding, GuessAndCheckFinding
from gncviz.sweeps.points import DescentPoint, GuessAndCheckPoint, Point
from gncviz.sweeps.result import points_of
from gncviz.sweeps.store import provenance, read_table, write_table
from gncviz.task import TaskSettings
from tests.sweeps.small import DESCENT, QUICK, SAMPLING, Recorder, numbers, text

GIVEN = GivenTask(ground_truth=((1.0, 0.5),), measurements=(((1.0, 0.0),),))
SAMPLED = GuessAndCheckPoint(
    task=TaskSettings(), network=Network(), prior=Prior(), sampling=SAMPLING
)
DESCENDED = DescentPoint(task=GIVEN, network=Network(), descent=DESCENT)
SAMPLE = GuessAndCheckFinding(
    mean_gen_loss=1 / 3,
    stderr=5e-324,
    log10_acceptance=-123.456,
    log10_acceptance_stderr=0.1,
    effective_samples=50.5,
    sampler="splitting",
    status="ok",
    evaluated=10**15,
    prior_mean_gen_loss=0.2,
    prior_stderr=1e-3,
    path_epsilon=(0.3, 0.2, 0.1),
    path_mean_gen_loss=(1.5, 2.5, 3.5),
    path_stderr=(0.1, 0.2, math.nan),
    path_log10_acceptance=(0.0, -1.0, -math.inf),
    path_log10_acceptance_stderr=(0.1, 0.1, 0.2),
    path_effective_samples=(9.0, 8.0, 7.0),
    warnings=("ε is small — naïve 抽样", "", "two\nlines"),
    seconds=1.25,
    device="cpu",
)
NOTHING = GuessAndCheckFinding(
    *[math.nan, math.nan, -math.inf, math.inf, -0.0, "plain", "no_acceptance", 0, math.nan],
    *[math.nan, (), (), (), (), (), (), (), 0.0, ""],
)
DIVERGED = DescentFinding(math.nan, math.nan, "diverged", 17, 0.5, "cuda:0")
SETTINGS = QUICK.replace(axes=(Axis(name="width", values=(5,)),), seeds=(0, 1))


def path_of(folder: Path, point: Point) -> Path:
    return folder / point.kind / f"{point.key}.parquet"


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a sweep that is complete."""
    folder = tmp_path_factory.mktemp("finished")
    with ThreadPoolExecutor(1) as pool:
        assert run_sweep(SETTINGS, Store(folder), executor=pool).complete
    return folder


@pytest.fixture
def executor() -> Iterator[Recorder]:
    """A thread."""
    with Recorder() as recorder:
        yield recorder


@pytest.mark.parametrize(
    ("point", "found"), [(SAMPLED, SAMPLE), (SAMPLED, NOTHING), (DESCENDED, DIVERGED)]
)
def test_what_is_put_comes_back_in_a_new_store(
    tmp_path: Path, point: Point, found: Finding
) -> None:
    assert Store(tmp_path).get(point) is None
    Store(tmp_path).put(point, found)
    assert files(tmp_path) == [path_of(tmp_path, point)]
    again = Store(tmp_path).get(point)
    assert type(again) is type(found)
    assert text(again) == text(found)
    other = point.replace(network=Network(width=6))
    assert Store(tmp_path).get(other) is None


def test_what_is_put_again_replaces_what_was_there(tmp_path: Path) -> None:
    for found in (NOTHING, SAMPLE):
        Store(tmp_path).put(SAMPLED, found)
    assert text(Store(tmp_path).get(SAMPLED)) == text(SAMPLE)
    assert len(files(tmp_path)) == 1


def test_without_a_folder_it_remembers_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = Store()
    store.put(SAMPLED, SAMPLE)
    assert store.get(SAMPLED) is SAMPLE
    assert store.provenance(SAMPLED) == {}
    assert list(tmp_path.iterdir()) == []


def test_a_file_says_what_it_is_and_who_made_it(tmp_path: Path) -> None:
    Store(tmp_path).put(SAMPLED, SAMPLE)
    schema = pq.read_schema(path_of(tmp_path, SAMPLED))
    metadata = json.loads(schema.metadata[b"gncviz"])
    assert metadata["kind"] == "guess_and_check"
    assert metadata["settings"] == SAMPLED.settings
    made = metadata["provenance"]
    assert made["versions"] == versions()
    assert made["commit"] == commit()
    assert made["machine"] == machine() != ""
    age = datetime.now(UTC) - datetime.fromisoformat(made["made"])
    assert timedelta(seconds=-2) < age < timedelta(minutes=1)
    assert Store(tmp_path).provenance(SAMPLED) == made
    assert Store(tmp_path).provenance(DESCENDED) == {}


def test_a_file_can_be_read_by_all_whom_the_umask_allows(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        Store(tmp_path).put(SAMPLED, SAMPLE)
    finally:
        os.umask(before)
    assert oct(path_of(tmp_path, SAMPLED).stat().st_mode & 0o777) == oct(0o644)


class Later(GuessAndCheckSettings):
    """Settings that have gained a field since the result was stored."""

    restarts: int = 3


def test_a_setting_that_is_new_leaves_stored_results_found(tmp_path: Path) -> None:
    write_table(tmp_path / "table.parquet", [(SAMPLED, SAMPLE, {})])
    Store(tmp_path / "folder").put(SAMPLED, SAMPLE)
    later = SAMPLED.replace(sampling=Later(**dict(SAMPLED.sampling)))
    changed = later.replace(sampling=later.sampling.replace(restarts=4))
    for store in (Store(tmp_path / "folder"), Store(tables=[tmp_path / "table.parquet"])):
        assert text(store.get(later)) == text(SAMPLE)
        assert store.get(changed) is None


def truncate(path: Path, _: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def empty(path: Path, _: Path) -> None:
    path.write_bytes(b"")


def flip_a_byte_of_data(path: Path, _: Path) -> None:
    column = pq.ParquetFile(path).metadata.row_group(0).column(0)
    data = bytearray(path.read_bytes())
    # The last of a column's bytes are those of its data page.
    data[column.file_offset + column.total_compressed_size - 1] ^= 1
    path.write_bytes(data)


def write_something_else(path: Path, _: Path) -> None:
    pq.write_table(pa.table({"gen_loss": [1.0], "mean_gen_loss": [2.0]}), path)


def put_another_point_there(path: Path, other: Path) -> None:
    shutil.copy(other, path)


def drop_a_column(path: Path, _: Path) -> None:
    pq.write_table(pq.read_table(path).drop_columns(["seconds"]), path)


def change_a_type(path: Path, _: Path) -> None:
    table = pq.read_table(path)
    number = table.schema.get_field_index("seconds")
    pq.write_table(table.set_column(number, "seconds", pa.array(["fast"])), path)


def double_the_row(path: Path, _: Path) -> None:
    table = pq.read_table(path)
    pq.write_table(pa.concat_tables([table, table]), path)


def come_from_a_later_version(path: Path, _: Path) -> None:
    table = pq.read_table(path)
    metadata = json.loads(table.schema.metadata[b"gncviz"])
    later = json.dumps({**metadata, "format": 10**6})
    pq.write_table(table.replace_schema_metadata({b"gncviz": later.encode()}), path)


DAMAGES = [
    truncate,
    empty,
    flip_a_byte_of_data,
    write_something_else,
    put_another_point_there,
    drop_a_column,
    change_a_type,
    double_the_row,
    come_from_a_later_version,
]


@pytest.mark.parametrize("kind", ["guess_and_check", "gradient_descent"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_named_and_its_point_computed_anew(
    finished: Path,
    tmp_path: Path,
    executor: Recorder,
    damage: Callable[[Path, Path], None],
    kind: str,
) -> None:
    folder = tmp_path / "results"
    shutil.copytree(finished, folder)
    point, other = [point for point in points_of(SETTINGS) if point.kind == kind]
    right = numbers(Store(folder).get(point))
    damage(path_of(folder, point), path_of(folder, other))
    inodes = {path: path.stat().st_ino for path in files(folder)}

    with pytest.warns(StoreWarning, match=re.escape(str(path_of(folder, point)))) as caught:
        assert Store(folder).get(point) is None
    assert len(caught) == 1
    with pytest.warns(StoreWarning, match="computed anew"):
        result = run_sweep(SETTINGS, Store(folder), executor=executor)

    assert result.complete
    assert executor.keys == [point.key]
    changed = [path for path, inode in inodes.items() if path.stat().st_ino != inode]
    assert changed == [path_of(folder, point)]
    assert set(files(folder)) == set(inodes)
    with warnings.catch_warnings(action="error"):
        assert numbers(Store(folder).get(point)) == right


@pytest.mark.parametrize(("point", "found"), [(SAMPLED, SAMPLE), (DESCENDED, DIVERGED)])
def test_no_flipped_byte_leads_to_a_wrong_number_or_an_error(
    tmp_path: Path, point: Point, found: Finding
) -> None:
    Store(tmp_path).put(point, found)
    path = path_of(tmp_path, point)
    whole = path.read_bytes()
    refused = 0
    for place in range(0, len(whole), 41):
        data = bytearray(whole)
        data[place] ^= 0x80
        path.write_bytes(data)
        with warnings.catch_warnings(action="ignore", category=StoreWarning):
            again = Store(tmp_path).get(point)
        refused += again is None
        assert again is None or text(again) == text(found), f"byte {place}"
    assert refused > 20


def test_no_cut_leads_to_a_number_or_an_error(tmp_path: Path) -> None:
    Store(tmp_path).put(SAMPLED, SAMPLE)
    path = path_of(tmp_path, SAMPLED)
    whole = path.read_bytes()
    for length in [*range(0, len(whole), 211), len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.warns(StoreWarning):
            assert Store(tmp_path).get(SAMPLED) is None


@pytest.mark.parametrize("step", ["write_table", "replace"])
def test_a_crash_while_writing_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(files_module.os if step == "replace" else pq, step, crash)
    store = Store(tmp_path)
    with pytest.raises(OSError, match="the disk is full"):
        store.put(SAMPLED, SAMPLE)
    assert files(tmp_path) == []
    assert store.get(SAMPLED) is None


def test_a_crash_while_writing_leaves_the_file_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store(tmp_path).put(SAMPLED, SAMPLE)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(files_module.os, "replace", crash)
    with pytest.raises(KeyboardInterrupt):
        Store(tmp_path).put(SAMPLED, NOTHING)
    assert len(files(tmp_path)) == 1
    assert text(Store(tmp_path).get(SAMPLED)) == text(SAMPLE)


def test_what_a_killed_process_left_goes_when_something_is_stored(tmp_path: Path) -> None:
    folder = path_of(tmp_path, SAMPLED).parent
    folder.mkdir(parents=True)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    half = f".another.parquet.{ended.pid}@{platform.node()}.{'0' * 32}.tmp"
    (folder / half).touch()
    Store(tmp_path).put(SAMPLED, SAMPLE)
    assert files(tmp_path) == [path_of(tmp_path, SAMPLED)]


ROWS: list[tuple[str, list[tuple[Point, Finding, dict[str, Any]]]]] = [
    (
        "guess_and_check",
        [
            (SAMPLED, SAMPLE, {"machine": "mine"}),
            (SAMPLED.replace(task=GIVEN, prior=Prior("uniform", normalize=True)), NOTHING, {}),
        ],
    ),
    ("gradient_descent", [(DESCENDED, DIVERGED, provenance())]),
]


@pytest.mark.parametrize(("kind", "rows"), ROWS)
def test_a_table_comes_back_and_a_store_answers_from_it(
    tmp_path: Path, kind: str, rows: list[tuple[Point, Finding, dict[str, Any]]]
) -> None:
    path = tmp_path / "new" / "table.parquet"
    write_table(path, rows)
    again = read_table(path)
    assert [point.key for point, *_ in again] == [point.key for point, *_ in rows]
    assert [text(found) for _, found, _ in again] == [text(found) for _, found, _ in rows]
    assert [made for *_, made in again] == [made for *_, made in rows]
    store = Store(tables=[path])
    for point, found, _ in rows:
        assert point.kind == kind
        assert text(store.get(point)) == text(found)
    assert store.get(SAMPLED.replace(network=Network(width=9))) is None
    assert files(tmp_path) == [path]


def test_the_folder_goes_before_the_tables(tmp_path: Path) -> None:
    write_table(tmp_path / "table.parquet", [(SAMPLED, NOTHING, {})])
    Store(tmp_path / "folder").put(SAMPLED, SAMPLE)
    store = Store(tmp_path / "folder", [tmp_path / "table.parquet"])
    assert text(store.get(SAMPLED)) == text(SAMPLE)


def test_a_sweep_takes_its_points_from_tables(
    finished: Path, tmp_path: Path, executor: Recorder
) -> None:
    store, tables = Store(finished), []
    for kind in ("guess_and_check", "gradient_descent"):
        points = [point for point in points_of(SETTINGS) if point.kind == kind]
        tables.append(tmp_path / f"{kind}.parquet")
        rows = [(point, store.get(point), store.provenance(point)) for point in points]
        write_table(tables[-1], rows)  # type: ignore[arg-type]
    result = run_sweep(SETTINGS, Store(tmp_path / "unused", tables), executor=executor)
    assert result.complete
    assert executor.jobs == []
    assert not (tmp_path / "unused").exists()


def test_a_table_of_two_kinds_or_of_nothing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    with pytest.raises(ValueError, match=r"one kind; got \['gradient_descent', 'guess_and_check'"):
        write_table(path, [(SAMPLED, SAMPLE, {}), (DESCENDED, DIVERGED, {})])
    with pytest.raises(ValueError, match="one kind"):
        write_table(path, [])
    assert not path.exists()


@pytest.mark.parametrize("damage", [truncate, empty, flip_a_byte_of_data, write_something_else])
def test_a_damaged_table_is_named(tmp_path: Path, damage: Callable[[Path, Path], None]) -> None:
    path = tmp_path / "table.parquet"
    write_table(path, [(SAMPLED, SAMPLE, {})])
    damage(path, path)
    with pytest.raises(ValueError, match=re.escape(f"{path} is not a table of results")):
        Store(tables=[path])


def test_the_file_of_a_point_is_no_table(tmp_path: Path) -> None:
    Store(tmp_path).put(SAMPLED, SAMPLE)
    with pytest.raises(ValueError, match="is not a table of results"):
        read_table(path_of(tmp_path, SAMPLED))
