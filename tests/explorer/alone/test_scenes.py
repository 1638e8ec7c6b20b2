"""The story's scenes beforehand: the page's own, all connected, and none of them empty."""

from __future__ import annotations

from typing import Any

import pytest

from gncviz.explorer.alone.scenes import MOVED, Scenes
from gncviz.explorer.browser.wire import as_json
from gncviz.explorer.model.story import STARTS, Story
from gncviz.explorer.scene import ANSWERS, SLIDERS, Look, figure_of
from gncviz.explorer.words import stored
from gncviz.explorer.words import story as words
from gncviz.figures import LIGHT
from gncviz.lattice.guesses import MANY


@pytest.fixture(scope="module")
def found() -> Scenes:
    return Scenes()


def leads(scene: dict[str, Any]) -> list[int]:
    """Where its controls lead."""
    steps = [number for number in (scene["back"], scene["next"]) if number is not None]
    moved = [number for slider in scene["sliders"] for number in slider["leads"]]
    return [*steps, *scene["acts"].values(), *moved, *scene["activations"].values()]


def walk(found: Scenes, *ways: str) -> dict[str, Any]:
    """The scene that a reader comes to: by Next, by a button or by an activation."""
    scene = found.scenes[0]
    for way in ways:
        known = {"Next": scene["next"], **scene["acts"], **scene["activations"]}
        scene = found.scenes[known[way]]
    return scene


def test_every_control_leads_to_a_scene_and_every_scene_is_led_to(found: Scenes) -> None:
    led_to = {number for scene in found.scenes for number in leads(scene)}
    assert led_to | {0} == set(range(len(found.scenes)))
    assert {scene["figure"] for scene in found.scenes} | {
        scene["narrow"] for scene in found.scenes
    } == set(range(len(found.figures)))
    assert all(figure["data"] for figure in found.figures)


@pytest.mark.parametrize("answer", ANSWERS)
def test_it_says_and_shows_what_the_page_does(found: Scenes, answer: str) -> None:
    story, scene = Story(), walk(found, "Guess a million")
    story.guess(MANY - 1)
    assert scene["text"] == words.text(story)
    assert scene["numbers"] == stored.numbers(story)
    scene = walk(found, "Next", "Next", answer, "tanh")
    story.go(3)
    story.answer(ANSWERS[answer])
    story.choose(activation="tanh")
    assert scene["text"] == words.text(story)
    assert scene["alt"] == stored.alt(story, words.told(story).title)
    assert found.figures[scene["figure"]] == as_json(figure_of(story, Look(LIGHT, narrow=False)))


def test_an_answer_is_seen_only_once_it_is_given(found: Scenes) -> None:
    closed, opened = walk(found, "Next", "Next"), walk(found, "Next", "Next", "Worse")
    assert "gv-question" in closed["text"]
    assert (closed["sliders"], closed["activations"]) == ([], {})
    assert "gv-question" not in opened["text"]
    assert not opened["acts"]
    assert closed["figure"] != opened["figure"]


@pytest.mark.parametrize("step", range(1, len(STARTS) + 1))
def test_every_step_has_the_sliders_that_it_is_about(found: Scenes, step: int) -> None:
    scenes = [one for one in found.scenes if one["step"].startswith(f"{step} /") and one["sliders"]]
    names = [SLIDERS[name] for name in MOVED.get(step, ())]
    assert bool(scenes) == bool(names)
    for scene in scenes:
        assert [slider["label"] for slider in scene["sliders"]] == names
        for slider in scene["sliders"]:
            assert len(slider["leads"]) == len(slider["values"])
            # Where it stands, it leads to where it is.
            assert found.scenes[slider["leads"][slider["index"]]] == scene


def test_guesses_only_ever_become_more(found: Scenes) -> None:
    scene = walk(found, *["Guess once"] * 5)
    assert "6 guesses" in scene["text"]
    assert set(walk(found, "Guess 1 000")["acts"]) == {"Guess a million"}
    assert walk(found, "Guess a million")["acts"] == {}
