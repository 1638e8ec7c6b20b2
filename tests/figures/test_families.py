"""Several sweeps in one figure."""

from __future__ import annotations

import numpy as np
import pytest

from gncviz import figures
from gncviz.paper import panel
from gncviz.paper.beyond import STUDIES


def test_each_sweep_has_a_curve_of_its_own() -> None:
    results = {name: panel(1, name) for name in ("linear", "tanh", "leaky_relu")}
    for method in ("guess_and_check", "gradient_descent", "prior"):
        traces = figures.family(results, method=method).data
        assert [trace.name for trace in traces] == list(results)
        assert len({trace.line.color for trace in traces}) == 3
        assert len({trace.marker.symbol for trace in traces}) == 3
        for trace, result in zip(traces, results.values(), strict=True):
            table = result.summary()
            middle = table[table["method"] == method]["median"]
            np.testing.assert_allclose(trace.y, middle)


def test_sweeps_over_different_axes_are_refused() -> None:
    with pytest.raises(ValueError, match="one and the same axis"):
        figures.family({"width": panel(1, "linear"), "depth": panel(2, "linear")})


@pytest.mark.parametrize("name", STUDIES)
def test_every_study_can_be_drawn(name: str) -> None:
    study = STUDIES[name]
    assert len({one.axes[0].name for one in study.sweeps.values()}) == 1
    assert 1 <= len(study.sweeps) <= 6
    assert study.question.endswith("?")
