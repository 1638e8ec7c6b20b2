"""Settings of a sweep, and the points it takes."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, model_validator

from gncviz.descent.settings import DescentSettings, Seed
from gncviz.experiment.settings import ExperimentSettings
from gncviz.models import AnyNetworkSettings, AnyRecipe, usual_network
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.prior import Prior
from gncviz.settings import Settings, SettingsError
from gncviz.sweeps.points import CurvePoint, DescentPoint, GuessAndCheckPoint, Sampled
from gncviz.task import TaskSettings

AxisName = Literal["width", "depth", "epsilon", "measurements", "train"]
Positive = Annotated[float, Field(gt=0)]


@dataclass(frozen=True)
class Swept:
    """What an axis sweeps.

    Attributes:
        section: the settings that hold it, a field of :class:`SweepSettings`.
        label: for the axis of a figure.
        linear: whether a figure's axis is linear; else logarithmic.
        whole: whether it is a whole number.
    """

    section: str
    label: str
    linear: bool = False
    whole: bool = True


#: By the name of the axis, which is the field's own.
SWEPT: dict[str, Swept] = {
    "width": Swept("network", "width k"),
    "depth": Swept("network", "depth d", linear=True),
    "epsilon": Swept("sampling", "threshold ε", whole=False),
    "measurements": Swept("task", "measurements n", linear=True),
    "train": Swept("task", "training samples n"),
}


class Axis(Settings):
    """What is swept, and over which values.

    Args:
        name: "width", "depth", "epsilon", "measurements", or of data "train".
        values: positive and different; whole numbers but for epsilon.

    Raises:
        SettingsError: what should be a whole number is none, or a value comes twice.
    """

    name: AxisName
    values: tuple[Positive, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _sensible(self) -> Axis:
        if len(set(self.values)) < len(self.values):
            raise SettingsError([("values", f"values should differ; got {list(self.values)}.")])
        broken = [value for value in self.values if value != int(value)]
        if self.swept.whole and broken:
            sentence = f"values of {self.name} should be whole numbers; got {broken[0]}."
            raise SettingsError([("values", sentence)])
        return self

    @property
    def swept(self) -> Swept:
        """What it sweeps."""
        return SWEPT[self.name]

    @property
    def label(self) -> str:
        """For the axis of a figure."""
        return self.swept.label


@dataclass(frozen=True)
class Place:
    """One value of each axis and one seed, with the points that are computed for it.

    Attributes:
        values: of the axes, by name.
        seed: of task, draws and initialisation.
        guess_and_check: its run; at a smaller ε where ε is swept, to be read off its path; or a
            learning curve, to be read at its number of samples.
        descent: its trial; None where there is none.
    """

    values: dict[str, float]
    seed: int
    guess_and_check: Sampled
    descent: DescentPoint | None

    @property
    def epsilon(self) -> float:
        """The ε to read Guess & Check at."""
        return self.values.get("epsilon", self.guess_and_check.sampling.epsilon)

    @property
    def train(self) -> int:
        """The number of samples to read a learning curve at."""
        return int(self.values.get("train", getattr(self.guess_and_check.task, "train", 0)))

    @property
    def last(self) -> bool:
        """Whether the run ends here; one that serves several places goes on from the others."""
        if isinstance(self.guess_and_check, CurvePoint):
            return self.train == getattr(self.guess_and_check.task, "train", 0)
        return self.epsilon == self.guess_and_check.sampling.epsilon


class SweepSettings(Settings):
    """Guess & Check, the prior and gradient descent over one or two axes and several seeds.

    Args:
        axes: one or two of width, depth, ε and the number of measurements or samples. What is
            swept replaces the network's, the sampling's or the task's own value. Over ε a seed
            takes a single run, whose ε-path is read.
        task: its recipe, the seed of which is replaced; or a fixed one or arrays, the same for
            every seed.
        network: the model.
        prior: over its weights.
        sampling: how Guess & Check samples.
        descent: how gradient descent runs; None for none.
        init_scales: gradient descent's initial scale at each value of the (only) axis.
        seeds: one of each is a trial of the paper: a task, its draws and its initialisation.
        curves: whether Guess & Check's runs are learning curves, one for all numbers of samples
            (:func:`gncviz.learning_curve`), with the average of its outputs beside them.

    Raises:
        SettingsError: a field is out of range, or they do not fit together.
    """

    axes: tuple[Axis, ...] = Field(min_length=1, max_length=2)
    task: AnyRecipe = Field(default_factory=TaskSettings)
    network: AnyNetworkSettings = Field(default_factory=usual_network)
    prior: Prior = Field(default_factory=Prior)
    sampling: GuessAndCheckSettings = Field(default_factory=GuessAndCheckSettings)
    descent: DescentSettings | None = Field(default_factory=lambda: DescentSettings(trials=1))
    init_scales: tuple[Positive, ...] | None = None
    seeds: tuple[Seed, ...] = Field(tuple(range(8)), min_length=1)
    curves: bool = False

    @classmethod
    def of(
        cls,
        setting: ExperimentSettings,
        axes: Iterable[Axis],
        seeds: Iterable[int],
        *,
        descent: bool = True,
        init_scales: Iterable[float] | None = None,
        curves: bool = False,
    ) -> SweepSettings:
        """One setting, swept.

        Args:
            setting: what is not swept; each seed is one trial of gradient descent.
            axes: what is, and over which values.
            seeds: of the trials.
            descent: whether gradient descent runs.
            init_scales: its initial scale at each value.
            curves: whether Guess & Check's runs are learning curves.

        Raises:
            SettingsError: they do not fit together.
        """
        return cls(
            axes=tuple(axes),
            task=setting.task,
            network=setting.network,
            prior=setting.prior,
            sampling=setting.guess_and_check,
            descent=setting.descent.replace(trials=1, seeds=None) if descent else None,
            init_scales=None if init_scales is None else tuple(init_scales),
            seeds=tuple(seeds),
            curves=curves,
        )

    @model_validator(mode="after")
    def _fits(self) -> SweepSettings:
        names = [axis.name for axis in self.axes]
        if len(set(names)) < len(names):
            raise SettingsError([("axes", f"axes should differ; got {names[0]} twice.")])
        if len(set(self.seeds)) < len(self.seeds):
            raise SettingsError([("seeds", f"seeds should differ; got {list(self.seeds)}.")])
        values = len(self.axes[0].values)
        if self.init_scales is not None and (len(self.axes) > 1 or len(self.init_scales) != values):
            sentence = (
                f"init_scales should be {values}, one for each value of the only axis; "
                f"got {len(self.init_scales)} for {len(self.axes)} axes."
            )
            raise SettingsError([("init_scales", sentence)])
        for axis in self.axes:
            part = getattr(self, axis.swept.section)
            known = getattr(part, "variable", type(part).model_fields)
            if axis.name not in known:
                allowed = ", ".join(sorted(known)) or "nothing"
                what = f"what can be swept of the {axis.swept.section}: {allowed}"
                sentence = f"axes should be of {what}; got {axis.name}."
                raise SettingsError([("axes", sentence)])
        if self.curves and not self.task.nested:
            sentence = "curves should be of samples of a packaged set, such as digits, with a test"
            more = "of so many, DataSettings(test=...), or of arrays of your own"
            raise SettingsError([("curves", f"{sentence} {more}.")])
        # Every width and depth is checked now, not when its turn comes.
        for place in self.places():
            assert place.guess_and_check.key
        return self

    def places(self) -> Iterator[Place]:
        """All places, the seeds of one value after each other."""
        grids = [list(enumerate(axis.values)) for axis in self.axes]
        for chosen in itertools.product(*grids):
            values = {
                str(axis.name): value for axis, (_, value) in zip(self.axes, chosen, strict=True)
            }
            scale = None if self.init_scales is None else self.init_scales[chosen[0][0]]
            for seed in self.seeds:
                yield self._place(values, seed, scale)

    def _place(self, values: dict[str, float], seed: int, init_scale: float | None) -> Place:
        network = self.network.replace(**_of("network", values))
        task = self.task.varied(**_of("task", values)).seeded(seed)
        sampling = self.sampling.replace(epsilon=self._least_epsilon, seed=seed)
        asked = {"network": network, "prior": self.prior, "sampling": sampling}
        point: Sampled
        if self.curves:
            # Of the whole of the task, not of what a place of this run has left of it.
            most = self.task.varied(**self._most_samples).seeded(seed)
            point = CurvePoint(task=most, **asked)
        else:
            point = GuessAndCheckPoint(task=task, **asked)
        if self.descent is None:
            return Place(values, seed, point, None)
        scale = self.descent.init_scale if init_scale is None else init_scale
        descent = self.descent.replace(trials=1, seeds=None, seed=seed, init_scale=scale)
        return Place(values, seed, point, DescentPoint(task=task, network=network, descent=descent))

    @property
    def _least_epsilon(self) -> float:
        swept = [min(axis.values) for axis in self.axes if axis.name == "epsilon"]
        return swept[0] if swept else self.sampling.epsilon

    @property
    def _most_samples(self) -> dict[str, int]:
        return {axis.name: int(max(axis.values)) for axis in self.axes if axis.name == "train"}


def _of(section: str, values: dict[str, float]) -> dict[str, int]:
    """Those of the swept values that a section of the settings holds."""
    return {name: int(value) for name, value in values.items() if SWEPT[name].section == section}
