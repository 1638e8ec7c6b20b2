"""Reports are paced, the end is always told, and time left is an honest proportion."""

from __future__ import annotations

import math
import threading
import time

import pytest

from gncviz import progress
from gncviz.progress import Progress, Reporter


class Clock:
    """A clock that tests turn by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(time, "perf_counter", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock in place of the real one."""
    return Clock(monkeypatch)


def test_reports_are_paced_but_the_end_is_always_told(clock: Clock) -> None:
    seen: list[Progress] = []
    reporter = Reporter(seen.append)
    for step in range(100):
        clock.now += progress._INTERVAL / 10
        reporter.update(step / 100, f"step {step}")
    assert 9 <= len(seen) <= 11
    assert seen[0].message == "step 0"
    reporter.update(1.0, "done")
    reporter.update(1.0, "done")
    assert [report.fraction for report in seen[-2:]] == [1.0, 1.0]


def test_seconds_and_budget(clock: Clock) -> None:
    reporter, unlimited = Reporter(seconds=2.0), Reporter()
    clock.now += 1.5
    assert reporter.seconds == 1.5
    assert not reporter.out_of_time
    clock.now += 0.5
    assert reporter.out_of_time
    assert not unlimited.out_of_time


def test_fraction_never_exceeds_one() -> None:
    seen: list[Progress] = []
    Reporter(seen.append).update(1.7, "more than wanted")
    assert seen[0].fraction == 1.0


def test_partial_is_made_only_when_asked_for() -> None:
    seen: list[Progress] = []
    calls: list[int] = []
    Reporter(seen.append).update(0.5, "half", lambda: calls.append(1) or "so far")
    assert not calls
    partial = seen[0].partial
    assert partial is not None
    assert partial() == "so far"


def test_seconds_left() -> None:
    assert Progress(0.25, "", 10.0).seconds_left == pytest.approx(30.0)
    assert math.isnan(Progress(0.0, "", 10.0).seconds_left)


def test_cancelled_follows_the_event() -> None:
    event = threading.Event()
    reporter = Reporter(cancel=event)
    assert not reporter.cancelled
    event.set()
    assert reporter.cancelled
    assert not Reporter().cancelled


def test_tqdm_bar(capsys: pytest.CaptureFixture[str]) -> None:
    reporter = Reporter(progress=True)
    reporter.update(0.5, "half way")
    reporter.update(1.0, "all of it")
    shown = capsys.readouterr().err
    assert "all of it" in shown
    assert "100%" in shown


def test_silent_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    for silent in (None, False):
        Reporter(progress=silent).update(1.0, "done")
    assert capsys.readouterr() == ("", "")
