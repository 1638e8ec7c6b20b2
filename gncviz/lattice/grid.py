"""Which settings the page's story knows beforehand, and at which thresholds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gncviz.descent.settings import DescentSettings
from gncviz.experiment.settings import ExperimentSettings
from gncviz.network import Network
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.prior import Prior

#: Those of the paper.
ACTIVATIONS = ("linear", "tanh", "leaky_relu")

#: Thresholds ε at which every run is kept, as far as it came.
EPSILONS = (0.1, 0.05, 0.02, 0.01, 0.005, 0.0035, 0.002, 0.001, 3e-4, 1e-4, 3e-5, 1e-5)

#: Gradient descent starts small where it comes off the ground from there, else as the paper does
#: from depth 9 on, only larger: 0.2 takes twenty times as many epochs, to the same end.
_SMALL_UP_TO, _SMALL, _LARGE = 4, 1e-3, 0.3


@dataclass(frozen=True)
class World:
    """A prior with the sizes of networks under it.

    Attributes:
        name: what is varied in it.
        normalize: whether W is scaled to norm 1 (Definition 3).
        widths: k.
        depths: d.
        epsilon: where every run ends.
        deep: where the runs at the narrowest width and the first and last depth end instead, by
            activation; :attr:`epsilon` where it says nothing.
    """

    name: str
    normalize: bool
    widths: tuple[int, ...]
    depths: tuple[int, ...]
    epsilon: float
    deep: tuple[tuple[str, float], ...] = ()

    def least(self, place: Place) -> float:
        """The threshold at which the run of a place ends."""
        narrow = place.width == self.widths[0]
        if narrow and place.depth in (self.depths[0], self.depths[-1]):
            return dict(self.deep).get(place.activation, self.epsilon)
        return self.epsilon


@dataclass(frozen=True)
class Place:
    """A network in a world.

    Attributes:
        world: the name of the :class:`World`.
        width: k.
        depth: d.
        activation: σ.
    """

    world: str
    width: int
    depth: int
    activation: str


#: Figure 1 of the paper is in the first, Figure 2 in the second.
WORLDS = {
    world.name: world
    for world in (
        World("width", False, (5, 10, 20, 40, 80, 160), (2, 3, 5), epsilon=0.002),
        World(
            "depth",
            True,
            (5, 10, 20),
            (2, 3, 4, 5, 6, 8, 10),
            epsilon=0.001,
            deep=(("linear", 1e-5), ("tanh", 1e-5), ("leaky_relu", 1e-4)),
        ),
    )
}


def places() -> Iterator[Place]:
    """All places, those first that most people see."""
    for world in WORLDS.values():
        for activation in ACTIVATIONS:
            for depth in world.depths:
                for width in world.widths:
                    yield Place(world.name, width, depth, activation)


def settings_of(place: Place, epsilon: float | None = None) -> ExperimentSettings:
    """What is run at a place.

    Args:
        place: where.
        epsilon: threshold; that at which the stored run ends by default.
    """
    world = WORLDS[place.world]
    small = place.depth <= _SMALL_UP_TO
    return ExperimentSettings(
        network=Network(width=place.width, depth=place.depth, activation=place.activation),
        prior=Prior("gaussian", normalize=world.normalize),
        guess_and_check=GuessAndCheckSettings(
            epsilon=world.least(place) if epsilon is None else epsilon,
            samples=400,
            draws=100_000_000,
            seconds=45,
        ),
        descent=DescentSettings(
            trials=4,
            lr=3e-3 if place.depth == 2 else 1e-2,
            init_scale=_SMALL if small else _LARGE,
            epochs=20_000,
            tolerance=1e-5,
        ),
    )
