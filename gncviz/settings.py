"""Validated, frozen settings: the common base of everything a person can set.

A value out of range raises :class:`SettingsError`, whose message is one sentence per field that
names the field, what is allowed and what was given. Settings go to JSON and back through pydantic
(``model_dump_json`` and ``model_validate_json``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Annotated, Any, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)


class SettingsError(ValueError):
    """A setting has a value that is not allowed.

    Attributes:
        problems: one ``(field, sentence)`` pair per rejected value; ``field`` is a dotted path such
            as ``"network.width"``, or ``""`` where several fields together are at fault.
    """

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = problems
        super().__init__(" ".join(sentence for _, sentence in problems))

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception is made anew of its message elsewhere; this one takes the problems.
        return type(self), (self.problems,)


#: Types of values that need no second look.
_PLAIN = {int, float, str, type(None)}


class Settings(BaseModel):
    """Base of all settings: immutable, no unknown fields, no NaN or infinity."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True
    )

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise SettingsError(_problems(error, type(self))) from None

    @field_validator("*", mode="before")
    @classmethod
    def _as_given(cls, value: Any, about: ValidationInfo) -> Any:
        """What pydantic would take for something else: numbers of other packages, and booleans."""
        if type(value) in _PLAIN:
            return _unsigned(value)
        taken, name = as_python(value), str(about.field_name)
        if _has_boolean(taken) and not _takes_booleans(cls.model_fields[name].annotation):
            raise ValueError(f"{name} should not be True or False; got {value!r}.")
        return _unsigned(taken)

    def replace(self, **changes: Any) -> Any:
        """A copy with some fields changed, validated like a new object.

        Args:
            **changes: the fields and their new values.

        Raises:
            SettingsError: a field is unknown or its value out of range.
        """
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(**{**fields, **changes})


def unkept(settings: Settings) -> list[tuple[str, str]]:
    """What of some settings no file can keep, such as a function: names, and why not.

    Args:
        settings: their values are asked for ``not_kept``.
    """
    inner = [one for _, part in settings if isinstance(part, Settings) for one in unkept(part)]
    own = [(name, value.not_kept) for name, value in settings if hasattr(value, "not_kept")]
    return [*own, *inner]


def check_kept(settings: Settings) -> None:
    """Does nothing if a file can keep settings.

    Args:
        settings: what is to be written.

    Raises:
        SettingsError: they hold something that no file can keep, such as a function.
    """
    problems = unkept(settings)
    if problems:
        raise SettingsError(problems)


def _unsigned(value: Any) -> Any:
    """The same, zero where it is minus zero: one number, but not to all that are given it."""
    return value + 0.0 if type(value) is float else value


def as_python(value: Any) -> Any:
    """Numbers and arrays of NumPy, torch and pandas as Python's own, to the last digit.

    Args:
        value: such a one, or anything else, which comes back as it is; also in lists and tuples.
    """
    if hasattr(value, "tolist"):
        return value.tolist()
    return [as_python(part) for part in value] if isinstance(value, (list, tuple)) else value


def whole_number(name: str, value: Any, least: int = 0) -> int:
    """A whole number among the arguments of a function.

    Args:
        name: of the argument.
        value: what was given for it; numbers of other packages count.
        least: the smallest that is allowed.

    Raises:
        SettingsError: it is no whole number, or too small.
    """
    taken = as_python(value)
    if not _is_number(taken) or taken != taken // 1:
        sentence = f"{name} should be a whole number; got {value!r}."
        raise SettingsError([(name, sentence)])
    if taken < least:
        raise SettingsError([(name, f"{name} should be at least {least}; got {value!r}.")])
    return int(taken)


def positive(name: str, value: Any) -> float:
    """A positive number among the arguments of a function.

    Args:
        name: of the argument.
        value: what was given for it; numbers of other packages count.

    Raises:
        SettingsError: it is no number, or zero or less, or infinite.
    """
    taken = as_python(value)
    if not _is_number(taken) or not 0 < taken < float("inf"):
        raise SettingsError([(name, f"{name} should be greater than 0; got {value!r}.")])
    return float(taken)


