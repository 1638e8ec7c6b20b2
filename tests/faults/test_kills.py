"""kill −9 at any moment, a full disk, a folder nobody may write to, two sweeps on one store."""

from __future__ import annotations

import errno
import multiprocessing
import os
import random
import signal
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import gncviz as gv
from gncviz.cli import main
from gncviz.cli.output import Exit
from gncviz.sweeps import SweepSettings, run_sweep
from gncviz.sweeps.result import points_of
from gncviz.sweeps.store import Store
from tests.sweeps.small import QUICK, numbers

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kill −9 is POSIX")

SETTINGS = QUICK.replace(seeds=(0, 1, 2, 3))
#: Seconds within which a process is killed; in them it gets from its start to its end.
SOON = 0.6


@pytest.fixture(scope="module")
def process() -> multiprocessing.context.BaseContext:
    """Processes that are there at once, with all that is imported."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["gncviz.posterior.auto", "gncviz.descent.run", __name__])
    return context


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("undisturbed")
    sweep_into(folder)
    return known(folder)


def sweep_into(folder: Path, settings: SweepSettings = SETTINGS) -> None:
    with ThreadPoolExecutor(1) as pool:
        assert run_sweep(settings, Store(folder), executor=pool).complete


def known(folder: Path) -> dict[str, str]:
    """What a store has, by the points' keys; a file that cannot be used is an error here."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = {point.key: Store(folder).get(point) for point in points_of(SETTINGS)}
    return {key: numbers(one) for key, one in found.items() if one is not None}


def killed(context: multiprocessing.context.BaseContext, after: float, folder: Path) -> None:
    """Starts a sweep and kills it."""
    child = context.Process(target=sweep_into, args=(folder,))
    child.start()
    time.sleep(after)
    os.kill(child.pid, signal.SIGKILL)
    child.join()


def check_kills(
    context: multiprocessing.context.BaseContext,
    undisturbed: dict[str, str],
    folder: Path,
    times: int,
) -> None:
    moments = random.Random(times)
    seen: dict[str, str] = {}
    for number in range(times):
        if number % 5 == 0:
            # From nothing again, so that there is always something left to do.
            folder, seen = folder.parent / f"{folder.name}.{number}", {}
        killed(context, moments.uniform(0, SOON), folder)
        now = known(folder)
        assert seen.items() <= now.items(), "what was finished is lost"
        assert now.items() <= undisturbed.items(), "and what is there is right"
        seen = now
    sweep_into(folder)
    assert known(folder) == undisturbed
    assert list(folder.rglob("*.tmp")) == []


def test_a_sweep_that_is_killed_loses_nothing_that_was_finished(
    process: multiprocessing.context.BaseContext, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    check_kills(process, undisturbed, tmp_path / "store", 5)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_sweep_that_is_killed_fifty_times(
    process: multiprocessing.context.BaseContext, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    check_kills(process, undisturbed, tmp_path / "store", 50)


def write_for_ever(folder: Path, source: Path) -> None:
    """Stores the same finding again and again."""
    point = points_of(SETTINGS)[0]
    found = Store(source).get(point)
    assert found is not None
    while True:
        Store(folder).put(point, found)


def check_writes(context: multiprocessing.context.BaseContext, tmp_path: Path, times: int) -> None:
    source, folder, moments = tmp_path / "source", tmp_path / "store", random.Random(times)
    sweep_into(source)
    point = points_of(SETTINGS)[0]
    expected = numbers(Store(source).get(point))
    for _ in range(times):
        child = context.Process(target=write_for_ever, args=(folder, source))
        child.start()
        while not list(folder.rglob("*.parquet")):
            time.sleep(0.005)
        time.sleep(moments.uniform(0, 0.1))
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        assert known(folder) == {point.key: expected}


def test_a_write_that_is_killed_leaves_the_file_whole(
    process: multiprocessing.context.BaseContext, tmp_path: Path
) -> None:
    check_writes(process, tmp_path, 5)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_write_that_is_killed_fifty_times(
    process: multiprocessing.context.BaseContext, tmp_path: Path
) -> None:
    check_writes(process, tmp_path, 50)


# --- disks


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "results")

    monkeypatch.setattr("os.fsync", full)


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_is_said_and_leaves_no_half_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--samples=20", "--epsilon=0.3", "--no-descent", "--device=cpu"]
    assert main(["run", *words, f"--out={tmp_path / 'run'}"]) == Exit.FAILED
    said = capsys.readouterr().err
    assert "No space left on device" in said
    assert "Traceback" not in said
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_is_known_survives_a_full_disk(
    tmp_path: Path, undisturbed: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fine = Store(tmp_path)
    sweep_into(tmp_path, SETTINGS.replace(seeds=(0,)))
    before = known(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
        with pytest.raises((OSError, gv.SweepError)):
            sweep_into(tmp_path)
    assert known(tmp_path) == before
    assert fine.folder == tmp_path
    sweep_into(tmp_path)
    assert known(tmp_path) == undisturbed


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_may_not_be_written_to_is_said_before_computing(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with pytest.raises(gv.SettingsError, match="can be written to"):
        sweep_into(tmp_path / "store")


def test_two_sweeps_on_one_store_do_not_disturb_each_other(
    tmp_path: Path, undisturbed: dict[str, str]
) -> None:
    sweeps = [threading.Thread(target=sweep_into, args=(tmp_path,)) for _ in range(2)]
    for one in sweeps:
        one.start()
    for one in sweeps:
        one.join()
    assert known(tmp_path) == undisturbed


def test_a_result_of_a_newer_version_is_named_and_computed_anew(
    tmp_path: Path, undisturbed: dict[str, str]
) -> None:
    """It has a setting that is not known here."""
    from gncviz.sweeps.files import about, read, write
    from gncviz.sweeps.store import StoreWarning

    sweep_into(tmp_path)
    path = next(tmp_path.rglob("*.parquet"))
    table, _ = read(path)
    described = about(path)
    described["settings"]["sampler_of_the_future"] = True
    write(table, path, described)
    with pytest.warns(StoreWarning, match="other settings"):
        sweep_into(tmp_path)
    assert known(tmp_path) == undisturbed
