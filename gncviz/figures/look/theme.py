"""The colours of every figure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """Colours on a transparent ground; prior, posterior and descent from Okabe and Ito (2008).

    All colours are CSS colours, such as "#0072b2".

    Attributes:
        text: of labels.
        grid: of grid lines.
        prior: of the prior, everywhere.
        posterior: of Guess & Check.
        descent: of gradient descent.
        ranks: of the singular values, largest first.
        pins: of the runs that are kept to compare with, in the order of
            :data:`gncviz.figures.look.style.PINS`.
        ground: what the figure stands on, for hover labels and exports.
        diverging: a scale from the most negative to the most positive value, zero in the middle,
            which is the ground; purple and green, after ColorBrewer's PRGn, stay apart for every
            common kind of colour blindness.
    """

    text: str
    grid: str
    prior: str
    posterior: str
    descent: str
    ranks: tuple[str, ...]
    pins: tuple[str, ...]
    ground: str
    diverging: tuple[str, ...]


LIGHT = Theme(
    text="#3d4656",
    grid="#e3e7ee",
    prior="#77808f",
    posterior="#0072b2",
    descent="#d55e00",
    ranks=("#0d0887", "#5c01a6", "#9c179e", "#cc4778", "#ed7953", "#d9a300"),
    pins=("#00785a", "#a8467f", "#9a6c00", "#1f2733"),
    ground="#ffffff",
    diverging=("#762a83", "#af8dc3", "#e7d4e8", "#ffffff", "#d9f0d3", "#7fbf7b", "#1b7837"),
)
DARK = Theme(
    text="#c9d1dc",
    grid="#353c48",
    prior="#9aa4b2",
    posterior="#56b4e9",
    descent="#ff9040",
    ranks=("#7f9cff", "#b085ff", "#e07be0", "#ff86a8", "#ffab7a", "#ffd866"),
    pins=("#2fcf9f", "#ec9bc9", "#f2c744", "#ffffff"),
    ground="#14181f",
    diverging=("#dba8ff", "#9a63c2", "#4f3566", "#14181f", "#1f4d2a", "#3f9a50", "#86e892"),
)


def translucent(colour: str, opacity: float) -> str:
    """A #rrggbb colour with an opacity."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
