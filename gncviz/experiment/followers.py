"""Settings that take the value of another one where nobody says their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gncviz.experiment.options import OPTIONS


def with_followers(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by their paths, and the same for those settings that follow them and are not given."""
    led = {row.path: values[row.follows] for row in OPTIONS if row.follows in values}
    return {**led, **values}


def without_echoes(problems: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The problems of an error, without those that a setting has only because it follows another.

    Args:
        problems: (path, sentence) pairs of a :class:`gncviz.SettingsError`.
    """
    listed = list(problems)
    wrong = {path for path, _ in listed}
    echoes = {row.path for row in OPTIONS if row.follows and row.follows in wrong}
    return [(path, sentence) for path, sentence in listed if path not in echoes]
