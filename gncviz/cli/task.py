"""A task of one's own on the command line: ``--task``, and what goes with it."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gncviz.cli.options import number_of
from gncviz.experiment.options import OPTIONS
from gncviz.experiment.settings import MODEL
from gncviz.models import MODELS
from gncviz.models.recipe import TaskRecipe
from gncviz.settings import SettingsError

if TYPE_CHECKING:
    from gncviz.experiment import ExperimentSettings
    from gncviz.task import Rescaling

_RESCALE = ("no", "norm", "centre")


def add_task(parser: argparse.ArgumentParser) -> None:
    """Adds the options of a task of one's own."""
    group = parser.add_argument_group("A task of your own")
    group.add_argument(
        "--task",
        metavar="FILE",
        help="a CSV table with holes to complete, or an npz file with measurements and labels "
        "(gncviz.Task.load); with model data a CSV table of samples, the last column the label "
        "(gncviz.DataTask.read); in place of the random task",
    )
    group.add_argument(
        "--held-out",
        metavar="SHARE",
        help="share of what is known that is held out and measures generalization (default: 0.2); "
        "--seed chooses which",
    )
    group.add_argument(
        "--rescale",
        metavar="|".join(_RESCALE),
        help="bring what is trained on to the norm 1 of the paper's matrices, after taking off its "
        "mean or not (gncviz.Rescaling); ε and losses are then in that unit (default: no)",
    )


@dataclass(frozen=True)
class Own:
    """What was asked for in place of the random task.

    Attributes:
        settings: with the task in them.
        scale: how it was rescaled; None for not at all.
    """

    settings: ExperimentSettings
    scale: Rescaling | None = None


def with_task(asked: argparse.Namespace, settings: ExperimentSettings) -> Own:
    """Settings with the task that was asked for.

    Args:
        asked: the parsed command line.
        settings: with a random task, the seed of which chooses what is held out.

    Raises:
        SettingsError: the file makes no task, or options of a random task stand beside it.
    """
    from gncviz.task import Rescaling

    given = {name: getattr(asked, name, None) for name in ("task", "held_out", "rescale")}
    if given["task"] is None:
        _refuse_alone(given)
        return Own(settings)
    _refuse_random(asked)
    share = None if given["held_out"] is None else number_of("held_out", given["held_out"])
    model = MODELS[settings.task.model]
    if model.load is None:
        raise SettingsError([("task", f"task cannot be a file: {model.label} are read of none.")])
    task: Any = model.load(given["task"], held_out=share, seed=settings.task.seed)
    if given["rescale"] and settings.task.model != TaskRecipe.model:
        raise SettingsError([("rescale", f"rescale is for matrices, not for {model.label}.")])
    wanted = given["rescale"] or _RESCALE[0]
    if wanted not in _RESCALE:
        sentence = f"rescale should be one of {', '.join(_RESCALE)}; got {wanted!r}."
        raise SettingsError([("rescale", sentence)])
    scale = None
    if wanted != _RESCALE[0]:
        scale = Rescaling.of(task, centre=wanted == _RESCALE[-1])
        task = scale.apply(task)
    return Own(settings.replace(task=task.recipe), scale)


def _refuse_alone(given: dict[str, Any]) -> None:
    alone = [name for name, value in given.items() if value is not None]
    if alone:
        sentence = f"{alone[0]} goes with --task, a file of your own."
        raise SettingsError([(alone[0], sentence)])


def _refuse_random(asked: argparse.Namespace) -> None:
    apart = (MODEL, "task.seed")
    rows = [row for row in OPTIONS if row.section == "task" and row.path not in apart]
    said = [row.name for row in rows if getattr(asked, row.name, None) is not None]
    if said:
        sentence = f"{said[0]} is of a random task; with --task, the file says it."
        raise SettingsError([(said[0], sentence)])
