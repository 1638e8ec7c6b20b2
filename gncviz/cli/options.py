"""Options made from the table of settings, and the files that can hold them."""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Any

from gncviz.experiment.followers import with_followers, without_echoes
from gncviz.experiment.option import Option, renamed
from gncviz.experiment.options import OPTIONS, by_group
from gncviz.experiment.settings import MODEL, ExperimentSettings, assemble
from gncviz.models.recipe import TaskRecipe
from gncviz.settings import SettingsError


def add_settings(parser: argparse.ArgumentParser, without: Collection[str] = ()) -> None:
    """Adds an option for every setting that has one.

    Args:
        parser: of a command.
        without: paths of settings that the command has no use for.
    """
    rows = tuple(row for row in OPTIONS if row.flag and row.path not in without)
    for title, found in by_group(rows).items():
        group = parser.add_argument_group(title)
        for row in found:
            _add(group, row)
    group.add_argument("--no-descent", action="store_true", help="leave gradient descent out")


def _add(group: Any, row: Option) -> None:
    words = "|".join(choice.word for choice in row.choices)
    group.add_argument(
        f"--{row.name.replace('_', '-')}",
        metavar=words or row.name.upper(),
        help=f"{row.help} ({_shown(row)})".replace("%", "%%"),
    )


def _shown(row: Option) -> str:
    """The default, and those of other kinds of model where they differ."""
    defaults: dict[str, list[str]] = {}
    for model in row.models:
        value = row.default_of(model)
        defaults.setdefault("none" if value is None else row.write(value), []).append(model)
    if row.path == MODEL:
        defaults = {TaskRecipe.model: [TaskRecipe.model]}
    said = [
        value if TaskRecipe.model in models else f"{value} with model {' or '.join(models)}"
        for value, models in defaults.items()
    ]
    return f"default: {', '.join(said)}"


def settings_of(asked: argparse.Namespace) -> ExperimentSettings:
    """The settings that were asked for.

    Args:
        asked: the parsed command line, or what a settings file added to it.

    Raises:
        SettingsError: a value is not allowed; each problem has the option's name.
    """
    values, problems = {}, []
    for row in OPTIONS:
        value = getattr(asked, row.name, None) if row.flag else None
        if value is None:
            continue
        try:
            values[row.path] = row.understand(value) if isinstance(value, str) else value
        except ValueError as error:
            problems.append((row.name, f"{row.name} should be {error}; got {value!r}."))
    if any(name == MODEL.partition(".")[2] for name, _ in problems):
        # Of which kind of model the others are is not known.
        raise SettingsError(problems)
    try:
        settings = assemble(with_followers(values))
    except SettingsError as error:
        for path, sentence in without_echoes(error.problems):
            name = path.rpartition(".")[2]
            problems.append((name, renamed(sentence, path, name)))
    if problems:
        raise SettingsError(problems)
    return settings


def read_settings_file(name: str, parser: argparse.ArgumentParser) -> dict[str, Any]:
    """The entries of a TOML or JSON file that holds options by their names.

    Raises:
        SettingsError: it cannot be read, or has an entry that is no option of the command, or a
            switch that is neither true nor false.
    """
    values = settings_file("settings", name)
    known = {action.dest for action in parser._actions} - {"help", "settings"}
    found = {key.replace("-", "_"): value for key, value in values.items()}
    unknown = sorted(set(found) - known)
    if unknown:
        allowed = ", ".join(sorted(known))
        sentence = f"settings file {name}: {unknown[0]} is not an option; allowed are {allowed}."
        raise SettingsError([("settings", sentence)])
    switches = {action.dest for action in parser._actions if action.nargs == 0}
    for switch, value in found.items():
        if switch in switches and not isinstance(value, bool):
            sentence = f"{switch} should be true or false in a settings file; got {value!r}."
            raise SettingsError([(switch, sentence)])
    return found


def settings_file(what: str, name: str) -> dict[str, Any]:
    """The names and values in a TOML or JSON file.

    Args:
        what: the option that names it.
        name: of the file.

    Raises:
        SettingsError: it cannot be read, or holds something else.
    """
    path = Path(name)
    kind = "JSON" if path.suffix == ".json" else "TOML"
    try:
        text = path.read_text(encoding="utf-8")
        values = json.loads(text) if kind == "JSON" else tomllib.loads(text)
    except OSError as error:
        sentence = f"{what} file {name} cannot be read: {error.strerror}."
        raise SettingsError([(what, sentence)]) from None
    except (ValueError, RecursionError) as error:
        sentence = f"{what} file {name} is not {kind}: {error}."
        raise SettingsError([(what, sentence)]) from None
    if not isinstance(values, dict):
        raise SettingsError([(what, f"{what} file {name} should hold names and values.")])
    return values


def whole_number(asked: argparse.Namespace, name: str, least: int = 0) -> int:
    """A whole number among the options.

    Raises:
        SettingsError: it is something else, or too small.
    """
    value = getattr(asked, name)
    try:
        number = int(str(value))
    except ValueError:
        number = least - 1
    if number < least:
        sentence = f"{name} should be a whole number from {least} on; got {value!r}."
        raise SettingsError([(name, sentence)])
    return number


def number_of(name: str, value: Any) -> float:
    """One number among the options.

    Raises:
        SettingsError: it is none.
    """
    try:
        return float(value)
    except (TypeError, ValueError):
        raise SettingsError([(name, f"{name} should be a number; got {value!r}.")]) from None


def workers_of(asked: argparse.Namespace) -> int | None:
    """How many processes were asked for; None for as many as there are cores."""
    return None if asked.workers is None else whole_number(asked, "workers", 1)


def numbers(name: str, values: Any) -> tuple[float, ...]:
    """Numbers that were given one by one, as a list, or separated by commas.

    Raises:
        SettingsError: one of them is no number.
    """
    listed = values if isinstance(values, (list, tuple)) else [values]
    parts = [part for value in listed for part in str(value).split(",") if part.strip()]
    try:
        return tuple(float(part) for part in parts)
    except ValueError:
        sentence = f"{name} should be numbers, such as 5 10 20; got {' '.join(parts)}."
        raise SettingsError([(name, sentence)]) from None
