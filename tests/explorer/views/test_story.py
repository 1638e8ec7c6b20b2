"""The story without a browser: what each step says and shows, and where it leads."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import gncviz as gv
from gncviz.explorer.browser.address_bar import AddressBar
from gncviz.explorer.browser.plot import FigureState
from gncviz.explorer.model.runner import Phase
from gncviz.explorer.model.story import STARTS, Story
from gncviz.explorer.words.story import TITLES
from gncviz.lattice import EPSILONS, WORLDS, lattice, places
from tests.explorer.driver import Page, plain


@pytest.fixture
def page() -> Iterator[Page]:
    page = Page(gv.Explorer(live=False))
    yield page
    page.leave()


def curves(page: Page) -> list[str]:
    """What has more than the present point in the figure."""
    return [one.name for one in page.figure.data if one.name and len(one.x) > 1]


def test_the_page_opens_on_a_picture_without_a_run(page: Page) -> None:
    assert TITLES[0] in page.story
    (view,) = page.views
    assert view.figure["state"] == FigureState.STORED
    assert page.says("from 15 measurements")
    assert page.explorer.model.phase is Phase.IDLE
    assert page.says("Stored run, task of seed 0")


def test_next_and_back_go_through_all_steps(page: Page) -> None:
    assert page.button("Back").disabled
    views = page.views
    for title in TITLES[1:]:
        page.click("Next")
        assert title in page.story
        assert page.views == views, "one figure, drawn anew"
    assert page.button("Next").disabled
    page.button("Open Explore")
    page.click("Back")
    assert not page.has_button("Open Explore")
    assert TITLES[-2] in page.story


def test_guesses_are_counted_and_few_fit(page: Page) -> None:
    guesses = lattice().guesses
    page.click("Guess once")
    assert page.says("2 guesses, none fit")
    assert len(page.figure.data[0].x) == 2
    page.click("Guess a million")
    hits = len(guesses["hit_train"])
    assert page.says(f"1 000 000 guesses, {hits} fit")
    assert (guesses["hit_train"] < STARTS[0].epsilon).all()
    assert len(page.figure.data[1].x) == hits


@pytest.mark.parametrize(("step", "answer"), [(3, "Worse"), (4, "Better")])
def test_the_answer_is_seen_after_it_was_guessed(page: Page, step: int, answer: str) -> None:
    page.explorer.tell(step)
    assert "draws that fit" not in curves(page)
    assert not page.says("They are off by")
    page.click("Much the same")
    assert page.says(f"{answer}. You guessed “same”.")
    assert "draws that fit" in curves(page)
    assert not page.has_button("Much the same")


def test_a_right_guess_is_told(page: Page) -> None:
    page.explorer.tell(3)
    page.click("Worse")
    assert page.says("You guessed right.")


def test_sliders_show_what_is_stored_there(page: Page) -> None:
    page.explorer.tell(2)
    before = page.figure
    page.slide("Width", "160")
    assert page.says("width 160 and depth 2")
    assert page.figure != before
    run = lattice().at(page.explorer.page.story.scene.place)
    assert page.says(f"{run.prior_mean:.2g}")
    page.set("Activation", "tanh")
    assert page.explorer.page.story.scene.place.activation == "tanh"
    page.click("Next")
    assert page.explorer.page.story.scene.place.activation == "tanh", "it stays"


def test_every_place_of_the_lattice_can_be_told() -> None:
    """At every step, place and threshold: words with numbers, no nan, no traceback."""
    from gncviz.explorer.scene import Look, figure_of
    from gncviz.explorer.words import stored
    from gncviz.explorer.words import story as words
    from gncviz.figures import LIGHT

    story = Story()
    for step, start in enumerate(STARTS, start=1):
        story.go(step)
        if start.asks:
            story.answer("same")
        world = WORLDS[start.place.world]
        for place in places():
            if place.world != world.name or step == 1:
                continue
            story.choose(width=place.width, depth=place.depth, activation=place.activation)
            told = words.told(story)
            beside = stored.numbers(story) + stored.alt(story, told.title) + stored.source(story)
            said = plain(told.text + told.why + beside)
            assert "nan" not in said.split(), (step, place, said)
            assert story.scene.epsilon in EPSILONS
            assert len(figure_of(story, Look(LIGHT, narrow=False)).data)


def test_the_last_step_leads_to_a_run(page: Page) -> None:
    page.explorer.tell(len(STARTS))
    page.click("Twenty layers of tanh")
    assert page.explorer.settings.network.depth == 20
    page.wait(lambda: page.has_button("Run") and page.running)
    page.click("Cancel")


def test_explore_begins_with_what_the_story_shows(page: Page) -> None:
    page.explorer.tell(2)
    page.slide("Width", "40").slide("Threshold ε", "0.05")
    page.view("Explore")
    assert page.explorer.settings.network.width == 40
    assert page.explorer.settings.guess_and_check.epsilon == 0.05
    page.wait(lambda: page.explorer.model.phase is Phase.RUNNING)
    page.view("Story").view("Explore")
    assert page.explorer.settings.network.width == 40


@pytest.mark.parametrize(
    ("query", "step", "width"),
    [
        ("gv=1&gv.step=4", 4, 5),
        ("gv=1&gv.story=1", 2, 5),
        ("gv=1&gv.step=2&gv.width=80&gv.epsilon=0.05", 2, 80),
        ("gv=1&gv.step=2&gv.width=77", 2, 5),
    ],
)
def test_the_address_opens_a_step(page: Page, query: str, step: int, width: int) -> None:
    address = page.part(AddressBar)
    address.query = "?" + query
    address.ready = True
    scene = page.explorer.page.story.scene
    assert (scene.step, scene.place.width) == (step, width)
    assert f"gv.step={step}" in address.wanted
    assert page.explorer.model.phase is Phase.IDLE


def test_the_address_follows_the_story(page: Page) -> None:
    address = page.part(AddressBar)
    address.ready = True
    page.click("Next").slide("Width", "10")
    assert "gv.step=2" in address.wanted
    assert "gv.width=10" in address.wanted


def test_few_widgets_are_made_before_they_are_seen() -> None:
    """Each costs the browser time, and a reply that takes over four seconds all of them again."""
    from ipywidgets.widgets import widget

    before = len(widget._instances)
    gv.Explorer()
    assert len(widget._instances) - before < 150
