"""Reports are paced, the end is always told, and time left is an honest proportion."""

from __future__ import annotations

import math
import threading
import time

import pytest

from gncviz import progress
from gncviz.progress import Progress, Run, Stopped, Why
from gncviz.settings import SettingsError


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
    run = Run(seen.append)
    for step in range(100):
        clock.now += progress._INTERVAL / 10
        run.report(step / 100, f"step {step}")
    assert 9 <= len(seen) <= 11
    assert seen[0].message == "step 0"
    run.report(1.0, "done")
    run.report(1.0, "done")
    assert [report.fraction for report in seen[-2:]] == [1.0, 1.0]


def test_seconds_and_budget(clock: Clock) -> None:
    run, unlimited = Run(seconds=2.0), Run()
    clock.now += 1.5
    assert run.seconds == 1.5
    assert run.stopped is None
    clock.now += 0.5
    assert run.stopped is Why.SECONDS
    assert run.is_set()
    assert unlimited.stopped is None


def test_fraction_never_exceeds_one() -> None:
    seen: list[Progress] = []
    Run(seen.append).report(1.7, "more than wanted")
    assert seen[0].fraction == 1.0


def test_partial_is_made_only_when_asked_for() -> None:
    seen: list[Progress] = []
    calls: list[int] = []
    Run(seen.append).report(0.5, "half", lambda: calls.append(1) or "so far")
    assert not calls
    partial = seen[0].partial
    assert partial is not None
    assert partial() == "so far"


def test_seconds_left() -> None:
    assert Progress(0.25, "", 10.0).seconds_left == pytest.approx(30.0)
    assert math.isnan(Progress(0.0, "", 10.0).seconds_left)


def test_cancelled_follows_the_event() -> None:
    event = threading.Event()
    run = Run(cancel=event, seconds=1e-9)
    assert run.stopped is Why.SECONDS
    event.set()
    assert run.stopped is Why.CANCELLED
    assert Run().stopped is None
    with pytest.raises(Stopped, match="cancelled") as caught:
        run.check()
    assert caught.value.why is Why.CANCELLED


def test_draws_are_granted_until_they_are_spent() -> None:
    run = Run(draws=10)
    assert [run.grant(4), run.grant(4), run.grant(4)] == [4, 4, 2]
    for ask in (run.grant, run.spend):
        with pytest.raises(Stopped) as caught:
            ask(1)
        assert caught.value.why is Why.DRAWS
    assert run.evaluated == 10
    assert run.draws_left == 0
    assert Run().draws_left == math.inf


def test_what_is_evaluated_together_is_granted_together() -> None:
    run = Run(draws=10)
    run.spend(8)
    with pytest.raises(Stopped):
        run.spend(3)
    run.spend(2)
    assert run.evaluated == 10


def test_room_is_the_same_on_every_machine() -> None:
    assert Run.room(1) == Run.room(0) == 2**26
    assert Run.room(2**26) == 1
    assert Run.room(2**27) == 0


def test_tqdm_bar(capsys: pytest.CaptureFixture[str]) -> None:
    run = Run(progress=True)
    run.report(0.5, "half way")
    run.report(1.0, "all of it")
    shown = capsys.readouterr().err
    assert "all of it" in shown
    assert "100%" in shown


def test_silent_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    for silent in (None, False):
        Run(progress=silent).report(1.0, "done")
    assert capsys.readouterr() == ("", "")


def test_work_under_way_has_a_moment() -> None:
    run = Run(seconds=0.05)
    run.hurry()
    time.sleep(0.1)
    with pytest.raises(Stopped):
        run.check()
    run.hurry()
    time.sleep(0.15)
    with pytest.raises(Stopped, match="out of time"):
        run.hurry()


def test_pieces_are_numbered_and_end_with_the_budget() -> None:
    assert list(Run(draws=25).pieces(10)) == [(0, 10), (1, 10), (2, 5)]
    assert list(Run(draws=10**6).pieces(10, most=15)) == [(0, 10), (1, 5)]
    assert list(Run(draws=10**6, seconds=1e-9).pieces(10)) == []


@pytest.mark.parametrize("given", [3, "yes", threading.Event()])
def test_what_cannot_be_told_is_refused(given: object) -> None:
    with pytest.raises(SettingsError, match="progress should be a function"):
        Run(progress=given)  # type: ignore[arg-type]


@pytest.mark.parametrize("given", [3, True, print])
def test_what_cannot_be_asked_is_refused(given: object) -> None:
    with pytest.raises(SettingsError, match="cancel should be such as threading"):
        Run(cancel=given)  # type: ignore[arg-type]
