"""The page's figures of a setting of data, from what is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gncviz.experiment.learning.result import panels
from gncviz.figures.data.curve import curve_of
from gncviz.figures.data.regions import regions_of
from gncviz.figures.look.theme import LIGHT, Theme

if TYPE_CHECKING:
    import numpy as np
    import plotly.graph_objects as go
    from numpy.typing import NDArray

    from gncviz.experiment.learning.result import Learned


def learned_regions(
    found: Learned, *, narrow: bool = False, theme: Theme = LIGHT
) -> go.Figure | None:
    """The regions of guesses, of their average and of gradient descent; those to come are empty.

    Args:
        found: what is known.
        narrow: whether there is as little room as on a phone.
        theme: the colours.

    Returns:
        None where there is no plane.
    """
    if found.plane is None:
        return None
    names = panels(found.settings)
    return regions_of(found.plane, columns=2 if narrow else 3, panels=names, theme=theme)


def learned_curve(
    found: Learned, *, narrow: bool = False, theme: Theme = LIGHT
) -> go.Figure | None:
    """Test error and acceptance over the number of samples, as far as they are known.

    Args:
        found: what is known.
        narrow: whether there is as little room as on a phone.
        theme: the colours.

    Returns:
        None before the first sample.
    """
    if found.curve is None:
        return None
    marks: dict[str, dict[int, NDArray[np.float64]]] = {}
    if found.descent is not None:
        known = found.descent.dropna(subset=["test_error"])
        pairs = known[["stop", "n"]].drop_duplicates().itertuples(index=False)
        for stop, count in pairs:
            here = known[(known["stop"] == stop) & (known["n"] == count)]
            marks.setdefault(stop, {})[int(count)] = here["test_error"].to_numpy()
    return curve_of(found.curve, marks, theme=theme)
