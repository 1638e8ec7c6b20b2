"""The lines of Python that make the same result as a run of the page."""

from __future__ import annotations

import textwrap
from typing import Any

from gncviz.experiment.option import Option
from gncviz.experiment.options import OPTIONS
from gncviz.experiment.settings import MODEL, ExperimentSettings, flat, settable
from gncviz.models import MODELS
from gncviz.settings import Settings, check_kept

#: Columns of a line, as black and ruff have it.
_WIDTH = 88
_INDENT = " " * 4
#: Numbers from here on get underscores between their thousands.
_LONG = 10_000


def python_lines(settings: ExperimentSettings, task_file: str = "task.npz") -> str:
    """A snippet for a notebook or a script; arguments that have their defaults are left out.

    Args:
        settings: of an experiment.
        task_file: where a task of a person's own arrays is, as its ``save`` writes it.

    Raises:
        SettingsError: they hold something that these lines cannot make, such as a function.

    Example:
        >>> print(python_lines(ExperimentSettings()))
        import gncviz as gv
        <BLANKLINE>
        task = gv.Task.random()
        network = gv.Network()
        prior = gv.Prior()
        post = gv.guess_and_check(task, network, prior)
        gd = gv.gradient_descent(task, network)
        <BLANKLINE>
        print(post)
        print(gd)
        gv.figures.prior_vs_posterior(post, gd)
        <BLANKLINE>
    """
    check_kept(settings)
    said, model = arguments(settings), MODELS[settings.task.model]
    lines = [
        "import gncviz as gv",
        "",
        call(f"task = gv.{model.made_by}", said["task"])
        if settable(settings)
        else f'task = gv.{model.read_by}("{task_file}")',
        call(f"network = gv.{model.network.__name__}", said["network"]),
        call("prior = gv.Prior", said["prior"]),
        call("post = gv.guess_and_check", ["task", "network", "prior", *said["guess_and_check"]]),
        call("gd = gv.gradient_descent", ["task", "network", *said["descent"]]),
        "",
        "print(post)",
        "print(gd)",
        "gv.figures.prior_vs_posterior(post, gd)",
        "",
    ]
    return "\n".join(lines)


def arguments(settings: ExperimentSettings) -> dict[str, list[str]]:
    """The settings that differ from their defaults, as keyword arguments, section by section.

    The public functions take their defaults from the same settings.

    Args:
        settings: of an experiment.
    """
    values = {path: value for path, value in flat(settings).items() if path != MODEL}
    said: dict[str, list[str]] = {row.section: [] for row in OPTIONS}
    for row in OPTIONS:
        if row.path in values and values[row.path] != row.default_of(settings.task.model):
            said[row.section].append(f"{row.name}={_literal(row, values[row.path])}")
    return said


def _literal(row: Option, value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return _tuple(value)
    if isinstance(value, Settings):
        fields = type(value).model_fields
        said = [
            f"{name}={_literal(row, one)}" for name, one in value if one != fields[name].default
        ]
        return f"gv.{type(value).__name__}({', '.join(said)})"
    if row.counts and isinstance(value, int) and value >= _LONG:
        return f"{value:_}"
    return repr(value)


def _tuple(values: tuple[int, ...]) -> str:
    """A tuple, over several lines if it has to be, within a call's arguments."""
    text = repr(values)
    if len(text) <= _WIDTH // 2:
        return text
    deep = _INDENT * 2
    numbers = ", ".join(map(str, values)) + ","
    filled = textwrap.fill(numbers, _WIDTH, initial_indent=deep, subsequent_indent=deep)
    return f"(\n{filled}\n{_INDENT})"


def call(beginning: str, said: list[str]) -> str:
    """A call in one line, or its arguments in one, or a line each.

    Args:
        beginning: what stands before the bracket.
        said: the arguments.
    """
    joined = ", ".join(said)
    for text in (f"{beginning}({joined})", f"{beginning}(\n{_INDENT}{joined}\n)"):
        if "\n" not in joined and max(map(len, text.splitlines())) <= _WIDTH:
            return text
    return "\n".join([f"{beginning}(", *(f"{_INDENT}{part}," for part in said), ")"])
