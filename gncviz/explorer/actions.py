"""What the page does on behalf of a person or of an address: changes of its model, no widgets."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from gncviz.experiment.settings import ExperimentSettings, assemble
from gncviz.explorer.model.story import STARTS
from gncviz.lattice import EPSILONS, Place, places, settings_of

if TYPE_CHECKING:
    from gncviz.explorer.model.story import Scene, Story
    from gncviz.explorer.words.address import Address

#: What the story's last step suggests, by what the button says.
SUGGESTIONS: dict[str, dict[str, object]] = {
    "ReLU, which the paper left open": {"network.activation": "relu"},
    "A ground truth of rank 2": {
        "task.rank": 2,
        "task.measurements": 22,
        "network.depth": 10,
        "prior.normalize": True,
        "guess_and_check.epsilon": 0.001,
    },
    "Twenty layers of tanh": {
        "network.activation": "tanh",
        "network.depth": 20,
        "prior.normalize": True,
        "guess_and_check.epsilon": 0.0035,
    },
}


def suggestions() -> dict[str, ExperimentSettings]:
    """Settings to begin with in Explore, by what their button says."""
    base = settings_of_scene_at(STARTS[0].place, STARTS[0].epsilon)
    return {text: assemble(values, base) for text, values in SUGGESTIONS.items()}


def restore(story: Story, asked: Address) -> None:
    """Takes the story to where an address says; a network that is not stored is left out.

    Args:
        story: to be taken there.
        asked: what the address says.
    """
    story.go(asked.step or 1)
    if asked.settings is None:
        return
    network, epsilon = asked.settings.network, asked.settings.guess_and_check.epsilon
    world = story.scene.place.world
    # One of its own is called by its name, which is none of the lattice's.
    place = Place(world, network.width, network.depth, str(network.activation))
    if place in set(places()):
        near = min(EPSILONS, key=lambda known: abs(math.log(known / epsilon)))
        story.choose(**dataclasses.asdict(place), epsilon=near)


def settings_of_scene(scene: Scene) -> ExperimentSettings:
    """The setting of what the story shows, as Explore would run it."""
    return settings_of_scene_at(scene.place, scene.epsilon)


def settings_of_scene_at(place: Place, epsilon: float) -> ExperimentSettings:
    """The same for a place and a threshold: as many draws as a picture needs, within seconds."""
    return assemble(
        {"guess_and_check.samples": 150, "guess_and_check.seconds": None},
        settings_of(place, epsilon),
    )
