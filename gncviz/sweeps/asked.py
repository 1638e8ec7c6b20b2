"""What :func:`gncviz.sweep` is called with, as settings, or refused in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn, get_args

from gncviz.descent.settings import DescentSettings
from gncviz.posterior.settings import GuessAndCheckSettings
from gncviz.settings import SettingsError, as_python, sequence_of
from gncviz.sweeps.settings import Axis, AxisName


def axes_of(over: Any, values: Any) -> tuple[Axis, ...]:
    """The axes of a sweep.

    Args:
        over: the name of one, or a pair of names.
        values: of what is swept; a pair of sequences for a pair.

    Raises:
        SettingsError: there is no such axis, or these are no values of it.
    """
    if isinstance(over, str):
        return (axis_of(over, values),)
    if not isinstance(over, Iterable):
        return (axis_of(over, values),)
    names, grids = sequence_of("over", over), sequence_of("values", values)
    if len(names) != len(grids):
        _refuse("values", f"{len(names)} sequences, one for each axis; got {len(grids)}")
    return tuple(axis_of(name, grid) for name, grid in zip(names, grids, strict=True))


def axis_of(name: Any, values: Any, options: tuple[str, str] = ("over", "values")) -> Axis:
    """One axis.

    Args:
        name: of what is swept.
        values: of it.
        options: what the two are called where they come from.

    Raises:
        SettingsError: there is no such axis, or these are no values of it.
    """
    if name not in get_args(AxisName):
        _refuse(options[0], f"one of {', '.join(get_args(AxisName))}; got {name}")
    return Axis(name=name, values=sequence_of(options[1], values))


def seeds_of(seeds: Any) -> tuple[Any, ...]:
    """The seeds: so many from 0 on, or those given.

    Raises:
        SettingsError: it is neither.
    """
    count = as_python(seeds)
    if isinstance(count, int) and not isinstance(count, bool):
        if count < 1:
            _refuse("seeds", f"at least 1; got {count}")
        return tuple(range(count))
    if isinstance(count, (str, bytes, Mapping)) or not isinstance(count, Iterable):
        _refuse("seeds", f"how many there are, or a sequence of them; got {seeds!r}")
    return tuple(count)


def sampling_of(epsilon: Any, more: Mapping[str, Any] | None) -> GuessAndCheckSettings:
    """How Guess & Check samples.

    Raises:
        SettingsError: a field is out of range, or an argument of the sweep itself.
    """
    own = {"epsilon": "epsilon", "seed": "seeds"}
    fields = {} if more is None else _fields("guess_and_check", more, own)
    return GuessAndCheckSettings(epsilon=epsilon, **fields)


def descent_of(asked: Any, init_scales: Any = None) -> DescentSettings | None:
    """How gradient descent runs; None for not at all.

    Raises:
        SettingsError: a field is out of range, or an argument of the sweep itself.
    """
    if isinstance(asked, DescentSettings):
        return asked
    if asked is None or isinstance(asked, bool):
        return DescentSettings(trials=1) if asked else None
    own = {"seed": "seeds", "seeds": "seeds", "trials": "seeds"}
    if init_scales is not None:
        own["init_scale"] = "init_scales"
    return DescentSettings(trials=1, **_fields("descent", asked, own))


def workers_of(workers: Any, executor: Any) -> int | None:
    """How many processes our own pool has; None for as many as there are cores.

    Raises:
        SettingsError: it is no whole number from one on, or the executor is none.
    """
    if executor is not None and not callable(getattr(executor, "submit", None)):
        _refuse("executor", f"a concurrent.futures.Executor; got {executor!r}")
    count = as_python(workers)
    if count is None or (isinstance(count, int) and not isinstance(count, bool) and count > 0):
        return count
    _refuse("workers", f"a whole number from 1 on; got {workers!r}")


def _fields(name: str, given: Any, own: Mapping[str, str]) -> dict[str, Any]:
    """Fields of settings, none of which the sweep sets by an argument of its own."""
    if not isinstance(given, Mapping):
        _refuse(name, f"the names and values of settings, such as a dict; got {given!r}")
    for field, argument in own.items():
        if field in given:
            sentence = f"{name} should not have {field}: that is the sweep's own {argument}."
            raise SettingsError([(name, sentence)])
    return dict(given)


def _refuse(name: str, wanted: str) -> NoReturn:
    raise SettingsError([(name, f"{name} should be {wanted}.")])
