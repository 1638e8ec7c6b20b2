"""Several sweeps over the same axis in one figure, a curve each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from gncviz.figures.expected import expect_results
from gncviz.figures.look import style
from gncviz.figures.look.theme import LIGHT, Theme
from gncviz.figures.sweeps import curve, dress_axes, limit_line
from gncviz.models.asked import gen_label
from gncviz.settings import SettingsError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from gncviz.sweeps import SweepResult

#: Of the curves of a figure, in their order.
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star")


def family(
    results: Mapping[str, SweepResult],
    *,
    method: str = "guess_and_check",
    beside: str | None = None,
    limits: Mapping[str, ArrayLike | None] | None = None,
    log: bool = False,
    theme: Theme = LIGHT,
) -> go.Figure:
    """The same curve of several sweeps, such as Guess & Check's for several activations.

    Markers are medians over the seeds, bars reach from quartile to quartile.

    Args:
        results: by the name of their curve; a handful, all over the same axis.
        method: whose curves: "guess_and_check", "gradient_descent" or "prior".
        beside: another method, the curves of which are drawn beside these, thin and dotted.
        limits: Guess & Check's losses in the limit of width by the name of the curve, one a seed,
            for dashed lines at their medians.
        log: whether the loss has a logarithmic axis.
        theme: the colours.

    Raises:
        SettingsError: these are no results of sweeps, or not over the same axis.
    """
    expect_results("results", results=results)
    for result in results.values():
        expect_results("result", result=result)
    names = {tuple(axis.name for axis in result.settings.axes) for result in results.values()}
    if len(names) != 1 or len(next(iter(names))) != 1:
        sentence = f"results should be sweeps over one and the same axis; got {sorted(names)}."
        raise SettingsError([("results", sentence)])
    figure = style.new_figure(theme)
    for place, (name, result) in enumerate(results.items()):
        colour = theme.ranks[round(place * (len(theme.ranks) - 1) / max(len(results) - 1, 1))]
        symbol = SYMBOLS[place % len(SYMBOLS)]
        line = curve(result, method, name=name, log=log, colour=colour, symbol=symbol)
        figure.add_trace(line)
        if beside is not None:
            other = curve(result, beside, name=name, log=log, colour=colour, symbol=symbol)
            other.update(mode="lines", line={"dash": "dot", "width": 1.2}, showlegend=False)
            figure.add_trace(other.update(error_y={"visible": False}))
        if limits is not None:
            limit = limit_line(
                result.settings.axes[0], limits.get(name), name=f"{name}, width → ∞", colour=colour
            )
            figure.add_trace(limit.update(showlegend=False))
    values = [value for result in results.values() for value in result.settings.axes[0].values]
    first = next(iter(results.values())).settings
    loss = gen_label(first.task)
    dress_axes(figure, first.axes[0], sorted(set(values)), log=log, loss=loss)
    return figure
