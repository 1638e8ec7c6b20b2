"""Panels of the paper as pictures of a finger's size; colours are the page's (style/paper.css)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TypedDict

from gncviz.activation import ACTIVATIONS
from gncviz.paper.overview import Glance

_WIDTH, _HEIGHT, _MARGIN = 96, 56, 4
_CLASSES = {"prior": "prior", "guess_and_check": "posterior", "gradient_descent": "descent"}


class Card(TypedDict):
    """A panel as the browser shows it.

    Attributes:
        key: of the panel, such as "1 linear".
        title: above it.
        about: all of it in a sentence.
        picture: as SVG.
        verdict: how many claims hold.
        whole: whether all do.
    """

    key: str
    title: str
    about: str
    picture: str
    verdict: str
    whole: bool


def cards(panels: Iterable[Glance]) -> list[Card]:
    """Pictures of panels.

    Args:
        panels: at a glance.
    """
    return [_card(panel) for panel in panels]


def key_of(figure: int, activation: str) -> str:
    """What a panel is called between Python and the browser."""
    return f"{figure} {activation}"


def _card(panel: Glance) -> Card:
    label = ACTIVATIONS[panel["activation"]].label
    verdict = f"{panel['holding']} of {panel['claims']} claims"
    ends = {
        name: panel["medians"][method]
        for method, name in (("guess_and_check", "Guess and Check"), ("prior", "prior"))
    }
    said = ", ".join(
        f"{name} from {_said(values[0])} to {_said(values[-1])}" for name, values in ends.items()
    )
    return Card(
        key=key_of(panel["figure"], panel["activation"]),
        title=f"Fig. {panel['figure']} · {label}",
        about=f"Figure {panel['figure']}, {label}, loss against {panel['over']}: {said}; "
        f"{verdict} hold",
        picture=_picture(panel),
        verdict=verdict,
        whole=panel["holding"] == panel["claims"],
    )


def _said(value: float | None) -> str:
    return "nothing known" if value is None else f"{value:.2g}"


def _picture(panel: Glance) -> str:
    values = panel["values"]
    top = max(loss for line in panel["medians"].values() for loss in line if loss is not None)
    log = panel["over"] == "width"
    places = [math.log10(value) if log else value for value in values]
    span = places[-1] - places[0]
    drawn = []
    for method, name in _CLASSES.items():
        points = [
            (
                _MARGIN + (place - places[0]) / span * (_WIDTH - 2 * _MARGIN),
                _HEIGHT - _MARGIN - loss / top * (_HEIGHT - 2 * _MARGIN),
            )
            for place, loss in zip(places, panel["medians"].get(method, []), strict=False)
            if loss is not None
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        drawn.append(f'<polyline class="gv-line-{name}" points="{path}"/>')
    size = f'viewBox="0 0 {_WIDTH} {_HEIGHT}"'
    return f'<svg {size} aria-hidden="true">{"".join(drawn)}</svg>'
