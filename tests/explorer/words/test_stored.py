"""What is said beside a stored run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gncviz.explorer.model.story import STARTS, Story
from gncviz.explorer.words import stored
from gncviz.lattice.grid import EPSILONS


@pytest.fixture
def deep() -> Story:
    """The story's step about ε, which ends where the sampler was not sure."""
    story = Story()
    story.go(4)
    story.choose(depth=2)
    return story


def test_how_sure_a_mean_is_is_told_where_it_stands(deep: Story) -> None:
    assert deep.run.warnings, "the run ended in a warning, far below"
    assert deep.scene.epsilon > deep.run.epsilons[-1]
    share = deep.run.fit_stderr / deep.run.fit_mean
    assert share[EPSILONS.index(deep.scene.epsilon)] < 0.05
    assert stored.source(deep).endswith("ε = 0.0035.")
    unsure = next(e for e in deep.run.epsilons[:-1] if share[EPSILONS.index(e)] > 0.055)
    deep.choose(epsilon=unsure)
    percent = 100 * share[EPSILONS.index(unsure)]
    assert stored.source(deep).endswith(f" Its mean is known to {percent:.0f} % only.")
    deep.choose(epsilon=deep.run.epsilons[-1])
    assert stored.source(deep).endswith(" The sampler was not sure of this point.")


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
