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


def test_nothing_is_loaded_beside_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    """plotly takes a half imported one for a whole one: only the thread that draws may load it."""
    loaded: list[str] = []
    monkeypatch.setattr(warmup, "_loaded", threading.Event())
    monkeypatch.setattr(warmup, "_started", threading.Event())
    monkeypatch.setattr(warmup, "pieces", lambda: [lambda: loaded.append("piece")])
    monkeypatch.setattr(warmup.importlib, "import_module", loaded.append)
    thread = warmup.load_ahead(lambda: True, lambda: False)
    assert thread is not None
    time.sleep(0.3)
    assert loaded == []
    warmup.load_pandas()
    thread.join(5)
    assert loaded[0] == "pandas"
    assert loaded[-1] == "piece"
    assert warmup.load_ahead(lambda: True, lambda: False) is None, "once in a process"


def test_what_is_loaded_is_what_a_run_needs() -> None:
    for piece in warmup.pieces():
        piece()
