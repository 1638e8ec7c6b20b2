"""Everything that can be set, as one value; the place where settings are put together."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from gncviz.descent.settings import DescentSettings
from gncviz.models import MODELS, AnyNetworkSettings, AnyRecipe, named, usual_network
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.prior import Prior
from gncviz.settings import Settings, SettingsError
from gncviz.task import TaskSettings

#: The path of the kind of model, which every task has and which no field of it is.
MODEL = "task.model"


class ExperimentSettings(Settings):
    """One setting, with everything that is computed of it.

    Args:
        task: the recipe of the task: :class:`gncviz.task.TaskSettings` of a random one, or the
            ``recipe`` of one of a person's own arrays.
        network: the model; one of the task's kind.
        prior: over its weights.
        guess_and_check: how Guess & Check samples.
        descent: how gradient descent runs.

    Raises:
        SettingsError: a field is out of range.
    """

    task: AnyRecipe = Field(default_factory=TaskSettings)
    network: AnyNetworkSettings = Field(default_factory=usual_network)
    prior: Prior = Field(default_factory=Prior)
    guess_and_check: GuessAndCheckSettings = Field(default_factory=GuessAndCheckSettings)
    descent: DescentSettings = Field(default_factory=DescentSettings)


def sections(model: str) -> dict[str, type[Settings]]:
    """The settings of each section, for a kind of model.

    Args:
        model: a name of :data:`gncviz.models.MODELS`.
    """
    kind, fields = named(model), ExperimentSettings.model_fields
    others = {name: field.default_factory for name, field in fields.items()}
    return {**others, "task": kind.recipes[0], "network": kind.network}  # type: ignore[dict-item]


def paths(model: str) -> tuple[str, ...]:
    """The paths of all that can be set of a kind of model.

    Args:
        model: a name of :data:`gncviz.models.MODELS`.
    """
    listed = sections(model).items()
    return (MODEL, *(f"{name}.{field}" for name, kind in listed for field in kind.model_fields))


def settable(settings: ExperimentSettings) -> bool:
    """Whether the task can be set value by value; one of a person's own arrays cannot.

    Args:
        settings: whose task it is.
    """
    return isinstance(settings.task, named(settings.task.model).recipes[0])


def flat(settings: ExperimentSettings) -> dict[str, Any]:
    """Settings taken apart: every value by its path.

    Args:
        settings: what :func:`gncviz.experiment.assemble` puts together again.

    Example:
        >>> flat(ExperimentSettings())["network.width"]
        5
    """
    found: dict[str, Any] = {}
    for section, part in settings:
        found |= {f"{section}.{name}": value for name, value in dict(part).items()}
        if section == MODEL.partition(".")[0]:
            found[MODEL] = part.model
    return found


def assemble(values: Any, base: ExperimentSettings | None = None) -> ExperimentSettings:
    """Settings put together from single values.

    Args:
        values: a dict of them by their paths, such as "network.width"; "task.model" is the kind of
            model.
        base: has the values that are not given; the defaults by default. Of another kind of model,
            its task and its network are left out.

    Raises:
        SettingsError: these are no values by paths, a path is no setting's, or a value is out of
            range; each problem has the path it is about.

    Example:
        >>> assemble({"network.width": 40, "task.seed": 3}).network.label
        'linear, width 40, depth 2'
    """
    if not isinstance(values, Mapping):
        sentence = f"values should be a dict of paths and values; got {reprlib.repr(values)}."
        raise SettingsError([("values", sentence)])
    known = flat(_of_kind(base or ExperimentSettings(), values))
    strange = [path for path in values if path not in known]
    if strange:
        raise SettingsError([(path, _no_setting(path, known)) for path in strange])
    parts: dict[str, dict[str, Any]] = {}
    for path, value in {**known, **values}.items():
        section, name = path.split(".")
        parts.setdefault(section, {})[name] = value
    return ExperimentSettings(**parts)


def _no_setting(path: str, known: Mapping[str, Any]) -> str:
    if any(path in paths(model) for model in MODELS):
        return f"{path} is no setting of {named(known[MODEL]).label}."
    return f"{path} is not a setting; allowed are {', '.join(known)}."


def _of_kind(base: ExperimentSettings, values: Mapping[str, Any]) -> ExperimentSettings:
    """The base, or the same with the usual task and network where another kind of model is meant.

    Raises:
        SettingsError: there is no such kind.
    """
    model = values.get(MODEL, base.task.model)
    if model == base.task.model:
        return base
    try:
        kind = named(model)
    except SettingsError as error:
        raise SettingsError([(MODEL, sentence) for _, sentence in error.problems]) from None
    changed: ExperimentSettings = base.replace(task=kind.recipes[0](), network=kind.network())
    return changed


@dataclass(frozen=True)
class Preset:
    """A setting to start from.

    Attributes:
        title: on its button.
        about: what it shows, in a sentence.
        settings: the settings.
    """

    title: str
    about: str
    settings: ExperimentSettings


PRESETS = (
    Preset(
        title="Width",
        about="Figure 1 of the paper: two layers, no normalization. Widen the network, and "
        "Guess & Check comes to do no better than the prior, where the activation is linear, tanh, "
        "sine or softsign; with ReLU and Leaky ReLU it ends elsewhere in every task.",
        settings=assemble(
            {
                "network.width": 5,
                "network.depth": 2,
                "prior.normalize": False,
                "guess_and_check.epsilon": 0.02,
                "guess_and_check.draws": 10_000_000,
                "guess_and_check.samples": 1000,
                "descent.lr": 1e-4,
                "descent.init_scale": 1e-3,
                "descent.epochs": 100_000,
                "descent.tolerance": 1e-8,
            }
        ),
    ),
    Preset(
        title="Depth",
        about="Figure 2 of the paper: width 5, normalized prior. Deepen the network, and "
        "Guess & Check comes closer to gradient descent: for linear networks and measurements that "
        "miss no matrix of rank two that is proved, in the figures it is measured.",
        settings=assemble(
            {
                "network.width": 5,
                "network.depth": 5,
                "prior.normalize": True,
                "guess_and_check.epsilon": 0.0035,
                "guess_and_check.draws": 10_000_000,
                "guess_and_check.samples": 1000,
                "descent.lr": 1e-2,
                "descent.init_scale": 0.1,
                "descent.epochs": 20_000,
                "descent.tolerance": 1e-8,
            }
        ),
    ),
)
