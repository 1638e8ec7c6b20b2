"""Runs that are kept to compare later ones with."""

from __future__ import annotations

from dataclasses import dataclass

from gncviz.experiment.run import Experiment
from gncviz.figures.look.style import PINS

#: How many runs can be kept: as many lines as can be told apart in one figure.
MOST = len(PINS)


@dataclass(frozen=True, eq=False)
class Pin:
    """A run that is kept.

    Attributes:
        letter: what it is called on the page, "A" to "D".
        experiment: what the run found.
    """

    letter: str
    experiment: Experiment


Pins = tuple[Pin, ...]


def pinned(pins: Pins, experiment: Experiment) -> Pins:
    """The pins with one more, under the first free letter.

    A run that is pinned already is not pinned again. When all letters are taken, the oldest pin
    makes room.
    """
    if any(pin.experiment is experiment for pin in pins):
        return pins
    kept = pins[-MOST + 1 :] if len(pins) == MOST else pins
    taken = {pin.letter for pin in kept}
    letter = next(letter for letter in PINS if letter not in taken)
    return (*kept, Pin(letter, experiment))


def without(pins: Pins, letter: str) -> Pins:
    """The pins but for one."""
    return tuple(pin for pin in pins if pin.letter != letter)
