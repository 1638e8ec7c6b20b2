"""Painting: one thread at a time, and never the state of before."""

from __future__ import annotations

import threading
import time

import pytest

from gncviz.explorer.model.render import Render


def test_two_threads_are_never_inside_and_the_last_state_is_seen() -> None:
    state, seen, inside, most = 0, [], 0, 0

    def paint() -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        value = state
        time.sleep(0.0005)
        seen.append(value)
        inside -= 1

    render = Render(paint)

    def change() -> None:
        nonlocal state
        for _ in range(100):
            state += 1
            render()

    threads = [threading.Thread(target=change) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert seen[-1] == state


def test_what_painting_changes_is_painted() -> None:
    state, seen = 0, []

    def paint() -> None:
        nonlocal state
        seen.append(state)
        if state < 3:
            state += 1
            render()

    render = Render(paint)
    render()
    assert seen == [0, 1, 2, 3]


def test_a_failure_does_not_end_painting() -> None:
    fails = [True, False]

    def paint() -> None:
        if fails.pop(0):
            raise RuntimeError("once")

    render = Render(paint)
    with pytest.raises(RuntimeError, match="once"):
        render()
    render()
    assert fails == []
