"""The lines of Python that make the same result as a run of data on the page."""

from __future__ import annotations

from gncviz.experiment.learning.result import counts, stops
from gncviz.experiment.settings import ExperimentSettings, settable
from gncviz.experiment.snippet import arguments, call
from gncviz.models import drawn
from gncviz.models.data.recipes import TableData
from gncviz.settings import check_kept

#: What a learning curve is not asked for: it has its own threshold and its own way.
_NOT_OF_CURVES = ("epsilon=", "method=")


def learning_lines(settings: ExperimentSettings) -> str:
    """A snippet for a notebook or a script; arguments that have their defaults are left out.

    Args:
        settings: of data; a table of a person's own is read from its file.

    Raises:
        SettingsError: they hold something that these lines cannot make, such as a function.
    """
    check_kept(settings)
    said = arguments(settings)
    task = drawn(settings.task)
    flat = task.inputs is not None and len(task.inputs) == 2
    asked = [one for one in said["guess_and_check"] if not one.startswith(_NOT_OF_CURVES)]
    over = ["over=over"] if flat else []
    lines = [
        "import gncviz as gv",
        "",
        _task(settings, said["task"]),
        call("network = gv.Network", said["network"]),
        call("prior = gv.Prior", said["prior"]),
        *(["over = task.over_grid()"] if flat else []),
        call("curve = gv.learning_curve", ["task", "network", "prior", *over, *asked]),
        "",
        *_descent(settings, said["descent"]),
        "print(curve)",
        "gv.figures.learning_curve(curve, descent).show()",
    ]
    if flat:
        lines += [
            "in_plane = {stop: descend(over, stop, trials=1) for stop in stops}",
            "gv.figures.regions(curve.over, in_plane).show()",
        ]
    return "\n".join([*lines, ""])


def _task(settings: ExperimentSettings, said: list[str]) -> str:
    recipe = settings.task
    if settable(settings):
        return call("task = gv.DataTask.load", said)
    if not isinstance(recipe, TableData):
        return 'task = gv.DataTask.read("task.npz")'
    asked = [
        f"{name}={getattr(recipe, name)!r}"
        for name in ("train", "held_out", "test", "seed")
        if getattr(recipe, name) != type(recipe).model_fields[name].default
    ]
    return call("task = gv.DataTask.read", [f'"{recipe.file}"', f'label="{recipe.label}"', *asked])


def _descent(settings: ExperimentSettings, said: list[str]) -> list[str]:
    """Gradient descent at each stop, for each number of samples."""
    start = [one for one in said if not one.startswith(("tolerance=", "trials="))]
    told = [f'    "{stop.name}": ("{stop.loss}", {stop.tolerance!r}),' for stop in stops(settings)]
    sizes = counts(drawn(settings.task))  # type: ignore[arg-type]
    trials = settings.descent.trials
    return [
        "stops = {",
        *told,
        "}",
        call("start = dict", start),
        "",
        "",
        f"def descend(task, stop, trials={trials}):",
        "    loss, tolerance = stops[stop]",
        "    return gv.gradient_descent(",
        "        task.with_loss(loss), network, trials=trials, tolerance=tolerance, **start",
        "    )",
        "",
        "",
        "descent = {",
        f"    stop: {{n: descend(task.first(n), stop) for n in {sizes!r}}} for stop in stops",
        "}",
        "",
    ]
