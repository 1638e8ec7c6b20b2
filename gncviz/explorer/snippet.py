"""The lines of Python that make the same result as a run of the page."""

from __future__ import annotations

import textwrap
from typing import Any

from gncviz.explorer.settings import ExplorerSettings
from gncviz.settings import Settings

#: Columns of a line, as black and ruff have it.
_WIDTH = 88
_INDENT = " " * 4
#: Numbers from here on get underscores between their thousands, unless they are names, as seeds.
_LONG = 10_000


def python_lines(settings: ExplorerSettings) -> str:
    """A snippet for a notebook or a script; arguments that have their defaults are left out.

    Args:
        settings: the page's.

    Example:
        >>> print(python_lines(ExplorerSettings()))
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
    sampling, descent = _arguments(settings.guess_and_check), _arguments(settings.descent)
    lines = [
        "import gncviz as gv",
        "",
        _call("task = gv.Task.random", _arguments(settings.task)),
        _call("network = gv.Network", _arguments(settings.network)),
        _call("prior = gv.Prior", _arguments(settings.prior)),
        _call("post = gv.guess_and_check", ["task", "network", "prior", *sampling]),
        _call("gd = gv.gradient_descent", ["task", "network", *descent]),
        "",
        "print(post)",
        "print(gd)",
        "gv.figures.prior_vs_posterior(post, gd)",
        "",
    ]
    return "\n".join(lines)


def _arguments(section: Settings) -> list[str]:
    """The settings of a section that differ from their defaults, as keyword arguments.

    The public functions take their defaults from the same settings.
    """
    fields = type(section).model_fields
    return [
        f"{name}={_literal(name, value)}"
        for name, value in section
        if value != fields[name].get_default(call_default_factory=True)
    ]


def _literal(name: str, value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return _tuple(value)
    if isinstance(value, int) and value >= _LONG and name != "seed":
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


def _call(beginning: str, arguments: list[str]) -> str:
    """A call in one line, or its arguments in one, or a line each."""
    joined = ", ".join(arguments)
    for text in (f"{beginning}({joined})", f"{beginning}(\n{_INDENT}{joined}\n)"):
        if "\n" not in joined and max(map(len, text.splitlines())) <= _WIDTH:
            return text
    return "\n".join([f"{beginning}(", *(f"{_INDENT}{part}," for part in arguments), ")"])