def time_budget(seconds: Any) -> float | None:
    """The argument ``seconds`` of a function; None for no limit.

    Args:
        seconds: what was given for it.

    Raises:
        SettingsError: it is no positive number.
    """
    return None if seconds is None else positive("seconds", seconds)


def one_of(name: str, value: Any, choices: Collection[Any], wanted: str) -> Any:
    """One of a few names or numbers among the arguments of a function.

    Args:
        name: of the argument.
        value: what was given for it; whatever it is, it is only compared with what is allowed.
        choices: what is allowed.
        wanted: the same in words.

    Raises:
        SettingsError: it is none of them.
    """
    taken = as_python(value)
    if not isinstance(taken, (str, int, float)) or isinstance(taken, bool) or taken not in choices:
        raise SettingsError([(name, f"{name} should be {wanted}; got {value!r}.")])
    return taken


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def sequence_of(name: str, values: Any) -> tuple[Any, ...]:
    """Several values, from whatever holds them.

    Args:
        name: of the argument.
        values: what was given for it.

    Raises:
        SettingsError: there is one value only, or a text.
    """
    listed = as_python(values)
    if isinstance(listed, (str, bytes, Mapping)) or not isinstance(listed, Iterable):
        sentence = f"{name} should be a sequence, such as a list; got {values!r}."
        raise SettingsError([(name, sentence)])
    return tuple(listed)


def _has_boolean(value: Any) -> bool:
    parts = value if isinstance(value, list) else [value]
    return any(isinstance(part, bool) for part in parts)


def _takes_booleans(annotation: Any) -> bool:
    parts = get_args(annotation)
    return annotation is bool or any(isinstance(p, bool) or _takes_booleans(p) for p in parts)


def _problems(error: ValidationError, model: type[BaseModel]) -> list[tuple[str, str]]:
    problems: list[tuple[str, str]] = []
    items = error.errors(include_url=False)
    for item in items:
        if item["type"] == "too_short" and _has_errors_inside(item, items):
            # It is short of the values that are wrong, and these have sentences of their own.
            continue
        path = ".".join(str(part) for part in item["loc"] if isinstance(part, str))
        inner = item.get("ctx", {}).get("error")
        if isinstance(inner, SettingsError):
            problems += [(_join(path, field), sentence) for field, sentence in inner.problems]
        elif isinstance(inner, ValueError):
            problems.append((path, str(inner)))
        else:
            problems.append((path, _sentence(path, item, model)))
    return list(dict.fromkeys(problems))


def _has_errors_inside(item: Any, items: list[Any]) -> bool:
    place = item["loc"]
    return any(other is not item and other["loc"][: len(place)] == place for other in items)


def _join(path: str, field: str) -> str:
    # A field's own validator may name the field, too.
    return path if field == path else ".".join(part for part in (path, field) if part)


def _sentence(path: str, item: Any, model: type[BaseModel]) -> str:
    if item["type"] == "extra_forbidden":
        allowed = ", ".join(model.model_fields)
        return f"{path} is not a setting of {model.__name__}; allowed are {allowed}."
    if item["type"] == "missing":
        return f"{path} is required."
    message = item["msg"]
    known = message.startswith("Input ")
    wanted = message.removeprefix("Input ") if known else f"is not allowed ({message})"
    return f"{path} {wanted}; got {item['input']!r}."


def known_device(device: str) -> str:
    """A device's name, if it is one.

    Raises:
        ValueError: it is none.
    """
    if not re.fullmatch(r"auto|cpu|cuda(:\d+)?", device):
        raise ValueError(
            f"device should be 'auto', 'cpu', 'cuda' or 'cuda:<number>'; got {device!r}."
        )
    return device


#: Where a computation runs; "auto" is the GPU where there is one.
Device = Annotated[
    str,
    Field(description="'auto', 'cpu', 'cuda' or 'cuda:1'; a torch.device too."),
    BeforeValidator(str),
    AfterValidator(known_device),
]
