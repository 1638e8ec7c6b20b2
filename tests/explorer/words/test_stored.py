"""What is said beside a stored run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gncviz.explorer.model.story import STARTS, Story
from gncviz.explorer.words import stored
from gncviz.lattice.grid import EPSILONS


@pytest.fixture
def deep() -> Story:
    """The story's step about depth, at its end that is not deep."""
    story = Story()
    story.go(4)
    story.choose(depth=2)
    return story


@pytest.fixture
def unsure() -> Story:
    """The story's step about width, at a network whose run ends where the sampler was not sure."""
    story = Story()
    story.go(2)
    story.choose(width=80, depth=5, activation="leaky_relu")
    return story


def test_how_sure_a_mean_is_is_told_where_it_stands(unsure: Story) -> None:
    assert unsure.run.warnings, "the run ended in a warning, far below"
    assert unsure.scene.epsilon > unsure.run.epsilons[-1]
    share = unsure.run.fit_stderr / unsure.run.fit_mean
    assert share[EPSILONS.index(unsure.scene.epsilon)] < 0.05
    assert stored.source(unsure).endswith("ε = 0.02.")
    worse = next(e for e in unsure.run.epsilons[:-1] if share[EPSILONS.index(e)] > 0.055)
    unsure.choose(epsilon=worse)
    percent = 100 * share[EPSILONS.index(worse)]
    assert stored.source(unsure).endswith(f" Its mean is known to {percent:.0f} % only.")
    unsure.choose(epsilon=unsure.run.epsilons[-1])
    assert stored.source(unsure).endswith(" The sampler was not sure of this point.")


def test_no_step_begins_where_the_sampler_was_not_sure() -> None:
    story = Story()
    for step in range(1, len(STARTS) + 1):
        story.go(step)
        assert "only" not in stored.source(story)
        assert "not sure" not in stored.source(story)


def test_the_figure_in_a_sentence_has_its_numbers(deep: Story) -> None:
    said = stored.alt(deep, "Deeper")
    assert said.startswith("Deeper. linear network of width 5 and depth 2, ε = 0.0035.")
    deep.scene = replace(deep.scene, epsilon=deep.run.epsilons[0])
    assert stored.alt(deep, "Deeper") != said
