"""What is loaded ahead waits for the page, and stands back while anything runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from gncviz.explorer.model import warmup


def start(idle: Callable[[], bool], busy: Callable[[], bool], done: list[int], alone: float = 60.0):
    pieces = [lambda number=number: done.append(number) for number in range(3)]
    thread = threading.Thread(
        target=warmup.when_quiet, args=(pieces, idle, busy, alone), daemon=True
    )
    thread.start()
    return thread


def test_it_begins_when_the_page_is_idle() -> None:
    idle, done = threading.Event(), []
    thread = start(idle.is_set, lambda: False, done)
    time.sleep(0.3)
    assert done == []
    idle.set()
    thread.join(5)
    assert done == [0, 1, 2]


def test_without_a_page_it_begins_after_a_while() -> None:
    done: list[int] = []
    start(lambda: False, lambda: False, done, alone=0.2).join(5)
    assert done == [0, 1, 2]


def test_it_stands_back_while_something_runs() -> None:
    busy, done = threading.Event(), []
    busy.set()
    thread = start(lambda: True, busy.is_set, done)
    time.sleep(0.3)
    assert done == []
    busy.clear()
    thread.join(5)
    assert done == [0, 1, 2]


def test_pandas_is_loaded_first_and_by_the_thread_that_draws(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """plotly takes a half imported one for a whole one."""
    loaded: list[tuple[str, bool]] = []

    def load(name: str) -> None:
        loaded.append((name, threading.current_thread() is threading.main_thread()))

    monkeypatch.setattr(warmup, "_started", threading.Event())
    monkeypatch.setattr(warmup, "pieces", lambda: [lambda: load("piece")])
    monkeypatch.setattr(warmup.importlib, "import_module", load)
    thread = warmup.load_ahead(lambda: True, lambda: False)
    assert thread is not None
    thread.join(5)
    assert loaded[0] == ("pandas", True)
    assert loaded[-1] == ("piece", False)
    assert warmup.load_ahead(lambda: True, lambda: False) is None, "once in a process"


def test_what_is_loaded_is_what_a_run_needs() -> None:
    for piece in warmup.pieces():
        piece()
