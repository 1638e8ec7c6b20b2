"""The figure of a study: its axes, and the line across."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from gncviz import figures
from gncviz.paper.studies.study import Plot

ROWS = [
    {"x": 0.01, "y": 0.2, "low": 0.1, "high": 0.3, "curve": "rank 1", "doubt": 0.0},
    {"x": 10.0, "y": 0.9, "low": 0.8, "high": 1.0, "curve": "rank 1", "doubt": 0.5},
]


@pytest.mark.parametrize("log", [True, False])
def test_the_name_of_a_level_stands_at_its_line(log: bool) -> None:
    plot = Plot("ε", "ratio", log_x=True, log_y=log, level=(0.5, "half"))
    figure = figures.study(pd.DataFrame(ROWS), plot)
    (line,), (name,) = figure.layout.shapes, figure.layout.annotations
    assert line.y0 == line.y1 == 0.5
    assert name.y == pytest.approx(math.log10(0.5) if log else 0.5)


def test_logarithmic_axes_say_the_numbers_they_stand_at() -> None:
    figure = figures.study(pd.DataFrame(ROWS), Plot("ε", "ratio", log_x=True, log_y=True))
    assert set(figure.layout.xaxis.ticktext) >= {"0.01", "0.1", "1", "10"}
    assert "0.2" in figure.layout.yaxis.ticktext
