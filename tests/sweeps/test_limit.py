"""Where a sweep over width leads, as a number for each seed."""

from __future__ import annotations

import numpy as np
import pytest

import gncviz as gv
from gncviz.paper import panel_settings
from gncviz.sweeps import width_limits
from gncviz.sweeps.settings import Axis, SweepSettings
from gncviz.theory import infinite_width


def test_each_seed_has_the_limit_of_its_task() -> None:
    settings = panel_settings(5, "leaky_relu", seeds=2)
    limits = width_limits(settings)
    assert limits is not None
    for seed, limit in enumerate(limits):
        task = gv.Task.random(rank=2, measurements=22, seed=seed)
        exact = infinite_width(task, settings.network, settings.prior, 0.02)
        assert limit == pytest.approx(exact.mean_gen_loss, rel=0.01)


def test_one_task_for_all_seeds_has_one_limit() -> None:
    with_arrays = gv.Task(np.eye(3), np.eye(9)[:5].reshape(5, 3, 3))
    settings = SweepSettings(
        axes=(Axis(name="width", values=(5, 6)),), task=with_arrays.recipe, seeds=(0, 1)
    )
    limits = width_limits(settings)
    assert limits is not None
    assert limits[0] == limits[1]


@pytest.mark.parametrize(
    "settings",
    [
        panel_settings(2, "linear"),
        panel_settings(1, "linear").replace(prior=gv.Prior(normalize=True)),
        panel_settings(1, "linear").replace(network=gv.Network(depth=1)),
        SweepSettings(axes=(Axis(name="width", values=(5,)), Axis(name="depth", values=(2,)))),
    ],
    ids=["depth", "normalized", "one layer", "two axes"],
)
def test_elsewhere_there_is_none(settings: SweepSettings) -> None:
    assert width_limits(settings) is None
