"""Validated, frozen settings: the common base of everything a person can set.

A value out of range raises :class:`SettingsError`, whose message is one sentence per field that
names the field, what is allowed and what was given. Settings go to JSON and back through pydantic
(``model_dump_json`` and ``model_validate_json``).
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError


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

    def replace(self, **changes: Any) -> Any:
        """A copy with some fields changed, validated like a new object.

        Args:
            **changes: the fields and their new values.

        Raises:
            SettingsError: a field is unknown or its value out of range.
        """
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(**{**fields, **changes})


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
    return ".".join(part for part in (path, field) if part)


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


def _known_device(device: str) -> str:
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
    AfterValidator(_known_device),
]
