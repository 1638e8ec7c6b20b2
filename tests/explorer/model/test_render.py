"""Painting: one thread at a time, and never the state of before."""

from __future__ import annotations

import threading
import time

import pytest

import gncviz as gv
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


def test_only_who_paints_is_painting() -> None:
    told = []

    def paint() -> None:
        told.append(render.painting)
        other = threading.Thread(target=lambda: told.append(render.painting))
        other.start()
        other.join()

    render = Render(paint)
    render()
    assert told == [True, False]
    assert not render.painting


def test_what_painting_does_to_widgets_is_not_taken_for_a_choice() -> None:
    """A run's thread that paints a view which a person has just left does not take it back."""
    explorer = gv.Explorer(live=False)
    story = explorer.page.story
    story.go(2)
    view = explorer._view("Story")

    def paint() -> None:
        # An older state, written while the page's thread has gone on.
        explorer._segments.value = "Paper"
        view._sliders["width"].index = 3

    explorer._render._paint = paint
    explorer._render()
    assert explorer.page.view == "Story"
    assert story.scene.place.width == 5
