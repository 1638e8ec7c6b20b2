"""Options made from the fields of settings, and the files that can hold them."""

from __future__ import annotations

import argparse
import json
import tomllib
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from gncviz.descent.settings import DescentSettings
from gncviz.network import Network
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.prior import Prior
from gncviz.settings import Settings, SettingsError
from gncviz.task import TaskSettings

#: Settings that the command line knows, by the title of their group, and the fields that are
#: options of their own.
GROUPS: dict[str, tuple[type[Settings], tuple[str, ...]]] = {
    "task": (TaskSettings, ("rows", "cols", "rank", "norm", "measurements", "kind")),
    "network": (Network, ("width", "depth", "activation", "negative_slope")),
    "prior": (Prior, ("family", "normalize", "scaling")),
    "guess and check": (
        GuessAndCheckSettings,
        ("epsilon", "method", "samples", "draws", "seconds", "device"),
    ),
    "gradient descent": (
        DescentSettings,
        ("lr", "init_scale", "epochs", "momentum", "step_rule", "tolerance"),
    ),
}
_NORMALIZE = {"no": False, "factors": True, "product": "product"}


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Adds an option for every field of task, network, prior, Guess & Check and descent."""
    for title, (model, names) in GROUPS.items():
        group = parser.add_argument_group(title)
        for name in names:
            _add(group, name, model.model_fields[name])
    group.add_argument("--no-descent", action="store_true", help="leave gradient descent out")


def _add(group: Any, name: str, field: FieldInfo) -> None:
    choices = list(_NORMALIZE) if name == "normalize" else _choices(field)
    default = "no" if name == "normalize" else field.default
    shown = "none" if default is None else default
    group.add_argument(
        f"--{name.replace('_', '-')}",
        metavar="|".join(choices) if choices else name.upper(),
        help=f"{field.description or name} (default: {shown})".replace("%", "%%"),
    )


def _choices(field: FieldInfo) -> list[str]:
    return list(get_args(field.annotation)) if get_origin(field.annotation) is Literal else []


def settings_of(asked: argparse.Namespace, title: str, **more: Any) -> Any:
    """The settings of a group, from what was asked for.

    Args:
        asked: the parsed command line.
        title: of the group in :data:`GROUPS`.
        **more: further fields.

    Raises:
        SettingsError: a value is not allowed.
    """
    model, names = GROUPS[title]
    values = {name: getattr(asked, name) for name in names if getattr(asked, name) is not None}
    if isinstance(values.get("normalize"), str):
        word = values["normalize"]
        if word not in _NORMALIZE:
            allowed = ", ".join(_NORMALIZE)
            raise SettingsError([("normalize", f"normalize should be {allowed}; got {word!r}.")])
        values["normalize"] = _NORMALIZE[word]
    return model(**values, **more)


def read_settings_file(name: str, parser: argparse.ArgumentParser) -> dict[str, Any]:
    """The entries of a TOML or JSON file that holds options by their names.

    Raises:
        SettingsError: it cannot be read, or has an entry that is no option of the command.
    """
    path = Path(name)
    try:
        text = path.read_text(encoding="utf-8")
        values = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        sentence = f"settings file {name} cannot be read: {error.strerror}."
        raise SettingsError([("settings", sentence)]) from None
    except ValueError as error:
        kind = "JSON" if path.suffix == ".json" else "TOML"
        sentence = f"settings file {name} is not {kind}: {error}."
        raise SettingsError([("settings", sentence)]) from None
    if not isinstance(values, dict):
        raise SettingsError([("settings", f"settings file {name} should hold names and values.")])
    known = {action.dest for action in parser._actions} - {"help", "settings"}
    found = {key.replace("-", "_"): value for key, value in values.items()}
    unknown = sorted(set(found) - known)
    if unknown:
        allowed = ", ".join(sorted(known))
        sentence = f"settings file {name}: {unknown[0]} is not an option; allowed are {allowed}."
        raise SettingsError([("settings", sentence)])
    return found


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
