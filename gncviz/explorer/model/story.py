"""Where the story stands: which step, which network, what has been guessed; without torch."""

from __future__ import annotations

from dataclasses import dataclass, replace

import traitlets

from gncviz.lattice import WORLDS, Lattice, Place, Run, lattice
from gncviz.lattice.guesses import GUESSED, MANY


@dataclass(frozen=True)
class Start:
    """Where a step begins.

    Attributes:
        place: the network.
        epsilon: the threshold.
        varied: which of "width", "depth" and "epsilon" the step is about; empty for none.
        asks: whether the reader is to guess first how it will turn out.
    """

    place: Place
    epsilon: float
    varied: str = ""
    asks: bool = False


#: The steps, from 1.
STARTS = (
    Start(GUESSED, 0.02),
    Start(GUESSED, 0.02),
    Start(GUESSED, 0.02, "width", asks=True),
    Start(Place("depth", 5, 2, "linear"), 0.0035, "depth", asks=True),
    Start(Place("depth", 5, 10, "linear"), 0.0035, "epsilon"),
    Start(Place("depth", 5, 10, "linear"), 0.0035),
)


@dataclass(frozen=True)
class Scene:
    """All that decides what the story shows.

    Attributes:
        step: from 1.
        place: the network.
        epsilon: the threshold, one of its run's.
        guesses: how many the reader has made in the first step.
        answers: what the reader said will happen, by step: "better", "worse" or "same".
    """

    step: int
    place: Place
    epsilon: float
    guesses: int = 0
    answers: tuple[tuple[int, str], ...] = ()

    @property
    def start(self) -> Start:
        """Of its step."""
        return STARTS[self.step - 1]

    @property
    def answer(self) -> str:
        """What the reader said in this step; empty before."""
        return dict(self.answers).get(self.step, "")

    @property
    def open(self) -> bool:
        """Whether the answer may be seen: it was guessed, or nobody asks."""
        return not self.start.asks or bool(self.answer)


class Story(traitlets.HasTraits):
    """The reader's way through the story.

    Args:
        scene: where it begins; at the beginning by default.

    Attributes:
        scene: where it stands.
    """

    scene = traitlets.Instance(Scene)

    def __init__(self, scene: Scene | None = None) -> None:
        # One guess has been made: there is something to be seen.
        first = Scene(1, STARTS[0].place, STARTS[0].epsilon, guesses=1)
        super().__init__(scene=scene or first)

    @property
    def lattice(self) -> Lattice:
        """The stored runs."""
        return lattice()

    @property
    def run(self) -> Run:
        """The stored run of the present network."""
        return self.lattice.at(self.scene.place)

    def go(self, step: int) -> None:
        """Goes to a step, from 1; what was guessed is kept."""
        start = STARTS[step - 1]
        place = replace(start.place, activation=self.scene.place.activation)
        self._show(replace(self.scene, step=step, place=place, epsilon=start.epsilon))

    def guess(self, count: int) -> None:
        """Makes more guesses, :data:`gncviz.lattice.guesses.MANY` in all at most."""
        self._show(replace(self.scene, guesses=min(self.scene.guesses + count, MANY)))

    def answer(self, word: str) -> None:
        """Notes what the reader thinks will happen, and shows what does."""
        answers = {**dict(self.scene.answers), self.scene.step: word}
        scene = replace(self.scene, answers=tuple(sorted(answers.items())))
        # The end of the axis is where the answer stands.
        world, varied = WORLDS[scene.place.world], scene.start.varied
        last = {"width": world.widths, "depth": world.depths}[varied][-1]
        place = replace(scene.place, **{varied: last})  # type: ignore[arg-type]
        self._show(replace(scene, place=place))

    def choose(self, **changes: object) -> None:
        """Changes width, depth, activation or epsilon; others in steps between stay.

        Args:
            **changes: fields of :class:`Place`, or ``epsilon``.
        """
        epsilon = changes.pop("epsilon", self.scene.epsilon)
        place = replace(self.scene.place, **changes)  # type: ignore[arg-type]
        self._show(replace(self.scene, place=place, epsilon=float(epsilon)))  # type: ignore[arg-type]

    def offered(self, name: str) -> tuple[float, ...]:
        """What a slider offers: the widths or depths of the world, or the run's thresholds.

        Args:
            name: "width", "depth" or "epsilon".
        """
        world = WORLDS[self.scene.place.world]
        return {
            "width": world.widths,
            "depth": world.depths,
            "epsilon": self.run.epsilons,
        }[name]

    def _show(self, scene: Scene) -> None:
        """The nearest scene that is stored."""
        known = self.lattice.at(scene.place).epsilons
        if known and scene.epsilon not in known:
            # The run at this place ended above: the closest fit that it has.
            scene = replace(scene, epsilon=min(known, key=lambda e: abs(e - scene.epsilon)))
        self.scene = scene
