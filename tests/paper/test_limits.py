"""The limits of width that come with gncviz are those that would be computed."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from gncviz.paper import panel_settings
from gncviz.paper.limits import panel_limits, width_panels
from gncviz.sweeps import width_limits


def test_every_panel_over_width_has_them() -> None:
    for name, settings in width_panels():
        stored = panel_limits(settings)
        assert stored is not None, name
        assert stored.shape == (len(settings.seeds),)


@pytest.mark.parametrize(
    ("figure", "activation", "scaling"),
    [(1, "linear", "fan_in"), (5, "leaky_relu", "fan_in"), (9, "tanh", "fan_out")],
)
def test_they_are_those_that_are_computed(figure: int, activation: str, scaling: str) -> None:
    settings = panel_settings(figure, activation, scaling=scaling)
    np.testing.assert_allclose(panel_limits(settings), width_limits(settings), rtol=1e-9)


def test_other_sweeps_have_theirs_computed() -> None:
    settings = panel_settings(1, "tanh", seeds=1)
    other = settings.replace(network=settings.network.replace(depth=3))
    np.testing.assert_allclose(panel_limits(other), width_limits(other))
    assert panel_limits(panel_settings(2, "linear")) is None


def test_no_torch_is_needed_to_show_one() -> None:
    code = (
        "import sys; from gncviz.paper import panel_settings; "
        "from gncviz.paper.limits import panel_limits; "
        "assert panel_limits(panel_settings(5, 'leaky_relu')) is not None; "
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
